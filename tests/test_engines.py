"""Spark and PostgreSQL: the figures of DuckDB, and a refusal where they would be others."""

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

import duckdb
import numpy as np
import pandas as pd
import pytest
import servers

from segment.errors import StudyError
from segment.features import parts
from segment.features.recent import RECENT
from segment.reading.check import check_data
from segment.reading.sources import engine
from segment.run import prepare
from segment.study import read

DATA = Path(__file__).parents[1] / "data"
LOCAL = {"engine.spark": "local[2]"}
FRAMES = ("wide", "timeline", "habits", "accounts", "cohorts")
TYPED = """
title: Typed
source: {source}
columns: {{customer_id: who, date: day, amount: paid}}
readiness: {{customers: 5, history_days: 30, holdout_days: 10}}
"""
# Cancellations, margins, products, balances, and every kind of feature.
WHOLESALE = """
title: Wholesale
source: {source}
columns: {{customer_id: customer_id, date: date, amount: amount, order_id: order_id,
  margin: margin, product: product, category: category, quantity: quantity,
  channel: channel, region: region}}
balances: {{source: {data}/wholesale_balances.parquet, customer_id: customer_id, date: date,
  balance: balance}}
keep: channel != nowhere and quantity != 0
periods: {{start: 2023-01-01, cut: 2024-07-01, end: 2025-01-01}}
backtest: {{origins: 2}}
methods:
  ABC: {{method: abc, by: margin_total}}
  Recent: {{method: recent_spend}}
  Learned: {{method: learned}}
  Bank: {{method: thresholds, by: balance_month_mean, tiers: {{gold: 300000, silver: 50000}}}}
  Members: {{method: thresholds, tiers: {{gold: 50000, silver: 10000}}, grace: 2}}
  Five kinds: {{method: five_kinds}}
  Again: {{method: abc, by: monetary_repeat_mean}}
"""
PART = f"""
COPY (SELECT * FROM '{DATA}/wholesale_orders.parquet' WHERE hash(customer_id) % 25 = 0) TO '{{}}'
"""
# A session for few rows: what compiles costs more than it saves.
QUIET = """
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.ui.enabled false
"""
PREPARE = """
import sys
from segment.run import prepare
from segment.study import read
prepare(read(sys.argv[1], {"engine.spark": sys.argv[2]})).wide.whole().to_parquet(sys.argv[3])
"""
MASTER, CONNECT = 17077, 15099  # ports
LONG = pytest.mark.skipif("SPARK" not in os.environ, reason="takes a minute: make spark-test")
SPARK = pytest.mark.skipif(
    not importlib.util.find_spec("pyspark") or not shutil.which("java"),
    reason="Spark needs pyspark (the extra 'spark') and Java",
)


def same(run, duckdb, decayed_by=0.0):
    """Assert that two runs hold the same values; sums that decay may differ by so much."""
    for name in FRAMES:
        ours, theirs = getattr(run, name), getattr(duckdb, name)
        if name == "wide":
            ours, theirs = ours.whole(), theirs.whole()
        if name == "wide" and decayed_by:
            decayed = [name for name in theirs if RECENT.search(name)]
            np.testing.assert_allclose(ours[decayed], theirs[decayed], rtol=1e-7, atol=decayed_by)
            ours, theirs = ours.drop(columns=decayed), theirs.drop(columns=decayed)
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True, obj=name)
    assert run.facts == duckdb.facts
    told = [each.findings.astype(str).drop(columns="figures") for each in (run, duckdb)]
    pd.testing.assert_frame_equal(*told)
    if duckdb.baskets is not None:
        pd.testing.assert_frame_equal(run.baskets.pairs, duckdb.baskets.pairs)
        pd.testing.assert_frame_equal(run.baskets.narrow, duckdb.baskets.narrow)


