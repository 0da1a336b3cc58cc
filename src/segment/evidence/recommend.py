"""From figures to a recommendation that says how sure it is, in three steps.

1. Better than chance, or none: by simultaneous lower bounds of the mean normalised Gini.
2. The order of the customers: the plain sort, unless another order finds separably more,
   by more than the practical margin, with the group that can be served.
3. The cut: the tiers whose border is nearest to the share that can be served.

Beside it, a weighted score at the main cut and how often each scheme leads under random
weights; it never overrules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.evidence.backtest import ORACLE, PLAIN_SORT, Backtest
from segment.evidence.rolling import Rolling
from segment.evidence.stability import Stability
from segment.language import N_, _
from segment.study.schema import Readiness
from segment.tiering import ABC, Tiering

RANDOM_WEIGHTINGS = 10_000
LEVEL = 0.95
# What a scheme must have to replace the plain sort: dates, and customers whom it exchanges.
LEAST_DATES, LEAST_EXCHANGED = 3, 30
# What stands between a scheme and a recommendation, by what is looked at first.
HURDLES = {
    "chance": N_("not shown to sort better than chance"),
    "best tier": N_("its best tier is not shown to bring more"),
    "cut": N_("a cut of the plain sort"),
    "border": N_("has no border near the share that can be served"),
    "dates": N_("its gain stands at too few cut dates"),
    "exchanged": N_("serves nearly the same customers as the plain sort"),
    "less": N_("finds less, beyond doubt"),
    "doubt": N_("not shown to find more"),
    "margin": N_("finds less than would matter in practice"),
    "largest": N_("hangs on the largest customer"),
    "losses": N_("hangs on how losses are counted"),
}


@dataclass(frozen=True)
class Verdict:
    """The recommendation.

    Attributes
    ----------
    recommended : str or None
        Label of the recommended scheme; None if the data allow no verdict.
    best : str
        Label with the highest mean gain over the cut dates, or the plain sort's cut if
        none finds more.
    plain : str or None
        The study's cut of the plain sort that is nearest to the share that can be served.
    candidates : list of str
        Schemes whose order may replace the plain sort, highest gain first.
    schemes : DataFrame
        By method, highest gain first: ``gain`` (mean over the cut dates, a share of the
        holdout value), ``gain_low`` to ``gain_high`` (95 %), ``bound`` and ``ceiling``
        (simultaneous one-sided 95 % bounds), ``chance`` (simultaneous lower bound of the
        mean normalised Gini) and ``hurdle``, a key of HURDLES; empty for candidates.
    score : DataFrame
        By method: the six parts in [0, 1] or below, ``score``, ``leads`` (share
        of random weightings under which it has the highest score).
    margin : float
        Gains up to this size do not matter in practice, in shares of the holdout value.
    refused : str
        Why there is no verdict; empty if there is one.
    """

    recommended: str | None
    best: str
    plain: str | None
    candidates: list[str]
    schemes: pd.DataFrame
    score: pd.DataFrame
    margin: float
    refused: str = ""

    @property
    def beats_plain(self) -> bool:
        """Whether another order than the plain sort is recommended."""
        return self.recommended in self.candidates


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

    ``margin`` is the gain that matters in practice, a share of the holdout value; ``weights`` are
    those of the parts of the score, ``refused`` why the data allow no verdict.
    """
    labels, summary = list(methods), rolling.summary
    chance, _upper = bounds(rolling, "gini", [*labels, PLAIN_SORT], evidence.widening)
    low, high = bounds(rolling, "gain", labels)
    schemes = summary.loc[labels, ["gain", "gain_low", "gain_high"]]
    schemes = schemes.assign(bound=low, ceiling=high, chance=chance[labels])
    figures = evidence.figures.loc[labels]
    looked = pd.DataFrame(
        {
            "chance": chance[labels] > 0,
            "best tier": figures["lead_low"] > 0,
            "cut": ~figures["by_construction"],
            "border": figures["gain"].notna(),
            "dates": summary.loc[labels, "gain_origins"] >= LEAST_DATES,
            "exchanged": figures["exchanged"] >= LEAST_EXCHANGED,
            "less": ~(high < 0),
            "doubt": low > 0,
            "margin": schemes["gain"] >= margin,
            "largest": summary.loc[labels, "gain_without_largest"] >= margin,
            "losses": _same_with_losses(summary.loc[labels], margin),
        }
    )
    assert list(looked) == list(HURDLES)
    schemes["hurdle"] = looked.idxmin(axis=1).where(~looked.all(axis=1), "")
    schemes = schemes.sort_values("gain", ascending=False, kind="stable")
    candidates = list(schemes.index[schemes["hurdle"] == ""])
    sound = looked["chance"] & looked["best tier"]
    cuts = [label for label in labels if figures.loc[label, "by_construction"]]
    plain = nearest_cut(evidence, methods, [label for label in cuts if sound[label]] or cuts)
    recommended, reason = None, refused
    if not refused:
        if candidates:
            recommended = simplest(candidates, methods, rolling, margin)
        elif plain is not None and sound[plain] and chance[PLAIN_SORT] > 0:
            recommended = plain
        else:
            reason = _no_better_than_chance(chance)
    found_more = schemes["gain"].max() > 0 or plain is None
    best = schemes.index[0] if found_more else plain
    score = weighted_score(evidence, stability, methods, weights, seed)
    return Verdict(recommended, best, plain, candidates, schemes, score, margin, reason)


