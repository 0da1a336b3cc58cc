"""Rows of a database meet the fate that they would meet in a file, and no password is told."""

import datetime as dt
import re
import sqlite3
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import numpy as np
import orders
import pandas as pd
import pytest
import servers
import shop
import yaml
from conftest import run_segment

from segment.errors import StudyError
from segment.publish import unchanged
from segment.reading import databases, drivers
from segment.reading.check import check_data
from segment.reading.draft import draft_study
from segment.reading.sources import connect
from segment.run import prepare
from segment.study import read

psycopg = pytest.importorskip("psycopg")
pymysql = pytest.importorskip("pymysql")

COLUMNS = {
    "customer_id": "customer",
    "date": "day",
    "amount": "paid",
    "order_id": "number",
    "margin": "earned",
    "product": "product",
    "channel": "channel",
}
KINDS = "customer varchar(40), day timestamp, paid {money}, number bigint, earned {double}, "
KINDS += "product varchar(40), channel char(8), note varchar(200)"
EVERYWHERE = ("sqlite", "duckdb", "postgres", "mariadb")


def rows() -> pd.DataFrame:
    """Return the shop's orders, with digits to the last, quotation marks, gaps and returns."""
    frame = shop.rows()
    place = np.arange(len(frame))
    days = pd.to_datetime(frame["day"]) + pd.to_timedelta(place % 86_400, unit="s")
    names = np.array(['Tee "Assam", lose', "Kaffee\nmit Zeile", "茶", "p\\3", "don't"])
    frame = frame.assign(
        day=days.dt.strftime("%Y-%m-%d %H:%M:%S"),
        number=10**15 + place // 2,
        earned=frame["paid"] * 0.31370000000000003,
        product=names[place % 5],
        channel=np.where(place % 3, "web", "store"),
        note=[f"note {i}" for i in place],
    )
    frame.loc[place % 97 == 5, "paid"] *= -1
    frame.loc[place % 89 == 3, "customer"] = None
    return frame


@pytest.fixture(scope="module", autouse=True)
def passwords():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", servers.PASSWORD)
        patch.setenv("MYSQL_PWD", servers.PASSWORD)
        yield


@pytest.fixture(scope="module")
def postgres():
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="module")
def mariadb():
    with servers.mariadb() as url:
        yield url


def run_sql(where, *statements, many=()):
    """Run statements, the last one of them for each row of ``many``."""
    if str(where).startswith("mysql"):
        url = urlsplit(where)
        login = {"host": url.hostname, "port": url.port, "user": url.username, "database": "shop"}
        con = pymysql.connect(**login, password=servers.PASSWORD, charset="utf8mb4")
    elif str(where).startswith("postgres"):
        con = psycopg.connect(where)
    else:
        con = (duckdb if where.suffix == ".duckdb" else sqlite3).connect(where)
    sign = "?" if isinstance(where, Path) else "%s"
    with closing(con):
        cursor = con.cursor()
        for statement in statements[: -1 if many else None]:
            cursor.execute(statement)
        if many:
            marks = ", ".join([sign] * len(many[0]))
            cursor.executemany(f"{statements[-1]} VALUES ({marks})", many)
        con.commit()


def place(kind, request, folder):
    return (
        request.getfixturevalue(kind)
        if kind in ("postgres", "mariadb")
        else folder / f"shop.{kind}"
    )


def source(where, **keys):
    named = {"path": str(where)} if isinstance(where, Path) else {"url": where}
    return named | ({"table": "orders"} if "query" not in keys else {}) | keys


def fill(where, frame, kinds=KINDS):
    key = str(where).partition(":")[0] if not isinstance(where, Path) else where.suffix[1:]
    kinds = kinds.format(
        double={"postgresql": "double precision", "sqlite": "real"}.get(key, "double"),
        money="double" if key == "duckdb" else "real" if key == "sqlite" else "numeric(12, 2)",
    )
    cells = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
    if key == "mysql":
        kinds = kinds.replace("day timestamp", "day datetime")
    made = ["DROP TABLE IF EXISTS orders", f"CREATE TABLE orders ({kinds})", "INSERT INTO orders"]
    run_sql(where, *made, many=list(cells))


