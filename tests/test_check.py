"""The check: every row accounted for, every finding said, and no study on too little."""

import datetime as dt

import orders
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segment import language
from segment.errors import StudyError
from segment.reading import cancellations, check, transactions
from segment.reading.findings import in_words

ROWS = orders.rows()
DAY = dt.timedelta(days=1)


def finding(found, words):
    """Return the one finding that begins with the words."""
    told = in_words(found.findings)
    row = told[told["finding"].str.startswith(words)]
    assert len(row) == 1, told["finding"].tolist()
    return row.iloc[0]


def test_clean_rows_are_all_used_and_nothing_weighs(tmp_path):
    found = orders.checked(tmp_path, orders.text(ROWS))
    assert orders.fates(found) == {"used": 60}
    assert set(found.findings["weight"]) == {"fine"}
    assert (found.facts["rows"], found.facts["customers"], found.facts["days"]) == (60, 25, 60)
    assert str(found.facts["first"]) == "2020-01-01"
    assert str(found.facts["last"]) == "2020-08-24"
    assert found.facts["amount"] == sum(10.5 + i for i in range(60))
    assert found.periods.cut == dt.date(2020, 6, 1)
    used = pd.read_parquet(found.transactions)
    assert list(used) == ["customer_id", "date", "amount", "known", "gone", "used"]
    assert len(used) == 60


def test_each_dirty_row_is_found_counted_and_said(tmp_path):
    dirty = [
        ("", "2020-03-01", "1"),
        ("c1", "", "1"),
        ("c1", "2020-02-30", "1"),
        ("c1", "2999-01-01", "1"),
        ("c1", "2020-03-01", ""),
        ("c1", "2020-03-01", "five"),
        ("c1", "2020-03-01", "0"),
        ("c2", "2020-03-01", "-2"),
        ("C1", "2020-03-01", "1"),
        ROWS[0],
        ("c1", "2020-03-01"),
        ("c1", "2020-03-01", "1", "2"),
    ]
    found = orders.checked(tmp_path, orders.text(ROWS + dirty))
    assert orders.fates(found) == {
        "used": 64,
        transactions.UNREADABLE_LINE: 1,
        transactions.NO_CUSTOMER: 1,
        transactions.NO_DATE: 1,
        transactions.UNREADABLE_DATE: 1,
        transactions.FUTURE: 1,
        transactions.NO_AMOUNT: 2,
        transactions.UNREADABLE_AMOUNT: 1,
    }
    assert found.facts["rows_read"] == 72
    assert found.facts["last"] == dt.date(2020, 8, 24)  # not the row of 2999
    for words, rows, done in [
        ("Line with the wrong number", 1, "left out; the first is orders.csv, line 73"),
        ("orders.csv: lines shorter", 1, "as detected; set it under 'source' if wrong"),
        ("No customer id", 1, "left out"),
        ("No date", 1, "left out"),
        ("Unreadable date", 1, "left out, such as '2020-02-30'"),
        ("Dated in the future", 1, "left out"),
        ("No amount", 2, "left out"),
        ("Unreadable amount", 1, "left out, such as 'five'"),
        ("Amount of zero", 1, "kept: the visit counts as a purchase"),
        ("Negative amount without its purchase", 1, "taken off the customer's total"),
        ("Exact copy of another row", 1, "kept; 'duplicates: drop' leaves them out"),
        (
            "Customer ids that differ only in how they are written",
            5,
            "kept apart; same_customer: [case] makes 1 customers of these 2",
        ),
    ]:
        said = finding(found, words)
        assert (said["rows"], said["done"]) == (rows, done)


def test_a_cancelled_order_leaves_its_account_and_copies_are_dropped_before_netting(tmp_path):
    with_orders = [(*row, f"n{i}") for i, row in enumerate(ROWS)]
    huge = [("c1", "2020-03-01", "168469.6", "o1"), ("c1", "2020-03-01", "-168469.6", "o1")]
    keys = {"columns": {"order_id": "order"}}
    heading = (*orders.COLUMNS, "order")
    found = orders.checked(tmp_path, orders.text(with_orders + huge, heading), **keys)
    assert orders.fates(found) == {"used": 60, cancellations.CANCELLED: 2}
    assert found.accounts["amount"].sum() == pytest.approx(sum(10.5 + i for i in range(60)))
    assert finding(found, "Order cancelled in full")["done"] == "both sides taken out"
    twice = [("x", "2020-03-01", "50.0", "o1"), ("x", "2020-03-02", "-20.0", "o1")] * 2
    text = orders.text(with_orders + twice, heading)
    kept = orders.checked(tmp_path, text, **keys)
    dropped = orders.checked(tmp_path, text, duplicates="drop", **keys)
    assert orders.fates(kept) == {"used": 64}
    assert orders.fates(dropped) == {"used": 62, transactions.DUPLICATE: 2}
    assert kept.facts["amount"] - dropped.facts["amount"] == 30
    assert finding(dropped, "Part of an order returned")["rows"] == 1
    assert finding(dropped, "Exact copy")["done"] == "left out"


