"""Evidence for 12 methods, as ratios to a plain pandas loop; one cut date and five.

Run by ``make bench``. The loop is what a careful analyst writes: draw rows, total them
by tier, read the same figures off the curves. Its draws are checked against ours.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

SOME, MANY = 25_000, 1_000_000
REPLICATES, SEED, CAPTURE = 1000, 1, 0.10
# Shorter runs stand for 1,000 resamples where these would take minutes. Of ours, two
# lengths: the difference is what resamples cost, and the rest is paid once.
LOOPED = {SOME: 25, MANY: 3}
SHORT, LONG = 8, 56
MOST_SECONDS, LEAST_RATIO, MOST_MB = 3.0, 20.0, 2000.0
OWN = ("monetary_total", "days_since_last", "value", "active")


def market(n: int) -> pd.DataFrame:
    """Return customers with features and holdout: gamma-Poisson, 30 % active, heavy tails."""
    rng = np.random.default_rng(0)
    worth = rng.gamma(0.8, 1, n)
    orders = 1 + rng.poisson(3 * worth)
    active = rng.random(n) < 1 - np.exp(-0.5 * worth)
    return pd.DataFrame(
        {
            "monetary_total": np.round(orders * rng.lognormal(3, 0.5, n), 2),
            "order_days": orders,
            "days_since_last": rng.integers(0, 182, n),
            "days_since_first": rng.integers(182, 365, n),
            "value": np.where(active, np.round(20 * worth * rng.lognormal(0, 0.7, n), 2), 0),
            "active": active,
        }
    )


def with_tiers(customers: pd.DataFrame) -> pd.DataFrame:
    """Return what is judged: the tiers of 12 methods, yardsticks' features, outcome."""
    from segment.tiering import ABC, RFM, GoldDrag, Hiatus, Quadrants

    head_counts = [
        (0.05, 0.2, 0.5),
        (0.2, 0.4, 0.6, 0.8),
        (0.1, 0.3),
        (0.01, 0.05, 0.2, 0.5),
        tuple(np.arange(1, 20) / 20),
    ]
    methods = {
        "RFM": RFM(),
        "RFM concatenated": RFM(form="concatenated"),
        "ABC": ABC(limits=[0.8, 0.95]),
        "Quadrants": Quadrants(),
        "Gold, drag": GoldDrag(),
        "Hiatus 30": Hiatus(30),
        "Hiatus 90": Hiatus(90),
        **{f"Head counts {i}": ABC(cut="customers", limits=c) for i, c in enumerate(head_counts)},
    }
    labels = {label: method.fit(customers).labels_ for label, method in methods.items()}
    return customers[list(OWN)].assign(**labels)


