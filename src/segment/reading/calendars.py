"""What dates are written in besides digits: names of months, serial numbers, other calendars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import ibis

# The languages whose names of months and days are known.
LANGUAGES = (
    *("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu"),
    *("ro", "bg", "hr", "sl", "ru", "uk", "tr", "el", "id", "ms", "th", "ja", "ko", "zh", "et"),
    *("lv", "lt", "ca", "ar", "he", "fa"),
)
FILLERS = (
    *("de", "del", "d", "of", "den", "der", "le", "la", "the", "at", "um", "à", "kl", "th", "st"),
    *("nd", "rd", "er", "e", "a", "o", "г", "год", "року"),
)
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Two digits of a year first: %Y would take 24 for a year of the Romans.
SPOKEN = ("%d %b %y", "%d %b %Y", "%b %d %Y", "%Y %b %d")
# Years of other calendars for the days of a lifetime, and how to come to ours.
COMMON = "write them with the year of the common calendar, such as 2024"
CALENDARS = (
    (r"^(?:民国|民國|ROC ?)", 0, 999, "the Chinese Republic's", "add 1911 to the year"),
    (r"^(?:令和|平成|昭和|[RHS])(?=\d+[./年-]\d)", 0, 99, "the Japanese", COMMON),
    (r"^(?=1\d\d[./年-])", 90, 130, "the Chinese Republic's", "add 1911 to the year"),
    (r"", 1370, 1411, "the Persian", COMMON),
    (r"", 1412, 1460, "the Islamic", COMMON),
    (r"", 2480, 2600, "the Buddhist", "take 543 off the year"),
    (r"", 5700, 5800, "the Hebrew", COMMON),
)
EXCEL, UNIX = "excel", "unix"
COUNTED = {
    EXCEL: r"^[34]\d{4}([.,]\d+)?$",
    UNIX: r"^[6-9]\d{8}(\.\d+)?$|^1\d{9}(\.\d+)?$|^1\d{12}$|^1\d{15}$|^1\d{18}$",
}


def other_calendar(texts: Iterable[str]) -> tuple[str, str] | None:
    """Return the name of another calendar that most texts are written in, and what to do."""
    texts = list(texts)
    for start, first, last, name, advice in CALENDARS:
        pattern = re.compile(rf"{start}(\d{{1,3}})\D" if start else r"(?<!\d)(\d{4})(?!\d)")
        found = [pattern.search(text) for text in texts]
        years = [int(match.group(1)) for match in found if match]
        if sum(first <= year <= last for year in years) > 0.5 * len(texts):
            return name, advice
    return None


def counted(texts: Iterable[str]) -> str | None:
    """Return whether days are counted, in a spreadsheet's days or in seconds since 1970."""
    texts = list(texts)
    for unit, pattern in COUNTED.items():
        if texts and all(re.match(pattern, text) for text in texts):
            return unit
    return None


def count_as_day(text: Any, unit: str) -> Any:
    """Return the days that are counted: a spreadsheet's, or by seconds to nanoseconds."""
    number = text.replace(",", ".").try_cast("float64")
    if unit == UNIX:
        sizes = (number >= 1e17, 1e9), (number >= 1e14, 1e6), (number >= 1e11, 1e3)
        day = number / ibis.cases(*sizes, else_=1.0) / 86_400
    else:
        day = number - 25_569
    day = day.floor().clip(-25_000, 100_000).cast("int64")
    return ibis.literal("1970-01-01").cast("date") + day.as_interval("D")


def words(texts: Iterable[str]) -> dict[str, str]:
    """Return what each word in dates stands for: an English month, or nothing.

    Empty where no language knows its months, or two disagree on them.
    """
    tokens = {token for text in texts for token in re.findall(r"[^\W\d_]+", text.lower())}
    tokens -= set(FILLERS)
    if not tokens - {"t", "z", "年", "月", "日"}:
        return {}
    known = {language: tokens & set(_names(language)[0]) for language in LANGUAGES}
    most = max(map(len, known.values()))
    best = [language for language in LANGUAGES if len(known[language]) == most > 0]
    readings = {tuple(_names(lang)[0][token] for token in sorted(known[lang])) for lang in best}
    if len(readings) != 1:
        return {}
    months, days = _names(best[0])
    told = {token: ENGLISH[months[token] - 1] for token in known[best[0]]}
    return dict.fromkeys((tokens & days) - set(told) | set(FILLERS), "") | told


@cache
def _names(language: str) -> tuple[dict[str, int], set[str]]:
    """Return the names of the months of a language by their number, and of the days."""
    from babel import Locale

    locale, months, days = Locale.parse(language), {}, set()
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            months |= {n.lower().strip("."): i for i, n in locale.months[context][width].items()}
            days |= {name.lower().strip(".") for name in locale.days[context][width].values()}
    if language == "en":
        months["sept"] = 9
    return {name: i for name, i in months.items() if re.fullmatch(r"[^\W\d_]+", name)}, days


def spoken(text: Any, meaning: Mapping[str, str]) -> Any:
    """Return dates with names in the order in which they stand: 4. März 2024 is 4 Mar 2024."""
    apart = (
        text.lower().re_replace(r"(\p{N})(\p{L})", r"\1 \2").re_replace(r"(\p{L})(\p{N})", r"\1 \2")
    )
    # Every word has blanks of its own, so that neighbours can both be found.
    apart = ibis.literal("  ") + apart.re_replace(r"[^\p{L}\p{N}]+", "  ") + ibis.literal("  ")
    months = {word: month for word, month in meaning.items() if month}
    drop = "|".join(word for word, month in meaning.items() if not month)
    apart = apart.re_replace(f" (?:{drop}) ", " ")
    for word, month in sorted(months.items(), key=lambda pair: -len(pair[0])):
        apart = apart.replace(f" {word} ", f" {month} ")
    return apart.re_replace(" +", " ").strip()