@pytest.fixture(scope="module", autouse=True)
def quiet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(QUIET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setenv("PGPASSWORD", servers.PASSWORD)
        yield


@pytest.fixture(scope="module")
def wholesale(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wholesale")
    duckdb.sql(PART.format(folder / "orders.parquet"))
    file = folder / "wholesale.yaml"
    file.write_text(WHOLESALE.format(source="orders.parquet", data=DATA), encoding="utf-8")
    return prepare(read(file))


@pytest.fixture(scope="module")
def postgres():
    with servers.postgres() as url:
        yield url


def in_postgres(url, parquet, template, folder, more="", **source):
    """Load Parquet into a table of PostgreSQL; return a study of it there."""
    import psycopg

    kinds = {
        "VARCHAR": "text",
        "DOUBLE": "double precision",
        "TIMESTAMP WITH TIME ZONE": "timestamptz",
    }
    rows = duckdb.sql(f"SELECT * FROM '{parquet}'")
    names = [f'"{n}" {kinds.get(str(k), k)}' for n, k in zip(rows.columns, rows.types, strict=True)]
    rows.write_csv(str(folder / "rows.csv"), header=False)
    with psycopg.connect(url) as con:
        con.execute("DROP TABLE IF EXISTS orders")
        con.execute(f"CREATE TABLE orders ({', '.join(names)})")
        with con.cursor().copy("COPY orders FROM STDIN (FORMAT csv)") as copy:
            copy.write((folder / "rows.csv").read_bytes())
    told = {"url": url, "table": "orders"} | source
    text = template.format(source=told, data=DATA) + f"engine: source\n{more}"
    (folder / "there.yaml").write_text(text, encoding="utf-8")
    return read(folder / "there.yaml")


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
    (folder / "study.yaml").write_text(TYPED.format(source="orders.parquet"), encoding="utf-8")
    return folder / "study.yaml"


@SPARK
def test_every_value_is_that_of_duckdb(wholesale, monkeypatch):
    at_once = {"pyspark": len(wholesale.wide.whole()) * parts.A_CUSTOMER}  # in two parts
    monkeypatch.setattr(parts, "MOST_AT_ONCE", at_once)
    features = {"growth", "products", "margin_rate", "monetary_repeat_mean", "past_1_order_days"}
    assert features <= {column.partition("__")[2] for column in wholesale.wide.whole()}
    same(prepare(read(wholesale.study.file, LOCAL)), wholesale)


@SPARK
def test_what_stops_spark_is_said():
    from segment.reading.spark import _reason

    called = "An error occurred while calling o336.getResult.\n"
    told = _reason(Exception(f"{called}: java.io.IOException: no space left\n\tat java.base/x"))
    assert told == "java.io.IOException: no space left"
    assert "memory_limit" in _reason(Exception(f"{called}: java.lang.OutOfMemoryError: heap"))


@SPARK
@LONG
def test_every_value_is_that_of_duckdb_on_a_master_with_two_workers(wholesale):
    deploy, url = "org.apache.spark.deploy", f"spark://127.0.0.1:{MASTER}"
    place = ("--host", "127.0.0.1", "--webui-port", "0")
    worker = (f"{deploy}.worker.Worker", *place, "--cores", "1", "--memory", "1g", url)
    with spark((f"{deploy}.master.Master", *place, "--port", f"{MASTER}"), worker, worker):
        wait_for(MASTER)
        same(prepare(read(wholesale.study.file, {"engine.spark": url})), wholesale)


@SPARK
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
    here = prepare(read(file)).wide.whole()
    pd.testing.assert_frame_equal(pd.read_parquet(wide), here, check_exact=True)


def test_every_value_is_that_of_duckdb_in_postgresql(wholesale, postgres, tmp_path):
    file = wholesale.study.file.parent / "orders.parquet"
    study = in_postgres(postgres, file, WHOLESALE, tmp_path)
    same(prepare(study), wholesale, decayed_by=1e-6)


def odd_orders(folder, more="", **columns):
    # Spark takes \v and \f in SQL for the letters v and f, and cut them off.
    odd = ["vf", "f1v", " a  b ", "\u00a0x\u200b", "17.0", "\x0bt\x0c", "买家 1", "Ünal", "nan"]
    # Half an hour after midnight in Berlin is the day before in UTC.
    clocks = pd.date_range("2023-01-01 00:30", periods=400, tz="Europe/Berlin").as_unit("us")
    paid = [Decimal(i * 37 % 1000) / 8 for i in range(400)]
    columns = {
        "who": [odd[i % len(odd)] for i in range(400)],
        "day": clocks,
        "paid": paid,
    } | columns
    file = orders(folder, **columns)
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    return file


@SPARK
def test_ids_clocks_and_decimals_are_read_as_duckdb_reads_them(tmp_path):
    file = odd_orders(tmp_path)
    same(prepare(read(file, LOCAL)), prepare(read(file)))


def test_ids_clocks_and_decimals_are_read_as_duckdb_reads_them_in_postgresql(postgres, tmp_path):
    ids = ["４７", "47", "é", "e\u0301", "ünal", "ÜNAL", "A-1", "a 1", "guest", "½", "Kunde\u00ad9"]
    beside = {
        "who": [ids[i % len(ids)] for i in range(400)],
        "order status": ["paid", "cancelled", "paid", None] * 100,
        "refunded": [0.0, 0.0, 1.5, 0.0] * 100,
        "note": [f"note {i}" for i in range(400)],
    }
    more = "same_customer: [case, signs]\nkeep: paid >= 0\n"
    expected = prepare(read(odd_orders(tmp_path, more, **beside)))
    assert {"'{column}' says {values} in rows that count as purchases: {amount}"} <= {
        *expected.findings["finding"]
    }
    asked = {"time_zone": "Europe/Berlin"}
    study = in_postgres(postgres, tmp_path / "orders.parquet", TYPED, tmp_path, more, **asked)
    same(prepare(study), expected, decayed_by=1e-6)


TEXTS = [
    ({"paid": ["(12.50)"] * 400}, "column 'paid' has no type of a number"),
    ({"day": ["2023-01-01"] * 400}, "column 'day' has no type of a day"),
]


@SPARK
@pytest.mark.parametrize(("columns", "words"), [*TEXTS, ({"who": ["４７"] * 400}, "wide letters")])
def test_texts_that_spark_reads_otherwise_are_refused(tmp_path, columns, words):
    study = read(orders(tmp_path, **columns), LOCAL)
    con = engine(study, tmp_path)
    try:
        with pytest.raises(StudyError, match=words):
            check_data(study, con, tmp_path)
    finally:
        con.disconnect()


@pytest.mark.parametrize(("columns", "words"), TEXTS)
def test_texts_are_refused_in_postgresql(postgres, tmp_path, columns, words):
    orders(tmp_path, **columns)
    study = in_postgres(postgres, tmp_path / "orders.parquet", TYPED, tmp_path)
    with pytest.raises(StudyError, match=words):
        prepare(study)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("source: orders.parquet", "runs in PostgreSQL"),
        ("source: {path: shop.sqlite, table: orders}", "SQLite gives wrong figures"),
        ('source: {url: "mysql://me@127.0.0.1:1/shop", table: orders}', "MySQL lacks"),
        (
            'source: {url: "postgresql://me@127.0.0.1:1/shop", table: o}',
            "PostgreSQL stopped .*refused",
        ),
        ("source: orders.parquet\nsame_order: newest", "keeps no order of rows"),
    ],
)
def test_other_sources_are_no_engine(tmp_path, told, words):
    file = tmp_path / "study.yaml"
    text = TYPED.format(source="x").replace("source: x", told)
    file.write_text(f"{text}engine: source\n", encoding="utf-8")
    with pytest.raises(StudyError, match=words) as refused:
        engine(read(file), tmp_path)
    assert "\n" not in str(refused.value) and "study.yaml" in str(refused.value)


