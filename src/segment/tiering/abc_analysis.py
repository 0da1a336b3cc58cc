"""ABC analysis: customers sorted by contribution and cut at limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.tiering import base
from segment.tiering.parameters import SHARES, choice, column_name, letters, optional, parameter
from segment.tiering.rule import Conditions, at_least

DEFAULTS = {"share": (0.80, 0.95), "customers": (0.20, 0.50), "computed": None}


@dataclass(eq=False, repr=False)
class ABC(base.Tiering):
    """Sort by contribution; class A ends where the limit is reached.

    Parameters
    ----------
    by : str
        Column that is sorted, highest first.
    cut : {"share", "customers", "computed"}
        What the limits count: cumulative share of the contribution, share of
        customers, or limits derived from the ABC curve itself (Ultsch and
        Lötsch 2015, PLoS ONE 10(6): e0129767).
    limits : sequence of float, optional
        Ascending shares in (0, 1), one fewer than there are classes. Default
        0.80 and 0.95 of the contribution, or 0.20 and 0.50 of the customers.

    Attributes
    ----------
    limits_ : array
        Smallest contribution of each class but the last, best class first.
    curve_ : DataFrame
        The ABC curve: ``customers`` and ``contribution``, cumulative shares.

    Notes
    -----
    Ties are never split. With ``cut="share"`` the share reached *before* customers
    of the same contribution counts, so the largest customer is always in A;
    otherwise the middle of their ranks counts, and a class can stay empty.
    Customers without a positive contribution add nothing to the shares and end
    in the last class.
    """

    by: str = parameter("monetary_total", column_name)
    cut: str = parameter("share", choice(*DEFAULTS))
    limits: Sequence[float] | None = parameter(None, optional(SHARES))

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column that is sorted."""
        return (self.by,)

    @property
    def orders_by(self) -> str:
        """The same column."""
        return self.by

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        if self.cut == "computed" and self.limits is not None:
            raise StudyError("ABC: cut: computed finds its own limits; leave out 'limits'.")

    def _learn(self, values: pd.DataFrame) -> None:
        contribution = values[self.by].to_numpy()
        blocks, sizes = np.unique(contribution, return_counts=True)
        blocks, sizes = blocks[::-1], sizes[::-1]
        reached = np.cumsum(np.clip(blocks, 0, None) * sizes)
        total = reached[-1]
        share = reached / total if total > 0 else np.ones(len(blocks))
        head = np.cumsum(sizes) / sizes.sum()
        self.curve_ = pd.DataFrame({"customers": np.r_[0, head], "contribution": np.r_[0, share]})
        if self.cut == "computed":
            limits = self._computed_limits()
        else:
            limits = DEFAULTS[self.cut] if self.limits is None else self.limits
        middle = head - sizes / sizes.sum() / 2
        position = np.r_[0, share[:-1]] if self.cut == "share" else middle
        codes = np.searchsorted(np.asarray(limits), np.round(position, 12), side="right")
        codes = np.where(blocks > 0, codes, len(limits))
        self.tiers_ = letters(limits)
        self.limits_ = base.limits_of(blocks, codes, len(self.tiers_))

    def _computed_limits(self) -> tuple[float, float]:
        """Return the head-count limits that the ABC curve itself suggests.

        The Pareto point is nearest to (0, 1), the break-even point has slope 1; the one with
        fewer customers ends A, the other is B's. C begins at the submarginal point, nearest
        to (x of B's point, 1). All are taken at the customers themselves, on the straight-line
        curve, and whoever reaches a point is still in the class that it ends. The R package
        ABCanalysis (1.2.1) reads a cubic spline at every hundredth of the customers, takes
        the slope nearest to 1, and counts whoever is exactly on a limit to the next class:
        its points can lie a step of that grid away, further among few customers.
        """
        x, y = self.curve_["customers"].to_numpy(), self.curve_["contribution"].to_numpy()
        pareto = x[np.argmin(x**2 + (1 - y) ** 2)]
        rising = np.flatnonzero(np.diff(y) >= np.diff(x) - 1e-12)
        break_even = x[rising[-1] + 1] if len(rising) else pareto
        first, second = sorted((pareto, break_even))
        submarginal = x[np.argmin((x - second) ** 2 + (1 - y) ** 2)]
        return first, max(submarginal, first)

    def conditions(self) -> Conditions:
        """Return the smallest contribution that reaches each class but the last."""
        return at_least(self.tiers_, self.by, self.limits_)