def test_a_customer_with_returns_only_is_in_the_money_and_said(tmp_path):
    found = orders.checked(tmp_path, orders.text([*ROWS, ("x", "2020-03-01", "-5000")]))
    said = finding(found, "Customers with returns only: -5,000")
    assert (said["rows"], said["customers"], found.facts["customers"]) == (1, 1, 25)
    assert found.facts["amount"] == sum(10.5 + i for i in range(60)) - 5000


@pytest.mark.parametrize(("lacking", "refused"), [(12, False), (13, True)])
def test_rows_without_a_margin_share_that_of_the_others_unless_they_are_many(
    tmp_path, lacking, refused
):
    rows = [(*row, "" if i < lacking else str(i / 10)) for i, row in enumerate(ROWS)]
    keys, text = {"columns": {"margin": "profit"}}, orders.text(rows, (*orders.COLUMNS, "profit"))
    if refused:
        with pytest.raises(StudyError, match="13 of 60 rows have no readable margin; map"):
            orders.checked(tmp_path, text, **keys)
        return
    found = orders.checked(tmp_path, text, **keys)
    used = pd.read_parquet(found.transactions)
    known = used[used["amount"] >= 10.5 + lacking]
    rate = known["margin"].sum() / known["amount"].sum()
    assert used["margin"].sum() == pytest.approx(used["amount"].sum() * rate)
    said = finding(found, "No margin")
    assert (said["rows"], said["weight"]) == (12, "warning")
    assert said["done"] == f"counted at {rate:.1%} of the amount, as in all other rows"


def test_a_filter_and_the_periods_leave_out_and_say_so(tmp_path):
    periods = {"start": dt.date(2020, 2, 1), "cut": dt.date(2020, 5, 1), "end": dt.date(2020, 8, 1)}
    keys = {"keep": "customer != c1", "readiness": {"customers": 15}}
    found = orders.checked(tmp_path, orders.text(ROWS), periods=periods, **keys)
    left_out = {transactions.BEFORE: 7, transactions.AFTER: 6, transactions.FILTERED: 3}
    assert orders.fates(found) == {"used": 44} | left_out
    used = pd.read_parquet(found.transactions)
    assert "c1" not in set(used["customer_id"])
    assert pd.to_datetime(used["date"]).between("2020-02-01", "2020-07-31").all()
    assert finding(found, "Left out by the row filter")["done"] == "keep: customer != c1"


def test_one_dominating_customer_and_a_gap_weigh(tmp_path):
    late = [(c, str(dt.date.fromisoformat(d) + 90 * DAY), m) for c, d, m in ROWS[30:]]
    big = ("big", "2020-03-01", "9999")
    found = orders.checked(tmp_path, orders.text([*ROWS[:30], big, *late]))
    top = finding(found, "One customer brings 8")
    assert (top["rows"], top["customers"], top["weight"]) == (1, 1, "note")
    gap = finding(found, "No transaction for 93 days up to 2020-07-28")
    assert gap["weight"] == "warning"


texts = ("", "c1", " C1", "c2", "x", "null", "-5", "5", "0", "1e999")
cell = st.sampled_from([*texts, "2020-03-01", "01/02/2020", "2999-01-01"])
dirty_row = st.one_of(
    st.tuples(cell, cell, cell, cell), st.tuples(cell, cell), st.sampled_from([(*ROWS[3], "o")])
)


@given(
    dirty=st.lists(dirty_row, max_size=10),
    duplicates=st.sampled_from(["keep", "drop"]),
    keep=st.sampled_from([None, "money != 5"]),
    end=st.sampled_from([None, dt.date(2020, 8, 1)]),
)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_rows_in_are_rows_used_plus_rows_explained(tmp_path, dirty, duplicates, keep, end):
    rows = [(*row, f"o{i}") for i, row in enumerate(ROWS)] + dirty
    found = orders.checked(
        tmp_path,
        orders.text(rows, (*orders.COLUMNS, "order")),
        columns={"order_id": "order"},
        duplicates=duplicates,
        keep=keep,
        periods={"end": end},
    )
    assert found.accounts["rows"].sum() == found.facts["rows_read"] == len(rows)
    assert orders.fates(found)["used"] == pd.read_parquet(found.transactions)["used"].sum()
    assert not found.accounts["fate"].duplicated().any()


