"""The sentences of the credit brake page."""

from __future__ import annotations

from functools import partial

import pandas as pd

from segment import views
from segment.analysis import Analysis
from segment.features import NAMES
from segment.narrate.common import FEWEST, holdout_span
from segment.views.credit_brake import reads_money
from segment.words import count, listed, money, percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the credit brake notebook for its first scheme."""
    label = labels[0]
    if a.methods[label].braked_.empty:
        return [f"{held(a, label)} {parts(a, label)}".strip(), caution(a, label)]
    return [held(a, label), f"{parts(a, label)} {right(a, label)}".strip(), caution(a, label)]


def held(a: Analysis, label: str) -> str:
    """Say how many customers are held back, and from which tier to which."""
    method = a.methods[label]
    moved = method.braked_
    if moved.empty:
        return f"**{label} holds nobody back:** its tiers are those of the scheme without a brake."
    best = method.tiers_[0]
    first = int((moved["before"] == best).sum())
    of_best = int((method.of_.labels_ == best).sum())
    each = moved.astype(str).value_counts().head(2)
    ways = [f"from {before} to {after} ({number:,})" for (before, after), number in each.items()]
    most = "most of them " if len(moved) > each.sum() else ""
    top = (
        f" Of the {count(of_best, 'customer')} that the scheme itself would put in {best}, the "
        f"brake takes out {percent(first / of_best)}."
        if first
        else f" None of them would have been in {best}."
    )
    share = percent(len(moved) / len(a.customers))
    return (
        f"**The brake holds back {count(len(moved), 'customer')} ({share}), {most}{listed(ways)}.**"
        f"{top}"
    )


def parts(a: Analysis, label: str) -> str:
    """Say what arrears those held back have, or how many have no value to judge by."""
    method = a.methods[label]
    column = a.customers[method.indicator]
    name, unknown, text = _name(a, label), column.isna().mean(), []
    write = partial(money, currency=a.study.currency) if reads_money(a, label) else "{:,.0f}".format
    if method.grades is None and len(method.braked_):
        owed = column.reindex(method.braked_.index).astype(float).dropna()
        if len(owed) >= FEWEST:
            text.append(f"Half of those held back have {name} of {write(owed.median())} or more.")
    if unknown:
        free = method.missing == "free"
        text.append(
            f"For {percent(unknown)} of the customers {name} is unknown; "
            f"{'they are not held back' if free else 'they are capped as the rules say'}."
        )
    return " ".join(text)


def right(a: Analysis, label: str) -> str:
    """Say whether those held back brought less than the others of their tier."""
    frame = views.credit_brake.against(a, label)
    if frame.empty:
        return "Too few are held back in any tier to compare what they brought."
    row, currency = frame.iloc[-1], a.study.currency
    figures = (
        f"In the next {holdout_span(a)} those held back brought "
        f"{money(row['held_mean'], currency)} each, the others of the same tiers "
        f"{money(row['others_mean'], currency)}"
    )
    gap = _interval(row, currency)
    if row["difference_high"] < 0:
        return f"{figures}: clearly less ({gap}). The brake was right about what they would bring."
    if row["difference_low"] > 0:
        return (
            f"{figures}: clearly more ({gap}). By what they bought the brake was wrong; only the "
            "risk of not being paid can justify it."
        )
    return (
        f"{figures}: no difference that can be told from chance ({gap}). What they bought speaks "
        "neither for the brake nor against it."
    )


def _interval(row: pd.Series, currency: str) -> str:
    low, high = (money(row[f"difference_{end}"], currency) for end in ("low", "high"))
    return f"difference {money(row['difference'], currency)}, 95 % interval {low} to {high}"


def caution(a: Analysis, label: str) -> str:
    """Say what the figures do not show, and of which day the brake's column is."""
    table, name = a.study.customers, a.methods[label].indicator
    paid = (
        "Amounts here are what was bought, not what was paid: the brake is there for the risk of "
        "not being paid, which these figures do not show."
    )
    if table is None or name not in table.columns:
        return paid
    if table.known_on is None:
        day = "of one day only; if that day lies after the cut, the brake knew more than it could"
    elif table.known_on > a.periods.cut:
        day = f"as of {table.known_on}, after the cut: the brake knew more than it could have known"
    else:
        day = f"as of {table.known_on}, so the brake knew nothing of what came after the cut"
    return f"{paid} The customers table has {_name(a, label)} {day}."


def _name(a: Analysis, label: str) -> str:
    name = a.methods[label].indicator
    return NAMES.get(name, name.replace("_", " "))


def title(a: Analysis, label: str) -> str:
    """Say whether those held back brought less."""
    row = views.credit_brake.against(a, label).iloc[-1]
    if row["difference_high"] < 0:
        return f"{label}: those held back brought less than others of their tier"
    if row["difference_low"] > 0:
        return f"{label}: those held back brought more than others of their tier"
    return f"{label}: no clear difference between those held back and the others"