def asked(folder, source, **keys):
    content = yaml.safe_load(shop.YAML.format(file="x")) | {"source": source, "columns": COLUMNS}
    study = folder / "study.yaml"
    study.write_text(yaml.safe_dump(content | keys, allow_unicode=True), "utf-8")
    return read(study)


def checked(folder, source, **keys):
    work = Path(tempfile.mkdtemp(dir=folder))
    study, con = asked(folder, source, **keys), connect("1GB", work)
    with closing(con.con):
        found = check_data(study, con, work)
        if (records := found.records.get("balances")) is not None:
            return replace(found, records={"balances": records.balance.to_pandas()})
        return found


@pytest.fixture(scope="module")
def from_csv(tmp_path_factory):
    folder = tmp_path_factory.mktemp("csv")
    rows().to_csv(folder / "orders.csv", index=False)
    return prepare(asked(folder, "orders.csv"))


@pytest.mark.parametrize("kind", ["xlsx", "parquet", *EVERYWHERE])
def test_the_same_orders_give_the_same_tiers_to_the_last_digit(kind, tmp_path, request, from_csv):
    frame = rows()
    if kind in ("xlsx", "parquet"):
        file = tmp_path / f"orders.{kind}"
        (frame.to_excel if kind == "xlsx" else frame.to_parquet)(file, index=False)
        run = prepare(asked(tmp_path, file.name))
    else:
        where = place(kind, request, tmp_path)
        fill(where, frame)
        run = prepare(asked(tmp_path, source(where)))
    assert from_csv.accounts["rows"].sum() == len(frame)
    pd.testing.assert_frame_equal(run.accounts, from_csv.accounts, check_exact=True)
    pd.testing.assert_frame_equal(run.wide.whole(), from_csv.wide.whole(), check_exact=True)
    pd.testing.assert_frame_equal(run.habits, from_csv.habits)
    assert len(run.tiers) > 4
    for label, tiers in run.tiers.items():
        pd.testing.assert_series_equal(tiers, from_csv.tiers[label])


def fates(folder, where, table, **keys):
    roles = {"customer_id": "c", "date": "d", "amount": "a"}
    keys = {"source": source(where, table=table), "columns": roles, "periods": {}} | keys
    return checked(folder, keys.pop("source"), **keys)


def usual():
    """Return sixty orders as customer, day, amount."""
    return [(c, d, float(a)) for c, d, a in orders.rows()]


