"""Which customers reach which level, and how much hangs on where the limits lie?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segment.features.windows import YEAR
from segment.language import N_, _, _n, tier_name
from segment.pages._groups import contrasts
from segment.pages._words import best, by_sign, figure, gain, part_of_value, rank, sentences
from segment.scheme import Scheme, once
from segment.words import count, money, percent

REACH = 0.10  # how far the limits are moved, and what counts as near to one


@once
def moves(scheme: Scheme, reach: float = REACH) -> pd.DataFrame:
    """Return every customer's tier ``now``, and with all limits ``lower`` or ``higher``."""
    method = scheme.method
    tiers = {}
    for name, way in (("lower", -reach), ("now", 0), ("higher", reach)):
        limits = {tier: limit + way * abs(limit) for tier, limit in method.tiers.items()}
        moved = type(method)(**method.get_params() | {"tiers": limits})
        tiers[name] = moved.fit(scheme.features).labels_
    return pd.DataFrame(tiers)


@once
def near(scheme: Scheme, reach: float = REACH) -> pd.DataFrame:
    """Return who stands just below and just above each limit, and what they brought.

    ``below``: the present figure is below the limit by no more than ``reach`` of it, and the
    customer holds a lower tier; ``above``: at the limit, or above it by less than that. Columns
    as ``contrasts`` gives them.
    """
    method = scheme.method
    present, place = scheme.customers[method.by], method.labels_.cat.codes
    pairs = {}
    for i, (tier, limit) in enumerate(zip(method.tiers_, method.limits_, strict=False)):
        width = reach * abs(limit)
        pairs[tier] = {
            "below": present.between(limit - width, limit, inclusive="left") & (place > i),
            "above": present.between(limit, limit + width, inclusive="left"),
        }
    return contrasts(scheme, pairs)


@once
def grace(scheme: Scheme) -> pd.DataFrame:
    """Return, of each tier that somebody keeps by grace, who ``earned`` it and who ``kept`` it.

    Columns as ``contrasts`` gives them; no row where nobody keeps a tier.
    """
    tier, kept = scheme.method.labels_, scheme.method.labels_.index.isin(scheme.method.kept_.index)
    held = [name for name in scheme.method.tiers_ if (kept & (tier == name)).any()]
    pairs = {
        name: {"earned": (tier == name) & ~kept, "kept": (tier == name) & kept} for name in held
    }
    return contrasts(scheme, pairs) if pairs else pd.DataFrame()


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    paragraphs = [sentences(f"**{reached(best(schemes))}**", rank(schemes))]
    for scheme in schemes:
        name = _("*{label}.*", label=scheme.label) if len(schemes) > 1 else ""
        paragraphs.append(sentences(name, gain(scheme), moved(scheme), candidates(scheme)))
    return paragraphs


def reached(scheme: Scheme) -> str:
    """Say how many customers reach a level, and what they brought."""
    rest = scheme.method.rest
    above = scheme.tiers[scheme.tiers["tier"] != rest]
    customers = int(above["customers"].sum())
    if not customers:
        return _(
            "By {label}, no customer stands above {rest}: all limits are out of reach.",
            label=scheme.label,
            rest=tier_name(rest),
        )
    return _n(
        "By {label}, {customers}, {share} of all, stands above {rest}; they brought {part}.",
        "By {label}, {customers}, {share} of all, stand above {rest}; they brought {part}.",
        customers,
        label=scheme.label,
        customers=count(customers, "customer"),
        rest=tier_name(rest),
        share=percent(above["share"].sum()),
        part=part_of_value(scheme, above),
    )


def moved(scheme: Scheme) -> str:
    """Say how many customers change tier when every limit moves."""
    tiers = moves(scheme)
    fall, rise = (_customers(tiers[way] != tiers["now"]) for way in ("higher", "lower"))
    return _(
        "If every limit were {reach} higher, {fall} would lose a tier; if every limit were {reach} "
        "lower, {rise} would gain one.",
        reach=percent(REACH),
        fall=fall,
        rise=rise,
    )


