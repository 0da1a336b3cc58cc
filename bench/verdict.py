"""Is the verdict right? Studies of five cut dates whose truth is known.

Prints the tables of docs/coverage.md on the mean gain and the recommendation. Every run draws
customers afresh and hands them to ``judge``, ``judge_at_dates`` and ``recommend`` as a study
would. Power is that on samples of CDNOW's customers, with the tiers of its study.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from intervals import markdown
from market import HOLDOUT, SERVED, TIERS, WEEKS_OF_FIRST, lives, spend
from scipy.optimize import root
from sklearn.base import BaseEstimator

from segment.evidence.backtest import judge
from segment.evidence.comparison import Comparison
from segment.evidence.origins import Origin, earlier, earlier_windows
from segment.evidence.recommend import recommend, refusal
from segment.evidence.rolling import judge_at_dates
from segment.evidence.stability import Stability
from segment.run import prepare
from segment.study import read
from segment.study.schema import Readiness, Weights

ROOT = Path(__file__).parents[1]
CUTS = (20, 25, 29, 34, 39)  # weeks, as CDNOW's
# Numbers of runs by number of customers, and of samples of CDNOW's; customers of the truth.
RUNS, DRAWN, MARKET = {1000: 2000, 5000: 2000}, {5000: 100, 20_000: 60}, 500_000
SCHEMES, PLAIN = ("recent spend", "rank sum", "blurred spend"), "plain sort 5/20/50"
HALF_LIFE, BLUR = 8.5, 0.7  # weeks; of log spend
# What a date adds to the log of the value of customers whom a scheme exchanges: standard
# deviation. The gain then varies by 2 to 3 points between dates, twice as much as CDNOW's.
DATE_EFFECT, BLOCK, MARGIN, REPLICATES = 0.15, 10, 0.005, 200
EVERYTHING, NONE_BETTER, BY_PAST, NO_ORDER = (
    "as it is",
    "nothing finds more",
    "past value alone",
    "no order",
)
CASES = [
    (what, effect) for what in (NONE_BETTER, BY_PAST, EVERYTHING) for effect in (0, DATE_EFFECT)
]
CASES += [(NO_ORDER, 0)]
COLUMNS = ["what", "effect", "run", "scheme", "truth", "gain", "low", "high", "verdict", "beats"]
CDNOW = (
    "Revenue tiers 5/20/50",
    "RFM sum",
    "RFM segments",
    "Recent spend",
    "Scorecard",
    "Learned tiers",
)


class Given(BaseEstimator):
    """Tiers that stand in a column of the customers."""

    def __init__(self, column: str, native_rule: bool = True, complexity: tuple = (1, 4)):
        self.column, self.native_rule, self.complexity = column, native_rule, complexity

    def fit(self, customers: pd.DataFrame) -> Given:
        """Learn nothing."""
        return self

    def predict(self, customers: pd.DataFrame) -> pd.Series:
        """Return the column."""
        return customers[self.column]


@dataclass
class Date:
    """What is known of customers on a cut date, and what they bring after it."""

    past: np.ndarray
    since: np.ndarray
    scores: np.ndarray  # customers x SCHEMES
    value: np.ndarray
    exchanged: np.ndarray = field(init=False)  # 1 served by the scheme only, -1 by the list only

    def __post_init__(self):
        last = np.quantile(np.column_stack([self.past, self.scores]), 1 - SERVED, axis=0)
        by_past, *by_scheme = (np.column_stack([self.past, self.scores]) > last).T.astype(int)
        self.exchanged = np.array(by_scheme).T - by_past[:, None]

    def origin(self, number: int) -> Origin:
        """Return the date as the product takes it, with every scheme's tiers in a column."""
        customers = pd.DataFrame({"monetary_total": self.past, "days_since_last": self.since})
        for name, score in zip((PLAIN, *SCHEMES), np.c_[self.past, self.scores].T, strict=True):
            codes = np.searchsorted(np.quantile(-score, TIERS), -score)
            customers[name] = pd.Categorical.from_codes(codes, list("ABCD"), ordered=True)
        day = dt.date(2000, 1, 1) + dt.timedelta(weeks=number)
        outcome = pd.DataFrame({"value": self.value, "active": self.value > 0})
        return Origin(day, day + dt.timedelta(weeks=HOLDOUT), customers, outcome)


