"""The rule linter finds what published and built-in rules hide."""

import pytest

from segment.tiering import RFM
from segment.tiering.rfm_lint import lint

# Bounds of the ten segments in the documentation of R's rfm 0.3.0, best first as listed there.
# Champions, Potential Loyalist, Loyal Customers, Promising, New Customers, Can't Lose Them, At
# Risk, Need Attention, About To Sleep, Lost: lowest and highest R, F and M.
BOUNDS = "555555 353525 242424 341335 451315 123445 122545 133535 231314 111515"
PUBLISHED = {
    name: {
        score: [int(name[at]), int(name[at + 1])] for score, at in (("r", 0), ("f", 2), ("m", 4))
    }
    for name in BOUNDS.split()
}


def findings(segments: dict) -> dict[str, int]:
    return lint(RFM("segments", segments=segments))["finding"].value_counts().to_dict()


def test_published_rules_overlap_in_58_cells_and_leave_10_uncovered():
    assert len(PUBLISHED) == 10
    found = findings(PUBLISHED)
    assert (found["overlapping"], found["uncovered"]) == (58, 10)


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
