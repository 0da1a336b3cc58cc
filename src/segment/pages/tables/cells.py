"""What stands in the cells of tables: rules in words, numbers in short, figures with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import pandas as pd

from segment.evidence.profiles import FEWEST
from segment.features.names import in_words
from segment.language import _, tier_name
from segment.pages.narrate.common import too_few
from segment.run import Run
from segment.words import decimal, money, percent

NONE = "–"
TENTHS = partial(percent, digits=1)


def amount(a: Run) -> Callable[[float], str]:
    """Return the function that writes amounts in the study's currency."""
    return partial(money, currency=a.study.currency)


def names(tiers: Iterable) -> list[str]:
    """Return the names of tiers as a reader sees them."""
    return [tier_name(tier) for tier in tiers]


def heading(name: str) -> str:
    """Return what a reader calls a feature or an attribute, as a heading."""
    return in_words(name).capitalize()


def number(a: Run, customers: int) -> str:
    """Return a number of customers; a small one is held back where pages name nobody."""
    return _("under {n}", n=FEWEST) if too_few(a, customers) else f"{customers:,}"


def number_in_short(value: float) -> str:
    """Return a number with as many decimals as tell something: 0.23, 4.5, 1,234."""
    if pd.isna(value):
        return NONE
    digits = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    return decimal(value, digits) if abs(value) < 1000 else f"{value:,.0f}"


def with_interval(row: pd.Series, name: str, digits: int, write=decimal) -> str:
    """Return a figure and its interval in brackets, if it has one."""
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(value):
        return NONE
    if pd.isna(low) or low == high:
        return write(value, digits)
    return f"{write(value, digits)} [{decimal(low, digits)}, {decimal(high, digits)}]"
