"""One row per attribute: how strongly it differs between tiers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.profiles import effects
from segment.evidence.profiles.attributes import Attribute, read
from segment.evidence.small_groups import FEWEST
from segment.words import count

LEVEL = 0.95
# With fewer, 95 % intervals covered as little as 88 % in simulation.
LEAST_CUSTOMERS, LEAST_PER_TIER = 30, 10
COLUMNS = ["attribute", "kind", "effect", "low", "high", "customers", "missing", "words", "note"]


def strengths(tiers: pd.Series, attributes: pd.DataFrame) -> pd.DataFrame:
    """Return how strongly each attribute differs between tiers, strongest first.

    Numbers, dates (in days), booleans and texts are told apart by type; infinite numbers and empty
    texts are missing, as customers are whom ``attributes`` lacks; those without a tier are left
    out. A code that is no quantity must be a text.

    Returns ``attribute``, ``kind`` ("number" or "category"), ``effect``, ``low``, ``high`` (0 to
    1), ``customers`` (with a known value, in tiers that are compared), ``missing`` (share of all
    customers), ``words`` ("none", "weak", "moderate", "strong") and ``note``. Attributes that
    cannot be ranked stand last, by name, with a missing effect and the reason as note. Limits hold
    the true effect in 95 % of all samples; close to 0, in up to half of the rest besides, because
    the upper limit never falls below that of an effect of 0. Sparse categories fall short: 93 % at
    300 customers, 91 % at 100.
    """
    tiers = tiers.dropna()
    attributes = attributes.reindex(tiers.index)
    places = tiers.cat.codes.to_numpy().astype(np.intp)
    rows = [{"attribute": str(a), **_strength(read(attributes[a]), places)} for a in attributes]
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"effect": float})
    order = np.lexsort((table["attribute"].astype(object), -table["effect"].round(12)))
    return table.iloc[order].reset_index(drop=True)


def _strength(attribute: Attribute, places: np.ndarray) -> dict[str, object]:
    """Return the figures of one attribute."""
    known = ~np.isnan(attribute.values)
    everyone = np.bincount(places)
    compared = np.bincount(places[known], minlength=len(everyone)) >= FEWEST
    held, tried = np.count_nonzero(everyone), np.count_nonzero(compared)
    used = known & compared[places]
    values, tiers = attribute.values[used], (np.cumsum(compared) - 1)[places[used]]
    kind = "number" if attribute.kind in ("number", "date") else "category"
    row = {
        "kind": kind,
        "customers": len(values),
        "missing": 1 - known.mean() if len(known) else np.nan,
        "words": "",
        "note": attribute.note,
    }
    if attribute.note:
        return row | {"customers": int(known.sum())}
    if held < 2:
        return row | {"note": "only one tier"}
    if tried < 2 or len(values) < max(LEAST_CUSTOMERS, LEAST_PER_TIER * tried):
        return row | {"note": "too few customers with a known value"}
    if values.min() == values.max():
        return row | {"note": "constant in the tiers that are compared"}
    measure = effects.ranks if kind == "number" else effects.table
    square, spread, freedom = measure(values, tiers)
    effect, low, high = effects.limits(square, spread, freedom, len(values), LEVEL)
    notes = []
    if low == 0 and effect >= effects.WORDS["weak"]:
        notes.append("may be chance")
    if held > tried:
        few = count(held - tried, "tier")
        text = f"{few} of fewer than {FEWEST} known customers left out"
        notes.append(text)
    word = [word for word, least in effects.WORDS.items() if effect >= least][-1]
    figures = {"effect": effect, "low": low, "high": high}
    return row | figures | {"words": word, "note": "; ".join(notes)}
