"""A study on its newest day: where customers stand now, and who needs attention."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from segment.action import watchlists
from segment.evidence import stability
from segment.features.windows import NOW


class OnNewestDay:
    """What a ``Run`` knows of the newest window, by the tiers that were learned before the cut."""

    @cached_property
    def today(self) -> pd.DataFrame:
        """Features and attributes on the newest day, one row per customer of the newest window."""
        return self.snapshot(NOW, learning=False)

    @cached_property
    def history(self) -> pd.DataFrame:
        """What everybody who ever bought did, from the start of the study to the newest day."""
        return watchlists.history(self.wide, self.windows.holdout_days)

    def sure(self, label: str, newest: bool = False) -> pd.Series:
        """Return how sure tiers are at the cut, or the ``newest``: how many resamples give them.

        A share by customer. It is of one scheme where nobody asked for all.
        """
        if "stability" in self.__dict__:
            known = self.stability.keep, self.stability.keep_now
        else:
            known = self._resampled(label)
        return known[newest][label]

    def _resampled(self, label: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        key = ("resampled", label)
        if key not in self.computed:
            settings = self.study.backtest
            given = {label: self.methods[label]}, self.customers, self.today
            resampled = stability.resampled(*given, settings.replicates, settings.seed)
            self.computed[key] = resampled[1:]
        return self.computed[key]

    def standing(self, label: str) -> pd.DataFrame:
        """Return where every customer stands on the newest day, by the tiers of one scheme."""
        return watchlists.standing(
            self.history,
            self.customers,
            self.today,
            self.methods[label],
            self.sure(label, newest=True),
            self.study.watchlists.near,
            self.attributes,
        )

    def lists(self, label: str) -> dict[str, watchlists.WatchList]:
        """Return who needs attention now, by the tiers of one scheme."""
        return watchlists.make(
            self.standing(label),
            self.study.watchlists,
            hiatus_days=self.study.backtest.hiatus_days,
            days=self.windows.calibration_days,
            history=(self.windows.end - self.windows.start).days,
            bought=self.baskets,
        )

    @cached_property
    def watchlists(self) -> dict[str, watchlists.WatchList]:
        """Who needs attention now, by the tiers of the recommended scheme."""
        return self.lists(self.known(None))

    @cached_property
    def newest_tiers(self) -> pd.Series:
        """The tier under the recommended scheme of everybody who bought in the newest window."""
        return self.scheme().newest_tiers

    @cached_property
    def large_limit(self) -> float:
        """Amount of the last year from which a customer is large; missing if nobody bought."""
        return watchlists.large_limit(self.history["year"], self.study.watchlists.large)
