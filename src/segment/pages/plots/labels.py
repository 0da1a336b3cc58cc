"""Labels that fit: names cut to a width, in which a Chinese character takes two places."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

LONGEST = 26
ELLIPSIS = "…"


def width(text: str) -> int:
    """Return how many places a text takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def cut(name: str, longest: int = LONGEST) -> str:
    """Return a name of at most ``longest`` places; an ellipsis stands for what is cut off."""
    return name if width(name) <= longest else _start(name, longest - 1) + ELLIPSIS


def shortened(names: Sequence[str], longest: int = LONGEST) -> list[str]:
    """Return names of at most ``longest`` places that stay different from each other.

    The end gives way to an ellipsis; where that makes two names alike, the middle does.
    """
    found, tail = [cut(name, longest) for name in names], longest // 2
    return [
        c if found.count(c) == 1 or width(n) <= longest
        else f"{_start(n, longest - tail - 1)}{ELLIPSIS}{_start(n[::-1], tail)[::-1]}"
        for n, c in zip(names, found, strict=True)
    ]  # fmt: skip


def _start(text: str, places: int) -> str:
    """Return as much of the start of a text as fits."""
    taken = 0
    for at, sign in enumerate(text):
        taken += width(sign)
        if taken > places:
            return text[:at]
    return text


def broken(text: str, longest: int) -> str:
    """Return a Chinese text in lines of at most so many places; it has no spaces to break at."""
    lines = []
    while width(text) > longest:
        lines.append(_start(text, longest))
        text = text[len(lines[-1]) :]
    return "\n".join([*lines, text])
