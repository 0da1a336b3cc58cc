"""Do the intervals hold? Back-tests of customers whose true figures are known.

Prints the tables of docs/coverage.md; takes an hour of one core. Every run draws
customers afresh, hands them to ``backtest`` as a study would, and looks whether its
intervals hold the figures of the market they come from.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd
from market import CAPTURE, FAMILIES, NOISE, OWN_NOISE, SCHEMES, TIERS, Population, draw

from segment.evidence.backtest import PLAIN_SORT, judge
from segment.evidence.comparison import FIGURES
from segment.evidence.intervals import interval, widening
from segment.evidence.recommend import simultaneous_pairs
from segment.tiering import ABC

LEVEL, NORMAL, REPLICATES = 0.95, 1.959964, 300
# Numbers of the runs, by stage and number of customers.
RUNS = {
    "intervals": {
        1000: range(10_000, 12_000),
        5000: range(10_000, 12_000),
        25_000: range(200),
    },
    "winners": {1000: range(1000), 5000: range(1000), 25_000: range(250)},
}
REPORTED = ["widened percentile", "widened max-T"]
PAIRS = (("RFM sum", "Scorecard"), ("RFM sum", "Revenue 5/20/50"), ("Scorecard", "ABC 80/95"))
BY_REVENUE = ("Revenue 5/20/50", "ABC 80/95", PLAIN_SORT)
EQUAL, MARGINS = 6, (0.0, 0.02)
# The settings of tests/test_golden.py.
CDNOW = {
    "active": 0.299,
    "mean holdout value": 32.96,
    "capture of the revenue sort": 0.498,
    "nG of the revenue sort": 0.696,
    "variance / mean squared": 14.3,
}


def ends(estimate: float, draws: np.ndarray, wider: float) -> dict[str, tuple[float, float]]:
    """Return intervals by kind; what the reports print is the widened percentile interval."""
    low, high = interval(draws, LEVEL)
    reach = NORMAL * draws.std()
    return {
        "percentile": (low, high),
        "widened percentile": interval(draws, LEVEL, wider),
        "basic": (2 * estimate - high, 2 * estimate - low),
        "normal": (estimate - reach, estimate + reach),
        "widened normal": (estimate - wider * reach, estimate + wider * reach),
    }


def intervals_of_run(run: int, n: int, replicates: int, population: Population) -> list[tuple]:
    """Return (variant, what, figure, truth, low, high, width share) of every interval."""
    customers, outcome, _ = draw(n, np.random.default_rng([1, n, run]))
    own = {label: method.refit(customers) for label, method in SCHEMES.items()}
    labels = {f"fixed {label}": rule.predict(customers) for label, rule in population.rules.items()}
    labels |= {f"learned {label}": rule.labels_ for label, rule in own.items()}
    found = judge(
        labels,
        customers,
        outcome,
        served_share=CAPTURE,
        replicates=replicates,
        seed=run,
    )
    learned = {label: population.learned(label, rule) for label, rule in own.items()}
    cases = (
        ("fixed", "fixed", population.fixed),
        ("learned", "learned, own rule", learned),
        ("learned", "learned, ideal rule", population.fixed),
    )
    rows = []
    wider = widening(outcome["value"].to_numpy())
    tops = found.tiers.drop_duplicates("label").set_index("label")
    for prefix, variant, truth in cases:
        for label in (*SCHEMES, *([PLAIN_SORT] if prefix == "fixed" else [])):
            name = label if label == PLAIN_SORT else f"{prefix} {label}"
            known, is_sort = truth[label], label in BY_REVENUE
            for figure in FIGURES:
                if figure == "skill" and is_sort:  # 0 by construction
                    continue
                estimate, draws = found.figures.loc[name, figure], found.draws[figure][name]
                for kind, pair in ends(estimate, draws.to_numpy(), wider).items():
                    rows.append((kind, variant, label, figure, known[figure], *pair))
            if label != PLAIN_SORT:
                pair = tops.loc[name, ["mean_value_low", "mean_value_high"]]
                rows.append((REPORTED[0], variant, label, "top_mean", known["top_mean"], *pair))
        gini = {f"{prefix} {label}": truth[label]["gini"] for label in SCHEMES}
        estimate, draws = found.figures.loc[list(gini), "gini"], found.draws["gini"][list(gini)]
        for pair in PAIRS:
            names = [f"{prefix} {label}" for label in pair]
            (row,) = simultaneous_pairs(estimate[names], draws[names], 0).itertuples()
            true = gini[row.better] - gini[row.worse]
            reach = (row.high - row.low) / 2
            for kind, half in (("max-T", reach), ("widened max-T", wider * reach)):
                both = row.difference - half, row.difference + half
                rows.append((kind, variant, " - ".join(pair), "difference", true, *both))
        pairs = simultaneous_pairs(estimate, draws, 0)
        true = pairs["better"].map(gini) - pairs["worse"].map(gini)
        # All at once: the furthest that any interval of the set misses, in half widths.
        half = (pairs["high"] - pairs["low"]) / 2
        off = ((true - pairs["difference"]).abs() / half).max()
        for kind, half in (("max-T", 1.0), ("widened max-T", wider)):
            rows.append((kind, variant, "all pairs at once", "differences", off, -half, half))
    return rows


def winners_of_run(run: int, n: int, replicates: int, population: Population) -> list[tuple]:
    """Return what the verdict's comparison says of equal schemes and of a worse one."""
    rng = np.random.default_rng([2, n, run])
    customers, outcome, worth = draw(n, rng)
    labels, method = {}, ABC(by="seen", cut="customers", limits=TIERS)
    for family in FAMILIES:
        common = NOISE * rng.standard_normal(n) if family == "alike" else 0
        spreads = [OWN_NOISE[family]] * EQUAL + [population.blur[family]]
        for i, spread in enumerate(spreads):
            seen = worth * np.exp(common + spread * rng.standard_normal(n))
            labels[f"{family} {i}"] = method.refit(pd.DataFrame({"seen": seen})).labels_
    found = judge(labels, customers, outcome, replicates=replicates, seed=run)
    rows, wider = [], widening(outcome["value"].to_numpy())
    for family in FAMILIES:
        names = [f"{family} {i}" for i in range(EQUAL + 1)]
        worse = names[-1]
        sets = {"equal": names[:-1], "two": [names[0], worse], "six": [*names[1:-1], worse]}
        for case, chosen in sets.items():
            estimate = found.figures.loc[chosen, "gini"]
            pairs = simultaneous_pairs(estimate, found.draws["gini"][chosen], 0, wider=wider)
            if case != "equal":
                pairs = pairs[pairs["worse"] == worse]
            # What the verdict looks at: the lower ends of the differences to the best.
            low = pairs.loc[pairs["better"] == estimate.idxmax(), "low"].max()
            half = (pairs["high"] - pairs["low"]).mean() / 2
            gap = estimate[chosen[0]] - estimate[chosen[-1]]
            rows.append((family, case, pairs["low"].max(), low, gap, half))
    return rows


