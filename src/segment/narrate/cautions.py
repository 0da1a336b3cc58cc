"""The cautions in sentences."""

from __future__ import annotations

from segment.analysis import Analysis
from segment.cautions import cautions


def said(a: Analysis) -> list[str]:
    """Say each caution that applies: the figure first, then what it means; nothing if none."""
    return [
        f"**{c.caution}.** {_sentence(c.figure)} {_sentence(c.meaning)}"
        for c in cautions(a, a.known(None)).itertuples()
    ]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
