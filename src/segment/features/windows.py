"""The periods of a study as the data hold them; the one place that knows where they end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from segment.study.schema import Periods

Window = tuple[dt.date, dt.date]
YEAR = dt.timedelta(days=365)
DAYS_OF_YEAR = 365.25
DAYS_OF_MONTH = DAYS_OF_YEAR / 12
# Two holdouts are of one season where at least seven eighths of their days of the year agree.
SEASON_OFF = 1 / 8
CALIBRATION, HOLDOUT, EARLIER, LATER, NOW = "calibration", "holdout", "earlier", "later", "now"
INNER = "inner"
# A whole year and the one after it, where the history holds both.
LAST_YEAR, NEXT_YEAR = "year", "next_year"
SEPARATOR = "__"  # between the names of a window and of a feature


@dataclass(frozen=True)
class Windows:
    """Start, cut and end of a comparison, never before the data begin or behind their end.

    Schemes learn from ``[start, cut)`` and are judged by ``[cut, end)``: a window holds its
    first day and not its last.
    """

    start: dt.date
    cut: dt.date
    end: dt.date

    @classmethod
    def of(cls, periods: Periods, first: dt.date, last: dt.date) -> Windows:
        """Return a study's periods, cut down to the days from ``first`` to ``last``."""
        return cls(max(periods.start, first), periods.cut, min(periods.end, last + dt.timedelta(1)))

    @property
    def calibration_days(self) -> int:
        """Length of the time that schemes learn from."""
        return (self.cut - self.start).days

    @property
    def holdout_days(self) -> int:
        """Length of the time that they are judged by."""
        return (self.end - self.cut).days

    @property
    def pair_days(self) -> int:
        """Length of each of the two adjacent windows that meet at the cut."""
        return min(self.calibration_days, self.holdout_days)

    @property
    def newest_day(self) -> dt.date:
        """The last day of the data."""
        return self.end - dt.timedelta(1)

    @property
    def inner(self) -> dict[str, Window]:
        """A cut before the cut, and the time between: as long as the holdout, where that fits.

        What is learned there sees nothing of the holdout.
        """
        length = dt.timedelta(min(self.holdout_days, self.calibration_days // 2))
        middle = self.cut - length
        return {INNER: (self.start, middle), f"{INNER}.{HOLDOUT}": (middle, self.cut)}

    def sees_next_season(self, cut: dt.date) -> bool:
        """Return whether a cut date was followed by the season that follows the newest day.

        The holdout of ``cut`` and the time to come are as long as the holdout here; in a year
        every season is seen.
        """
        if self.holdout_days >= YEAR.days:
            return True
        years = (self.end - cut).days / DAYS_OF_YEAR
        off = abs(years - round(years)) * DAYS_OF_YEAR
        return round(years) >= 1 and off <= SEASON_OFF * self.holdout_days

    @property
    def named(self) -> dict[str, Window]:
        """Every window that features are computed for, by its name.

        ``earlier`` and ``later`` meet at the cut and are as long as the shorter period; the later
        one shows whether tiers last and never learns any. ``now`` ends with the newest day and is
        as long as the calibration, so that limits learned there mean the same. ``year`` and
        ``next_year`` are the last two years, where the history holds both.
        """
        length = dt.timedelta(self.pair_days)
        windows = {
            CALIBRATION: (self.start, self.cut),
            HOLDOUT: (self.cut, self.end),
            EARLIER: (self.cut - length, self.cut),
            LATER: (self.cut, self.cut + length),
            NOW: (self.end - (self.cut - self.start), self.end),
        }
        if self.end - 2 * YEAR >= self.start:
            middle = self.end - YEAR
            windows |= {LAST_YEAR: (middle - YEAR, middle), NEXT_YEAR: (middle, self.end)}
        return windows