@pytest.mark.parametrize(
    ("rows", "keys", "said"),
    [
        ([(c, d, f"-{m}") for c, d, m in ROWS], {}, f"line 7: {len(ROWS)} amounts are below 0"),
        ([("x", d, m) for _, d, m in ROWS], {}, "1 customer bought before the cut"),
        ([(c, "2020-01-05", m) for c, _, m in ROWS], {}, "of one day (2020-01-05)"),
        (
            [(c, d, m.replace(".", ",") if i % 3 else m) for i, (c, d, m) in enumerate(ROWS)],
            {"source": {"delimiter": ";"}},
            "such as '11,50'",
        ),
        (
            [(c, "03/04/2020", m) for c, _, m in ROWS],
            {},
            "column 'day': dates such as '03/04/2020' can",
        ),
        (
            [(c, d, m) for c, d, m in ROWS[:30]] + [(c, "31.01.2020", m) for c, _, m in ROWS[30:]],
            {},
            "line 6: 30 of 60 rows have no readable date, such as '31.01.2020'",
        ),
        (ROWS, {"date_format": "%d/%m/%Y"}, "such as '2020-01-01' (date_format is %d/%m/%Y)"),
        ([("", d, m) for _, d, m in ROWS], {}, "60 of 60 rows have no customer_id"),
        ([(*row, "x") for row in ROWS], {}, "orders.csv, line 2: this and 59 more of 60 lines"),
        (ROWS, {"keep": "customer = D1"}, "line 8: 'keep: customer = D1' leaves none of the 60"),
        (ROWS, {"columns": {"amount": "price"}}, "line 7: no column 'price' for 'amount' in the"),
        (ROWS, {"periods": {"cut": dt.date(2021, 1, 1)}}, "line 9: cut 2021-01-01 lies outside"),
        (ROWS, {"periods": {"start": dt.date(2021, 1, 1)}}, "start 2021-01-01 lies outside"),
        (ROWS, {"periods": {"cut": dt.date(2020, 2, 1)}}, "is 31 days long; at least 56"),
        (ROWS, {"periods": {"cut": dt.date(2020, 8, 24)}}, "only 1 day of data follow the cut"),
    ],
)
def test_what_cannot_carry_a_study_is_refused_in_one_sentence(tmp_path, rows, keys, said):
    delimiter = keys.get("source", {}).get("delimiter", ",")
    with pytest.raises(StudyError) as error:
        orders.checked(tmp_path, orders.text(rows, delimiter=delimiter), **keys)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("first", "last", "asked", "cut"),
    [
        ("2020-01-01", "2020-12-31", {}, "2020-09-01"),
        ("2020-01-01", "2020-03-30", {}, "2020-03-01"),
        ("2020-01-01", "2020-12-31", {"end": dt.date(2020, 10, 1)}, "2020-07-01"),
        ("2020-01-01", "2020-01-02", {}, "2020-01-02"),
        ("2020-01-01", "2020-12-31", {"cut": dt.date(2020, 4, 5)}, "2020-04-05"),
    ],
)
def test_the_cut_is_two_thirds_of_the_way_unless_given(tmp_path, first, last, asked, cut):
    study = orders.study(tmp_path, periods=asked)
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    periods = check.settle_periods(study, *days)
    assert str(periods.cut) == cut
    assert periods.start == asked.get("start", days[0])
    assert periods.end == asked.get("end", days[1] + DAY)


def test_periods_beyond_the_data_change_no_row_and_no_cut(tmp_path):
    beyond = {"start": dt.date(2019, 1, 1), "end": dt.date(2021, 6, 1)}
    found = orders.checked(tmp_path, orders.text(ROWS), periods=beyond)
    within = orders.checked(tmp_path, orders.text(ROWS))
    assert found.periods.model_dump() == beyond | {"cut": within.periods.cut}
    assert found.facts == within.facts
    assert orders.fates(found) == {"used": 60}


def test_findings_made_in_one_language_are_told_in_another(tmp_path):
    data = orders.text([*ROWS, ("", "2020-03-01", "1"), ("c1", "2020-03-01", "1", "2")])
    with language.using("zh"):
        found = orders.checked(tmp_path, data)
        chinese = in_words(found.findings)
    english = in_words(found.findings)
    assert "缺少客户编号" in chinese["finding"].tolist()
    assert chinese["done"].iloc[0] == "已剔除；第一处在 orders.csv:63"
    assert english["done"].iloc[0] == "left out; the first is orders.csv, line 63"
    told = ["Line with the wrong number of fields", "No customer id"]
    assert english["finding"].iloc[:2].tolist() == told
