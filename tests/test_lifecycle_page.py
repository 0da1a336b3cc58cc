"""The page of the lifecycle stages, on customers that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest
import small

from segment.pages import lifecycle as page
from segment.run.scheme import Scheme
from segment.tiering import Lifecycle

# Two purchases 30 days apart: the usual gap is 30 days, so these are 1, 3, 6 and 10 gaps late.
SILENT = {"active": 30, "at risk": 95, "dormant": 180, "lost": 300}


def staged(once: dict[str, int] | None = None, prospects=None, **stages) -> Scheme:
    """Return stages of so many customers, of whom so many bought again.

    ``once``: how many of a stage bought on one day only (after 30 days more, to be as late).
    """
    rows = []
    for stage, (customers, bought) in stages.items():
        last = SILENT.get(stage.replace("_", " "), 10)
        for i in range(customers):
            single = stage == "new" or i < (once or {}).get(stage, 0)
            rows.append((1 if single else 2, last, last + 30 * (not single), i < bought))
    names = ["order_days", "days_since_last", "days_since_first", "bought"]
    customers = pd.DataFrame(rows, columns=names)
    customers = customers.assign(monetary_total=10.0, monetary_year=10.0)
    bought = customers.pop("bought")
    value = bought * np.arange(1, len(bought) + 1)
    return small.scheme(Lifecycle(), customers, value, bought, prospects)


RETURNED = {"active": (100, 80), "at_risk": (100, 40), "dormant": (100, 38), "lost": (100, 70)}


def test_stages_hold_everyone_and_the_whole_amount():
    stages = page.stages(staged(new=(10, 5), **RETURNED)).set_index("stage")
    assert stages.index.tolist() == ["active", "new", "at risk", "dormant", "lost"]
    assert stages["customers"].tolist() == [100, 10, 100, 100, 100]
    assert stages["past"].tolist() == [1000, 100, 1000, 1000, 1000]
    assert stages["past_share"].sum() == pytest.approx(1)
    assert stages["bought"].tolist() == [0.8, 0.5, 0.4, 0.38, 0.7]
    assert stages["bought"].between(stages["bought_low"], stages["bought_high"]).all()


def test_prospects_stand_first_and_are_told_apart():
    contact = pd.to_datetime(["2023-05-01", None, "2024-02-01"])
    prospects = pd.DataFrame({"first_contact": contact, "bought": [True, False, False]})
    prospects["next_value"] = [90.0, 0, 0]
    scheme = staged(prospects=prospects, **RETURNED)
    stages = page.stages(scheme).set_index("stage")
    assert stages.index.tolist()[:2] == ["hot lead", "prospect"]
    columns = ["customers", "bought", "next_value"]
    assert stages.loc["hot lead", columns].tolist() == [1, 1, 90]
    assert stages.loc["prospect", columns].tolist() == [2, 0, 0]
    assert "prospect 0%" in page.became_customers(scheme)
    assert "hot lead 100%" in page.became_customers(scheme)
    assert page.became_customers(staged(**RETURNED)) == ""


def test_points_hold_every_customer_once_and_never_cross_a_limit():
    scheme = staged(once={"lost": 50}, new=(10, 5), **RETURNED)
    points = page.return_by_lateness(scheme)
    assert points["customers"].sum() == len(scheme.customers)
    bought = (points["customers"] * points["bought"]).sum()
    assert bought == pytest.approx(scheme.customers["bought"].sum())
    limits = {"active": (0, 2), "at risk": (2, 4), "dormant": (4, 8), "lost": (8, 99)}
    by_stage = points[points["stage"] != "new"]
    low, high = np.array([limits[stage] for stage in by_stage["stage"]]).T
    assert by_stage["lateness"].between(low, high).all()
    assert points["group"].nunique() == 3


def test_the_answer_counts_who_slips_away():
    first = page.answer([staged(**RETURNED)])[0]
    assert first == (
        "**Of 400 customers, slipping away: at risk 100, dormant 100 and lost 100. They had spent "
        "€3,000, 75% of all.** Bought again: active 80%, at risk 40%, dormant 38% and lost 70%."
    )
    nobody = staged(active=(20, 5))
    assert "at risk 0, dormant 0 and lost 0. They had spent €0, 0%" in page.slipping(nobody)
    assert page.comes_back(nobody) == "Bought again: active 25%."
