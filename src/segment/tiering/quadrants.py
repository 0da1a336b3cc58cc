"""Value by loyalty: four relations from two cuts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.tiering import base

RELATIONS = ("partner", "functional", "emotional", "detached")


class Quadrants(base.Tiering):
    """Partner, functional, emotional and detached customers.

    Value is ``monetary_total``, high from its median on. Loyalty is the mean of
    two mid-rank percentiles, of how often and of how recently a customer bought,
    high from its own ``loyalty_cut`` percentile on.

    Parameters
    ----------
    value_cut, loyalty_cut : float
        Percentile in (0, 1) from which value or loyalty is high.
    names : sequence of four str
        Names for high/high, high value only, high loyalty only, and neither.

    Attributes
    ----------
    value_limit_ : float
        Smallest total that counts as high value.
    loyalty_steps_ : DataFrame
        ``order_days`` and ``days_since_last``: who bought on at least so many days
        is loyal if the last purchase is at most so many days ago. Exactly the
        percentile rule on the customers it was learned from, and deployable.
    """

    def __init__(self, value_cut=0.5, loyalty_cut=0.5, names=RELATIONS):
        self.value_cut = value_cut
        self.loyalty_cut = loyalty_cut
        self.names = names

    @property
    def columns(self) -> tuple[str, ...]:
        """Monetary total for value; order days and recency for loyalty."""
        return ("monetary_total", "order_days", "days_since_last")

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        base.check_names("Quadrants: 'names'", self.names, 4)
        for cut in ("value_cut", "loyalty_cut"):
            if not base.is_number(getattr(self, cut)) or not 0 < getattr(self, cut) < 1:
                raise StudyError(
                    f"Quadrants: '{cut}' must be a number between 0 and 1, "
                    f"found {getattr(self, cut)!r}."
                )

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = tuple(self.names)
        # The customer's total at the quantile, not a number between two customers.
        cut = np.quantile(values["monetary_total"], self.value_cut)
        self.value_limit_ = float(values["monetary_total"][values["monetary_total"] >= cut].min())
        loyal = self._loyalty(values) >= self.loyalty_cut
        steps = values.loc[loyal].groupby("order_days")["days_since_last"].max()
        # Buying on more days never makes a customer less loyal.
        self.loyalty_steps_ = steps.cummax().reset_index()

    def loyalty(self, customers: pd.DataFrame) -> pd.Series:
        """Return the loyalty percentile, in (0, 1), among the given customers."""
        return pd.Series(self._loyalty(self._checked(customers)), index=customers.index)

    @staticmethod
    def _loyalty(values: pd.DataFrame) -> np.ndarray:
        often = base.midrank_percentile(values["order_days"].to_numpy())
        lately = base.midrank_percentile(-values["days_since_last"].to_numpy())
        return np.round(base.midrank_percentile(np.round((often + lately) / 2, 12)), 12)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        high = values["monetary_total"].to_numpy() >= self.value_limit_
        step = base.count_reached(
            values["order_days"].to_numpy(), self.loyalty_steps_["order_days"].to_numpy()
        )
        allowed = np.r_[-np.inf, self.loyalty_steps_["days_since_last"].to_numpy()][step]
        loyal = values["days_since_last"].to_numpy() <= allowed
        return np.select([high & loyal, high, loyal], [0, 1, 2], 3)

    def rules(self) -> pd.DataFrame:
        """One row per relation; ``loyalty_steps_`` spells out what loyal means."""
        high = f"monetary_total at least {base.number(self.value_limit_)}"
        low = f"monetary_total below {base.number(self.value_limit_)}"
        steps = self._distinct_steps()
        loyal = "; or ".join(
            f"order_days at least {base.number(s.order_days)} and days_since_last at most "
            f"{base.number(s.days_since_last)}"
            for s in steps.itertuples()
        )
        texts = [f"{high}, and loyal: {loyal or 'nobody'}", f"{high}, not loyal",
                 f"{low}, loyal", f"{low}, not loyal"]  # fmt: skip
        return pd.DataFrame({"tier": self.tiers_, "rule": texts})

    def _distinct_steps(self) -> pd.DataFrame:
        return self.loyalty_steps_.drop_duplicates("days_since_last")

    def _sql(self) -> str:
        high = f'"monetary_total" >= {base.sql_number(self.value_limit_)}'
        loyal = " OR ".join(
            f'("order_days" >= {base.sql_number(s.order_days)} '
            f'AND "days_since_last" <= {base.sql_number(s.days_since_last)})'
            for s in self._distinct_steps().itertuples()
        )
        loyal = f"({loyal or '1 = 0'})"
        return base.case([f"{high} AND {loyal}", high, loyal], list(self.tiers_))
