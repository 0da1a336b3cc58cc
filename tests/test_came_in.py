"""Shares of what came in are of all of it, and losses are losses: on every page the same."""

import numpy as np
import pandas as pd
import pytest
import shop

from segment.pages import newcomers
from segment.pages._groups import group_means
from segment.pages._plan import LAPSED, tiers
from segment.pages._words import top_tier
from segment.run import Run, prepare
from segment.study import read
from segment.words import money, percent

CUT = "2023-09-01"
MARGIN = "amount: paid, margin: profit"


def prepared(folder, rows: pd.DataFrame, yaml: str = shop.YAML) -> Run:
    return prepare(read(shop.write(folder, rows, yaml)))


def brought(run: Run, rows: pd.DataFrame, column: str) -> pd.Series:
    """Return what each known customer brought after the cut, from the rows."""
    later = rows[rows["day"] >= CUT].groupby("customer")[column].sum()
    return later.reindex(run.customers.index, fill_value=0.0)


def test_newcomers_count_in_what_came_in(tmp_path):
    new = shop.rows(2000, seed=3).query("day >= @CUT")
    rows = pd.concat([shop.rows(), new.assign(customer="New-" + new["customer"])])
    run = prepared(tmp_path, rows)
    scheme = run.scheme("ABC 80/95")
    value = brought(run, rows, "paid").groupby(scheme.method.labels_.astype(str)).sum()
    whole = rows.loc[rows["day"] >= CUT, "paid"].sum()
    assert scheme.tiers["value_share"].tolist() == pytest.approx((value / whole).tolist())
    assert 0 < value["A"] / whole < 0.1
    assert f"brought {percent(value['A'] / whole)} of what came in" in top_tier(scheme)
    late = percent(1 - value.sum() / whole)
    assert f"brought {late} of what came in then" in " ".join(newcomers.answer(run, scheme))


@pytest.mark.parametrize("loss", [0.9, 2.0])
def test_losses_are_losses_and_without_a_sum_above_0_there_is_no_share(tmp_path, loss):
    rows = shop.rows()
    rng = np.random.default_rng(1)
    lost = (rows["day"] >= CUT) & (rng.random(len(rows)) < 0.5)
    rows["profit"] = (rows["paid"] * np.where(lost, -loss, 0.8)).round(2)
    run = prepared(tmp_path, rows, shop.YAML.replace("amount: paid", MARGIN))
    scheme = run.scheme("ABC 80/95")
    labels, net = scheme.method.labels_.astype(str), brought(run, rows, "profit")
    assert (net < 0).sum() > 10
    held = scheme.tiers
    assert held["next_value"].tolist() == pytest.approx(net.groupby(labels).mean().tolist())
    each = tiers(scheme)["mean"].drop(LAPSED, errors="ignore")
    assert each.tolist() == pytest.approx(net.groupby(labels).mean().tolist())
    # One group has one interval, wherever it is told.
    means = group_means(scheme, labels).table
    for column, name in (("next_value", "mean"), ("next_value_low", "low")):
        assert held[column].tolist() == pytest.approx(means[name].tolist())
    said = top_tier(scheme)
    whole = rows.loc[rows["day"] >= CUT, "profit"].sum()
    assert (whole > 0) == (loss < 1)
    if whole <= 0:
        assert held["value_share"].isna().all()
        assert money(held["next_value"][0], "EUR") in said
        assert "%" not in said.split("brought")[1]
    else:
        assert f"{percent(net[labels == 'A'].sum() / whole)} of the margin" in said
