"""The page of re-tiering: noise or movement, small moves held back, who stayed away."""

import re

import cells
import pandas as pd
import pytest
import shop

from segment import language
from segment.action.retiering import DOWN, UP, Movement, movement, summary
from segment.pages import retiering as page
from segment.run import prepare
from segment.study import read


def test_moves_are_told_with_their_noise():
    # Wilson's interval of 290 in 1,000 is 26% to 32%.
    said = page.beyond(0.1, Movement(1000, 150, 140, 0, 0))
    assert "between 26% and 32% move; by the chance of the sample alone it would be 10%" in said


def test_a_single_small_move_takes_a_partner_with_it(shop_run):
    sizes = {("B", "A", UP): 40, ("C", "A", UP): 9, ("C", "B", UP): 2, ("A", "B", DOWN): 30}
    people = pd.DataFrame(
        [(*move, f"{move}{i}") for move, size in sizes.items() for i in range(size)],
        columns=["from", "to", "move", "customer_id"],
    ).assign(value_before=1.0, value_after=2.0)
    scheme = shop_run.schemes["ABC 80/95"]
    table = page.candidates_by_move(shop_run, page.moves(shop_run, scheme), people)
    # The amounts of all moves up stand in the text: two are missing, or none.
    assert table["customers"].tolist() == [40, 9, 2, 30]
    assert table["value_after"].isna().tolist() == [False, True, True, False]
    assert table["move"].tolist() == ["up", "up", "up", "down"]


def test_the_page_names_nobody_and_counts_the_customers(shop_run):
    html = cells.shown("21_retiering", shop_run)
    assert not re.search(r"Kunde|\bnan\b", html)
    assert "first report" in html and "under 5" in html
    scheme = shop_run.schemes["ABC 80/95"]
    moves = page.moves(shop_run, scheme)
    people = page.candidates(shop_run, scheme, moves)
    total = movement(moves)
    assert len(people) == total.up + total.down
    assert page.flows(moves).to_numpy().sum() == len(moves.customers)
    assert summary(people, moves.tiers)["customers"].sum() == len(people)
    with language.using("zh"):
        assert f"{total.up} 位升级" in page.answer(shop_run, scheme, moves)[0]


def test_a_part_of_a_year_is_extrapolated(shop_run):
    assert page.attrition_days(shop_run) == shop_run.windows.pair_days == 122
    table = page.attrition(shop_run, "ABC 80/95")
    everyone = table.iloc[-1]
    assert everyone["tier"] == "all customers"
    assert everyone["year"] == pytest.approx(1 - (1 - everyone["lost_share"]) ** (365 / 122))
    assert (
        "a year if every period loses the same share"
        in page.attrition_answer(shop_run, "ABC 80/95")[0]
    )


def test_two_years_are_compared_directly_where_the_history_holds_them(tmp_path):
    rows = shop.rows()
    before = rows.assign(day=rows["day"].str.replace("2023", "2022"))
    twice = pd.concat([before, rows], ignore_index=True)
    run = prepare(read(shop.write(tmp_path, twice)))
    table = page.attrition(run, "ABC 80/95")
    # Everyone bought in both years, but for the first day: 730 days back is 2022-01-01.
    assert "year" not in table and table["lost_share"].iloc[-1] == 0
    assert table["customers"].iloc[-1] == rows["customer"].nunique()
    assert (
        "one period of 12 months bought nothing in the next"
        in page.attrition_answer(run, "ABC 80/95")[0]
    )
