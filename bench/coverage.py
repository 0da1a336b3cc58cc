"""Do the intervals hold? Back-tests of customers whose true figures are known.

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
from segment.evidence.intervals import interval, widening

LEVEL, REPLICATES = 0.95, 300
RUNS = {1000: range(10_000, 12_000), 5000: range(10_000, 12_000)}
PRINTED, PLAIN, VALUE, OWN = "as printed", "not widened", "Hall, value", "Hall, own influence"
BY_REVENUE = "Revenue 5/20/50"
COLUMNS = ["kind", "what", "figure", "truth", "low", "high", "factor"]
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


def intervals_of_run(run: int, n: int, replicates: int, population: Population) -> Iterator[tuple]:
    """Yield the intervals of a run and the truth that they should hold: COLUMNS.

    The truth is that of the very limits that the run's customers teach.
    """
    customers, outcome = draw(n, np.random.default_rng([1, n, run]))
    rules = {label: method.refit(customers) for label, method in SCHEMES.items()}
    labels = {label: rule.labels_ for label, rule in rules.items()}
    found = judge(labels, customers, outcome, served_share=SERVED, replicates=replicates, seed=run)
    past, value = customers["monetary_total"].to_numpy(), outcome["value"].to_numpy()
    tops = found.tiers.drop_duplicates("label").set_index("label")
    for label, rule in rules.items():
        known, row = population.learned(label, rule), found.figures.loc[label]
        factors = {PLAIN: 1.0, VALUE: found.widening}
        if label != BY_REVENUE:
            # What is served follows from the sample's sizes; so does the truth of its gain.
            codes = labels[label].cat.codes.to_numpy()
            border = int(np.searchsorted(np.cumsum(np.bincount(codes)), row["served"])) + 1
            known["gain"] = known["gains"][border - 1]
            factors |= {OWN: own_widening(codes < border, past, value)}
        for figure in FIGURES:
            if label == BY_REVENUE and figure in ("skill", "gain"):  # 0 by construction
                continue
            draws, true, factor = found.draws[figure][label], known[figure], found.wider(figure)
            yield PRINTED, label, figure, true, *row[[f"{figure}_low", f"{figure}_high"]], factor
            for kind, factor in factors.items():
                if kind != OWN or figure == "gain":
                    ends = interval(draws.to_numpy(), LEVEL, factor)
                    yield kind, label, figure, true, *ends, factor
        ends = tops.loc[label, ["mean_value_low", "mean_value_high"]]
        yield PRINTED, label, "top_mean", known["top_mean"], *ends, found.widening


def simulate(runs: range, n: int, replicates: int, population: Population) -> pd.DataFrame:
    """Return the rows of all runs."""
    rows = [row for run in runs for row in intervals_of_run(run, n, replicates, population)]
    return pd.DataFrame(rows, columns=COLUMNS).assign(n=n)


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the share of intervals that hold the truth, by figure and kind of interval."""
    held = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    by = ["n", "kind", "figure", "what"]
    groups = rows.assign(held=held).groupby(by, sort=False)
    return groups.agg(mean=("held", "mean"), size=("held", "size"), factor=("factor", "mean"))


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
    printed = runs["mean"].loc[:, PRINTED].unstack("n", sort=False)
    kinds = runs.groupby(["figure", "n", "kind"], sort=False)[["mean", "factor"]].mean()
    looks = pd.DataFrame({"simulated": population.looks, "CDNOW": CDNOW}).rename_axis("figure")
    by_n = runs["size"].groupby("n").first()
    error = (100 * np.sqrt(LEVEL * (1 - LEVEL) / by_n)).rename("error, points")
    tables = {
        "The simulated customers": looks,
        "Runs": pd.concat([by_n.rename("runs"), error], axis=1),
        "Share of printed intervals that hold the truth": printed,
        "Other widths, mean over schemes": kinds["mean"].unstack("kind", sort=False),
        "Factors of the gain": kinds["factor"].loc[["gain"]].unstack("kind", sort=False),
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
        f"`{' '.join(['python bench/coverage.py', *sys.argv[1:]])}`, {dt.date.today()}, "
        f"{REPLICATES} resamples, {given.population:,} customers in the market.\n"
    )
    print(report(population, pd.concat(parts)))


if __name__ == "__main__":
    main()
