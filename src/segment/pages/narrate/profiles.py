"""The sentences of the profile page."""

from __future__ import annotations

import pandas as pd

from segment.evidence import profiles
from segment.language import _, tier_name
from segment.pages.narrate.common import sentences
from segment.run import Run
from segment.words import between, count, decimal, few, listed, percent


def answer(a: Run, label: str, strengths: pd.DataFrame) -> list[str]:
    """Say in what the tiers differ beside what the scheme sorts by."""
    ranked = strengths[strengths["effect"].notna()]
    clear = ranked[ranked["low"] > 0]
    if ranked.empty:
        nothing = _("**The data hold no attribute in which the tiers could be compared.**")
        return [nothing, _more(a)]
    if clear.empty:
        alike = _(
            "**The tiers of {label} do not differ in any of the {attributes} beyond chance.**",
            label=label,
            attributes=count(len(ranked), "attribute"),
        )
        return [alike, _more(a)]
    return [
        sentences(_strongest(label, clear), _scale(clear.iloc[0])),
        sentences(
            _silent(len(ranked) - len(clear), len(ranked)),
            _(
                "A difference describes the customers of a tier; it does not say that it made "
                "them valuable."
            ),
        ),
        _more(a),
    ]


def _strongest(label: str, clear: pd.DataFrame) -> str:
    """Say in which attributes the tiers differ most."""
    first, *others = clear["attribute"].iloc[:4]
    if not others:
        return _("**The tiers of {label} differ most in {first}.**", label=label, first=first)
    return _(
        "**The tiers of {label} differ most in {first}, then in {others}.**",
        label=label,
        first=first,
        others=listed(others),
    )


def _scale(first: pd.Series) -> str:
    """Say how large the strongest difference is."""
    return _(
        "On a scale from 0 (the tiers are alike) to 1 (the tier tells the value) {attribute} "
        "reaches {effect} (95 % interval {interval}), which counts as {words}.",
        attribute=first["attribute"],
        effect=decimal(first["effect"]),
        interval=between(first["low"], first["high"]),
        words=_(first["words"]),
    )


def _silent(rest: int, number: int) -> str:
    """Say in how many attributes a difference may be chance; empty if in none."""
    if not rest:
        return ""
    return _(
        "In {rest} of the {number} attributes a difference may be chance.",
        rest=few(rest),
        number=few(number),
    )


def _more(a: Run) -> str:
    """Say how to see more than what the transactions alone give."""
    if a.attributes is not None:
        return ""
    return _(
        "Only what the purchases themselves tell is compared here; a customers table with "
        "region, industry, size or satisfaction would say more (section 'customers' in the study)."
    )


def title(strengths: pd.DataFrame) -> str:
    """Say how many attributes surely differ."""
    ranked = strengths[strengths["effect"].notna()]
    clear = int((ranked["low"] > 0).sum())
    if len(ranked) == 1:
        name = ranked["attribute"].iloc[0]
        if not clear:
            return _("{attribute} may differ between the tiers by chance", attribute=_first(name))
        return _(
            "{attribute} differs between the tiers: strength {effect}",
            attribute=_first(name),
            effect=decimal(ranked["effect"].iloc[0]),
        )
    return _(
        "{clear} of {number} attributes differ between the tiers",
        clear=few(clear).capitalize(),
        number=few(len(ranked)),
    )


def _first(name: str) -> str:
    """Return a name as the first word of a sentence; what else is in it stays as written."""
    return name[:1].upper() + name[1:]


def tier_title(profile: pd.DataFrame, attribute: str) -> str:
    """Say between which tiers an attribute differs most."""
    rows = profile[(profile["attribute"] == attribute) & profile["shift"].notna()]
    if rows.empty:
        return _("{attribute} by tier", attribute=attribute.capitalize())
    row = rows.loc[rows["shift"].abs().idxmax()]
    tier = tier_name(row["tier"])
    if row["kind"] in ("category", "flag"):
        what = attribute if row["kind"] == "flag" else f"{attribute} {row['level']}"
        return _(
            "{what}: {share} of {tier}, {overall} of all",
            what=what.capitalize(),
            share=percent(row["value"]),
            tier=tier,
            overall=percent(row["overall"]),
        )
    return _("{attribute}: {tier} stands out most", attribute=attribute.capitalize(), tier=tier)


def apart(difference: profiles.Difference) -> str:
    """Say one thing that sets a tier apart."""
    d = difference
    if d.kind in ("category", "flag"):
        return _(
            "{share} {what} (all: {overall})",
            share=percent(d.value),
            what=d.attribute if d.kind == "flag" else f"{d.attribute} {d.level}",
            overall=percent(d.overall),
        )
    if d.kind == "date":
        days = (pd.Timestamp(0) + pd.Timedelta(days=x) for x in (d.value, d.overall))
        value, overall = (str(day.date()) for day in days)
    else:
        value, overall = f"{d.value:,.4g}", f"{d.overall:,.4g}"
    return _(
        "median {attribute} {value} (all: {overall})",
        attribute=d.attribute,
        value=value,
        overall=overall,
    )
