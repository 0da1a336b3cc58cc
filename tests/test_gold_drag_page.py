"""What the gold and drag page counts and says, on customers that can be checked by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from segment.pages import narrate, views
from segment.tiering import GoldDrag

GOLD = GoldDrag(gold=0.2, drag=0.3, newcomer_days=0)


def ten(value: list[float]) -> SimpleNamespace:
    """Ten customers who spent 10, 9, ... 1, and what they brought afterwards."""
    customers = pd.DataFrame({"monetary_total": range(10, 0, -1), "days_since_first": 300})
    outcome = pd.DataFrame({"value": value, "active": [v > 0 for v in value]})
    method = GoldDrag(**GOLD.get_params()).fit(customers)
    return SimpleNamespace(customers=customers, outcome=outcome, methods={"g": method})


def test_gold_against_the_next_top_of_the_same_size():
    a = ten([5, 70, 0, 0, 0, 0, 0, 2, 3, 90])
    assert views.gold_drag.gold(a, "g") == (2, 2, 1)
    counts = views.gold_drag.next_ranks(a, "g")
    assert counts.columns.tolist() == ["top 20%", "next 40%", "less", "nothing"]
    assert counts.to_numpy().tolist() == [[1, 1, 0, 0], [0, 0, 0, 5], [1, 2, 0, 0]]
    assert narrate.gold_drag.title(a, "g") == "g: 50% of gold stay at the top"
    assert narrate.gold_drag.outsiders(a, "g") == (
        "Of the 2 customers who then stood at the top, 50% were gold before, 0% ordinary, and "
        "one came from the drag."
    )


def test_who_brought_nothing_is_never_at_the_top():
    a = ten([0.0] * 9 + [1.0])
    assert views.gold_drag.gold(a, "g") == (2, 1, 0)
    assert views.gold_drag.next_ranks(a, "g")["nothing"].tolist() == [2, 5, 2]


def test_nobody_is_gold_where_the_highest_figure_is_shared():
    a = ten([1.0] * 10)
    same = a.customers.assign(monetary_total=5)
    a.methods["g"] = a.methods["g"].refit(same)
    assert narrate.gold_drag.gold(a, "g").startswith("**Nobody is gold:**")
    assert narrate.gold_drag.title(a, "g") == "g: nobody is gold"


@pytest.mark.parametrize(
    ("days", "words"),
    [(300, "No newcomer had to be spared: nobody who first bought at most 0 days ago"),
     (0, "3 newcomers spent little enough to be *drag*")],
)  # fmt: skip
def test_spared_newcomers_are_counted(days, words):
    a = ten([1.0] * 10)
    a.methods["g"] = a.methods["g"].refit(a.customers.assign(days_since_first=days))
    assert narrate.gold_drag.spared(a, "g").startswith(words)