def bounds(
    rolling: Rolling, figure: str, labels: list[str], wider: float = 1.0
) -> tuple[pd.Series, pd.Series]:
    """Return simultaneous one-sided 95 % bounds of means over the dates, below and above.

    Each by the largest studentised deviation of the draws over all schemes (max-T): all lower
    bounds hold together, and so do all upper ones. A figure without an error is its own bound.
    """
    known = rolling.summary.loc[labels]
    estimate, error = known[figure], known[f"{figure}_error"]
    unsure = estimate.index[(error > 1e-12) & estimate.notna()]
    low, high = estimate.copy(), estimate.copy()
    if len(unsure):
        t = ((rolling.draws[figure][unsure] - estimate[unsure]) / error[unsure]).to_numpy()
        most, least = np.nanmax(t, axis=1), -np.nanmin(t, axis=1)
        low[unsure] -= wider * np.nanquantile(most, LEVEL) * error[unsure]
        high[unsure] += wider * np.nanquantile(least, LEVEL) * error[unsure]
    return low, high


def _same_with_losses(summary: pd.DataFrame, margin: float) -> pd.Series:
    """Return whose gain keeps its sign, and moves by no more than the margin, with losses."""
    gain, net = summary["gain"], summary["gain_net"]
    return (np.sign(gain) == np.sign(net)) & ((gain - net).abs() <= margin)


def nearest_cut(evidence: Backtest, methods: Mapping[str, Tiering], cuts: list[str]) -> str | None:
    """Return the cut of the plain sort whose border is nearest to the share that can be served.

    In the logarithm of the share; then the one with fewer tiers, and of such one that is called so.
    """

    def key(label: str) -> tuple[float, int, bool]:
        shares = evidence.tiers.loc[evidence.tiers["label"] == label, "share"]
        reached = shares.cumsum()[:-1]
        reached = reached[reached > 0]
        away = (np.log(reached) - np.log(evidence.served_share)).abs().min()
        nearness = round(away, 9) if len(reached) else np.inf
        return nearness, len(shares), not isinstance(methods[label], ABC)

    return min(cuts, key=key, default=None)


def simplest(
    candidates: list[str], methods: Mapping[str, Tiering], rolling: Rolling, margin: float
) -> str:
    """Return the simplest candidate, or the best if it finds separably more by the margin.

    ``candidates`` come best first. The difference is paired; its lower bound is one-sided.
    """
    best = candidates[0]
    chosen = min(candidates, key=lambda label: effort(methods[label]))
    draws, gain = rolling.draws["gain"], rolling.summary["gain"]
    more = gain[best] - gain[chosen]
    off = (draws[best] - draws[chosen]) - more
    return best if more >= margin and more > np.nanquantile(off, LEVEL) else chosen


def _no_better_than_chance(chance: pd.Series) -> str:
    if (chance > 0).any():
        return _(
            "what sorts customers better than chance here does not find more than the plain sort, "
            "and the plain sort is no better than chance, beyond doubt"
        )
    return _("no scheme here sorts customers better than chance, beyond doubt")


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
    q, perfect = evidence.served_share, figures.loc[ORACLE]
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
