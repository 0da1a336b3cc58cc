"""From figures to a recommendation that says how sure it is.

Primary: the schemes that are not separably worse than the best one over all cut
dates, by simultaneous intervals for all pairs; the simplest native rule among them
wins. Secondary, beside it: a weighted score at the main cut, how often each scheme
leads under random weights, and which schemes no other beats in every respect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from segment.evidence.backtest import ORACLE, Backtest
from segment.evidence.rolling import Rolling
from segment.evidence.stability import Stability
from segment.language import _
from segment.study.schema import Readiness
from segment.tiering import Tiering

RANDOM_WEIGHTINGS = 10_000
LEVEL = 0.95
PAIR = ["better", "worse", "difference", "low", "high", "separable"]


@dataclass(frozen=True)
class Verdict:
    """The recommendation.

    Attributes
    ----------
    recommended : str or None
        Label of the recommended scheme; None if the data allow no verdict.
    best : str
        Label with the highest normalised Gini, by its mean over the cut dates.
    candidates : list of str
        Schemes not separably worse than the best, simplest first.
    pairs : DataFrame
        ``better``, ``worse``, ``difference`` of the mean normalised Gini with its
        simultaneous 95 % interval ``low`` to ``high``, ``separable``.
    score : DataFrame
        By method: the six parts in [0, 1] or below, ``score``, ``leads`` (share
        of random weightings under which it has the highest score).
    front : list of str
        Schemes that no other beats in mean normalised Gini, stability and simplicity
        at once, best Gini first.
    margin : float
        Differences up to this size do not matter in practice.
    refused : str
        Why there is no verdict; empty if there is one.
    """

    recommended: str | None
    best: str
    candidates: list[str]
    pairs: pd.DataFrame
    score: pd.DataFrame
    front: list[str]
    margin: float
    refused: str = ""

    @property
    def behind(self) -> pd.DataFrame:
        """The differences to the best scheme; ``separable``: worse than it or than another."""
        pairs = self.pairs[self.pairs["better"] == self.best]
        return pairs.assign(separable=~pairs["worse"].isin(self.candidates))

    @property
    def clear(self) -> bool:
        """Whether one scheme alone is best."""
        return len(self.candidates) == 1


def recommend(
    evidence: Backtest,
    stability: Stability,
    methods: Mapping[str, Tiering],
    *,
    rolling: Rolling,
    margin: float,
    weights: Mapping[str, float],
    seed: int,
    refused: str = "",
) -> Verdict:
    """Choose a scheme among fitted methods by their means over the cut dates, in ``rolling``.

    A scheme is separably worse if its whole simultaneous interval lies beyond ``margin``, in
    normalised Gini. ``weights`` are those of the parts of the score, ``refused`` why the data allow
    no verdict.
    """
    labels = list(methods)
    gini = rolling.summary.loc[labels, "mean"]
    pairs = simultaneous_pairs(gini, rolling.draws[labels], margin, wider=evidence.widening)
    best = gini.idxmax()
    # Whoever is separably worse than any scheme is no best one, whichever that is: a best
    # figure from a single date may be too unsure to rule anybody out.
    beaten = set(pairs.loc[pairs["separable"], "worse"])
    work = {label: effort(method) for label, method in methods.items()}
    candidates = sorted(
        (label for label in labels if label not in beaten),
        key=lambda label: (work[label], -gini[label]),
    )
    score = weighted_score(evidence, stability, methods, weights, seed)
    screened = score[["stability", "simplicity"]].assign(gini=gini)
    recommended = None if refused else candidates[0]
    return Verdict(
        recommended, best, candidates, pairs, score, pareto_front(screened), margin, refused
    )


def pareto_front(criteria: pd.DataFrame) -> list[str]:
    """Return the rows that no other row beats, nowhere worse and somewhere better, best first.

    Of every column more is better; one that is missing for some method is left out for all.
    """
    values = criteria.dropna(axis="columns").to_numpy()
    no_worse = (values[:, None, :] >= values[None, :, :]).all(axis=2)
    better = (values[:, None, :] > values[None, :, :]).any(axis=2)
    front = criteria[~(no_worse & better).any(axis=0)]
    return list(front.sort_values("gini", ascending=False, kind="stable").index)


def simultaneous_pairs(
    estimate: pd.Series, draws: pd.DataFrame, margin: float, wider: float = 1.0
) -> pd.DataFrame:
    """Return max-T 95 % intervals for all pairwise differences, from paired draws.

    The critical value is the quantile of the largest studentised difference over all pairs, so all
    intervals hold together (Westfall and Young 1993). Returns ``better``, ``worse``, ``difference``
    (never negative), ``low``, ``high``, ``separable`` (wholly above the margin); widest first.
    """
    ordered = estimate.sort_values(ascending=False, kind="stable").index
    names = list(combinations(ordered, 2))
    if not names:
        return pd.DataFrame(columns=PAIR)
    better, worse = ([pair[i] for pair in names] for i in (0, 1))
    difference = estimate[better].to_numpy() - estimate[worse].to_numpy()
    spread = draws[better].to_numpy() - draws[worse].to_numpy()
    error = np.nanstd(spread, axis=0, ddof=1)
    apart = error > 1e-12
    critical = 0.0
    if apart.any():
        t = np.abs(spread[:, apart] - difference[apart]) / error[apart]
        critical = wider * np.nanquantile(t.max(axis=1), LEVEL)
    low, high = difference - critical * error, difference + critical * error
    pairs = zip(better, worse, difference, low, high, low > margin, strict=True)
    table = pd.DataFrame(pairs, columns=PAIR)
    return table.sort_values("difference", ascending=False, kind="stable", ignore_index=True)


def weighted_score(
    evidence: Backtest,
    stability: Stability,
    methods: Mapping[str, Tiering],
    weights: Mapping[str, float],
    seed: int,
) -> pd.DataFrame:
    """Return the secondary score, anchored at random order = 0 and foresight = 1.

    Parts that a study cannot have (AUC with too few inactive customers) are left
    out for all methods, and the other weights scaled up.
    """
    figures, labels = evidence.figures, list(methods)
    q, perfect = evidence.capture_share, figures.loc[ORACLE]
    parts = pd.DataFrame(
        {
            "gini": figures["gini"],
            "capture": (figures["capture"] - q) / (perfect["capture"] - q),
            "auc": 2 * figures["auc"] - 1,
            "stability": stability.figures["kappa"],
            "balance": figures["balance"],
        }
    ).reindex(labels)
    parts.insert(4, "simplicity", [simplicity(methods[label]) for label in labels])
    known = parts.columns[parts.notna().all()]
    share = pd.Series(dict(weights), dtype="float64")[known]
    if share.sum() <= 0:
        share[:] = 1.0
    parts["score"] = parts[known] @ (share / share.sum())
    rng = np.random.default_rng(seed)
    random = rng.dirichlet(np.ones(len(known)), size=RANDOM_WEIGHTINGS)
    leader = (random @ parts[known].to_numpy().T).argmax(axis=1)
    parts["leads"] = np.bincount(leader, minlength=len(labels)) / RANDOM_WEIGHTINGS
    return parts.sort_values("score", ascending=False, kind="stable")


def simplicity(method: Tiering) -> float:
    """Return how simple a scheme is, 0 to 1.

    Half for being a native rule (limits that people can read and apply), a
    quarter for the number of variables (1 / variables), a quarter for the number
    of cells (1 up to five cells, then 5 / cells).
    """
    not_native, variables, cells = effort(method)
    return 0.5 * (not not_native) + 0.25 / variables + 0.25 * min(1.0, 5 / cells)


def effort(method: Tiering) -> tuple[bool, int, int]:
    """Return the sort key of simplicity: not a native rule, variables, cells; less is simpler."""
    variables, cells = getattr(method, "complexity", (len(getattr(method, "columns", "x")), 1))
    return not getattr(method, "native_rule", False), max(1, variables), max(1, cells)


def refusal(active: pd.Series, need: Readiness) -> str:
    """Say why the data carry no verdict, whatever the schemes; empty if they do.

    ``active`` tells of each customer whether it bought again after the cut.
    """
    if len(active) < need.verdict_customers:
        return _(
            "{number} customers are too few to tell schemes apart (at least {least} are needed)",
            number=f"{len(active):,}",
            least=need.verdict_customers,
        )
    if active.sum() < need.verdict_active:
        return _(
            "only {number} customers bought again after the cut (at least {least} are needed "
            "to tell schemes apart)",
            number=f"{int(active.sum()):,}",
            least=need.verdict_active,
        )
    return ""