def loop(frame: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Return the draws of all figures, resample by resample with pandas."""
    rng = np.random.default_rng(SEED)
    methods = [column for column in frame if column not in OWN]
    rows = []
    for b in range(replicates):
        drawn = frame.iloc[rng.integers(len(frame), size=len(frame))]
        spend, best = (
            curve(drawn.groupby(by), highest_first=True) for by in ("monetary_total", "value")
        )
        perfect = area(*best[:2])
        rows.append(figures(b, "Revenue sort", *spend, perfect, spend))
        rows.append(figures(b, "Perfect foresight", *best, perfect, best))
        for label in methods:
            by_tier = curve(drawn.groupby(label, observed=False))
            rows.append(figures(b, label, *by_tier, perfect, spend))
    return pd.DataFrame(rows)


def curve(groups, highest_first: bool = False) -> tuple[np.ndarray, np.ndarray, float]:
    """Return P and G from 0 and the AUC of grouped rows, best first."""
    sums, direction = groups[["value", "active"]].sum(), -1 if highest_first else 1
    size, value, active = (
        x.to_numpy(dtype="float64")[::direction]
        for x in (groups.size(), sums["value"], sums["active"])
    )
    passive = size - active
    won = (passive * (active.cumsum() - active / 2)).sum()
    p, g = (np.r_[0, x.cumsum() / x.sum()] for x in (size, value))
    return p, g, won / (active.sum() * passive.sum())


def area(p: np.ndarray, g: np.ndarray) -> float:
    """Return C of a gains curve."""
    return 2 * np.trapezoid(g, p) - 1


def figures(b: int, label: str, p, g, auc: float, perfect: float, spend: tuple) -> dict:
    """Return the figures of one method in one resample."""
    same = area(p, np.interp(p, *spend[:2]))
    own = area(p, g)
    return {
        "resample": b,
        "label": label,
        "gini": own / perfect,
        "skill": (own - same) / perfect,
        "capture": np.interp(CAPTURE, p, g),
        "auc": auc,
    }


def judged(frame: pd.DataFrame, **settings):
    """Return the whole evidence of the package."""
    from segment.evidence.backtest import judge

    return judge(
        {column: frame[column] for column in frame if column not in OWN},
        frame,
        frame[["value", "active"]],
        served_share=CAPTURE,
        seed=SEED,
        **settings,
    )


class Column(BaseEstimator):
    """Tiers that stand in a column: what learning them takes is not measured."""

    def __init__(self, name: str = ""):
        self.name = name

    def fit(self, customers: pd.DataFrame) -> Column:
        """Learn nothing."""
        return self

    def predict(self, customers: pd.DataFrame) -> pd.Series:
        """Return the column."""
        return customers[self.name]


def judged_at_five_dates(frame: pd.DataFrame, most_resampled: int):
    """Return the evidence at four earlier dates too, each with fewer of the customers."""
    from segment.evidence.origins import Origin
    from segment.evidence.rolling import judge_at_dates

    def origin(days_ago: int, customers: pd.DataFrame) -> Origin:
        cut = dt.date(2024, 1, 1) - dt.timedelta(days_ago)
        outcome = customers[["value", "active"]]
        return Origin(cut, cut + dt.timedelta(90), customers, outcome)

    methods = {column: Column(column) for column in frame if column not in OWN}
    main = judged(frame, replicates=REPLICATES, most_resampled=most_resampled)
    before = (origin(30 * k, frame.sample(frac=1 - 0.1 * k, random_state=k)) for k in (4, 3, 2, 1))
    return judge_at_dates(
        methods, main, origin(0, frame), before, seed=SEED, most_resampled=most_resampled
    )


def check(frame: pd.DataFrame) -> float:
    """Return the largest difference between the loop's draws and ours."""
    slow = loop(frame, 2)
    ours = judged(frame, replicates=2, most_resampled=len(frame)).draws
    apart = 0.0
    for figure, draws in ours.items():
        table = slow.pivot(index="resample", columns="label", values=figure)
        labels = [x for x in table if figure != "skill" or x != "Perfect foresight"]
        apart = max(apart, float((table[labels] - draws[labels]).abs().max(axis=None)))
    return apart


def measure(file: Path, task: str) -> None:
    """Print seconds and peak memory (MB) of one task, the best of a few runs."""
    import segment.evidence.rolling  # noqa: F401  (start-up is not measured)

    frame = pd.read_parquet(file)
    n = len(frame)
    tasks = {
        "loop": lambda: loop(frame, LOOPED[n]),
        "bootstrap": lambda: judged(frame, replicates=REPLICATES, most_resampled=n),
        "short": lambda: judged(frame, replicates=SHORT, most_resampled=n),
        "long": lambda: judged(frame, replicates=LONG, most_resampled=n),
        "errors": lambda: judged(frame, replicates=REPLICATES, most_resampled=0),
        "dates": lambda: judged_at_five_dates(frame, most_resampled=0),
    }
    seconds = []
    for _ in range(1 if task in ("loop", "dates") else 3):
        began = time.perf_counter()
        tasks[task]()
        seconds.append(time.perf_counter() - began)
    print(min(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def run(file: Path, task: str) -> tuple[float, float]:
    """Measure a task in a process of its own."""
    command = [sys.executable, __file__, "--measure", str(file), task]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def main() -> None:
    """Make the data, measure each task in a process of its own, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", nargs=2, metavar=("FILE", "TASK"))
    arguments = parser.parse_args()
    if arguments.measure:
        measure(Path(arguments.measure[0]), arguments.measure[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        for n in (SOME, MANY):
            frame = with_tiers(market(n))
            if n == SOME:
                print(f"the loop's draws and ours differ by at most {check(frame):.0e}")
            file = Path(folder) / "frame.parquet"
            frame.to_parquet(file)
            del frame
            compare(file, n)


def compare(file: Path, n: int) -> None:
    """Print the ratios of one number of customers."""
    print(f"{n:,} customers, 12 methods and yardsticks, one cut")
    seconds, memory = run(file, "loop")
    looped = seconds / LOOPED[n] * REPLICATES
    print(f"  loop       {looped:8.2f} s per {REPLICATES:,} resamples, {memory:6.0f} MB")
    if n == SOME:
        whole, memory = run(file, "bootstrap")
    else:
        (short, _), (long, memory) = run(file, "short"), run(file, "long")
        whole = long + (REPLICATES - LONG) * (long - short) / (LONG - SHORT)
    print(f"  bootstrap  {whole:8.2f} s per {REPLICATES:,} resamples, {memory:6.0f} MB")
    print(f"  bootstrap: {looped / whole:.0f} x as fast as the loop (at least {LEAST_RATIO:g})")
    if n == SOME:
        print(f"  seconds:   {whole:.2f} (under {MOST_SECONDS:g})")
        return
    for task, name in (("errors", "one cut date"), ("dates", "five cut dates")):
        seconds, most = run(file, task)
        print(f"  standard errors of 200 resamples, {name}: {seconds:.1f} s, {most:.0f} MB")
        memory = max(memory, most)
    print(f"  memory:    {memory:.0f} MB (under {MOST_MB:g})")


if __name__ == "__main__":
    main()
