"""The earlier cut dates of a study: when, what was known then, and what came after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.evidence.refit import refitted
from segment.features import customers as features
from segment.features.kept import Kept
from segment.features.windows import YEAR, Window, Windows
from segment.language import _
from segment.study import Study
from segment.tiering import Tiering

# Cut dates closer than this share nearly all of their holdout and say nothing new.
LEAST_APART = 14
ORIGIN, HOLDOUT = "origin_", ".holdout"


def earlier_windows(study: Study, whole: Windows) -> dict[str, Window]:
    """Return the windows of the earlier cut dates: ``origin_1``, ``origin_1.holdout``, ...

    ``backtest.origins`` counts the main cut as well; all holdouts are as long as its own. Where
    the history allows, one of them is of the season that comes next.
    """
    length = dt.timedelta(whole.holdout_days)
    least = study.readiness.history_days
    dates = cut_dates(whole.start, whole.cut, study.backtest.origins, least)
    dates = with_next_season(dates, whole, least)
    windows = {}
    for number, cut in enumerate(dates[:-1], start=1):
        windows[f"{ORIGIN}{number}"] = (whole.start, cut)
        windows[f"{ORIGIN}{number}{HOLDOUT}"] = (cut, cut + length)
    return windows


def cut_dates(start: dt.date, cut: dt.date, most: int, least_days: int) -> list[dt.date]:
    """Return evenly spaced cut dates, the main cut last, fewer where they would be too close.

    The earliest leaves a history of ``least_days``, and never less than half of the whole.
    """
    history = (cut - start).days
    room = history - _least_history(history, least_days)
    number = min(most, 1 + max(0, room) // LEAST_APART)
    step = room // (number - 1) if number > 1 else 0
    return [cut - dt.timedelta(days=step * back) for back in reversed(range(number))]


def _least_history(history: int, least_days: int) -> int:
    """Return how many of the days before the main cut the earliest date must leave."""
    return max(least_days, -(-history // 2))


def with_next_season(dates: list[dt.date], whole: Windows, least_days: int) -> list[dt.date]:
    """Return cut dates, the nearest moved to a year before the data's end.

    What followed that day is the season that comes next. Nothing moves where a date sees it
    already, where the history before that day is too short, or where the main cut stands alone.
    """
    year_ago = whole.end - YEAR
    history = (year_ago - whole.start).days
    seen = any(whole.sees_next_season(cut) for cut in dates)
    if seen or len(dates) == 1 or history < _least_history(whole.calibration_days, least_days):
        return dates
    nearest = min(dates[:-1], key=lambda cut: abs(cut - year_ago))
    return sorted({*dates, year_ago} - {nearest})


@dataclass(frozen=True)
class Origin:
    """What was known on a cut date, and what came in ``[cut, end)``."""

    cut: dt.date
    end: dt.date
    customers: pd.DataFrame
    outcome: pd.DataFrame

    def tiers(
        self, methods: Mapping[str, Tiering], least_customers: int
    ) -> tuple[dict[str, pd.Series], dict[str, str], str]:
        """Return every scheme's tiers, why others have none, and why nothing can be judged.

        Every scheme is learned afresh from what was known by then; the number of clusters
        stays that of the main cut, for it is part of the scheme.
        """
        if reason := self._impossible(least_customers):
            return {}, {}, reason
        tiers, lacking = {}, {}
        for label, method in methods.items():
            read = getattr(method, "read_", getattr(method, "columns", ()))
            if unknown := [name for name in read if name not in self.customers]:
                lacking[label] = _("it reads '{column}', not known by then", column=unknown[0])
                continue
            try:
                tiers[label] = refitted(method, self.customers).predict(self.customers)
            except StudyError as error:
                lacking[label] = _(str(error))
        if not tiers:
            why = next(iter(lacking.values()))
            reason = _("no scheme could learn from what was known ({reason})", reason=why)
        return tiers, lacking, reason

    def _impossible(self, least_customers: int) -> str:
        value = self.outcome["value"]
        if len(value) < least_customers:
            return _("only {number} customers were known", number=f"{len(value):,}")
        if value.sum() <= 0 or np.ptp(value) == 0:
            return _("nobody known by then brought anything after it, or everybody the same")
        return ""


def earlier(
    wide: Kept,
    windows: Mapping[str, Window],
    attributes: pd.DataFrame | None,
    known_on: dt.date | None,
) -> Iterator[Origin]:
    """Yield what was known on each earlier cut date, and what came after it.

    ``wide`` holds the features of all windows, with those of ``earlier_windows``. ``attributes``,
    the customers table, is a picture of the day ``known_on``, so it is there at later dates only;
    where the study does not say the day, at no earlier date.
    """
    for name, (_start, cut) in windows.items():
        if name.endswith(HOLDOUT):
            continue
        customers = features.at(wide, name)
        if attributes is not None and known_on is not None and known_on < cut:
            customers = customers.join(attributes)
        outcome = features.outcome(wide, customers.index, name + HOLDOUT)
        yield Origin(cut, windows[name + HOLDOUT][1], customers, outcome)
