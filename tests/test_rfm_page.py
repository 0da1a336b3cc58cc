"""What the RFM page shows of scores, on customers that can be checked by hand."""

import pandas as pd
import small

from segment.pages import rfm as page
from segment.run.scheme import Scheme
from segment.tiering import RFM


def shop(bins: int = 2, often=(1, 2), times: int = 5, **parameters) -> Scheme:
    """Half of the customers bought long ago, seldom and little; the others later bring 10 each."""
    kinds = {"days_since_last": [90, 10], "order_days": often, "monetary_total": [5.0, 50.0]}
    customers = pd.DataFrame(kinds).loc[[0] * times + [1] * times].reset_index(drop=True)
    return small.scheme(RFM(bins=bins, **parameters), customers, [0] * times + [10] * times)


def test_cells_of_scores_hold_customers_and_what_they_brought():
    cells = page.cells(shop())
    assert cells["customers"].dropna().to_dict() == {(1, 1): 5, (2, 2): 5}
    assert cells["next_value"].dropna().to_dict() == {(1, 1): 0, (2, 2): 10}
    assert len(cells) == 4
    few = shop(times=4)  # of fewer than five customers each
    assert page.cells(few).isna().all(axis=None)
    assert page.by_score(few)["next_value"].isna().all()
    assert page.best_cell(few).startswith("What each score means")
    assert page.best_cell(shop()) == "Recency 2 by F and M 2 later brought most: €10 per customer"


def test_scores_are_told_with_what_they_were_worth():
    scores = page.by_score(shop())
    names = ["days since last purchase", "purchase days", "total spent"]
    assert scores["variable"].unique().tolist() == names
    assert scores["next_value"].tolist() == [10, 0] * 3


def test_rules_that_overlap_or_leave_gaps_are_pointed_out():
    segments = {"top": {"r": [2, 2]}, "often": {"f": [2, 2]}, "never": {"r": [2, 2], "f": [1, 1]}}
    assert page.rule_gaps(shop(form="segments", segments=segments)) == (
        "Check the rules of M: of 8 combinations of scores, 4 meet more than one rule (the first "
        "counts), 2 meet none; segments that no customer can reach: 1."
    )
    assert page.rule_gaps(shop()) == ""
