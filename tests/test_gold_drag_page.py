"""What the gold and drag page counts and says, on customers that can be checked by hand."""

import pandas as pd
import small

from segment.pages import gold_drag as page
from segment.run.scheme import Scheme
from segment.tiering import GoldDrag


def ten(value: list[float], days: int = 300, spent=range(10, 0, -1), **study) -> Scheme:
    """Ten customers who spent 10, 9, ... 1, and what they brought afterwards."""
    customers = pd.DataFrame({"monetary_total": spent, "days_since_first": days})
    method = GoldDrag(gold=0.2, drag=0.3, newcomer_days=0)
    return small.scheme(method, customers, value, study=study)


def test_gold_against_the_next_top_of_the_same_size():
    scheme = ten([5, 70, 0, 0, 0, 0, 0, 2, 3, 90])
    ranks = page.next_ranks(scheme)
    assert ranks.columns.tolist() == ["top 20%", "next 40%", "less", "nothing"]
    assert ranks.to_numpy().tolist() == [[1, 1, 0, 0], [0, 0, 0, 5], [1, 2, 0, 0]]
    # Who brought nothing is never at the top.
    ranks = page.next_ranks(ten([0.0] * 9 + [1.0]))
    assert ranks[["top 20%", "nothing"]].to_numpy().tolist() == [[0, 2], [0, 5], [1, 2]]
    assert page.title(scheme) == "50% of gold stay at the top"


def test_nobody_is_gold_where_the_highest_figure_is_shared():
    scheme = ten([*range(10)], spent=[5] * 10)
    assert page.stayed(scheme).startswith("**Nobody is gold:**")
    assert page.brought_by_drag(scheme) == ""


def test_amounts_of_a_few_customers_are_held_back():
    value = [5, 70, 0, 0, 0, 0, 0, 2, 3, 90]
    assert page.brought_by_drag(ten(value)) == ""
    shown = ten(value, identifiers="show")
    assert page.brought_by_drag(shown) == (
        "The 3 customers of *drag* (30%) brought 56% of what came in during the next 12 months."
    )


def test_spared_newcomers_are_counted():
    assert page.spared(ten([*range(10)])) == ""
    assert page.spared(ten([*range(10)], days=0)).endswith("at most 0 days ago: 3 customers.")
