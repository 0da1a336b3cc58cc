"""RFM: scores for recency, frequency and monetary value, in three forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from segment.errors import StudyError, nearest
from segment.language import N_, N_tier, _
from segment.tiering import base, told
from segment.tiering.parameters import (
    SHARES,
    ascending,
    choice,
    distinct,
    is_whole,
    letters,
    mapping,
    optional,
    parameter,
    whole,
)
from segment.tiering.rule import AND, SIGNS, AllOf, Conditions, Figure, Rule, at_least

EMPTY = N_("empty: ties fill other scores")
RFM_R = "rfm-r"
# Feature behind each score, and whether a higher value is better.
SCORED = {"r": ("days_since_last", -1), "f": ("order_days", 1), "m": ("monetary_total", 1)}
RANGED = (*SCORED, "fm")
# What rules call the scores, and the figures made of them.
LETTERS = {"r": "R", "f": "F", "m": "M", "fm": N_("mean of F and M"), "sum": "R + F + M"}

# Best first. Each cell of recency by the mean of frequency and monetary score
# (halves round up) belongs to exactly one segment.
SEGMENTS = {
    N_tier("Champions"): {"r": (5, 5), "fm": (4, 5)},
    N_tier("Loyal customers"): {"r": (3, 4), "fm": (4, 5)},
    N_tier("Cannot lose them"): {"r": (1, 2), "fm": (5, 5)},
    N_tier("Potential loyalists"): {"r": (4, 5), "fm": (2, 3)},
    N_tier("At risk"): {"r": (1, 2), "fm": (3, 4)},
    N_tier("Need attention"): {"r": (3, 3), "fm": (3, 3)},
    N_tier("New customers"): {"r": (5, 5), "fm": (1, 1)},
    N_tier("Promising"): {"r": (4, 4), "fm": (1, 1)},
    N_tier("About to sleep"): {"r": (3, 3), "fm": (1, 2)},
    N_tier("Hibernating"): {"r": (1, 2), "fm": (1, 2)},
}
UNMATCHED = N_tier("No segment")


class Score(Figure):
    """A score of one method, the mean of two or the sum of three, in rules."""

    def __init__(self, key: str, method: RFM):
        super().__init__(key, LETTERS[key], made_of=method.columns)
        self.method = method

    def sql(self) -> str:
        """Return it as SQL; a score is one more than the limits that its column reaches."""
        point = "CASE WHEN {} THEN 1 ELSE 0 END"
        r, f, m = (
            f"({' + '.join(['1', *(point.format(limit.sql()) for limit in limits)])})"
            for limits in self.method.steps().values()
        )
        mean, total = f"FLOOR(({f} + {m} + 1) / 2.0)", f"({r} + {f} + {m})"
        return {"r": r, "f": f, "m": m, "fm": mean, "sum": total}[self.key]


class Span(Rule):
    """A score from one to another, both included."""

    def __init__(self, score: Score, low: int, high: int):
        super().__init__(score, "between", low, high)

    def words(self) -> str:
        """Return "R 4 to 5", or "R = 5"."""
        low, high = self.limits
        equal = f"{self.figure.words()} = {low}"
        return super().words() if low < high else told.lately(equal, *self.figure.made_of)


@dataclass(eq=False, repr=False)
class RFM(base.Tiering):
    """Scores from 1 to ``bins`` for recency, frequency and monetary total.

    Parameters
    ----------
    form : {"sum", "concatenated", "segments"}
        Tier by the sum of the scores, by the three digits in the order R, F, M,
        or by named segments.
    bins : int
        Scores per variable, 2 to 9. Bins are cut at mid-rank percentiles, so that
        tied customers never part; a bin can then stay empty.
    cuts : mapping, optional
        Own limits instead of percentiles, by score: ``{"r": [30, 90, 180, 365]}``.
        Ascending, ``bins - 1`` of them, in the unit of the column. For ``r``, days
        up to and including the first limit score highest; for ``f`` and ``m``,
        values from the limit on reach the next score.
    shares : sequence of float, optional
        Only with ``form="sum"``: cut the customers, ranked by their sum, at these
        shares of head count, into tiers A, B, C ...
    segments : mapping, optional
        Only with ``form="segments"``: name to ranges of ``r``, ``f``, ``m`` and
        ``fm`` (mean of f and m, halves round up), both ends included. The first
        match wins; the order given is the order of the tiers, best first.
    compat : {"rfm-r"}, optional
        Cut as ``rfm_table_order`` of R's package rfm (0.3.0) does: limits are the
        quantiles of type 7 (Hyndman and Fan 1996) at 1/bins, 2/bins ... plus 1, and
        bins are closed on the left: a value on a limit is in the bin above, so
        fewer ``days_since_last`` than the first limit score highest. Own ``cuts``
        close like that too. To see R's scores, give it one row per customer and
        day; it counts days from its analysis date, here the window's last day.

    Attributes
    ----------
    limits_ : dict of str to array
        For each score, the limits in the unit of its column, from score 2 up.
    """

    columns = tuple(column for column, _sign in SCORED.values())

    form: str = parameter("sum", choice("sum", "concatenated", "segments"))
    bins: int = parameter(5, whole(2, 9))
    cuts: Mapping | None = parameter(None, optional(mapping))
    shares: Sequence[float] | None = parameter(None, optional(SHARES))
    segments: Mapping | None = parameter(None, optional(mapping))
    compat: str | None = parameter(None, optional(choice(RFM_R)))

    def scores(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the scores ``r``, ``f`` and ``m`` of every customer, 1 to ``bins``."""
        values = self._checked(customers)
        steps = self.steps().items()
        reached = {score: sum(limit.holds(values) for limit in limits) for score, limits in steps}
        return 1 + pd.DataFrame(reached, index=customers.index, dtype=int)

    def steps(self) -> dict[str, list[Rule]]:
        """Return the limits of each score that somebody reaches; each gives one point more."""
        steps = {}
        for score, (column, sign) in SCORED.items():
            limits = self.limits_[score][np.isfinite(self.limits_[score])]
            steps[score] = [Rule(column, ">=" if sign > 0 else "<=", sign * x) for x in limits]
        return steps

    details = scores

    def score_table(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return each score's limits and size: variable, score, rule, customers, share."""
        scores, rows = self.scores(customers), []
        for score, (column, _sign) in SCORED.items():
            counts = scores[score].value_counts()
            for level in range(self.bins, 0, -1):
                count = int(counts.get(level, 0))
                rule = self._score_rule(score, level) if count else _(EMPTY)
                rows.append((column, level, rule, count, count / len(scores)))
        return pd.DataFrame(rows, columns=["variable", "score", "rule", "customers", "share"])

    def _learn(self, values: pd.DataFrame) -> None:
        self.limits_ = {}
        for score, (column, sign) in SCORED.items():
            goodness = sign * values[column].to_numpy()
            if self.cuts and score in self.cuts:
                self.limits_[score] = self._own_limits(score)
                continue
            if self.compat == RFM_R:
                levels = np.arange(1, self.bins) / self.bins
                # Rounded: a limit a hair above a whole number would shut that number out.
                cuts = np.round(np.quantile(values[column], levels, method="linear") + 1, 9)
                self.limits_[score] = self._reached_from(score, cuts)
                continue
            percentile = np.round(base.midrank_percentile(goodness), 12)
            place = self.bins - 1 - np.minimum(self.bins - 1, self.bins * percentile // 1)
            self.limits_[score] = base.limits_of(goodness, place, self.bins)[::-1]
        if self.form == "concatenated":
            digits = range(self.bins, 0, -1)
            self.tiers_ = tuple("".join(map(str, cell)) for cell in product(digits, repeat=3))
        elif self.form == "segments":
            self.tiers_ = tuple(self._spans())
            if not self.segment_matches(self.all_cells()).any(axis=1).all():
                self.tiers_ += (UNMATCHED,)
                distinct()("RFM: names of 'segments'", self.tiers_)
        elif self.shares is None:
            self.tiers_ = tuple(str(total) for total in range(3 * self.bins, 2, -1))
        else:
            total = self._figures(values)["sum"].to_numpy()
            self.tiers_ = letters(self.shares)
            places = base.places_by_share(total, self.shares)
            self.sum_limits_ = base.limits_of(total, places, len(self.tiers_))

    def _figures(self, values: pd.DataFrame) -> pd.DataFrame:
        return _with_means(self.scores(values))

    def conditions(self) -> Conditions:
        """Return the ranges of the segments, or the sums that reach the classes of ``shares``."""
        if self.form == "segments":
            return tuple(
                (name, AllOf(*(Span(Score(score, self), *ends) for score, ends in spans.items())))
                for name, spans in self._spans().items()
            )
        if self.shares is None:
            return ()
        return at_least(self.tiers_, Score("sum", self), self.sum_limits_)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        if self.conditions():
            return super()._codes(values)
        scores = self.scores(values)
        if self.form == "concatenated":
            return (self.bins - scores.to_numpy()) @ [self.bins**2, self.bins, 1]
        return 3 * self.bins - scores.sum(axis=1).to_numpy()

    def rules(self) -> pd.DataFrame:
        """Return one row per tier, in terms of the scores; ``score_table`` defines those."""
        if self.conditions():
            return super().rules()
        if self.form == "concatenated":
            texts = ["R = {}, F = {}, M = {}".format(*tier) for tier in self.tiers_]
        else:
            texts = [f"R + F + M = {tier}" for tier in self.tiers_]
        rules = [told.lately(text, *self.columns) for text in texts]
        return pd.DataFrame({"tier": self.tiers_, "rule": rules})

    def _sql(self) -> str:
        if self.conditions():
            return super()._sql()
        if self.form == "concatenated":
            return " || ".join(f"CAST({Score(name, self).sql()} AS VARCHAR)" for name in SCORED)
        return f"CAST({Score('sum', self).sql()} AS VARCHAR)"

    def _score_rule(self, score: str, level: int) -> str:
        column, sign = SCORED[score]
        low, high = np.r_[-np.inf, self.limits_[score], np.inf][level - 1 : level + 1]
        ends = [(">=", low), ("<", high)] if sign > 0 else [(">", -high), ("<=", -low)]
        figure, learned = Figure(column), score not in (self.cuts or {})
        parts = [
            _(
                SIGNS[way].words,
                name="",
                limit=figure.limit(told.rounded(column, x, sign > 0) if learned else x),
            ).strip()
            for way, x in ends
            if np.isfinite(x)
        ]
        return _(AND).join(parts) or _("everyone")

    def _own_limits(self, score: str) -> np.ndarray:
        cuts = self.cuts[score]
        ascending()(f"RFM: cuts of '{score}'", cuts)
        if len(cuts) != self.bins - 1:
            raise StudyError(
                f"RFM: cuts of '{score}' need {self.bins - 1} limits for {self.bins} bins, "
                f"found {len(cuts)}."
            )
        return self._reached_from(score, np.asarray(cuts, dtype=float))

    def _reached_from(self, score: str, cuts: np.ndarray) -> np.ndarray:
        """Return ascending cuts of a column as the goodness from which a score is reached."""
        if SCORED[score][1] > 0:
            return cuts
        # Days are whole: fewer than a limit are at most the whole number before it.
        return -(np.ceil(cuts) - 1 if self.compat == RFM_R else cuts)[::-1]

    def _spans(self) -> dict[str, dict[str, tuple[int, int]]]:
        """Return the lowest and the highest score of each segment, by score."""
        spans = {}
        for name, ranges in (self.segments or SEGMENTS).items():
            if not isinstance(ranges, Mapping) or not ranges:
                raise StudyError(f"RFM: segment '{name}' needs ranges such as r: [4, 5].")
            for score in ranges:
                if score not in RANGED:
                    raise StudyError(f"RFM: segment '{name}': '{score}'{nearest(score, RANGED)}")
            spans[str(name)] = {s: _bounds(name, s, ends, self.bins) for s, ends in ranges.items()}
        return spans

    def segment_matches(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Return which segments' ranges each row of scores is in, one column per segment."""
        known = _with_means(scores)
        membership = {name: condition.holds(known) for name, condition in self.conditions()}
        return pd.DataFrame(membership, index=scores.index)

    def all_cells(self) -> pd.DataFrame:
        """Return every combination of scores, one row each: ``r``, ``f`` and ``m``."""
        return pd.DataFrame(product(range(1, self.bins + 1), repeat=3), columns=list(SCORED))

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        for score in self.cuts or {}:
            choice(*SCORED)("RFM: a key of 'cuts'", score)
            self._own_limits(score)
        if self.shares is not None and self.form != "sum":
            raise StudyError("RFM: 'shares' cut the sum of the scores; they need form: sum.")
        if self.segments is not None:
            if self.form != "segments":
                raise StudyError("RFM: 'segments' need form: segments.")
            self._spans()
        if self.form == "segments" and self.segments is None and self.bins != 5:
            raise StudyError("RFM: the built-in segments need 5 bins; give your own 'segments'.")


def _with_means(scores: pd.DataFrame) -> pd.DataFrame:
    """Add the mean of frequency and monetary score, halves rounded up, and the sum of all."""
    total = scores["r"] + scores["f"] + scores["m"]
    return scores.assign(fm=(scores["f"] + scores["m"] + 1) // 2, sum=total)


def _bounds(name: str, score: str, span: object, bins: int) -> tuple[int, int]:
    pair = list(span) if isinstance(span, (list, tuple)) else [span, span]
    whole = len(pair) == 2 and all(is_whole(end) for end in pair)
    if not whole or not 1 <= pair[0] <= pair[1] <= bins:
        raise StudyError(
            f"RFM: segment '{name}': '{score}' must be [lowest, highest] from 1 to {bins}, "
            f"found {span!r}."
        )
    return pair[0], pair[1]
