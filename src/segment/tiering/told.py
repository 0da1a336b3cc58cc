"""How rules are told: with their currency, their time, and no more digits than part customers.

What rules are told of is a context, as the language is; without one, a rule has neither
currency nor time, and all digits of its limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from segment.features.names import FORMATS
from segment.features.recent import RECENT
from segment.features.windows import DAYS_OF_MONTH
from segment.language import _
from segment.words import count, in_currency, span

# Features of all that a customer did in a window; the others name their time, or have none.
OF_THE_WINDOW = (
    *("monetary_total", "order_days", "monetary_mean", "monetary_repeat_mean", "growth"),
    *("margin_total", "margin_rate", "products", "categories"),
)
FEWEST_DIGITS, MOST_DIGITS = 3, 17


@dataclass(frozen=True)
class Told:
    """What rules are told of: ``days`` of a window and the ``customers`` that they part."""

    currency: str = ""
    days: int = 0
    customers: Sequence[pd.DataFrame] = ()


_told: ContextVar[Told] = ContextVar("told", default=Told())  # noqa: B039


@contextmanager
def of(currency: str, days: int, *customers: pd.DataFrame) -> Iterator[None]:
    """Tell rules of these customers: in a currency, over so many days."""
    token = _told.set(Told(currency, days, customers))
    try:
        yield
    finally:
        _told.reset(token)


def rules(method: Any) -> pd.DataFrame:
    """Return a method's ``rules``, each with its time said once."""
    table = method.rules()
    return table.assign(rule=table["rule"].map(once))


def lately(words: str, *columns: str) -> str:
    """Return the words of a rule with the time of its columns, where that is the window."""
    days = _told.get().days
    if not days or not any(name in OF_THE_WINDOW or RECENT.fullmatch(name) for name in columns):
        return words
    whole = days >= 85 and abs(days - DAYS_OF_MONTH * round(days / DAYS_OF_MONTH)) <= 2
    length = span(days) if whole else count(days, "day")
    return _("{rule} in the last {span}", rule=words, span=length)


def once(words: str) -> str:
    """Return a rule that says its time once, at the end, where it said it of each figure."""
    time = lately("", "order_days")
    if not time or words.count(time) < 2:
        return words
    return _("{rule}, all{time}", rule=words.replace(time, ""), time=time)


def limit(column: str, value: float, text: str) -> str:
    """Return a limit of a column, written ``text``, with its unit."""
    kind = _kind(column)
    if kind == "money" and _told.get().currency:
        return in_currency(text, _told.get().currency)
    if kind == "percent":
        return f"{round(100 * value, 10):,.10g}%"
    return text


def in_cents(column: str, value: float) -> float:
    """Return a limit as words tell it: money of a known currency to the cent, from 1 on."""
    cents = _kind(column) == "money" and _told.get().currency and abs(value) >= 1
    return round(value, 2) if cents else value


def _kind(column: str) -> str | None:
    return "money" if RECENT.fullmatch(column) else FORMATS.get(column)


def known(column: str) -> list[np.ndarray]:
    """Return what is known of a column of the customers that rules are told of."""
    return [c[column].to_numpy("float64") for c in _told.get().customers if column in c]


def rounded(column: str, value: float, included: bool) -> float:
    """Return the number of fewest digits that parts the customers as a learned limit does.

    ``included`` says whether a customer at the limit is with those above it. At least three
    digits; the limit itself where nothing is known of the column.
    """
    customers = known(column)
    if not customers or not isfinite(value) or value == 0:
        return value
    values = np.concatenate(customers)
    above = values >= value if included else values > value
    low, high = values[~above].max(initial=-np.inf), values[above].min(initial=np.inf)
    exact = Decimal(repr(float(value)))
    for digits in range(FEWEST_DIGITS, MOST_DIGITS):
        step = Decimal(1).scaleb(exact.adjusted() - digits + 1)
        for way in (ROUND_HALF_EVEN, ROUND_FLOOR, ROUND_CEILING):
            near = float(exact.quantize(step, way))
            if low < near <= high if included else low <= near < high:
                return near
    return value
