"""The sentences of the profile page."""

from __future__ import annotations

import pandas as pd

from segment import profiles
from segment.analysis import Analysis
from segment.words import between, count, decimal, few, listed, percent


def answer(a: Analysis, label: str, strengths: pd.DataFrame) -> list[str]:
    """Say in what the tiers differ beside what the scheme sorts by."""
    ranked = strengths[strengths["effect"].notna()]
    clear = ranked[ranked["low"] > 0]
    if ranked.empty:
        return ["**The data hold no attribute in which the tiers could be compared.**", _more(a)]
    if clear.empty:
        return [
            f"**The tiers of {label} do not differ in any of the "
            f"{count(len(ranked), 'attribute')} beyond chance.**",
            _more(a),
        ]
    first = clear.iloc[0]
    others = clear["attribute"].iloc[1:4].tolist()
    then = f", then in {listed(others)}" if others else ""
    rest = len(ranked) - len(clear)
    silent = (
        f"In {few(rest)} of the {few(len(ranked))} attributes a difference may be chance. "
        if rest else ""
    )  # fmt: skip
    return [
        f"**The tiers of {label} differ most in {first['attribute']}{then}.** On a scale from 0 "
        f"(the tiers are alike) to 1 (the tier tells the value) {first['attribute']} reaches "
        f"{decimal(first['effect'])} (95 % interval {between(first['low'], first['high'])}), which "
        f"counts as {first['words']}.",
        f"{silent}A difference describes the customers of a tier; it does not say that it made "
        "them valuable.",
        _more(a),
    ]


def _more(a: Analysis) -> str:
    """Say how to see more than what the transactions alone give."""
    if a.attributes is not None:
        return ""
    return (
        "Only what the purchases themselves tell is compared here; a customers table with "
        "region, industry, size or satisfaction would say more (section 'customers' in the study)."
    )


def title(strengths: pd.DataFrame) -> str:
    """Say how many attributes surely differ."""
    ranked = strengths[strengths["effect"].notna()]
    clear = int((ranked["low"] > 0).sum())
    return f"{few(clear).capitalize()} of {few(len(ranked))} attributes differ between the tiers"


def tier_title(profile: pd.DataFrame, attribute: str) -> str:
    """Say between which tiers an attribute differs most."""
    rows = profile[(profile["attribute"] == attribute) & profile["shift"].notna()]
    if rows.empty:
        return f"{attribute.capitalize()} by tier"
    row = rows.loc[rows["shift"].abs().idxmax()]
    if row["kind"] in ("category", "flag"):
        what = attribute if row["kind"] == "flag" else f"{attribute} {row['level']}"
        return (
            f"{what.capitalize()}: {percent(row['value'])} of {row['tier']}, "
            f"{percent(row['overall'])} of all"
        )
    return f"{attribute.capitalize()}: {row['tier']} stands out most"


def apart(difference: profiles.Difference) -> str:
    """Say one thing that sets a tier apart."""
    d = difference
    if d.kind == "category":
        return f"{percent(d.value)} {d.attribute} {d.level} (all: {percent(d.overall)})"
    if d.kind == "flag":
        return f"{percent(d.value)} {d.attribute} (all: {percent(d.overall)})"
    if d.kind == "date":
        value, overall = (pd.Timestamp(0) + pd.Timedelta(days=x) for x in (d.value, d.overall))
        return f"median {d.attribute} {value.date()} (all: {overall.date()})"
    return f"median {d.attribute} {d.value:,.4g} (all: {d.overall:,.4g})"
