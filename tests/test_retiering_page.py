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


def moved(up: int, down: int, lost: int = 0, arrived: int = 0) -> Movement:
    return Movement(1000, up, down, lost, arrived)


@pytest.mark.parametrize(
    ("up", "down", "words"),
    [
        (300, 100, "more rose than fell, by 20.0 percentage points"),
        (100, 300, "more fell than rose, by 20.0 percentage points"),
        (100, 101, "about cancel out (net -0.1"),
    ],
)
def test_net_moves_are_told_from_the_usual_ups_and_downs(up, down, words):
    assert words in page.net(moved(up, down))
    assert "as a whole" not in page.net(moved(up, down))
    gone = page.net(moved(up, down, lost=900))
    assert "Counting the 900 who stayed away as falls, the customer base as a whole lost" in gone
    assert "who came as rises, the customer base as a whole gained" in page.net(
        moved(up, down, arrived=900)
    )


def test_moves_no_larger_than_resampling_are_called_so():
    assert "no more than noise" in page.beyond(0.1, moved(50, 40))
    # Wilson's interval of 290 in 1,000 is 26 % to 32 %.
    assert "10% would change tier, here 26% to 32% do" in page.beyond(0.1, moved(150, 140))
    assert "not have changed a single tier" in page.beyond(0.0, moved(5, 4))
    assert page.beyond(0.1, moved(0, 0)) == "Nobody moved, so there is nothing to explain."


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
    assert "if every period loses the same share" in page.attrition_answer(shop_run, "ABC 80/95")[0]


def test_tiers_that_can_be_told_apart_are_named():
    columns = ["tier", "customers", "lost_share", "lost_share_low", "lost_share_high"]
    rows = [("A", 99, 0.1, 0.05, 0.2), ("B", 99, 0.5, 0.4, 0.6), ("C", 9, 0.9, 0.8, 1.0)]
    everyone = ("all customers", 207, 0.3, 0.2, 0.4)
    table = pd.DataFrame([*rows, everyone], columns=columns)
    assert page.extremes(table) == "Tier A loses least (10.0%), tier B most (50.0%)."
    assert page.extremes(table.assign(lost_share_high=0.7)) == ""


def test_two_years_are_compared_directly_where_the_history_holds_them(tmp_path):
    rows = shop.rows()
    before = rows.assign(day=rows["day"].str.replace("2023", "2022"))
    twice = pd.concat([before, rows], ignore_index=True)
    run = prepare(read(shop.write(tmp_path, twice)))
    table = page.attrition(run, "ABC 80/95")
    # Everyone bought in both years, but for the first day: 730 days back is 2022-01-01.
    assert "year" not in table and table["lost_share"].iloc[-1] == 0
    assert table["customers"].iloc[-1] == rows["customer"].nunique()
    assert "of one year bought nothing in the next" in page.attrition_answer(run, "ABC 80/95")[0]