def test_what_typed_reading_breaks_on_meets_its_fate_in_postgres(tmp_path, postgres):
    run_sql(postgres, "DROP TABLE IF EXISTS odd",
            "CREATE TABLE odd (c char(8), d timestamptz, a numeric, refunded boolean)",
            "INSERT INTO odd", many=[(*row, False) for row in usual()])  # fmt: skip
    run_sql(
        postgres,
        "INSERT INTO odd VALUES ('c1', 'infinity', 5, false), ('c1', '2020-02-01', "
        "'NaN', false), ('c2', '2020-02-02', 'Infinity', false), (NULL, '2020-02-03', 1, true), "
        "('c3', '0044-03-15 BC', 1, false), ('c4', '2020-03-01 18:30+00', 1.250, true)",
    )
    found = fates(tmp_path, postgres, "odd")
    assert orders.fates(found) == {
        "used": 61, "unreadable date": 2, "unreadable amount": 2, "no customer id": 1,
    }  # fmt: skip
    # 1.250 is no thousand and a quarter: a numeric column has a point.
    assert found.facts["amount"] == pytest.approx(sum(a for *_, a in usual()) + 1.25)
    told = found.findings.set_index("finding")
    clocks = "Times in '{column}' are taken on the clocks of {zone}"
    assert told.loc[clocks, "figures"] == {"column": "d", "zone": "UTC"}
    # What no role has, but says that a row is no purchase, is read as well.
    assert any("refunded" in str(figures) for figures in told["figures"])


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "+08:00"])
@pytest.mark.parametrize("kind", ["postgres", "mariadb", "duckdb"])
def test_an_instant_falls_on_the_day_of_the_clocks_that_the_study_names(
    kind, zone, tmp_path, request
):
    where = place(kind, request, tmp_path)
    if (kind == "duckdb" and zone == "+08:00") or (kind == "mariadb" and zone == "Asia/Shanghai"):
        pytest.skip("a file of DuckDB takes names, MariaDB without its tables hours")
    stamp = "timestamp" if kind == "mariadb" else "timestamptz"
    made = "DROP TABLE IF EXISTS late", f"CREATE TABLE late (c varchar(9), d {stamp}, a int)"
    cells = [(c, f"{d} 10:30:00", int(a)) for c, d, a in usual()]
    run_sql(where, *made, "INSERT INTO late", many=cells)
    zoned = {"mariadb": "SET time_zone = '+00:00'", "duckdb": "SET TimeZone = 'UTC'"}
    last = "INSERT INTO late VALUES ('c1', '2021-01-01 18:30:00', 1)"
    run_sql(where, zoned.get(kind, "SET TIME ZONE 'UTC'"), last)
    days = {}
    for name in ("UTC", zone):
        folder = tmp_path / name.replace("/", "")
        folder.mkdir()
        days[name] = fates(
            folder, where, "late", source=source(where, table="late", time_zone=name)
        )
    assert days["UTC"].facts["last"] == dt.date(2021, 1, 1)
    assert days[zone].facts["last"] == dt.date(2021, 1, 2)


def test_what_typed_reading_breaks_on_meets_its_fate_in_mariadb(tmp_path, mariadb):
    run_sql(mariadb, "SET sql_mode = ''", "DROP TABLE IF EXISTS odd",
            "CREATE TABLE odd (c binary(2), d date, a float, status bit(1), note blob)",
            "INSERT INTO odd",
            many=[(c[1:].zfill(2), d, a, 1, b"\xff") for c, d, a in usual()])  # fmt: skip
    run_sql(
        mariadb,
        "SET sql_mode = ''",
        "INSERT INTO odd VALUES ('01', '0000-00-00', 5, 0, ''), "
        "('01', '2020-00-00', 1, 0, ''), (NULL, '2020-02-01', 1, 0, NULL), "
        "(x'FF00', '2020-02-01', 123456.78, 0, NULL), (x'FE00', '2020-02-01', NULL, 0, NULL)",
    )
    found = fates(tmp_path, mariadb, "odd")
    assert orders.fates(found) == {
        "used": 61, "unreadable date": 2, "no customer id": 1, "no amount": 1,
    }  # fmt: skip
    # The server shows a float with six digits only; its value is that of four bytes.
    expected = sum(a for *_, a in usual()) + float(np.float32(123456.78))
    assert found.facts["amount"] == pytest.approx(expected, abs=1e-6)
    assert found.facts["customers"] == 26


def test_cells_of_mixed_types_in_sqlite_meet_their_fate(tmp_path):
    file = tmp_path / "shop.sqlite"
    odd = [("c1", "2020-02-01", "free"), ("c2", 20200202, 1.255), (b"\xff\x00", "2020-02-03", 2),
           (17, "2020-02-03", 2), (17.0, "2020-02-03", 2), ("c3", "2020-02-04", None)]  # fmt: skip
    run_sql(file, "CREATE TABLE odd (c, d, a)", "INSERT INTO odd", many=[*usual(), *odd])
    found = fates(tmp_path, file, "odd")
    assert orders.fates(found) == {"used": 64, "unreadable amount": 1, "no amount": 1}
    assert found.facts["amount"] == pytest.approx(sum(a for *_, a in usual()) + 7.255)
    assert found.facts["customers"] == 25 + 2