def test_a_user_who_may_only_read_and_a_table_that_is_not_there(postgres, tmp_path):
    import psycopg

    orders(tmp_path)
    study = in_postgres(postgres, tmp_path / "orders.parquet", TYPED, tmp_path)
    reader = f"CREATE USER reader PASSWORD '{servers.PASSWORD}'; GRANT SELECT ON orders TO reader"
    with psycopg.connect(postgres) as con:
        con.execute(reader)
    changes = {"source.url": postgres.replace("owner", "reader")}
    prepare(read(study.file, changes))
    with pytest.raises(StudyError, match="order_s"):
        prepare(read(study.file, {"source.table": "order_s"}))
    with psycopg.connect(postgres) as con:
        con.execute("REVOKE TEMP ON DATABASE shop FROM PUBLIC")
    with pytest.raises(StudyError, match="temporary tables"):
        prepare(read(study.file, changes))
    with psycopg.connect(postgres) as con:  # nothing stays
        found = con.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'segment%'")
        assert found.fetchone() == (0,)


@SPARK
def test_a_master_that_does_not_answer_and_none_at_all_are_said(tmp_path):
    file = orders(tmp_path)
    with pytest.raises(StudyError, match="no master of Spark"):
        read(file, {"engine.spark": "cluster"})
    with pytest.raises(StudyError, match="cannot be reached"):
        engine(read(file, {"engine.spark": "sc://127.0.0.1:1"}), tmp_path)