def _customers(chosen: pd.Series) -> str:
    number = int(chosen.sum())
    if not number:
        return _("no one")
    return _(
        "{customers} ({share})",
        customers=count(number, "customer"),
        share=percent(chosen.mean(), 1),
    )


def candidates(scheme: Scheme) -> str:
    """Say how many customers stand just below and just above a limit."""
    below, above = near(scheme)[["below", "above"]].sum().astype(int)
    rise = _n(
        "{n} customer stands within {reach} below the limit of a better tier: for them a little "
        "more is worth asking for.",
        "{n} customers stand within {reach} below the limit of a better tier: for them a little "
        "more is worth asking for.",
        below,
        reach=percent(REACH),
    )
    fall = _n(
        "{n} stands within {reach} above a limit: they are the first to fall.",
        "{n} stand within {reach} above a limit: they are the first to fall.",
        above,
        reach=percent(REACH),
    )
    return sentences(rise, fall)


def title(scheme: Scheme) -> str:
    """Say how many customers reach the lowest limit by their present figure."""
    by, lowest = scheme.method.by, scheme.method.limits_[-1]
    return _(
        "{share} of the customers reach the lowest limit, {limit}",
        share=percent((scheme.customers[by] >= lowest).mean()),
        limit=figure(scheme, by, lowest),
    )


def undrawn(scheme: Scheme) -> str:
    """Say how many customers have no place on a log scale."""
    nothing = int((~(scheme.customers[scheme.method.by] > 0)).sum())
    if not nothing:
        return _("Log scale")
    return _("Log scale; not drawn: {customers} with none", customers=count(nothing, "customer"))


def kept(scheme: Scheme) -> str:
    """Say how many customers keep a tier by grace, and how they compare with the others."""
    method = scheme.method
    if not method.grace:
        return _(
            "{label} has no grace rule: whoever falls below a limit loses the tier at the next "
            "run. `grace: 3` would let them keep it for three months.",
            label=scheme.label,
        )
    figures = {"label": scheme.label, "months": count(method.grace, "month")}
    number = len(method.kept_)
    if not number:
        if method.by == "monetary_year" and scheme.windows.calibration_days <= YEAR.days:
            return _(
                "{label} lets customers keep a tier for {months}; nobody needs that yet: no "
                "purchase is old enough to leave the year.",
                **figures,
            )
        return _(
            "{label} lets customers keep a tier for {months}; nobody needs that yet.", **figures
        )
    start = _n(
        "{label} lets customers keep a tier for {months}: {n} customer ({share}) holds a tier that "
        "the present figure does not reach.",
        "{label} lets customers keep a tier for {months}: {n} customers ({share}) hold a tier that "
        "the present figure does not reach.",
        number,
        share=percent(number / len(scheme.customers), 1),
        **figures,
    )
    enough = grace(scheme).dropna(subset="value_difference")
    if enough.empty:
        return sentences(start, _("They are too few to compare with those who earned it."))
    return sentences(start, *(_compared(scheme, row) for __, row in enough.iterrows()))


def _compared(scheme: Scheme, row: pd.Series) -> str:
    figures = {
        "tier": tier_name(row["tier"]),
        "kept": money(row["kept_value"], scheme.study.currency),
        "earned": money(row["earned_value"], scheme.study.currency),
    }
    text = by_sign(
        row["value_difference_low"],
        row["value_difference_high"],
        N_(
            "Those kept in *{tier}* later brought {kept} each, more than the {earned} of those "
            "who earned it."
        ),
        N_(
            "Those kept in *{tier}* later brought {kept} each, less than the {earned} of those "
            "who earned it."
        ),
        N_(
            "Those kept in *{tier}* later brought {kept} each, which cannot be told apart from "
            "the {earned} of those who earned it."
        ),
    )
    return _(text, **figures)
