"""What the customers of each tier are like, beside all customers.

Small cells are hidden, with the partners that would give them away: Hundepool et al.
(2012), *Statistical disclosure control*.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.profiles.attributes import OTHER, Attribute, read
from segment.evidence.small_groups import FEWEST, hidden_cells

MEDIAN, SHARE = "median", "mean share"
# What is worth telling of a tier: at least so many standard errors, and so large a shift.
CLEAR, LEAST_SHIFT = 3.0, 0.05
# Missing where a cell is not shown.
HIDDEN = ["value", "difference", "shift", "error", "missing"]
COLUMNS = ["attribute", "kind", "level", "tier", "customers", "overall", *HIDDEN, "suppressed"]


def profile(tiers: pd.Series, attributes: pd.DataFrame) -> pd.DataFrame:
    """Return what the customers of each tier are like, beside all customers.

    One row per attribute, level and tier that holds a customer, in the order of the columns,
    levels (most frequent first, "other" last; an ordered categorical keeps its order) and tiers:

    - ``attribute``, ``kind`` ("category", "flag", "number", "date"), ``level`` (a
      value, "median", or for booleans "mean share"), ``tier``
    - ``value``: share of the tier's customers with a known value, or their median
      (dates: days since 1970-01-01)
    - ``customers``: with this value; for medians with any known value
    - ``overall``: the same figure of all customers; ``difference``: value - overall
    - ``shift``: for shares the difference; for medians the chance that a customer of
      the tier exceeds any customer, less the chance of the reverse. Both lie in
      [-1, 1] and are one measure: that of an indicator is its difference in shares.
    - ``error``: standard error of ``shift`` if the tier were drawn at random
    - ``missing``: share of the tier's customers without a known value
    - ``suppressed``: fewer than 5 customers, or so few could be worked out from the
      other cells and the totals; the figures are missing, because reports are shared

    Values of a category beyond the 12 most frequent, or with fewer than 10 customers, are merged
    into "other". Attributes that are constant, unknown, or have one value per customer are left
    out.
    """
    tiers = tiers.dropna().cat.remove_unused_categories()
    attributes = attributes.reindex(tiers.index)
    places, names = tiers.cat.codes.to_numpy().astype(np.intp), tiers.cat.categories
    parts = []
    for name in attributes:
        attribute = read(attributes[name])
        if not attribute.note:
            part = _shares if attribute.levels else _medians
            parts.append({"attribute": str(name), **part(attribute, places, len(names))})
    frame = pd.concat([pd.DataFrame(part) for part in parts]) if parts else pd.DataFrame()
    frame = frame.reindex(columns=COLUMNS).reset_index(drop=True)
    hidden = frame["suppressed"].astype(bool)
    frame[HIDDEN] = frame[HIDDEN].astype(float).mask(hidden)
    codes = frame["tier"].astype(np.intp) if len(frame) else []
    return frame.assign(
        tier=pd.Categorical.from_codes(codes, categories=names, ordered=True),
        customers=frame["customers"].astype("Int64").mask(hidden),
        suppressed=hidden,
    )


def telling(
    strengths: pd.DataFrame, profile: pd.DataFrame, tier: str, most: int = 3
) -> pd.DataFrame:
    """Return the rows of the few largest differences of one tier, at most one per attribute.

    Largest absolute ``shift`` first. Left out: what is not shown, "other", medians that are the
    same, shifts under 0.05 or under 3 standard errors, and attributes that could not be ranked.
    """
    ranked = strengths.loc[strengths["effect"].notna(), "attribute"]
    rank = {name: place for place, name in enumerate(ranked)}
    rows = profile[
        (profile["tier"] == tier)
        & profile["attribute"].isin(rank)
        & (profile["level"] != OTHER)
        & (profile["difference"].abs() > 0)
        & (profile["shift"].abs() >= np.maximum(LEAST_SHIFT, CLEAR * profile["error"]))
    ]
    size, place = -rows["shift"].abs().round(12), rows["attribute"].map(rank)
    # Levels of one attribute that tie keep the order of the profile: lexsort is stable.
    return rows.iloc[np.lexsort((place, size))].drop_duplicates("attribute").head(most)


def _shares(attribute: Attribute, places: np.ndarray, k: int) -> dict[str, object]:
    """Return the rows of a category: the share of each level in each of k tiers."""
    known, r = ~np.isnan(attribute.values), len(attribute.levels)
    cells = np.bincount(
        attribute.values[known].astype(np.intp) * k + places[known], minlength=r * k
    )
    cells = cells.reshape(r, k)
    sizes, everyone = cells.sum(axis=0), int(known.sum())
    overall = cells.sum(axis=1, keepdims=True) / everyone
    with np.errstate(invalid="ignore", divide="ignore"):
        share = cells / sizes
        error = np.sqrt(overall * (1 - overall) * (1 / sizes - 1 / everyone))
    figures = {
        "tier": np.arange(k),
        "value": share,
        "customers": cells,
        "overall": overall,
        "difference": share - overall,
        "shift": share - overall,
        "error": error,
        "missing": 1 - sizes / np.bincount(places, minlength=k),
        "suppressed": hidden_cells(cells, cells < FEWEST),
    }
    # The first level of a flag is "yes", and says all.
    levels = (SHARE,) if attribute.kind == "flag" else attribute.levels
    return {"kind": attribute.kind, "level": np.repeat(np.array(levels, dtype=object), k)} | {
        name: np.broadcast_to(figure, (r, k))[: len(levels)].ravel()
        for name, figure in figures.items()
    }


def _medians(attribute: Attribute, places: np.ndarray, k: int) -> dict[str, object]:
    """Return the rows of a number: its median in each of k tiers."""
    known = ~np.isnan(attribute.values)
    values, tiers, n = attribute.values[known], places[known], int(known.sum())
    sizes = np.bincount(tiers, minlength=k)
    # Twice the rank: whole numbers, which add up the same in any order of the rows.
    _, block, ties = np.unique(values, return_inverse=True, return_counts=True)
    rank = (2 * np.cumsum(ties) - ties)[block]
    variance = (1 - ((ties / n) ** 3).sum()) / 12
    median = pd.Series(values).groupby(tiers).median().reindex(range(k)).to_numpy()
    overall = float(np.median(values)) if n >= FEWEST else np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.bincount(tiers, weights=rank, minlength=k) / sizes / n - 1
        error = 2 * np.sqrt(variance * (1 / sizes - 1 / n))
    return {
        "kind": attribute.kind,
        "level": MEDIAN,
        "tier": np.arange(k),
        "value": median,
        "customers": sizes,
        "overall": overall,
        "difference": median - overall,
        "shift": shift,
        "error": error,
        "missing": 1 - sizes / np.bincount(places, minlength=k),
        "suppressed": sizes < FEWEST,
    }
