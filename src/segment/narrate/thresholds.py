"""The sentences of the page of fixed thresholds."""

from __future__ import annotations

import pandas as pd

from segment.analysis import Analysis
from segment.features import YEAR
from segment.narrate.common import FEWEST, holdout_span, rank, skill
from segment.views import thresholds as views
from segment.views.thresholds import REACH, is_money
from segment.words import count, money, percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the notebook of fixed thresholds."""
    found = [f"**{_reached(a, labels[0])}** {rank(a, labels)}"]
    for label in labels:
        name = [f"*{label}.*"] if len(labels) > 1 else []
        parts = [*name, skill(a, label), sensitivity(a, label), candidates(a, label)]
        found.append(" ".join(parts))
    return found


def _reached(a: Analysis, label: str) -> str:
    tiers, method = a.tier_table(label), a.methods[label]
    above = tiers[tiers["tier"] != method.rest]
    customers = int(above["customers"].sum())
    if not customers:
        return f"By {label}, no customer stands above {method.rest}: all limits are out of reach."
    return (
        f"By {label}, {count(customers, 'customer')}, {percent(above['share'].sum())} of all, "
        f"{'stands' if customers == 1 else 'stand'} above {method.rest}; they brought "
        f"{percent(above['value_share'].sum())} of what came in during the next {holdout_span(a)}."
    )


def sensitivity(a: Analysis, label: str) -> str:
    """Say how many customers change tier when every limit moves."""
    moves = views.moves(a, label)
    fall, rise = ((moves[way] != moves["now"]) for way in ("higher", "lower"))
    return (
        f"If every limit were {percent(REACH)} higher, {_customers(fall)} would lose a tier; "
        f"if every limit were {percent(REACH)} lower, {_customers(rise)} would gain one."
    )


def _customers(chosen: pd.Series) -> str:
    number = int(chosen.sum())
    return (
        f"{count(number, 'customer')} ({percent(number / len(chosen), 1)})" if number else "no one"
    )


def candidates(a: Analysis, label: str) -> str:
    """Say how many customers stand just below and just above a limit."""
    near = views.near(a, label)
    below, above = int(near["below"].sum()), int(near["above"].sum())
    return (
        f"{count(below, 'customer')} {'stands' if below == 1 else 'stand'} within "
        f"{percent(REACH)} below the limit of a better tier: for them a little more is worth "
        f"asking for. {above:,} {'stands' if above == 1 else 'stand'} within {percent(REACH)} "
        "above a limit: they are the first to fall."
    )


def title(a: Analysis, label: str) -> str:
    """Say how many customers reach the lowest limit by their present figure."""
    method = a.methods[label]
    figure = a.customers[method.by]
    reached = (figure >= method.limits_[-1]).mean()
    limit = method.limits_[-1]
    amount = money(limit, a.study.currency) if is_money(method.by) else f"{limit:,.6g}"
    return f"{label}: {percent(reached)} of the customers reach the lowest limit, {amount}"


def grace(a: Analysis, label: str) -> str:
    """Say how many customers keep a tier by grace, and how they compare with the others."""
    method = a.methods[label]
    if not method.grace:
        return (
            f"{label} has no grace rule: whoever falls below a limit loses the tier at the next "
            "run. `grace: 3` would let them keep it for three months."
        )
    months, held = count(method.grace, "month"), views.grace(a, label)
    if held.empty:
        young = method.by == "monetary_year" and a.periods.cut - a.periods.start <= YEAR
        why = ": no purchase is old enough to leave the year" if young else ""
        return f"{label} lets customers keep a tier for {months}; nobody needs that yet{why}."
    number = len(method.kept_)
    start = (
        f"{label} lets customers keep a tier for {months}: {count(number, 'customer')} "
        f"({percent(number / len(a.customers), 1)}) {'holds' if number == 1 else 'hold'} a tier "
        "that the present figure does not reach."
    )
    enough = held[(held["earned"] >= FEWEST) & (held["kept"] >= FEWEST)]
    if enough.empty:
        return f"{start} They are too few to compare with those who earned it."
    return " ".join([start, *(_compared(a, tier, row) for tier, row in enough.iterrows())])


def _compared(a: Analysis, tier: str, row: pd.Series) -> str:
    kept, earned = (money(row[f"{how}_value"], a.study.currency) for how in ("kept", "earned"))
    if row["difference_high"] < 0:
        verdict = "less than"
    elif row["difference_low"] > 0:
        verdict = "more than"
    else:
        verdict = "which cannot be told apart from"
    return (
        f"Those kept in *{tier}* later brought {kept} each, {verdict} the {earned} of those who "
        "earned it."
    )
