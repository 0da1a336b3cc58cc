"""Do the intervals hold at one cut date? Back-tests of customers whose true figures are known.

Prints the tables of docs/coverage.md on figures at one cut date; bench/verdict.py does the
rest. Every run draws customers afresh, hands them to ``judge`` as a study would, and looks
whether its intervals hold the figures of the market they come from.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
from market import SCHEMES, SERVED, Population, draw

from segment.evidence.backtest import judge
from segment.evidence.comparison import FIGURES
from segment.evidence.intervals import NORMAL, interval, widening

LEVEL, REPLICATES = 0.95, 300
RUNS = {1000: range(10_000, 12_000), 5000: range(10_000, 12_000)}
PRINTED, OWN = "as printed", "percentile, own influence"
BY_REVENUE = "Revenue 5/20/50"
COLUMNS = ["kind", "what", "figure", "truth", "low", "high"]
# The settings of tests/test_golden.py.
CDNOW = {
    "active": 0.299,
    "mean holdout value": 32.96,
    "capture of the revenue sort": 0.661,
    "nG of the revenue sort": 0.696,
    "variance / mean squared": 14.3,
}


def own_widening(members: np.ndarray, past: np.ndarray, value: np.ndarray) -> float:
    """Return Hall's factor by the influence of each customer on the gain of a served group."""
    number = int(members.sum())
    limit = np.partition(past, -number)[-number]
    above, tied = past > limit, past == limit
    by_plain = above + tied * (number - above.sum()) / tied.sum()
    gain = value @ (members - by_plain) / value.sum()
    influence = value * (members - by_plain - gain)
    return widening(influence) if np.ptp(influence) > 0 else 1.0


def other(estimate: float, draws: np.ndarray, value: float, own: float) -> dict[str, tuple]:
    """Return intervals of other kinds; by Hall's factors of the value and of the influence."""
    off = draws[np.isfinite(draws)] - estimate
    reach, error = np.quantile(np.abs(off), LEVEL), NORMAL * np.sqrt(np.mean(off**2))
    return {
        "percentile": interval(draws),
        "percentile, value": interval(draws, value),
        OWN: interval(draws, own),
        "symmetric": (estimate - reach, estimate + reach),
        "normal": (estimate - error, estimate + error),
        "normal, value": (estimate - value * error, estimate + value * error),
    }


def intervals_of_run(run: int, n: int, replicates: int, population: Population) -> Iterator[tuple]:
    """Yield the intervals of a run and the truth that they should hold: COLUMNS.

    Limits are those that the market teaches: they were set beforehand.
    """
    customers, outcome = draw(n, np.random.default_rng([1, n, run]))
    labels = {label: rule.predict(customers) for label, rule in population.rules.items()}
    found = judge(labels, customers, outcome, served_share=SERVED, replicates=replicates, seed=run)
    past, value = customers["monetary_total"].to_numpy(), outcome["value"].to_numpy()
    tops = found.tiers.drop_duplicates("label").set_index("label")
    for label in SCHEMES:
        known, row = dict(population.fixed[label]), found.figures.loc[label]
        own = 1.0
        if label != BY_REVENUE:
            # What is served follows from the sample's sizes; so does the truth of its gain.
            codes = labels[label].cat.codes.to_numpy()
            border = int(np.searchsorted(np.cumsum(np.bincount(codes)), row["served"])) + 1
            known["gain"] = known["gains"][border - 1]
            own = own_widening(codes < border, past, value)
        for figure in FIGURES:
            if label == BY_REVENUE and figure in ("skill", "gain"):  # 0 by construction
                continue
            draws, true = found.draws[figure][label].to_numpy(), known[figure]
            yield PRINTED, label, figure, true, *row[[f"{figure}_low", f"{figure}_high"]]
            for kind, ends in other(row[figure], draws, found.widening, own).items():
                if kind != OWN or figure == "gain":
                    yield kind, label, figure, true, *ends
        ends = tops.loc[label, ["mean_value_low", "mean_value_high"]]
        yield PRINTED, label, "top_mean", known["top_mean"], *ends


def simulate(runs: range, n: int, replicates: int, population: Population) -> pd.DataFrame:
    """Return the rows of all runs."""
    rows = [row for run in runs for row in intervals_of_run(run, n, replicates, population)]
    return pd.DataFrame(rows, columns=COLUMNS).assign(n=n)


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the share of intervals that hold the truth, by figure and kind of interval."""
    held = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    by = ["n", "kind", "figure", "what"]
    return rows.assign(held=held).groupby(by, sort=False)["held"].agg(["mean", "size"])


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown; figures and shares with three decimals."""
    flat = table.reset_index()
    names = [name if isinstance(name, tuple) else (name,) for name in flat.columns]
    head = [" ".join(_cell(part) for part in name if part != "") for name in names]
    lines = [head, ["---"] * flat.shape[1]]
    lines += [[_cell(value) for value in row] for row in flat.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def report(population: Population, intervals: pd.DataFrame) -> str:
    """Return the tables of docs/coverage.md."""
    runs = coverage(intervals)
    printed = runs["mean"].loc[:, PRINTED].unstack(["n", "what"], sort=False)
    gains = runs["mean"].xs("gain", level="figure").groupby(["kind", "n"], sort=False)
    kinds = gains.agg(["mean", "min"]).unstack("n", sort=False).drop(index=PRINTED)
    looks = pd.DataFrame({"simulated": population.looks, "CDNOW": CDNOW}).rename_axis("figure")
    by_n = runs["size"].groupby("n").first()
    error = (100 * np.sqrt(LEVEL * (1 - LEVEL) / by_n)).rename("error, points")
    tables = {
        "The simulated customers": looks,
        "Runs": pd.concat([by_n.rename("runs"), error], axis=1),
        "Share of printed intervals that hold the truth": printed,
        "Intervals of the gain that hold the truth, mean and lowest of the schemes": kinds,
    }
    return "\n\n".join(f"### {title}\n\n{markdown(table)}" for title, table in tables.items())


def main() -> None:
    """Simulate and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="share of the runs")
    parser.add_argument("--population", type=int, default=4_000_000)
    given = parser.parse_args()
    population = Population(given.population)
    parts = [
        simulate(runs[: round(given.share * len(runs))], n, REPLICATES, population)
        for n, runs in RUNS.items()
    ]
    print(
        f"`{' '.join(['python bench/intervals.py', *sys.argv[1:]])}`, {dt.date.today()}, "
        f"{REPLICATES} resamples, {given.population:,} customers in the market.\n"
    )
    print(report(population, pd.concat(parts)))


if __name__ == "__main__":
    main()
