"""The sentences of the page of fixed thresholds."""

from __future__ import annotations

import pandas as pd

from segment.evidence.profiles import FEWEST
from segment.features.customers import YEAR
from segment.language import _, _n, tier_name
from segment.pages.narrate.common import holdout_span, rank, skill
from segment.pages.views import thresholds as views
from segment.pages.views.thresholds import REACH, is_money
from segment.run import Run
from segment.words import count, money, percent


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the notebook of fixed thresholds."""
    found = [f"**{_reached(a, labels[0])}** {rank(a, labels)}"]
    for label in labels:
        name = [_("*{label}.*", label=label)] if len(labels) > 1 else []
        parts = [*name, skill(a, label), sensitivity(a, label), candidates(a, label)]
        found.append(" ".join(parts))
    return found


def _reached(a: Run, label: str) -> str:
    tiers, method = a.tier_table(label), a.methods[label]
    above, rest = tiers[tiers["tier"] != method.rest], tier_name(method.rest)
    customers = int(above["customers"].sum())
    if not customers:
        return _("By {label}, no customer stands above {rest}: all limits are out of reach.",
                 label=label, rest=rest)  # fmt: skip
    return _n(
        "By {label}, {customers}, {share} of all, stands above {rest}; they brought {value} of "
        "what came in during the next {span}.",
        "By {label}, {customers}, {share} of all, stand above {rest}; they brought {value} of "
        "what came in during the next {span}.",
        customers, label=label, customers=count(customers, "customer"), rest=rest,
        share=percent(above["share"].sum()), value=percent(above["value_share"].sum()),
        span=holdout_span(a),
    )  # fmt: skip


def sensitivity(a: Run, label: str) -> str:
    """Say how many customers change tier when every limit moves."""
    moves = views.moves(a, label)
    fall, rise = ((moves[way] != moves["now"]) for way in ("higher", "lower"))
    return _(
        "If every limit were {reach} higher, {fall} would lose a tier; if every limit were {reach} "
        "lower, {rise} would gain one.",
        reach=percent(REACH), fall=_customers(fall), rise=_customers(rise),
    )  # fmt: skip


def _customers(chosen: pd.Series) -> str:
    number = int(chosen.sum())
    if not number:
        return _("no one")
    return _("{customers} ({share})", customers=count(number, "customer"),
             share=percent(number / len(chosen), 1))  # fmt: skip


def candidates(a: Run, label: str) -> str:
    """Say how many customers stand just below and just above a limit."""
    near, reach = views.near(a, label), percent(REACH)
    below, above = int(near["below"].sum()), int(near["above"].sum())
    rise = _n(
        "{n} customer stands within {reach} below the limit of a better tier: for them a little "
        "more is worth asking for.",
        "{n} customers stand within {reach} below the limit of a better tier: for them a little "
        "more is worth asking for.",
        below, reach=reach,
    )  # fmt: skip
    fall = _n(
        "{n} stands within {reach} above a limit: they are the first to fall.",
        "{n} stand within {reach} above a limit: they are the first to fall.",
        above, reach=reach,
    )  # fmt: skip
    return f"{rise} {fall}"


def title(a: Run, label: str) -> str:
    """Say how many customers reach the lowest limit by their present figure."""
    method = a.methods[label]
    figure = a.customers[method.by]
    limit = method.limits_[-1]
    amount = money(limit, a.study.currency) if is_money(method.by) else f"{limit:,.6g}"
    return _("{label}: {share} of the customers reach the lowest limit, {limit}", label=label,
             share=percent((figure >= limit).mean()), limit=amount)  # fmt: skip


def grace(a: Run, label: str) -> str:
    """Say how many customers keep a tier by grace, and how they compare with the others."""
    method = a.methods[label]
    if not method.grace:
        return _(
            "{label} has no grace rule: whoever falls below a limit loses the tier at the next "
            "run. `grace: 3` would let them keep it for three months.",
            label=label,
        )
    months, held = count(method.grace, "month"), views.grace(a, label)
    if held.empty:
        if method.by == "monetary_year" and a.windows.cut - a.windows.start <= YEAR:
            return _("{label} lets customers keep a tier for {months}; nobody needs that yet: no "
                     "purchase is old enough to leave the year.",
                     label=label, months=months)  # fmt: skip
        return _("{label} lets customers keep a tier for {months}; nobody needs that yet.",
                 label=label, months=months)  # fmt: skip
    number = len(method.kept_)
    start = _n(
        "{label} lets customers keep a tier for {months}: {n} customer ({share}) holds a tier that "
        "the present figure does not reach.",
        "{label} lets customers keep a tier for {months}: {n} customers ({share}) hold a tier that "
        "the present figure does not reach.",
        number, label=label, months=months, share=percent(number / len(a.customers), 1),
    )  # fmt: skip
    enough = held[(held["earned"] >= FEWEST) & (held["kept"] >= FEWEST)]
    if enough.empty:
        few = _("They are too few to compare with those who earned it.")
        return f"{start} {few}"
    return " ".join([start, *(_compared(a, tier, row) for tier, row in enough.iterrows())])


def _compared(a: Run, tier: str, row: pd.Series) -> str:
    kept, earned = (money(row[f"{how}_value"], a.study.currency) for how in ("kept", "earned"))
    said = {"tier": tier_name(tier), "kept": kept, "earned": earned}
    if row["difference_high"] < 0:
        return _("Those kept in *{tier}* later brought {kept} each, less than the {earned} of "
                 "those who earned it.", **said)  # fmt: skip
    if row["difference_low"] > 0:
        return _("Those kept in *{tier}* later brought {kept} each, more than the {earned} of "
                 "those who earned it.", **said)  # fmt: skip
    return _("Those kept in *{tier}* later brought {kept} each, which cannot be told apart from "
             "the {earned} of those who earned it.", **said)  # fmt: skip
