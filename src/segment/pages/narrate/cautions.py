"""The cautions in sentences."""

from __future__ import annotations

from segment.evidence.caution_words import in_words
from segment.language import _
from segment.run import Run


def said(a: Run) -> list[str]:
    """Say each caution that applies: the figure first, then what it means; nothing if none."""
    return [
        _(
            "**{caution}.** {figure}. {meaning}.",
            caution=c.caution,
            figure=_capital(c.figure),
            meaning=_capital(c.meaning),
        )
        for c in in_words(a.cautions, a.known(None), a.study.currency).itertuples()
    ]


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
