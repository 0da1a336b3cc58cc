"""Whom a credit brake holds back, and what they brought against others of their tier."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.bootstrap import weights
from segment.evidence.intervals import interval
from segment.evidence.profiles import FEWEST
from segment.features.customers import FEATURES
from segment.language import _
from segment.run import Run


def moves(a: Run, label: str) -> pd.DataFrame:
    """Return how many customers go from which tier (rows) to which (columns)."""
    method = a.methods[label]
    counts = pd.crosstab(
        method.braked_["before"].astype(object), method.braked_["after"].astype(object)
    )
    order = [tier for tier in method.tiers_ if tier in {*counts.index, *counts.columns}]
    return counts.reindex(index=[tier for tier in order if tier in counts.index],
                          columns=[tier for tier in order if tier in counts.columns])  # fmt: skip


def parts(a: Run, label: str) -> pd.DataFrame:
    """Return one row per part of the brake.

    Returns
    -------
    DataFrame
        ``who`` in words, best tier allowed (``cap``), ``customers`` it concerns,
        ``held`` (those whose tier it lowers), and, where the brake reads numbers, their
        ``median``, of money also the ``total``; missing for fewer than five.
    """
    method = a.methods[label]
    part = pd.Series(method.concerned(a.customers), index=a.customers.index)
    held = part.reindex(method.braked_.index)
    rows = []
    for i, brake in enumerate(method.parts_):
        row = {"who": brake.words, "cap": method.tiers_[brake.place],
               "customers": int((part == i).sum()), "held": int((held == i).sum())}  # fmt: skip
        if method.grades is None:
            owed = a.customers.loc[held.index[held == i], method.indicator].astype(float).dropna()
            # Of fewer than five, a figure would be that of a customer.
            few = len(owed) < FEWEST
            row |= {"median": np.nan if few else owed.median()}
            if reads_money(a, label):
                row["total"] = np.nan if few else owed.sum()
        rows.append(row)
    return pd.DataFrame(rows)


def reads_money(a: Run, label: str) -> bool:
    """Return whether the brake reads an amount."""
    name = a.methods[label].indicator
    return name == "arrears" or FEATURES.get(name, ("", ""))[1] == "currency"


def against(a: Run, label: str) -> pd.DataFrame:
    """Return what those held back brought against the others of the same tier.

    Returns
    -------
    DataFrame
        One row per tier before the brake in which at least five customers were held
        back and five were not, and a last row "all", named as it is shown: ``held`` and ``others``
        (customers), ``held_mean`` and ``others_mean`` (holdout value each) and their
        ``difference``, each with ``_low`` and ``_high``. In the last row the others
        count by tier as those held back do. Without such a tier, no row.
    """
    before = a.methods[label].of_.labels_
    held = before.index.isin(a.methods[label].braked_.index)
    sizes = pd.crosstab(before.astype(object), held).reindex(columns=[False, True], fill_value=0)
    tiers = [t for t in before.cat.categories if t in sizes.index and sizes.loc[t].min() >= FEWEST]
    if not tiers:
        return pd.DataFrame()
    seen = before.isin(tiers).to_numpy()
    value, place = a.outcome["value"].to_numpy()[seen], before[seen].astype(object).map(tiers.index)
    groups = np.eye(2 * len(tiers))[2 * place.to_numpy() + held[seen]]
    groups = np.hstack([groups, groups * value[:, None]])
    settings = a.study.backtest
    resampled = np.concatenate(
        [w @ groups for w in weights(len(value), settings.replicates, settings.seed)]
    )
    exact, draws = _means(groups.sum(axis=0)[None]), _means(resampled)
    rows = []
    every = [*((tier, [tier]) for tier in tiers), (_("all"), tiers)]
    for i, (tier, inside) in enumerate(every):
        row = {"tier": tier} | {
            name: int(sizes.loc[inside, flag].sum())
            for name, flag in (("others", False), ("held", True))
        }
        for name in exact:
            row[name] = float(exact[name][0, i])
            row[f"{name}_low"], row[f"{name}_high"] = interval(draws[name][:, i])
        rows.append(row)
    return pd.DataFrame(rows)


def _means(totals: np.ndarray) -> dict[str, np.ndarray]:
    """Return means by tier, and in the last column over those held back.

    Parameters
    ----------
    totals : array of shape (resamples, 4 * tiers)
        Customers, then values; for each tier of the others and of those held back.
    """
    counts, values = (half.reshape(len(totals), -1, 2) for half in np.split(totals, 2, axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = values / counts
        share = counts[:, :, 1] / counts[:, :, 1].sum(axis=1, keepdims=True)
    overall = (np.nan_to_num(means) * share[:, :, None]).sum(axis=1, keepdims=True)
    both = np.concatenate([means, overall], axis=1)
    others, held = both[:, :, 0], both[:, :, 1]
    return {"others_mean": others, "held_mean": held, "difference": held - others}
