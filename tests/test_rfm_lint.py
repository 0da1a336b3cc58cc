"""The rule linter finds what published and built-in rules hide."""

import pytest

from segment.tiering import RFM
from segment.tiering.rfm_lint import lint

# Bounds of the ten segments in the documentation of R's rfm 0.3.0, best first as listed there.
NAMES = [
    "Champions",
    "Potential Loyalist",
    "Loyal Customers",
    "Promising",
    "New Customers",
    "Can't Lose Them",
    "At Risk",
    "Need Attention",
    "About To Sleep",
    "Lost",
]
R = zip([5, 3, 2, 3, 4, 1, 1, 1, 2, 1], [5, 5, 4, 4, 5, 2, 2, 3, 3, 1], strict=True)
F = zip([5, 3, 2, 1, 1, 3, 2, 3, 1, 1], [5, 5, 4, 3, 3, 4, 5, 5, 3, 5], strict=True)
M = zip([5, 2, 2, 3, 1, 4, 4, 3, 1, 1], [5, 5, 4, 5, 5, 5, 5, 5, 4, 5], strict=True)
PUBLISHED = {
    name: {"r": list(r), "f": list(f), "m": list(m)}
    for name, r, f, m in zip(NAMES, R, F, M, strict=True)
}


def findings(segments: dict, bins: int = 5) -> dict[str, int]:
    return (
        lint(RFM(form="segments", segments=segments, bins=bins))["finding"].value_counts().to_dict()
    )


def test_published_rules_overlap_in_58_cells_and_leave_10_uncovered():
    found = findings(PUBLISHED)
    assert found["overlapping"] == 58
    assert found["uncovered"] == 10


def test_the_built_in_rules_give_every_cell_one_segment():
    assert lint(RFM(form="segments")).empty


def test_each_finding_names_its_cell_and_segments():
    rules = {"Top": {"r": 2}, "Spender": {"r": 2, "m": 2}, "Low": {"r": 1, "f": 1}}
    table = lint(RFM(form="segments", segments=rules, bins=2))
    assert table.query("finding == 'overlapping'")[["cell", "segments"]].to_numpy().tolist() == [
        ["212", ("Top", "Spender")],
        ["222", ("Top", "Spender")],
    ]
    assert table.query("finding == 'uncovered'")["cell"].tolist() == ["121", "122"]
    assert table.query("finding == 'unreachable'")["segments"].tolist() == [("Spender",)]


@pytest.mark.parametrize("order", [1, -1])
def test_only_rules_below_others_are_unreachable(order):
    rules = dict(list({"All": {"r": [1, 5]}, "Some": {"r": 3}}.items())[::order])
    assert findings(rules).get("unreachable", 0) == (1 if order == 1 else 0)
