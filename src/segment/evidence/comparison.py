"""Schemes compared on the customers of one cut date, beside the plain sort and foresight.

Definitions
-----------
plain sort : all customers by what they had brought before the cut, in the unit of the
    holdout value: the list that everybody has. Ties count at their mean.
P, G : cumulative shares of customers and of holdout value, best tier first.
C : sum over tiers of (P_k - P_{k-1}) (G_k + G_{k-1}) - 1, twice the area between
    the gains curve and the diagonal.
gini : C / C of perfect foresight (normalised Gini; 0 random, 1 perfect).
skill : (C - C_M) / C of perfect foresight, where C_M gives the plain sort the same
    tier sizes. gini = gini of the plain sort - granularity loss + skill, exactly.
gain : share of the holdout value that the served group brought, less the share that as
    many customers from the top of the plain sort brought. The served group are the best
    tiers down to the border nearest to the share of customers that can be served; where
    there is none near it (``gains.served``), the gain is missing.
capture : G at the share of customers that can be served.
auc : probability that an active customer stands in a better tier than an
    inactive one, ties counted half.
lead : what a customer of the best tier brought on average, less what the others did.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.evidence.gains import Order, Tiers, Totals, among_first, concentration, served
from segment.features.customers import brought
from segment.language import N_

PLAIN_SORT = N_("Plain sort")
ORACLE = N_("Perfect foresight")
FIGURES = ("gini", "skill", "gain", "capture", "auc", "lead")


class Comparison:
    """Several tierings of the same customers, ready to be measured under any weights.

    ``labels`` holds the tiers of every customer, by scheme; the attribute ``labels`` are the
    schemes, then the plain sort and perfect foresight. ``customers`` needs what the plain sort
    reads, ``outcome`` ``value`` in the holdout, indexed alike; ``net`` is the value before it was
    raised to 0 where it was a loss. Without ``active`` there is no AUC.

    Attributes
    ----------
    served : dict of str to int or None
        How many of each scheme's best tiers are served.
    """

    def __init__(
        self,
        labels: Mapping[str, pd.Series],
        customers: pd.DataFrame,
        outcome: pd.DataFrame,
        served_share: float,
    ):
        self._value = outcome["value"].to_numpy(dtype="float64")
        self._net = net_value(outcome).to_numpy()
        active = outcome["active"].to_numpy(dtype="float64") if "active" in outcome else None
        self._past = brought(customers).to_numpy()
        self._codes = {name: _codes(name, each, customers.index) for name, each in labels.items()}
        self._sizes = {label: len(tiers.cat.categories) for label, tiers in labels.items()}
        self.labels = [*labels, PLAIN_SORT, ORACLE]
        self.served_share = served_share
        held = {
            label: np.bincount(codes, minlength=self._sizes[label])
            for label, codes in self._codes.items()
        }
        self.served = {label: served(sizes, served_share) for label, sizes in held.items()}
        self._best = [int(np.flatnonzero(sizes)[0]) for sizes in held.values()]
        self._tiers = Tiers(self._codes, self._sizes, self._value, active)
        self._losses = None  # what is told of a tier counts losses as losses
        if (self._net != self._value).any():
            self._losses = Tiers(self._codes, self._sizes, self._net)
        self._plain = Order(self._past, self._value, active)
        self._perfect = Order(self._value, self._value, active)

    def measure(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the figures, and what the customers of each tier brought on average, net.

        ``w``, of shape (resamples, n), is how often each customer counts. The figures have the
        shape (resamples, FIGURES, labels), the means (resamples, tiers of all schemes).
        """
        totals = list(self._tiers.totals(w).values())
        sizes = np.concatenate([total.customers for total in totals], axis=1)
        # The plain sort's curve at the tier sizes of all schemes.
        captured, orders, start = np.empty_like(sizes), [], 0
        for by_past, by_value in zip(self._plain.rows(w), self._perfect.rows(w), strict=True):
            some = slice(start, start + len(by_past.customers))
            captured[some] = by_past.captured(sizes[some])
            orders.append([self._own_figures(total) for total in (by_past, by_value)])
            start = some.stop
        own = np.stack([self._own_figures(total) for total in totals])
        own = np.concatenate([own, np.concatenate(orders, axis=2)]).transpose(2, 1, 0)
        c, capture, auc = own.swapaxes(0, 1)
        same, gain, lead = c.copy(), np.zeros_like(c), np.full_like(c, np.nan)
        gain[:, -1] = capture[:, -1] - capture[:, -2]
        ends = np.cumsum([total.customers.shape[1] for total in totals])[:-1]
        for j, curve in enumerate(np.split(captured, ends, axis=1)):
            same[:, j] = concentration(totals[j].customers, curve)
            border = self.served[self.labels[j]]
            gain[:, j] = np.nan if border is None else (totals[j].curve[1] - curve)[:, border]
            lead[:, j] = totals[j].lead(self._best[j])
        with np.errstate(invalid="ignore", divide="ignore"):
            gini, skill = c / c[:, -1:], (c - same) / c[:, -1:]
        # Rounded: an order that is the plain sort has a skill and a gain of exactly 0.
        skill, gain = np.round(skill, 12) + 0.0, np.round(gain, 12) + 0.0
        figures = np.stack([gini, skill, gain, capture, auc, lead], axis=1)
        told = totals if self._losses is None else self._losses.totals(w).values()
        return figures, np.concatenate([total.mean_value for total in told], axis=1)

    def _own_figures(self, total: Totals) -> np.ndarray:
        """Return C, capture and AUC; shape (3, resamples)."""
        capture = total.capture(self.served_share)
        return np.stack([total.concentration, capture, total.area_under_roc])

    @cached_property
    def table(self) -> pd.DataFrame:
        """The figures themselves, one row per label, and what they hang on.

        Besides FIGURES: gini, gain and capture ``_without_largest`` customer; ``gain_net``, with
        losses as losses; ``served`` (customers), ``served_value``, ``exchanged`` (customers of the
        served group whom the plain sort would not serve), ``missed`` and ``wrong`` (share of the
        customers who became the most valuable, as many as are served, who were not served, and of
        all others who were).
        """
        weights = np.ones((2, len(self._value)), dtype="uint8")
        weights[1, self._value.argmax()] = 0
        (exact, without), _ = self.measure(weights)
        table = pd.DataFrame(exact.T, self.labels, list(FIGURES))
        for figure in ("gini", "gain", "capture"):
            table[f"{figure}_without_largest"] = without[FIGURES.index(figure)]
        table["gain_net"] = table["gain"] if self._losses is None else self._gain_of_net()
        groups = [self._served_group(label) for label in self._codes]
        return table.join(pd.DataFrame(groups, index=list(self._codes)))

    def _served_group(self, label: str) -> dict[str, float]:
        border, value = self.served[label], self._value
        if border is None:
            return {}
        members = self._codes[label] < border
        number = int(members.sum())
        most = min(number, int((value > 0).sum()))
        hit = among_first(members, value, most)
        return {
            "served": number,
            "served_value": float(value[members].sum()),
            "exchanged": number - among_first(members, self._past, number),
            "missed": 1 - hit / most,
            "wrong": (number - hit) / (len(value) - most),
        }

    def _gain_of_net(self) -> pd.Series:
        """Return the gain in shares of a value that counts losses; missing if there is no value."""
        total, gains = self._net.sum(), {}
        if total > 0:
            everyone = np.ones((1, len(self._net)), dtype="uint8")
            (plain,) = Order(self._past, self._net).rows(everyone)
            for label, border in self.served.items():
                if border is not None:
                    members = self._codes[label] < border
                    same = plain.captured(np.array([[float(members.sum())]]))[0, 0]
                    gains[label] = self._net[members].sum() / total - same
        return pd.Series(gains, dtype="float64").round(12)

    @cached_property
    def by_construction(self) -> dict[str, bool]:
        """Which labels are the plain sort, cut somewhere: their skill and gain are 0 as made."""
        cuts = {PLAIN_SORT: True, ORACLE: False}
        for label, codes in self._codes.items():
            ends = pd.Series(self._past).groupby(codes).agg(["min", "max"])
            cuts[label] = bool((ends["min"].iloc[:-1].to_numpy() > ends["max"].iloc[1:]).all())
        return cuts

    @cached_property
    def same_as(self) -> dict[str, str]:
        """The first label whose tiers hold the same customers, for each label; often itself."""
        groups: dict[bytes, str] = {}
        alike = {}
        for label, codes in self._codes.items():
            places = (np.cumsum(np.bincount(codes) > 0, dtype="int32") - 1)[codes]
            alike[label] = groups.setdefault(places.tobytes(), label)
        return alike | {label: label for label in self.labels[-2:]}

    def gains(self) -> dict[str, Totals]:
        """Return the running totals of every label."""
        w = np.ones((1, self._tiers.n), dtype="uint8")
        orders = {PLAIN_SORT: self._plain, ORACLE: self._perfect}
        by_order = {label: next(order.rows(w)) for label, order in orders.items()}
        return self._tiers.totals(w) | by_order


def net_value(outcome: pd.DataFrame) -> pd.Series:
    """Return what customers brought in the holdout, losses as losses."""
    return outcome["net" if "net" in outcome else "value"].astype("float64")


def _codes(label: str, tiers: pd.Series, population: pd.Index) -> np.ndarray:
    if not isinstance(tiers.dtype, pd.CategoricalDtype) or not tiers.cat.ordered:
        raise StudyError(
            f"'{label}' must give an ordered categorical, best tier first, found {tiers.dtype}."
        )
    if tiers.index.has_duplicates:
        raise StudyError(f"'{label}' gives some customers two tiers.")
    tiers = tiers.reindex(population)
    if tiers.isna().any():
        raise StudyError(
            f"'{label}' leaves {int(tiers.isna().sum()):,} customers without a tier; "
            "every customer of the calibration needs one."
        )
    return tiers.cat.codes.to_numpy()
