"""Numbers as a reader expects them in a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from segment.language import N_, _, current

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "RMB": "¥", "JPY": "¥"}
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def money(value: float, currency: str = "") -> str:
    """Return an amount with its currency: ``$776,961``; cents only below 100."""
    if not math.isfinite(value):
        return _("n/a")
    sign = "-" if value < 0 else ""
    size = abs(value)
    text = f"{size:,.0f}" if size >= 100 or size == int(size) else f"{size:,.2f}"
    return in_currency(f"{sign}{text}", currency)


def capital(text: str) -> str:
    """Return words with a capital at their start; what else is in them stays as written."""
    return text[:1].upper() + text[1:]


def in_file_names(text: str) -> str:
    """Return a text as it can stand in the name of a file; empty if nothing of it can."""
    return re.sub(r"[^\w-]+", "-", text).strip("-")[:40]


def in_currency(text: str, currency: str) -> str:
    """Return a written number as an amount: ``$248.71``, ``-$5``, ``3,000 CHF``."""
    sign, size = ("-", text[1:]) if text.startswith("-") else ("", text)
    if currency in SIGNS:
        return f"{sign}{SIGNS[currency]}{size}"
    return f"{sign}{size} {currency}".strip()


def about(value: float, currency: str = "") -> str:
    """Return an amount to three significant digits: ``$21,800``, in Chinese ``2.18万元``."""
    if not math.isfinite(value) or value == 0:
        return money(value, currency)
    rounded = round(value, 2 - math.floor(math.log10(abs(value))))
    large = next((each for each in ((1e8, "亿"), (1e4, "万")) if abs(rounded) >= each[0]), None)
    if current() == "zh" and large and currency in ("CNY", "RMB"):
        return f"{number_in_short(rounded / large[0])}{large[1]}元"
    return money(rounded, currency)


def total(amount: float) -> float:
    """Return a sum in twelve digits; the others hang on the order in which an engine adds."""
    return float(f"{amount:.12g}")


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage; small shares are never rounded to 0 %."""
    if not math.isfinite(share):
        return _("n/a")
    if 0 < share < 0.5 / 10 ** (digits + 2):
        return _("under {share}%", share=f"{1 / 10**digits:g}")
    if 1 > share > 1 - 0.5 / 10 ** (digits + 2):
        return _("over {share}%", share=f"{100 - 1 / 10**digits:g}")
    return f"{share:.{digits}%}"


def at_least(share: float) -> str:
    """Return a threshold as a percentage, rounded up: less than it says would not do."""
    rounded = math.ceil(round(1000 * share, 6)) / 1000 if math.isfinite(share) else share
    return percent(rounded, 1)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``"1 customer"``, ``"23,570 customers"``.

    The noun is translated with its measure word: ``"23,570 位客户"``.
    """
    if current() != "en":
        return f"{number:,} {_(noun)}"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def span(days: int) -> str:
    """Return a length of time in the unit a reader would use."""
    if days >= 85:
        return count(round(days / 30.44), "month")
    if days >= 21:
        return count(round(days / 7), "week")
    return count(days, "day")


def few(number: int) -> str:
    """Return a number up to ten as a word; Chinese writes figures."""
    spelled = current() == "en" and 0 <= number < len(SMALL)
    return SMALL[number] if spelled else f"{number:,}"


# What may stand between the last two items of a list.
JOINTS = (N_("and"), N_("or"))


def listed(items: Sequence[str], joint: str = "and") -> str:
    """Return ``"a, b and c"``; ``joint`` is "and" or "or"."""
    *first, last = items
    if not first:
        return last
    if current() == "zh":
        return f"{'、'.join(first)}{_(joint)}{last}"
    return f"{', '.join(first)} {joint} {last}"


def decimal(value: float, digits: int = 2) -> str:
    """Return a figure with its sign only where it is negative; ``n/a`` if missing."""
    if value is None or not math.isfinite(value):
        return _("n/a")
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def points(share: float, plus: str = "+") -> str:
    """Return a share as points with its sign: ``"+1.8"``; without one where ``plus`` is empty."""
    if not math.isfinite(share):
        return _("n/a")
    text = f"{100 * share:{plus}.1f}"
    return text.lstrip("+-") if float(text) == 0 else text


def more(value: float, write: Callable[[float], str]) -> str:
    """Return a difference in words: ``"$21,845 more"``, ``"10.8 less"``."""
    text = N_("{amount} less") if value < 0 else N_("{amount} more")
    return _(text, amount=write(abs(value)))


def between(low: str, high: str) -> str:
    """Return the range of a figure: ``"between $9,000 and $34,000"``."""
    return _("between {low} and {high}", low=low, high=high)


def more_between(low: float, high: float, write: Callable[[float], str]) -> str:
    """Return the range of a difference: ``"between 3.0 less and 1.2 more"``."""
    if low < 0 < high:
        return between(more(low, write), more(high, write))
    ends = map(write, sorted([abs(low), abs(high)]))
    text = N_("{amount} less") if low < 0 else N_("{amount} more")
    return _(text, amount=between(*ends))


def number_in_short(value: float) -> str:
    """Return a number with as many decimals as tell something: 0.23, 4.5, 1,234."""
    if value is None or not math.isfinite(value):
        return "–"
    digits = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    return decimal(value, digits) if abs(value) < 1000 else f"{value:,.0f}"
