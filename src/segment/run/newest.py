"""A study on its newest day: where customers stand now, and who needs attention."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from segment.action import watchlists
from segment.features import customers as features
from segment.features.windows import NOW


class OnNewestDay:
    """What a ``Run`` knows of the newest window, by the tiers that were learned before the cut."""

    @cached_property
    def today(self) -> pd.DataFrame:
        """Features and attributes on the newest day, one row per customer of the newest window."""
        return self.snapshot(NOW)

    @cached_property
    def history(self) -> pd.DataFrame:
        """What everybody who ever bought did, from the start of the study to the newest day."""
        return watchlists.history(self.wide, self.windows.holdout_days)

    def standing(self, label: str) -> pd.DataFrame:
        """Return where every customer stands on the newest day, by the tiers of one scheme."""
        return watchlists.standing(
            self.history,
            self.customers,
            self.today,
            self.methods[label],
            self.stability.keep_now[label],
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
        year = self.wide[f"{NOW}{features.SEPARATOR}monetary_year"]
        return watchlists.large_limit(year, self.study.watchlists.large)
