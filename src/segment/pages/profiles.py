"""Who are the customers of each tier, beyond what they spend?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from segment.evidence import profiles
from segment.features.names import column_name
from segment.language import _
from segment.run import Run
from segment.run.scheme import Scheme
from segment.theme import GREY, SHADES
from segment.words import capital, listed, percent

MOST_NAMED = 4  # in a sentence


def traits(study: Run) -> pd.DataFrame:
    """Return the attributes of the customers under the names a reader knows."""
    return study.traits.rename(columns=lambda name: column_name(name).replace("_", " "))


def strengths(scheme: Scheme, traits: pd.DataFrame) -> pd.DataFrame:
    """Return how strongly each attribute differs: ``segment.evidence.profiles.strengths``."""
    return profiles.strengths(scheme.method.labels_, traits)


def profile(scheme: Scheme, traits: pd.DataFrame) -> pd.DataFrame:
    """Return what the customers of each tier are like: ``segment.evidence.profiles.profile``."""
    return profiles.profile(scheme.method.labels_, traits)


def differing(strengths: pd.DataFrame) -> pd.DataFrame:
    """Return the attributes that surely differ, and by more than counts as none."""
    return strengths[(strengths["low"] > 0) & (strengths["words"] != "none")]


def apart(scheme: Scheme, strengths: pd.DataFrame, profile: pd.DataFrame) -> pd.DataFrame:
    """Return ``tier``, ``customers`` and what sets them ``apart``, in words."""
    table = scheme.held[["tier", "customers"]]
    told = [profiles.telling(strengths, profile, tier, MOST_NAMED) for tier in table["tier"]]
    words = [_("; ").join(map(_difference, rows.to_dict("records"))) for rows in told]
    return table.assign(apart=[text or _("nothing beyond chance") for text in words])


def draw(profile: pd.DataFrame, attribute: str, ax: Axes | None = None, **kwargs: Any) -> Axes:
    """Draw one attribute over the tiers, best on top: shares of a category, or medians."""
    rows = profile[profile["attribute"] == attribute].astype({"tier": str})
    if ax is None:
        ax = plt.subplots(figsize=(6.4, 1.2 + 0.36 * rows["tier"].nunique()))[1]
    if rows["kind"].iloc[0] == "category":
        by_level = rows.set_index(["level", "tier"])
        shares = by_level["value"].unstack(sort=False).T
        shares.loc[_("all customers")] = by_level["overall"].groupby("level").first()
        style = {"annot": True, "fmt": ".0%", "cmap": SHADES, "vmin": 0, "cbar": False}
        sns.heatmap(shares, ax=ax, **style | kwargs)
        ax.grid(visible=False)
        ax.tick_params(axis="y", rotation=0)
    else:
        values, overall = rows["value"], rows["overall"].iloc[0]
        if rows["kind"].iloc[0] == "date":
            values, overall = pd.to_datetime(values, unit="D"), pd.Timestamp(overall, unit="D")
        ax.plot(values, rows["tier"], "o", **kwargs)
        ax.axvline(overall, color=GREY, linestyle="--", linewidth=1)
        ax.invert_yaxis()
    ax.set(xlabel=capital(attribute), ylabel="")
    return ax


def answer(scheme: Scheme, strengths: pd.DataFrame) -> list[str]:
    """Say in what the tiers differ beside what the scheme sorts by."""
    different = differing(strengths)
    if different.empty:
        text = _("**Apart from spending, the tiers of {label} do not differ.**", label=scheme.label)
    else:
        text = _(
            "**The tiers of {label} differ most in {attributes}.** A difference describes "
            "customers; it does not say that it made them valuable.",
            label=scheme.label,
            attributes=listed(list(different["attribute"].iloc[:MOST_NAMED])),
        )
    return [text, _more(scheme)]


def _more(scheme: Scheme) -> str:
    """Say how to see more than what the transactions alone give."""
    if scheme.study.customers is not None:
        return ""
    return _(
        "A customers table with region, industry, size or satisfaction would say more (section "
        "'customers' in the study)."
    )


def title(strengths: pd.DataFrame) -> str:
    """Say how many attributes surely differ."""
    return _(
        "Attributes that differ between the tiers: {clear} of {number}",
        clear=len(differing(strengths)),
        number=len(strengths.dropna(subset="effect")),
    )


def tier_title(attribute: str) -> str:
    """Say what is drawn."""
    return _("{attribute} by tier", attribute=capital(attribute))


def _difference(row: Mapping[str, Any]) -> str:
    """Say one thing that sets a tier apart, by its row of the profile."""
    share = row["kind"] in ("category", "flag")
    write = percent if share else _day if row["kind"] == "date" else "{:,.4g}".format
    return _(
        "{what}: {value} (all: {overall})",
        what=f"{row['attribute']} {row['level']}"
        if row["kind"] == "category"
        else row["attribute"],
        value=write(row["value"]),
        overall=write(row["overall"]),
    )


def _day(days: float) -> str:
    return str(pd.Timestamp(days, unit="D").date())
