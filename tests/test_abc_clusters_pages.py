"""What the ABC and cluster pages say and draw, on a few customers checked by hand."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.text import Text

from segment.pages import narrate, plots, views
from segment.tiering import ABC, Clusters

CUSTOMERS = pd.DataFrame(
    {"monetary_total": [50.0, 30, 15, 5, -4], "margin_total": [-8.0, 9, 3, -1, -4]},
    index=list("abcde"),
)


def page(method, customers: pd.DataFrame = CUSTOMERS, value=(10.0, 30, 0, 0, 0)) -> SimpleNamespace:
    """An analysis with one fitted scheme."""
    return SimpleNamespace(
        customers=customers,
        outcome=pd.DataFrame({"value": value}, index=customers.index),
        methods={"Scheme": method.fit(customers)},
        study=SimpleNamespace(currency="EUR"),
    )


def test_the_curve_after_the_cut_keeps_the_order_of_the_past():
    curves = views.abc.curves(page(ABC()), "Scheme")
    assert list(curves) == ["amount before the cut", "margin after the cut"]
    after = curves["margin after the cut"]
    assert after["customers"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert after["contribution"].tolist() == pytest.approx([0, 0.25, 1, 1, 1, 1])


def test_by_margin_the_words_are_of_margin():
    a = page(ABC(by="margin_total"))
    assert views.abc.measure(a, "Scheme") == "margin"
    # By margin: 9, 3, -1, -4, -8, and 30, 0, 0, 0, 10 afterwards.
    after = views.abc.curves(a, "Scheme")["margin after the cut"]["contribution"]
    assert after.tolist() == pytest.approx([0, 0.75, 0.75, 0.75, 0.75, 1])
    assert views.abc.loss_makers(a, "Scheme") is None
    assert narrate.abc.negatives(a, ["Scheme"]) == [
        "3 customers cost more than they brought, by €13 in all; they add nothing to the curve "
        "and are in class C."
    ]


def test_a_large_customer_who_loses_money_is_pointed_out():
    a = page(ABC())  # 50 and 30 of 100 are A; a loses 8
    assert views.abc.loss_makers(a, "Scheme").index.tolist() == ["a"]
    assert narrate.abc.loss_makers(a, "Scheme") == (
        "**Look before you reward them:** of the 2 customers in class A of Scheme, one has a "
        "negative margin. Together they bought for €50, at a loss of €8."
    )
    assert narrate.abc.negatives(a, ["Scheme"])[0].startswith("1 customer sent back more")


def test_without_margin_nothing_is_said_of_losses():
    a = page(ABC(), CUSTOMERS[["monetary_total"]])
    assert narrate.abc.loss_makers(a, "Scheme") == ""
    assert list(views.abc.curves(a, "Scheme"))[1] == "amount after the cut"


def test_a_class_without_customers_has_no_point():
    a = page(ABC(limits=[0.2, 0.3, 0.6, 0.9]))
    assert list(views.abc.points(a, "Scheme")) == ["A", "C", "D"]


@pytest.mark.parametrize("close", [0.01, 0.03, 0.1])
def test_labels_of_classes_that_end_close_by_do_not_overlap(close):
    points = {tier: (0.2 + i * close, 0.9 + i * close / 5) for i, tier in enumerate("ABCDE")}
    curve = pd.DataFrame({"customers": [0, 0.2, 1], "contribution": [0, 0.9, 1]})
    ax = plots.abc_curve({"amount": curve}, points, "amount", "t")
    ax.figure.canvas.draw()
    boxes = [Text.get_window_extent(text) for text in ax.texts]  # without the line to the point
    plt.close(ax.figure)
    assert len(boxes) == 5
    assert not [1 for i, one in enumerate(boxes) for two in boxes[:i] if one.overlaps(two)]


@pytest.mark.parametrize(
    ("overlap", "words"),
    [(1.0, "highly stable"), (0.85, "highly stable"), (0.84, "stable"), (0.75, "stable"),
     (0.74, "a pattern, its edges unsure"), (0.6, "a pattern, its edges unsure"),
     (0.59, "do not trust it"), (0.0, "do not trust it"),
     (float("nan"), "too few customers to tell")],
)  # fmt: skip
def test_an_overlap_has_its_word(overlap, words):
    assert narrate.clusters.trust(overlap) == words


def mixed() -> SimpleNamespace:
    region = ["n"] * 20 + ["s"] * 15 + [None] * 5
    paid = [100.0] * 20 + [10.0] * 20
    customers = pd.DataFrame({"monetary_total": paid, "region": pd.Series(region, dtype=object)})
    method = Clusters(k=2, features=["monetary_total"], categories=["region"])
    return page(method, customers, value=1.0)


def test_shares_of_categories_add_up_in_every_cluster():
    shares = views.clusters.shares(mixed(), "Scheme", "region")
    assert shares.columns.tolist() == ["n", "s", "missing"]
    assert shares.loc["Cluster 1"].tolist() == [1, 0, 0]
    assert shares.loc["Cluster 2"].tolist() == [0, 0.75, 0.25]
    title = narrate.clusters.shares_title(shares, "region")
    assert title == "Cluster 1 stands out by region n: 100% have it"


def test_the_profile_has_sizes_and_stability_first():
    profile = views.clusters.profile(mixed(), "Scheme")
    assert profile.columns.tolist() == [
        "customers", "share", "stability", "monetary_total", "region"
    ]  # fmt: skip
    assert profile["share"].tolist() == [0.5, 0.5]
    assert (profile["stability"] > 0.95).all()
    assert profile["region"].tolist() == ["n (100%)", "s (75%)"]
    assert views.clusters.centres(mixed(), "Scheme").to_numpy().ravel() == pytest.approx([1, -1])