def test_texts_in_a_column_are_judged_as_in_a_file(tmp_path):
    file = tmp_path / "shop.sqlite"
    cells = [(c, d, f"{a:.2f}".replace(".", ",")) for c, d, a in usual()]
    run_sql(file, "CREATE TABLE odd (c text, d text, a text)", "INSERT INTO odd", many=cells)
    assert fates(tmp_path, file, "odd").facts["amount"] == sum(a for *_, a in usual())


def refused(folder, source, **keys):
    with pytest.raises(StudyError) as told:
        checked(folder, source, **keys)
    assert "\n" not in str(told.value) and servers.PASSWORD not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_a_missing_table_or_column_is_one_sentence(kind, tmp_path, request):
    where = place(kind, request, tmp_path)
    fill(where, rows().head(200))
    said = refused(tmp_path, source(where, table="order"))
    assert "has no table 'order'; did you mean '" in said and "study.yaml, line" in said
    said = refused(tmp_path, source(where), columns=COLUMNS | {"amount": "payed"})
    assert said.endswith("no column 'payed' for 'amount' in the data; did you mean 'paid'?")
    said = refused(tmp_path, source(where, query="SELECT nothing FROM orders"))
    assert "'query' of " in said and "cannot be read (" in said
    said = refused(tmp_path, source(where, query="SELECT * FROM orders WHERE 1 = 0"))
    assert said.endswith("'query' gives no rows.")


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_a_query_is_read_and_cannot_write(kind, tmp_path, request, from_csv):
    where = place(kind, request, tmp_path)
    fill(where, rows())
    run = checked(tmp_path, source(where, query="SELECT * FROM orders -- all of them;\n;"))
    pd.testing.assert_frame_equal(run.accounts, from_csv.accounts, check_exact=True)
    said = refused(tmp_path, source(where, query="DELETE FROM orders"))
    assert "cannot be read (" in said
    assert checked(tmp_path, source(where)).facts["rows"] == run.facts["rows"]


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_wrong_password_is_one_sentence_that_tells_none(kind, tmp_path, request, monkeypatch):
    where = request.getfixturevalue(kind)
    monkeypatch.setenv("PGPASSWORD", "wrong-word")
    monkeypatch.setenv("MYSQL_PWD", "wrong-word")
    said = refused(tmp_path, source(where))
    assert "'shop' at 127.0.0.1 cannot be opened (" in said and "~/.pgpass" in said
    assert "wrong-word" not in said
    port = urlsplit(where).port
    said = refused(tmp_path, source(where.replace(f":{port}", ":1")))
    assert "cannot be opened (" in said and "~/.pgpass" not in said


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_the_password_is_read_from_the_drivers_own_file(kind, tmp_path, request, monkeypatch):
    where = request.getfixturevalue(kind)
    fill(where, rows())
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.delenv("MYSQL_PWD")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / ".pgpass"))
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{servers.PASSWORD}\n")
    (tmp_path / ".pgpass").chmod(0o600)
    (tmp_path / ".my.cnf").write_text(f"[client]\npassword={servers.PASSWORD}\n")
    assert checked(tmp_path, source(where)).facts["rows_read"] == len(rows())


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_user_who_may_only_read_some_columns(kind, tmp_path, request):
    where = request.getfixturevalue(kind)
    fill(where, rows())
    if kind == "postgres":
        made = [
            "DROP ROLE IF EXISTS reader",
            f"CREATE ROLE reader LOGIN PASSWORD '{servers.PASSWORD}'",
        ]
        grants = ["GRANT SELECT (customer, day, paid) ON orders TO reader"]
        run_sql(where, "DROP OWNED BY reader") if _has_reader(where) else None
    else:
        hosts = ("localhost", "127.0.0.1")
        made = [
            f"CREATE OR REPLACE USER reader@'{h}' IDENTIFIED BY '{servers.PASSWORD}'" for h in hosts
        ]
        grants = [f"GRANT SELECT (customer, day, paid) ON orders TO reader@'{h}'" for h in hosts]
    run_sql(where, *made, *grants)
    reader = where.replace("owner@", "reader@")
    said = refused(tmp_path, source(reader))
    assert "denied" in said and said.endswith("a query can name the columns that you may read.")
    few = {role: COLUMNS[role] for role in ("customer_id", "date", "amount")}
    run = checked(
        tmp_path, source(reader, query="SELECT customer, day, paid FROM orders"), columns=few
    )
    assert run.facts["rows_read"] == len(rows())


