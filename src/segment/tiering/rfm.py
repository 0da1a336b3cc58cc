"""RFM: scores for recency, frequency and monetary value, in three forms."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from segment.errors import StudyError, nearest
from segment.language import N_, N_tier, _
from segment.tiering import base

EMPTY = N_("empty: ties fill other scores")
FORMS = ("sum", "concatenated", "segments")
RFM_R = "rfm-r"
# Feature behind each score, and whether a higher value is better.
SCORED = {"r": ("days_since_last", -1), "f": ("order_days", 1), "m": ("monetary_total", 1)}

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

    def __init__(self, form="sum", bins=5, cuts=None, shares=None, segments=None,
                 compat=None):  # fmt: skip
        self.form = form
        self.bins = bins
        self.cuts = cuts
        self.shares = shares
        self.segments = segments
        self.compat = compat

    @property
    def columns(self) -> tuple[str, ...]:
        """Recency, frequency and monetary column."""
        return tuple(column for column, __ in SCORED.values())

    @property
    def complexity(self) -> tuple[int, int]:
        """Three variables; as many cells as a reader must look up."""
        return 3, len(self.tiers_)

    def scores(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the scores ``r``, ``f`` and ``m`` of every customer, 1 to ``bins``."""
        values = self._checked(customers)
        return pd.DataFrame(
            {
                score: 1 + base.count_reached(sign * values[column].to_numpy(), self.limits_[score])
                for score, (column, sign) in SCORED.items()
            },
            index=customers.index,
        )

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the scores ``r``, ``f`` and ``m``."""
        return self.scores(customers)

    def score_table(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return, for each variable and score, its limits and realised size.

        Returns
        -------
        DataFrame
            Columns ``variable``, ``score``, ``rule``, ``customers``, ``share``.
        """
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
            level = np.minimum(self.bins - 1, np.floor(self.bins * percentile)).astype(int)
            self.limits_[score] = base.lower_limits(goodness, level, self.bins)
        if self.form == "concatenated":
            digits = range(self.bins, 0, -1)
            self.tiers_ = tuple("".join(map(str, cell)) for cell in product(digits, repeat=3))
        elif self.form == "segments":
            self._learn_segments(values)
        elif self.shares is None:
            self.tiers_ = tuple(str(total) for total in range(3 * self.bins, 2, -1))
        else:
            self._learn_shares(values)

    def _learn_shares(self, values: pd.DataFrame) -> None:
        limits = base.check_limits("RFM: 'shares'", self.shares, 0, 1)
        total = self.scores(values).sum(axis=1).to_numpy()
        code = base.places_by_share(total, np.asarray(limits))
        self.tiers_ = base.check_classes("RFM: 'shares'", limits)
        self.sum_limits_ = base.limits_of(total, code, len(self.tiers_))

    def _learn_segments(self, values: pd.DataFrame) -> None:
        rules = self._segment_rules()
        self.tiers_ = tuple(rules)
        uncovered = self._segment_codes(self.all_cells()) == len(rules)
        if uncovered.any():
            base.check_names("RFM: names of 'segments'", (*rules, UNMATCHED))
            self.tiers_ += (UNMATCHED,)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        scores = self.scores(values)
        if self.form == "segments":
            return self._segment_codes(scores)
        if self.form == "concatenated":
            down = self.bins - scores.to_numpy()
            return down @ np.array([self.bins**2, self.bins, 1])
        total = scores.sum(axis=1).to_numpy()
        if self.shares is None:
            return 3 * self.bins - total
        return base.places(total, self.sum_limits_)

    def rules(self) -> pd.DataFrame:
        """One row per tier, in terms of the scores; ``score_table`` defines those."""
        if self.form == "segments":
            texts = [
                _(" and ").join(f"{_(_LONG[s])} {_range(r)}" for s, r in rule.items())
                for rule in self._segment_rules().values()
            ]
            texts += [base.everyone_else()] * (len(self.tiers_) - len(texts))
        elif self.form == "concatenated":
            texts = [f"R = {t[0]}, F = {t[1]}, M = {t[2]}" for t in self.tiers_]
        elif self.shares is None:
            texts = [f"R + F + M = {tier}" for tier in self.tiers_]
        else:
            texts = [*base.at_least("R + F + M", self.sum_limits_), base.everyone_else()]
        return pd.DataFrame({"tier": self.tiers_, "rule": texts})

    def _sql(self) -> str:
        score = {name: self._score_sql(name) for name in SCORED}
        if self.form == "segments":
            mean = f"FLOOR(({score['f']} + {score['m']} + 1) / 2.0)"
            conditions = [
                " AND ".join(
                    f"{(score | {'fm': mean})[s]} BETWEEN {low} AND {high}"
                    for s, (low, high) in rule.items()
                )
                for rule in self._segment_rules().values()
            ]
            tiers = list(self.tiers_)
            return base.case(conditions[: len(tiers) - 1], tiers)
        if self.form == "concatenated":
            digits = [f"CAST({text} AS VARCHAR)" for text in score.values()]
            return " || ".join(digits)
        total = f"({' + '.join(score.values())})"
        if self.shares is None:
            return f"CAST({total} AS VARCHAR)"
        return base.sql_at_least(total, self.sum_limits_, self.tiers_)

    def _score_sql(self, score: str) -> str:
        column, sign = SCORED[score]
        reached = [
            f'CASE WHEN "{column}" {">=" if sign > 0 else "<="} {base.sql_number(sign * limit)} '
            "THEN 1 ELSE 0 END"
            for limit in self.limits_[score]
            if np.isfinite(limit)
        ]
        return f"({' + '.join(['1', *reached])})"

    def _score_rule(self, score: str, level: int) -> str:
        sign = SCORED[score][1]
        limits = np.r_[-np.inf, self.limits_[score], np.inf]
        low, high = limits[level - 1], limits[level]
        if sign > 0:
            parts = [_("at least {limit}", limit=base.number(low))] if np.isfinite(low) else []
            parts += [_("below {limit}", limit=base.number(high))] if np.isfinite(high) else []
        else:
            parts = [_("more than {limit}", limit=base.number(-high))] if np.isfinite(high) else []
            parts += [_("at most {limit}", limit=base.number(-low))] if np.isfinite(low) else []
        return _(" and ").join(parts) or _("everyone")

    def _own_limits(self, score: str) -> np.ndarray:
        limits = base.check_limits(f"RFM: cuts of '{score}'", self.cuts[score], -np.inf, np.inf)
        if len(limits) != self.bins - 1:
            raise StudyError(
                f"RFM: cuts of '{score}' need {self.bins - 1} limits for {self.bins} bins, "
                f"found {len(limits)}."
            )
        return self._reached_from(score, np.asarray(limits))

    def _reached_from(self, score: str, cuts: np.ndarray) -> np.ndarray:
        """Return ascending cuts of a column as the goodness from which a score is reached."""
        if SCORED[score][1] > 0:
            return cuts
        # Days are whole: fewer than a limit are at most the whole number before it.
        return -(np.ceil(cuts) - 1 if self.compat == RFM_R else cuts)[::-1]

    def _segment_rules(self) -> dict[str, dict[str, tuple[int, int]]]:
        rules = {}
        for name, rule in (self.segments or SEGMENTS).items():
            if not isinstance(rule, Mapping) or not rule:
                raise StudyError(f"RFM: segment '{name}' needs ranges such as r: [4, 5].")
            for score in rule:
                if score not in _LONG:
                    raise StudyError(f"RFM: segment '{name}': '{score}'{nearest(score, _LONG)}")
            rules[str(name)] = {s: _bounds(name, s, span, self.bins) for s, span in rule.items()}
        return rules

    def _segment_codes(self, scores: pd.DataFrame) -> np.ndarray:
        matches = list(self.segment_matches(scores).to_numpy().T)
        return np.select(matches, range(len(matches)), len(matches))

    def segment_matches(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Return which segments' rules each row of scores fulfils, one column per segment.

        Parameters
        ----------
        scores : DataFrame
            Columns ``r``, ``f`` and ``m``.
        """
        known = scores.assign(fm=(scores["f"] + scores["m"] + 1) // 2)
        return pd.DataFrame(
            {
                name: np.logical_and.reduce(
                    [known[score].between(*span).to_numpy() for score, span in rule.items()]
                )
                for name, rule in self._segment_rules().items()
            },
            index=scores.index,
        )

    def all_cells(self) -> pd.DataFrame:
        """Return every combination of scores, one row each: ``r``, ``f`` and ``m``."""
        return pd.DataFrame(product(range(1, self.bins + 1), repeat=3), columns=list(SCORED))

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        base.check_choice("RFM: 'form'", self.form, FORMS)
        base.check_whole("RFM: 'bins'", self.bins, 2, 9)
        for name in ("cuts", "segments"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, Mapping):
                raise StudyError(f"RFM: '{name}' must be a mapping, found {given!r}.")
        for score in self.cuts or {}:
            base.check_choice("RFM: a key of 'cuts'", score, tuple(SCORED))
            self._own_limits(score)
        if self.compat is not None:
            base.check_choice("RFM: 'compat'", self.compat, (RFM_R,))
        if self.shares is not None:
            if self.form != "sum":
                raise StudyError("RFM: 'shares' cut the sum of the scores; they need form: sum.")
            limits = base.check_limits("RFM: 'shares'", self.shares, 0, 1)
            base.check_classes("RFM: 'shares'", limits)
        if self.segments is not None:
            if self.form != "segments":
                raise StudyError("RFM: 'segments' need form: segments.")
            self._segment_rules()
        if self.form == "segments" and self.segments is None and self.bins != 5:
            raise StudyError("RFM: the built-in segments need 5 bins; give your own 'segments'.")


_LONG = {"r": "R", "f": "F", "m": "M", "fm": N_("mean of F and M")}


def _bounds(name: str, score: str, span: object, bins: int) -> tuple[int, int]:
    pair = list(span) if isinstance(span, (list, tuple)) else [span, span]
    whole = len(pair) == 2 and all(base.is_whole(end) for end in pair)
    if not whole or not 1 <= pair[0] <= pair[1] <= bins:
        raise StudyError(
            f"RFM: segment '{name}': '{score}' must be [lowest, highest] from 1 to {bins}, "
            f"found {span!r}."
        )
    return pair[0], pair[1]


def _range(span: tuple[int, int]) -> str:
    low, high = span
    return f"= {low}" if low == high else _("{low} to {high}", low=low, high=high)
