"""Spark: the same figures as DuckDB in every value, and a refusal where they would be others."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from segment.errors import StudyError
from segment.reading.check import check_data
from segment.reading.sources import engine
from segment.run import prepare
from segment.study import read

DATA = Path(__file__).parents[1] / "data"
LOCAL = {"engine.spark": "local[2]"}
FRAMES = ("wide", "timeline", "habits", "accounts")
TYPED = """
title: Typed
source: orders.parquet
columns: {customer_id: who, date: day, amount: paid}
readiness: {customers: 5, history_days: 30, holdout_days: 10}
"""
# Cancellations, margins, products, balances, and every kind of feature.
WHOLESALE = f"""
title: Wholesale
source: {DATA}/wholesale_orders.parquet
columns: {{customer_id: customer_id, date: date, amount: amount, order_id: order_id,
  margin: margin, product: product, category: category, quantity: quantity,
  channel: channel, region: region}}
balances: {{source: {DATA}/wholesale_balances.parquet, customer_id: customer_id, date: date,
  balance: balance}}
keep: channel != nowhere and quantity != 0
periods: {{start: 2023-01-01, cut: 2024-07-01, end: 2025-01-01}}
methods:
  ABC: {{method: abc, by: margin_total}}
  Recent: {{method: recent_spend}}
  Learned: {{method: learned}}
  Bank: {{method: thresholds, by: balance_month_mean, tiers: {{gold: 300000, silver: 50000}}}}
  Members: {{method: thresholds, tiers: {{gold: 50000, silver: 10000}}, grace: 2}}
  Five kinds: {{method: five_kinds}}
  Again: {{method: abc, by: monetary_repeat_mean}}
"""
PREPARE = """
import sys
from segment.run import prepare
from segment.study import read
prepare(read(sys.argv[1], {"engine.spark": sys.argv[2]})).wide.to_parquet(sys.argv[3])
"""
MASTER, CONNECT = 17077, 15099  # ports
LONG = pytest.mark.skipif("SPARK" not in os.environ, reason="takes minutes: make spark-test")
pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("pyspark") or not shutil.which("java"),
    reason="Spark needs pyspark (the extra 'spark') and Java",
)


def same(spark, duckdb):
    """Assert that two runs hold the same values, to the last bit."""
    for name in FRAMES:
        pd.testing.assert_frame_equal(
            getattr(spark, name), getattr(duckdb, name), check_exact=True, obj=name
        )
    assert spark.facts == duckdb.facts
    told = [run.findings.astype(str).drop(columns="figures") for run in (spark, duckdb)]
    pd.testing.assert_frame_equal(*told)
    if duckdb.baskets is not None:
        pd.testing.assert_frame_equal(spark.baskets.pairs, duckdb.baskets.pairs)
        pd.testing.assert_frame_equal(spark.baskets.narrow, duckdb.baskets.narrow)


@pytest.fixture(scope="module")
def wholesale(tmp_path_factory):
    file = tmp_path_factory.mktemp("wholesale") / "wholesale.yaml"
    file.write_text(WHOLESALE, encoding="utf-8")
    return prepare(read(file))


@contextmanager
def spark(*commands):
    """Run processes of Spark on this machine: the arguments of spark-class of each."""
    import pyspark

    run = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    env = os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    quiet = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen([run, *command], **quiet) for command in commands]
    try:
        yield
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def wait_for(port):
    for _ in range(600):
        with socket.socket() as asked:
            if not asked.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.5)
    raise TimeoutError(port)


def orders(folder, **columns):
    """Write typed orders with hostile texts, and a study of them."""
    rows = 400
    frame = pd.DataFrame(
        {
            "who": [f"c{i * 7919 % 60:02}" for i in range(rows)],
            "day": pd.date_range("2023-01-01", periods=rows, freq="D").date,
            "paid": [round((i * 37 % 1000) / 8 - 3, 3) for i in range(rows)],
        }
    )
    frame.assign(**columns).to_parquet(folder / "orders.parquet")
    (folder / "study.yaml").write_text(TYPED, encoding="utf-8")
    return folder / "study.yaml"


@LONG
def test_every_value_is_that_of_duckdb(wholesale):
    features = {"growth", "products", "margin_rate", "monetary_repeat_mean", "past_1_order_days"}
    assert features <= {column.partition("__")[2] for column in wholesale.wide}
    same(prepare(read(wholesale.study.file, LOCAL)), wholesale)


@LONG
def test_every_value_is_that_of_duckdb_on_a_master_with_two_workers(wholesale):
    deploy, url = "org.apache.spark.deploy", f"spark://127.0.0.1:{MASTER}"
    place = ("--host", "127.0.0.1", "--webui-port", "0")
    worker = (f"{deploy}.worker.Worker", *place, "--cores", "1", "--memory", "1g", url)
    with spark((f"{deploy}.master.Master", *place, "--port", f"{MASTER}"), worker, worker):
        wait_for(MASTER)
        same(prepare(read(wholesale.study.file, {"engine.spark": url})), wholesale)


@LONG
def test_every_value_is_that_of_duckdb_by_spark_connect(tmp_path):
    file, wide = orders(tmp_path), tmp_path / "wide.parquet"
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    port = ("--conf", f"spark.connect.grpc.binding.port={CONNECT}")
    submit = ("org.apache.spark.deploy.SparkSubmit", "--master", "local[2]", *port)
    with spark((*submit, "--class", server, "spark-internal")):
        wait_for(CONNECT)
        # In a process of its own, as pyspark is for one kind of session.
        run = [sys.executable, "-c", PREPARE, str(file), f"sc://127.0.0.1:{CONNECT}", str(wide)]
        done = subprocess.run(run, capture_output=True, text=True)
        assert not done.returncode, done.stderr[-2000:]
    pd.testing.assert_frame_equal(pd.read_parquet(wide), prepare(read(file)).wide, check_exact=True)


def test_ids_clocks_and_decimals_are_read_as_duckdb_reads_them(tmp_path):
    # Spark takes \v and \f in SQL for the letters v and f, and cut them off.
    odd = ["vf", "f1v", " a  b ", "\u00a0x\u200b", "17.0", "\x0bt\x0c", "买家 1", "Ünal", "nan"]
    who = [odd[i % len(odd)] for i in range(400)]
    # Half an hour after midnight in Berlin is the day before in UTC.
    clocks = pd.date_range("2023-01-01 00:30", periods=400, tz="Europe/Berlin").as_unit("us")
    paid = [Decimal(i * 37 % 1000) / 8 for i in range(400)]
    file = orders(tmp_path, who=who, day=clocks, paid=paid)
    same(prepare(read(file, LOCAL)), prepare(read(file)))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"paid": ["(12.50)"] * 400}, "column 'paid' has no type of a number"),
        ({"day": ["2023-01-01"] * 400}, "column 'day' has no type of a day"),
        ({"who": ["４７"] * 400}, "wide letters"),
    ],
)
def test_texts_that_spark_reads_otherwise_are_refused(tmp_path, columns, words):
    study = read(orders(tmp_path, **columns), LOCAL)
    con = engine(study, tmp_path)
    try:
        with pytest.raises(StudyError, match=words):
            check_data(study, con, tmp_path)
    finally:
        con.disconnect()


def test_a_master_that_does_not_answer_and_none_at_all_are_said(tmp_path):
    file = orders(tmp_path)
    with pytest.raises(StudyError, match="no master of Spark"):
        read(file, {"engine.spark": "cluster"})
    with pytest.raises(StudyError, match="cannot be reached"):
        engine(read(file, {"engine.spark": "sc://127.0.0.1:1"}), tmp_path)