def _has_reader(where):
    with psycopg.connect(where) as con:
        return con.execute("SELECT 1 FROM pg_roles WHERE rolname = 'reader'").fetchone()


def test_a_server_that_goes_in_the_middle_is_one_sentence(tmp_path, postgres, mariadb):
    fill(postgres, rows())
    ends = "CAST(pg_terminate_backend(pg_backend_pid()) AS text)"
    last = f"SELECT CASE WHEN paid IS NULL THEN {ends} END, day, paid FROM orders"
    query = f"SELECT customer, day, paid FROM orders UNION ALL {last}"
    run_sql(postgres, "INSERT INTO orders (day) VALUES ('2020-01-01')")
    few = {role: COLUMNS[role] for role in ("customer_id", "date", "amount")}
    said = refused(tmp_path, source(postgres, query=query), columns=few)
    assert "'query' of 'shop' at 127.0.0.1 cannot be read (" in said and "terminat" in said

    fill(mariadb, rows())
    slow = "SELECT customer, day, paid, sleep(0.01) AS s FROM orders"
    killer = threading.Thread(target=_kill, args=[mariadb])
    killer.start()
    said = refused(tmp_path, source(mariadb, query=slow), columns=few)
    killer.join()
    assert "'query' of 'shop' at 127.0.0.1 cannot be read (" in said and "ost connection" in said


def _kill(url):
    """End the connection that reads slowly, once it is underway."""
    where = urlsplit(url)
    login = {"host": where.hostname, "port": where.port, "user": where.username}
    with pymysql.connect(**login, password=servers.PASSWORD) as con, con.cursor() as cursor:
        for _ in range(400):
            time.sleep(0.05)
            cursor.execute(
                "SELECT id FROM information_schema.processlist WHERE info LIKE '%CONCAT_WS%sleep%' "
                "AND id != connection_id()"
            )
            if found := cursor.fetchone():
                time.sleep(0.3)
                cursor.execute(f"KILL {found[0]}")
                return


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://owner:Geheim-7@h/shop", "the url holds a password; take it out"),
        ("mysql://h/shop?user=x&password=Geheim-7", "the url holds a password; take it out"),
        ("postgresql://owner:Geheim-7?/@h/shop", "the url holds a password; take it out"),
        ("mysql://owner@h:Geheim-7/shop", "behind the ':' of a server in a url stands the number"),
        ("owner:Geheim-7@h/shop", "this is no database that is read; a url begins with"),
        ("oracle://h/shop", "'oracle' is no database that is read; a url begins with postgres"),
        ("sqlite:///shop.db", "and a file is named by its 'path'"),
    ],
)
def test_a_url_with_a_password_is_refused_without_repeating_it(url, said, tmp_path):
    assert said in refused(tmp_path, {"url": url, "table": "orders"})
    if "://" not in url:
        return
    assert said in refused(tmp_path, url)
    assert "under 'url', not under 'path'" in refused(tmp_path, {"path": url})
    with pytest.raises(StudyError, match=re.escape(said)) as told:
        draft_study(url, tmp_path / "drafted.yaml", table="orders")
    assert "Geheim" not in str(told.value)


