"""What the stability page draws and tabulates: schemes and tiers, over time and resampled."""

from __future__ import annotations

import pandas as pd

from segment.evidence.stability import NO_PURCHASE
from segment.language import _, tier_name
from segment.run import Run


def schemes(a: Run) -> pd.DataFrame:
    """Return how sure the tiers of every scheme are when the customers are drawn anew.

    Returns
    -------
    DataFrame
        Indexed by scheme, the surest first: ``tiers`` (that hold customers), ``weakest``
        (lowest Jaccard), ``weakest_tier``, ``chance``, ``borderline``, ``share`` (of
        customers), ``borderline_value`` (currency), ``value_share``, ``refits``.
    """
    held = a.stability.tiers.dropna(subset="jaccard")
    by_label = held.groupby("label", sort=False)
    weakest = held.loc[by_label["jaccard"].idxmin()].set_index("label")["tier"]
    figures = a.stability.figures
    found = figures[["weakest", "chance", "borderline", "borderline_value", "refits"]].assign(
        tiers=by_label.size(),
        weakest_tier=weakest,
        share=figures["borderline"] / len(a.stability.keep),
        value_share=figures["borderline_value"] / a.customers["monetary_total"].sum(),
    )
    return found.sort_values(["chance", "weakest"], ascending=False, kind="stable")


def tiers(a: Run, label: str) -> pd.DataFrame:
    """Return how far each tier of a scheme lasts: resampled, and one period later.

    Returns
    -------
    DataFrame
        One row per tier, best first: ``tier``, ``customers``, ``jaccard``, ``chance``,
        ``borderline``, ``again`` and ``lost`` (shares of the earlier window's tier that
        are in it again in the later, or bought nothing; missing where it held nobody).
    """
    found = a.stability.tiers.query("label == @label").drop(columns="label")
    found = found.reset_index(drop=True)
    moves = a.migration(label)
    again = pd.Series({tier: moves.loc[tier, tier] for tier in moves.index}, dtype=float)
    lost = moves.iloc[:, -1]
    return found.assign(again=found["tier"].map(again), lost=found["tier"].map(lost))


def moves(a: Run, label: str) -> pd.DataFrame:
    """Return where each tier of the earlier window went, under the names that a reader sees."""
    found = a.migration(label)
    columns = [_(name) if name == NO_PURCHASE else tier_name(name) for name in found]
    return found.set_axis(map(tier_name, found.index), axis="index").set_axis(
        columns, axis="columns"
    )
