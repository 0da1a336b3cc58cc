"""From orders to tiers in SQL: every customer gets the tier that Python gives."""

import re

import duckdb
import pandas as pd
import pytest
import servers
import sqlglot
from conftest import ROOT

from segment.action.watchlists import newest_tiers
from segment.errors import StudyError
from segment.features import warehouse
from segment.language import tier_name
from segment.publish.files import sql
from segment.run import Run, load

DATA = ROOT / "data"
TABLES = ("orders", "customers", "balances")
NOT_RULES = {"Scorecard", "Learned tiers"}


@pytest.fixture(scope="module")
def run(wholesale) -> Run:
    """The wholesale company with its cancelled orders."""
    return load(wholesale / "confidential", DATA / "wholesale.yaml")


@pytest.fixture(scope="module")
def tiers(run) -> dict[str, pd.Series]:
    """The tiers of its newest day."""
    now = run.snapshot("now")
    found = {label: newest_tiers(method, now) for label, method in run.methods.items()}
    return {label: each.astype(object).map(tier_name) for label, each in found.items()}


@pytest.fixture(scope="module")
def tables(run) -> dict[str, pd.DataFrame]:
    """Its tables, that of the customers with what a dated one tells."""
    found = {name: pd.read_parquet(DATA / f"wholesale_{name}.parquet") for name in TABLES}
    now = run.snapshot("now")["present_tier"]
    told = found["customers"].merge(now, how="outer", left_on="customer_id", right_index=True)
    return found | {"customers": told}


def statements(text: str, labels: set[str]) -> tuple[str, dict[str, str]]:
    """Return the statement of the view, and that of every scheme that has one."""
    view, *others = [s for s in text.split(";\n") if "SELECT" in s]
    lines = [line[3:] for line in text.splitlines() if line.startswith("-- ")]
    written = [label for label in lines if label in labels and label not in NOT_RULES]
    return view[view.index("CREATE") :], dict(zip(written, others, strict=True))


@pytest.fixture(scope="module")
def duck(tables):
    con = duckdb.connect()
    for name, rows in tables.items():
        con.register(name, rows)
    return con


def test_duckdb_gives_every_customer_pythons_tier_cancelled_orders_or_not(run, tiers, duck):
    assert run.accounts.set_index("fate")["rows"]["order cancelled in full"] > 100
    view, queries = statements(sql.rules(run), {*run.methods})
    assert {*queries} == {*run.methods} - NOT_RULES and len(queries) == 19
    duck.sql(view)
    duck.sql("CREATE TABLE known AS SELECT * FROM customer_features")
    for label, query in queries.items():
        query = query.replace('"customer_features"', "known")
        found = duck.sql(query).df().set_index("customer_id")["tier"].sort_index()
        pd.testing.assert_series_equal(found, tiers[label], check_names=False, check_dtype=False)


def test_the_features_are_those_of_the_report(run, duck):
    found = duck.sql("SELECT * FROM known").df().set_index("customer_id").sort_index()
    now = run.snapshot("now")
    assert found.index.tolist() == now.index.tolist()
    numbers = found.select_dtypes("number")
    assert {"monetary_total", "margin_rate", "growth", "balance_month_mean"} <= {*numbers}
    pd.testing.assert_frame_equal(
        numbers.astype("float64"), now[[*numbers]].astype("float64"),
        check_names=False, rtol=0, atol=2e-6,
    )  # fmt: skip


def test_the_dbt_model_gives_the_same_in_one_table(run, tiers, duck):
    text = sql.model(run)
    assert {*re.findall(r"ref\('(\w+)'\)", text)} == {*TABLES}
    text = re.sub(r"\{#.*?#\}|\{% (end)?raw %\}", "", text)
    found = duck.sql(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"main.\1", text)).df()
    found = found.set_index("customer_id").sort_index()
    assert [*found] == [label for label in run.methods if label not in NOT_RULES]
    for label in found:
        assert found[label].tolist() == tiers[label].tolist()


@pytest.mark.parametrize("dialect", warehouse.NAMES)
def test_every_dialect_can_be_parsed_and_says_whether_it_was_run(run, dialect):
    text, writer = sql.rules(run, dialect), warehouse.compiler(dialect)
    parsed = sqlglot.parse(text, read=writer.dialect)
    assert len([each for each in parsed if each is not None]) >= 18
    said = " ".join(line[3:] for line in text.splitlines()[:9])
    assert (dialect in warehouse.RUN_ON) != ("Not run on this dialect" in said)


def test_an_unknown_dialect_is_named():
    with pytest.raises(StudyError, match=r"no SQL dialect 'postgre' here; did you mean 'postgres'"):
        warehouse.compiler("postgre")


def test_postgresql_gives_every_customer_pythons_tier(run, tiers, tables):
    psycopg = pytest.importorskip("psycopg")
    with servers.postgres() as url, psycopg.connect(url, password=servers.PASSWORD) as con:
        for name, rows in tables.items():
            _copy(con, name, rows)
        view, queries = statements(sql.rules(run, "postgres"), {*run.methods})
        con.execute(view)
        con.execute("CREATE TABLE known AS SELECT * FROM customer_features")
        for label, query in queries.items():
            rows = con.execute(query.replace('"customer_features"', "known")).fetchall()
            assert dict(rows) == tiers[label].to_dict(), label


def _copy(con, name: str, frame: pd.DataFrame) -> None:
    kinds = {"float64": "double precision", "int64": "bigint"}
    columns = ", ".join(
        f'"{column}" {"date" if column == "date" else kinds.get(str(dtype), "text")}'
        for column, dtype in frame.dtypes.items()
    )
    con.execute(f"CREATE TABLE {name} ({columns})")
    with con.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
        copy.write(frame.to_csv(index=False, header=False))
