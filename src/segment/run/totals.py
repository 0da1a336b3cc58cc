"""A study of totals, one row per customer: tiers without a test, for want of purchases."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from segment import tiering
from segment.features.customers import brought
from segment.run.scheme import Scheme, Untested
from segment.run.study_run import Run
from segment.study.methods import PLAIN_CUT


class TotalsRun(Run):
    """A study with the totals of its customers; it has schemes and tiers, and no evidence."""

    def snapshot(self, window: str, learning: bool = True) -> pd.DataFrame:
        """Return totals and attributes; they are of one time only."""
        return self.wide.set_index("customer_id").join(self.attributes)

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """What customers have brought; nobody knows what they did next."""
        known = {"monetary_total", "margin_total"} & {*self.customers}
        past = brought(self.customers) if known else np.nan
        return pd.DataFrame({"net": past, "active": np.nan}, index=self.customers.index)

    @property
    def history(self) -> pd.DataFrame:
        """Everybody who ever bought: the customers."""
        return self.customers

    def _scheme(self, label: str, method: tiering.Tiering, judge: object = None) -> Scheme:
        given = label, method, self.study, self.windows, self.customers, self.outcome, None
        return Untested(*given, newest=self.customers, everybody=len(self.customers))

    @cached_property
    def schemes(self) -> dict[str, Scheme]:
        """Every scheme of the study, fitted, by its label."""
        return {label: self._scheme(label, method) for label, method in self.methods.items()}

    def _judge(self, methods: Any) -> None:
        return None

    def known(self, label: str | None) -> str:
        """Return a label, or that of the customers cut by what they brought if none is given."""
        if label is not None:
            return super().known(label)
        cut = PLAIN_CUT["method"], PLAIN_CUT["cut"]
        plain = [n for n in self.methods if self._cut(n) == cut]
        return (plain or [*self.methods])[0]

    def _cut(self, label: str) -> tuple[str, Any]:
        spec = self.study.methods[label]
        return spec.method, spec.parameters().get("cut")