def test_no_password_stands_in_anything_that_is_written(tmp_path, postgres, mariadb):
    fill(postgres, rows())
    people = sorted({c for c in rows()["customer"] if isinstance(c, str)})
    made = "DROP TABLE IF EXISTS people", "CREATE TABLE people (customer varchar(40), age int)"
    run_sql(mariadb, *made, "INSERT INTO people", many=[(c, 40) for c in people])
    content = yaml.safe_load(shop.YAML.format(file="x")) | {"source": source(postgres)}
    content["customers"] = {"source": source(mariadb, table="people"), "customer_id": "customer"}
    content["customers"]["columns"] = {"age": "age"}
    content["methods"] = {"ABC": {"method": "abc"}}
    content["backtest"] = {"replicates": 100, "origins": 1}
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(content))
    told = run_segment("report", "shop.yaml", "--only", "abc", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    files = [file for file in (tmp_path / "reports").rglob("*") if file.is_file()]
    assert {".json", ".ipynb", ".html"} <= {file.suffix for file in files}
    for file in files:
        assert servers.PASSWORD.encode() not in file.read_bytes(), file
    assert servers.PASSWORD not in told.stdout + told.stderr


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_the_fingerprint_is_of_the_rows_that_are_read_in_any_order(kind, tmp_path, request):
    where = place(kind, request, tmp_path)
    fill(where, rows())
    first = checked(tmp_path, source(where)).fingerprint
    fill(where, rows().sample(frac=1, random_state=1).assign(note=lambda f: "or " + f["note"]))
    assert checked(tmp_path, source(where)).fingerprint == first
    fill(where, rows().assign(paid=lambda f: f["paid"].where(f.index > 0, 0.01)))
    assert checked(tmp_path, source(where)).fingerprint != first
    fill(where, pd.concat([rows(), rows().head(2)]))
    assert checked(tmp_path, source(where)).fingerprint != first
    # Whether anything has changed is known only when the rows are read.
    assert unchanged.inputs(read(tmp_path / "study.yaml"), []) == unchanged.Inputs("", "")


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_init_lists_the_tables_and_drafts_a_study_that_can_be_checked(kind, tmp_path, request):
    where = place(kind, request, tmp_path)
    fill(where, rows())
    named = where.name if isinstance(where, Path) else where
    if kind in ("sqlite", "postgres"):
        told = run_segment("init", named, folder=tmp_path)
        assert told.returncode == 0 and "orders" in told.stdout.split("\n"), told.stderr
        told = run_segment("init", named, "--table", "orders", folder=tmp_path)
        assert told.returncode == 0, told.stderr
        file = tmp_path / ("shop.yaml" if kind == "sqlite" else "orders.yaml")
    else:
        assert "orders" in databases.tables(str(where))
        file = tmp_path / "orders.yaml"
        file.write_text(draft_study(str(where), file, table="orders").text, "utf-8")
    columns = read(file).columns
    assert (columns.customer_id, columns.date, columns.amount) == ("customer", "day", "paid")
    con = connect("1GB", tmp_path)
    assert check_data(read(file), con, tmp_path).facts["rows_read"] == len(rows())


def test_the_other_tables_of_a_study_come_from_a_database_too(tmp_path, postgres):
    fill(postgres, rows())
    people = sorted({c for c in rows()["customer"] if isinstance(c, str)})
    run_sql(
        postgres,
        "DROP TABLE IF EXISTS people",
        "CREATE TABLE people (customer text, age int, satisfaction numeric(4, 3), phone text)",
        "INSERT INTO people",
        many=[(c, 20 + i % 50, 1.125, "0151") for i, c in enumerate(people)],
    )
    run_sql(
        postgres,
        "DROP TABLE IF EXISTS accounts",
        "CREATE TABLE accounts (customer text, day date, balance numeric(12, 3))",
        "INSERT INTO accounts",
        many=[(c, "2023-01-01", 1000.125) for c in people],
    )
    columns = {"age": "age", "satisfaction": "satisfaction"}
    run = checked(
        tmp_path, source(postgres),
        customers={"source": source(postgres, table="people"), "customer_id": "customer",
                   "columns": columns, "known_on": "2023-08-01"},
        balances={"source": source(postgres, table="accounts"), "customer_id": "customer",
                  "date": "day", "balance": "balance"},
        methods={"Assets": {"method": "thresholds", "by": "balance_month_mean",
                            "tiers": {"high": 1000, "low": 0}}},
    )  # fmt: skip
    assert run.customers["satisfaction"].eq(1.125).all()
    assert run.customers.loc[people[3], "age"] == 23
    assert {*run.records["balances"]} == {1000.125}


def test_a_missing_driver_is_named_with_its_command(tmp_path, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(drivers, "import_module", absent)
    said = refused(tmp_path, source("postgresql://h/shop"))
    assert said.endswith('run: pip install "customer-tiers[postgres]"')
    said = refused(tmp_path, source("mariadb://h/shop"))
    assert said.endswith('run: pip install "customer-tiers[mysql]"')


def test_files_that_are_databases_and_files_that_are_none(tmp_path):
    fill(tmp_path / "shop.sqlite", rows())
    said = refused(tmp_path, "shop.sqlite")
    assert said.endswith("this is a database; add 'table' under 'source', one of these: orders.")
    rows().to_csv(tmp_path / "orders.csv", index=False)
    said = refused(tmp_path, {"path": "orders.csv", "table": "orders"})
    assert said.endswith("'orders.csv' is no database; 'table' and 'query' are of one.")
    (tmp_path / "broken.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert "cannot be" in refused(tmp_path, {"path": "broken.sqlite", "table": "orders"})


def test_folders_of_hive_are_columns(tmp_path, from_csv):
    frame = rows().assign(channel=lambda f: f["channel"].map({"web": "007", "store": "a b"}))
    frame.to_parquet(tmp_path / "orders", partition_cols=["channel"], index=False)
    run = checked(tmp_path, "orders")
    pd.testing.assert_frame_equal(run.accounts, from_csv.accounts, check_exact=True)
    assert {*pd.read_parquet(run.transactions)["channel"]} == {"007", "a b"}
    assert not run.findings["finding"].str.contains("lacks the column").any()


def test_a_delta_table_is_read_as_its_newest_version_says(tmp_path, from_csv):
    delta = pytest.importorskip("deltalake")
    frame = rows()
    delta.write_deltalake(tmp_path / "orders", frame.head(100), partition_by=["channel"])
    delta.write_deltalake(tmp_path / "orders", frame, mode="overwrite")
    assert len(list((tmp_path / "orders").rglob("*.parquet"))) > 2
    run = checked(tmp_path, "orders")
    pd.testing.assert_frame_equal(run.accounts, from_csv.accounts, check_exact=True)


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_the_studies_of_the_documentation_are_read(kind, tmp_path, request):
    page = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
    scheme = {"postgres": "postgresql", "mariadb": "mysql"}[kind]
    text = next(t for t in re.findall(r"```yaml\n(.*?)```", page, re.S) if f"{scheme}://" in t)
    url = request.getfixturevalue(kind)
    (tmp_path / "study.yaml").write_text(text.replace(f"{scheme}://reader@127.0.0.1/shop", url))
    cells = [(c, i, f"{d} 10:30:00", float(a), "paid") for i, (c, d, a) in enumerate(orders.rows())]
    table = "sales.orders" if kind == "postgres" else "orders"
    stamp = "timestamptz" if kind == "postgres" else "timestamp"
    made = ["DROP TABLE IF EXISTS people", "CREATE TABLE people (id varchar(9), region varchar(9))"]
    made += [f"INSERT INTO people VALUES ('c{i}', 'north')" for i in range(25)]
    made += ["CREATE SCHEMA IF NOT EXISTS sales"] if kind == "postgres" else []
    made += [f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} (customer varchar(9), "
             f"number int, paid_at {stamp}, paid numeric(9, 2), state varchar(9))"]  # fmt: skip
    run_sql(url, *made, f"INSERT INTO {table}", many=cells)
    con = connect("1GB", tmp_path)
    found = check_data(read(tmp_path / "study.yaml"), con, tmp_path)
    assert found.facts["amount"] == pytest.approx(sum(float(a) for *_, a in orders.rows()))
