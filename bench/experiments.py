"""Do the intervals of an experiment hold? Experiments whose true effects are known.

Prints the table of docs/coverage.md on experiments. Every run draws customers of the market
afresh, or the lot of the wholesale company's customers, holds out a fifth of each tier, lifts what
the others bring, and compares both by the functions of ``segment evaluate``. The truth is what
the lift added to these customers. The lots that the quantiles come from are drawn once for each
size of a tier and serve every run: two thirds of the time are spared.
"""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path

import market
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from segment.evidence import treatment
from segment.evidence.treatment import compared, rank_weights, reaches, weighted

SHARES, HELD_OUT, FIGURES = [0.05, 0.3], 0.2, ("effect", "error")
# What service adds: a share of what each brings, by tier.
LIFTS = {
    "no effect": (0.0, 0.0, 0.0),
    "a fifth more everywhere": (0.2, 0.2, 0.2),
    "half more, the best tier alone": (0.5, 0.0, 0.0),
    "new buyers": (0.0, 0.0, 0.0),
}
NEW_BUYERS, WHOLESALE = 0.1, "wholesale"
SIZES, RUNS, RUNS_OF_EFFECTS = (1000, 5000, WHOLESALE), 2000, 1000
ORDERS, CUT = Path(__file__).parents[1] / "data" / "wholesale_orders.parquet", "2024-07-01"


@cache
def lots(n: int, few: int, replicates: int) -> csr_array:
    """Return lots of so many of n customers: a row each, with 1 for who is drawn."""
    rng = np.random.default_rng([n, few])
    drawn = [rng.choice(n, few, replace=False, shuffle=False) for _ in range(replicates)]
    ends = np.arange(0, replicates * few + 1, few)
    return csr_array((np.ones(replicates * few), np.concatenate(drawn), ends), (replicates, n))


treatment._sums_of_lots = lambda products, few, replicates, _rng: (
    lots(len(products), few, replicates) @ products
)


@cache
def company() -> tuple[pd.Series, pd.Series]:
    """Return what the wholesale company earned of each customer before the cut, and since."""
    orders = pd.read_parquet(ORDERS, columns=["customer_id", "date", "margin"])
    since = pd.to_datetime(orders["date"]) >= CUT
    earned = orders.groupby(["customer_id", since])["margin"].sum().unstack(fill_value=0.0)
    known = earned[orders[~since].groupby("customer_id").size().reindex(earned.index) > 0]
    return known[False].reset_index(drop=True), known[True].reset_index(drop=True)


def experiment(n: int | str, run: int, what: str, replicates: int) -> dict[str, bool]:
    """Return what one experiment found, and which of its intervals hold the truth."""
    if n == WHOLESALE:
        rng = np.random.default_rng([7, run])
        past, without = company()
        mixed = rng.permutation(len(past))  # else all runs would share the very same draws
        past, without = (part.iloc[mixed].reset_index(drop=True) for part in (past, without))
    else:
        rng = np.random.default_rng([7, n, run])
        customers, outcome = market.draw(n, rng)
        past, without = customers["monetary_total"], outcome["value"]
    codes = np.searchsorted(SHARES, past.rank(ascending=False, pct=True))
    past, without = (column.to_numpy("float64") for column in (past, without))
    served = without * (1 + np.array(LIFTS[what])[codes])
    if what == "new buyers":
        won = (without == 0) & (rng.random(len(past)) < NEW_BUYERS)
        served = np.where(won, rng.choice(without[without > 0], len(past)), without)
    tiers, added, sizes = [], [], []
    for code in np.unique(codes):
        y1, y0, x = (column[codes == code] for column in (served, without, past))
        chosen = np.argsort(np.argsort(rng.random(len(x)))) >= HELD_OUT * len(x)
        tiers.append(compared(np.where(chosen, y1, y0), x, chosen, replicates, rng))
        added.append((y1 - y0).mean())
        sizes.append((len(x), chosen.sum()))
    everybody, treated = (part / part.sum() for part in np.array(sizes).T)
    tiers.append(weighted(tiers, treated))
    truth = np.array([*added, added @ treated])
    effect, error = (np.array([getattr(each, name) for each in tiers]) for name in FIGURES)
    reach = reaches([each.drawn for each in tiers]) * error
    inside = np.abs(effect - truth) <= reach
    weights = rank_weights(everybody)
    rate = weighted(tiers[:-1], weights)
    return {
        "all at once": inside.all(),
        "total": inside[-1],
        "RATE": abs(rate.effect - added @ weights) <= rate.reach,
        "effect found": bool((np.abs(effect) > reach).any()),
        "RATE found": abs(rate.effect) > rate.reach,
    }


def simulate(what: str, n: int | str, runs: range, replicates: int) -> pd.DataFrame:
    """Return what experiments found, a row each."""
    return pd.DataFrame([experiment(n, run, what, replicates) for run in runs])


def main() -> None:
    """Print the shares as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the runs")
    parser.add_argument("--replicates", type=int, default=1000)
    given = parser.parse_args()
    print("| what | n | runs | all at once | total | RATE | effect found | RATE found |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for what, lifts in LIFTS.items():
        most = RUNS_OF_EFFECTS if any(lifts) or what == "new buyers" else RUNS
        for n in SIZES:
            runs = range(int(most * given.share))
            shares = simulate(what, n, runs, given.replicates).mean()
            cells = " | ".join(f"{share:.3f}" for share in shares)
            size = n if n == WHOLESALE else f"{n:,}"
            print(f"| {what} | {size} | {len(runs):,} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
