"""Which earlier cut dates a study can be judged at, and their windows."""

from __future__ import annotations

import datetime as dt

from segment.features.windows import Window, Windows
from segment.study import Study

# Cut dates closer than this share nearly all of their holdout and say nothing new.
LEAST_APART = 14
ORIGIN, HOLDOUT = "origin_", ".holdout"


def windows(study: Study, whole: Windows) -> dict[str, Window]:
    """Return the windows of the earlier cut dates: ``origin_1``, ``origin_1.holdout``, ...

    Parameters
    ----------
    study : Study
        ``backtest.origins`` counts the main cut as well.
    whole : Windows
        Start, cut and end of the study.
    """
    length = dt.timedelta(whole.holdout_days)
    least = study.readiness.history_days
    dates = cut_dates(whole.start, whole.cut, study.backtest.origins, least)
    spans = {}
    for number, cut in enumerate(dates[:-1], start=1):
        spans[f"{ORIGIN}{number}"] = (whole.start, cut)
        spans[f"{ORIGIN}{number}{HOLDOUT}"] = (cut, cut + length)
    return spans


def cut_dates(first: dt.date, cut: dt.date, most: int, least_days: int) -> list[dt.date]:
    """Return evenly spaced cut dates, the main cut last.

    Parameters
    ----------
    first : date
        Where the history begins.
    cut : date
        The main cut.
    most : int
        How many dates at most; fewer where they would be closer than two weeks.
    least_days : int
        History that the earliest date must leave; never less than half of the whole.
    """
    history = (cut - first).days
    room = history - max(least_days, -(-history // 2))
    number = min(most, 1 + max(0, room) // LEAST_APART)
    step = room // (number - 1) if number > 1 else 0
    return [cut - dt.timedelta(days=step * back) for back in reversed(range(number))]