STAGES = {
    "intervals": (intervals_of_run, ["kind", "variant", "what", "figure", "truth", "low", "high"]),
    "winners": (winners_of_run, ["family", "case", "low", "low_from_best", "gap", "half"]),
}


def simulate(
    stage: str, runs: range, n: int, replicates: int, population: Population, jobs: int = 1
) -> pd.DataFrame:
    """Return the rows of all runs of a stage; the same whatever the number of processes."""
    one, columns = STAGES[stage]
    task = partial(one, n=n, replicates=replicates, population=population)
    if jobs == 1:
        rows = list(chain.from_iterable(map(task, runs)))
    else:
        with ProcessPoolExecutor(jobs) as pool:
            rows = list(chain.from_iterable(pool.map(task, runs, chunksize=50)))
    return pd.DataFrame(rows, columns=columns).assign(n=n)


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the share of intervals that hold the truth, by figure and kind of interval."""
    held = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    by = ["n", "kind", "variant", "figure", "what"]
    return rows.assign(held=held).groupby(by, sort=False)["held"].agg(["mean", "size"])


def false_winners(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often equal schemes are told apart: a winner, or any pair; by margin."""
    equal = rows[rows["case"] == "equal"].set_index(["n", "family"])
    apart = {
        f"{what}, margin {margin}": equal[column] > margin
        for margin in MARGINS
        for what, column in (("winner", "low_from_best"), ("any pair", "low"))
    }
    return pd.DataFrame(apart).groupby(["n", "family"], sort=False).mean()


def power(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often a scheme worse by LOSS is found out, by margin.

    ``found_at`` is the difference that is found in 80 % of the runs, if estimates are
    normal: margin + half width of the interval + .84 standard errors.
    """
    table = {}
    for (n, family, case), group in rows[rows["case"] != "equal"].groupby(
        ["n", "family", "case"], sort=False
    ):
        error = group["gap"].std()
        row = {"error": error}
        for margin in MARGINS:
            row[f"power, margin {margin}"] = (group["low_from_best"] > margin).mean()
            row[f"found_at, margin {margin}"] = margin + group["half"].mean() + 0.84 * error
        table[n, family, case] = row
    return pd.DataFrame(table).T.rename_axis(["n", "family", "compared"])


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


def report(population: Population, intervals: pd.DataFrame, winners: pd.DataFrame) -> str:
    """Return the tables of docs/coverage.md."""
    runs = coverage(intervals)
    share = runs["mean"].unstack(["n", "variant"], sort=False)
    printed = share.loc[REPORTED].droplevel("kind")
    kinds = runs["mean"].xs("fixed", level="variant")
    kinds = kinds.groupby(["figure", "n", "kind"], sort=False).mean().unstack("kind", sort=False)
    looks = pd.DataFrame({"simulated": population.looks, "CDNOW": CDNOW}).rename_axis("figure")
    loss = pd.Series(population.loss, name="true difference").rename_axis("schemes")
    by_n = runs["size"].groupby("n").first()
    error = (100 * np.sqrt(LEVEL * (1 - LEVEL) / by_n)).rename("error, points")
    tables = {
        "The simulated customers": looks,
        "Runs of the intervals": pd.concat([by_n.rename("runs"), error], axis=1),
        "Share of intervals that hold the truth": printed,
        "Other kinds of intervals, fixed limits, mean over schemes": kinds,
        f"False winners among {EQUAL} equal schemes": false_winners(winners),
        "The worse scheme: how much worse": loss.to_frame(),
        "The worse scheme: how often it is found out": power(winners),
    }
    return "\n\n".join(f"### {title}\n\n{markdown(table)}" for title, table in tables.items())


def main() -> None:
    """Simulate and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="share of the runs")
    parser.add_argument("--population", type=int, default=4_000_000)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args()
    population = Population(given.population)
    parts = [
        pd.concat(
            [
                simulate(
                    stage,
                    runs[: round(given.share * len(runs))],
                    n,
                    REPLICATES,
                    population,
                    given.jobs,
                )
                for n, runs in of_size.items()
            ]
        )
        for stage, of_size in RUNS.items()
    ]
    print(
        f"`{' '.join(['python bench/coverage.py', *sys.argv[1:]])}`, {dt.date.today()}, "
        f"{REPLICATES} resamples, {given.population:,} customers in the market.\n"
    )
    print(report(population, *parts))


if __name__ == "__main__":
    main()