def draw(n: int, rng: np.random.Generator, what: str) -> list[Date]:
    """Return the cut dates of new customers, before any effect of the dates."""
    rate, life, size = lives(n, rng)
    first = rng.uniform(0, WEEKS_OF_FIRST, n)
    span = np.minimum(CUTS[-1] + HOLDOUT - first, life)
    again = rng.poisson(rate * span)
    who = np.r_[np.arange(n), np.repeat(np.arange(n), again)]
    when = np.r_[first, np.repeat(first, again)]
    when[n:] += rng.random(len(who) - n) * np.repeat(span, again)
    amount = spend(size[who], rng)
    blur, other = np.exp(BLUR * rng.standard_normal(n)), rng.permutation(n)
    dates = []
    for cut in CUTS:
        known, later = when < cut, (when >= cut) & (when < cut + HOLDOUT)
        past, value = (np.bincount(who[k], amount[k], n) for k in (known, later))
        recent = np.bincount(who[known], (amount * 0.5 ** ((cut - when) / HALF_LIFE))[known], n)
        since = np.full(n, np.inf)
        np.minimum.at(since, who[known], cut - when[known])
        orders = np.bincount(who[known], minlength=n)
        ranks = pd.DataFrame({"orders": orders, "since": -since, "past": past}).rank().sum(axis=1)
        if what == NO_ORDER:
            value = value[other]
        if what == BY_PAST:
            order = np.argsort(past)
            among = np.argsort(np.arange(n) // BLOCK + rng.random(n))
            value[order] = value[order][among]
        scores = np.column_stack([recent, ranks, past * blur])
        dates.append(Date(past, np.floor(7 * since), scores, value))
    return dates


class Truth:
    """What schemes truly find more than the plain sort: mean gain over all dates there may be.

    An effect of a date multiplies the value of whom a scheme exchanges. In groups of customers
    whom the same schemes exchange, gains are sums under any effect.
    """

    def __init__(self, what: str, n: int):
        like = EVERYTHING if what == NONE_BETTER else what
        dates = draw(n, np.random.default_rng([3, n]), like)
        self.groups = np.unique(np.concatenate([date.exchanged for date in dates]), axis=0)
        self.value = np.zeros((len(dates), len(self.groups)))
        for row, date in zip(self.value, dates, strict=True):
            _, code = np.unique(np.r_[self.groups, date.exchanged], axis=0, return_inverse=True)
            row += np.bincount(code[len(self.groups) :], date.value, len(self.groups))
        self.shift = np.zeros(len(SCHEMES))
        self._none_better = what == NONE_BETTER

    def at(self, shift: np.ndarray, effect: float) -> np.ndarray:
        """Return the gains at many draws of a date's effects; shape (dates, draws, schemes)."""
        effects = shift + effect * np.random.default_rng(4).standard_normal((4000, len(SCHEMES)))
        value = self.value[:, None] * np.exp(effects @ self.groups.T)
        return value @ self.groups / value.sum(axis=2, keepdims=True)

    def prepare(self, effect: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the shift of the effects, and the schemes' true mean gains."""
        shift = np.zeros(len(SCHEMES))
        if self._none_better:
            shift = root(lambda x: self.at(x, effect).mean(axis=(0, 1)), shift).x
        return shift, self.at(shift, effect).mean(axis=(0, 1))


def verdict(methods: Mapping[str, Given], origins: list[Origin], seed: int, replicates: int):
    """Return the back-test, the dates and the verdict of a study, the product's own."""
    *before, last = origins
    labels = {label: method.predict(last.customers) for label, method in methods.items()}
    main = judge(
        labels, last.customers, last.outcome, served_share=SERVED, replicates=replicates, seed=seed
    )
    rolling = judge_at_dates(methods, main, last, before, seed=seed)
    none = pd.DataFrame()
    kappa = Stability(pd.DataFrame({"kappa": 0.5}, index=list(methods)), none, 0.0, none, none)
    found = recommend(
        main,
        kappa,
        methods,
        rolling=rolling,
        margin=MARGIN,
        weights=dict(Weights()),
        seed=seed,
        refused=refusal(last.outcome["active"], Readiness()),
    )
    return main, rolling, found


def simulate(what: str, effect: float, runs: range, n: int, market: int, replicates: int):
    """Return the mean gains of all runs with their truth and interval, and the verdicts."""
    shift, truth = Truth(what, market).prepare(effect)
    methods, rows = {label: Given(label) for label in (PLAIN, *SCHEMES)}, []
    for run in runs:
        rng = np.random.default_rng([5, n, run])
        dates = draw(n, rng, what)
        for date in dates:
            effects = shift + effect * rng.standard_normal(len(SCHEMES))
            date.value *= np.exp(date.exchanged @ effects)
        origins = [date.origin(cut) for date, cut in zip(dates, CUTS, strict=True)]
        _, rolling, found = verdict(methods, origins, run, replicates)
        for label, true in zip(SCHEMES, truth, strict=True):
            gains = rolling.summary.loc[label, ["gain", "gain_low", "gain_high"]]
            told = found.recommended or "", found.beats_plain
            rows.append((what, effect, run, label, true, *gains, *told))
    return pd.DataFrame(rows, columns=COLUMNS).assign(n=n)


def cdnow() -> tuple[dict[str, Given], list[Origin], pd.Series]:
    """Return the schemes of CDNOW's study, its dates with their tiers, and their mean gains."""
    run = prepare(read(ROOT / "data" / "cdnow.yaml"))
    methods = {label: run.methods[label] for label in CDNOW}
    windows = earlier_windows(run.study, run.windows)
    dates = [*earlier(run.wide, windows, run.attributes, None)]
    dates += [Origin(run.windows.cut, run.windows.end, run.customers, run.outcome)]
    origins, gains = [], []
    for date in dates:
        tiers, *_ = date.tiers(methods, 2)
        gains.append(Comparison(tiers, date.customers, date.outcome, SERVED).table["gain"])
        known = date.customers[["monetary_total", "days_since_last"]].assign(**tiers)
        origins.append(Origin(date.cut, date.end, known, date.outcome))
    given = {
        label: Given(label, getattr(method, "native_rule", False), method.complexity)
        for label, method in methods.items()
    }
    return given, origins, pd.concat(gains, axis=1).mean(axis=1)


def samples(runs: range, n: int, replicates: int, study=None) -> pd.DataFrame:
    """Return mean gains and verdicts on customers drawn from CDNOW's, with replacement."""
    methods, origins, truth = study or cdnow()
    rows, everybody = [], origins[-1].customers.index
    for run in runs:
        rng = np.random.default_rng([6, n, run])
        drawn = everybody[rng.integers(len(everybody), size=n)]
        sampled = []
        for date in origins:
            known = np.flatnonzero(drawn.isin(date.customers.index))
            frames = (
                frame.loc[drawn[known]].set_axis(known) for frame in (date.customers, date.outcome)
            )
            sampled.append(Origin(date.cut, date.end, *frames))
        _, rolling, found = verdict(methods, sampled, run, replicates)
        for label in CDNOW[1:]:
            gains = rolling.summary.loc[label, ["gain", "gain_low", "gain_high"]]
            told = found.recommended or "", found.beats_plain
            rows.append(("CDNOW", 0, run, label, truth[label], *gains, *told))
    return pd.DataFrame(rows, columns=COLUMNS).assign(n=n)


def verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often another scheme, the plain sort or nothing is recommended."""
    runs = rows.drop_duplicates(["what", "effect", "n", "run"]).assign(
        other=lambda x: x["beats"].astype(float),
        plain=lambda x: ((x["verdict"] != "") & ~x["beats"]).astype(float),
        none=lambda x: (x["verdict"] == "").astype(float),
    )
    groups = runs.groupby(["what", "effect", "n"], sort=False)
    table = groups[["other", "plain", "none"]].mean()
    table.insert(0, "runs", groups.size())
    return table.assign(error=np.sqrt(table["other"] * (1 - table["other"]) / table["runs"]))


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often the interval of the mean gain holds its truth, by scheme, and over all."""
    held = ((rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])).astype(float)
    by = ["what", "effect", "n"]
    groups = rows.assign(held=held).groupby([*by, "scheme"], sort=False)["held"]
    table = groups.mean().unstack("scheme", sort=False)
    return table.assign(all=table.mean(axis=1))


def both(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts, and the share of intervals that hold, of all schemes."""
    return verdicts(rows).assign(held=coverage(rows)["all"])


def report(rows: pd.DataFrame, cdnow_rows: pd.DataFrame) -> str:
    """Return the tables of docs/coverage.md."""
    truth = 100 * rows.groupby(["what", "effect", "scheme"], sort=False)["truth"].first()
    chosen = cdnow_rows.drop_duplicates(["n", "run"]).groupby("n")["verdict"]
    tables = {
        "True mean gain, points": truth.unstack("scheme", sort=False),
        "What is recommended, and mean gains that lie in their interval": both(rows),
        "The same on samples of CDNOW": both(cdnow_rows).loc["CDNOW", 0],
        "Samples of CDNOW: what is recommended": chosen.value_counts(normalize=True).to_frame(),
    }
    return "\n\n".join(f"### {title}\n\n{markdown(table)}" for title, table in tables.items())


def main() -> None:
    """Simulate and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="share of the runs")
    share = parser.parse_args().share
    rows = [
        simulate(what, effect, range(round(share * number)), n, MARKET, REPLICATES)
        for n, number in RUNS.items()
        for what, effect in CASES
    ]
    study = cdnow()
    drawn = [
        samples(range(round(share * number)), n, REPLICATES, study) for n, number in DRAWN.items()
    ]
    print(f"`{' '.join(['python bench/verdict.py', *sys.argv[1:]])}`, {dt.date.today()}\n")
    print(report(pd.concat(rows), pd.concat(drawn)))


if __name__ == "__main__":
    main()
