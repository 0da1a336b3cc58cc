"""Do the intervals of an experiment hold? Experiments whose true effects are known.

Prints the table of docs/coverage.md on experiments. Every run draws customers of the market
afresh, holds out a fifth of each tier by lot, lifts what the others bring, and hands all of it to
``effects`` as ``segment evaluate`` does. The truth is what the lift added to these customers.
"""

from __future__ import annotations

import argparse

import market
import numpy as np
import pandas as pd

from segment.action.experiment import SERVED, assignment
from segment.evidence.treatment import TOTAL, effects, rank_weights

TIERS, SHARES, HELD_OUT = list("ABC"), [0.05, 0.3], 0.2
# What service adds: a share of what each brings, by tier.
LIFTS = {
    "no effect": (0.0, 0.0, 0.0),
    "a fifth more everywhere": (0.2, 0.2, 0.2),
    "half more, the best tier alone": (0.5, 0.0, 0.0),
    "new buyers": (0.0, 0.0, 0.0),
}
NEW_BUYERS, RUNS = 0.1, {1000: 2000, 5000: 2000}


def experiment(n: int, run: int, what: str, replicates: int) -> dict[str, bool]:
    """Return what one experiment found, and which of its intervals hold the truth."""
    rng = np.random.default_rng([7, n, run])
    customers, outcome = market.draw(n, rng)
    past = customers["monetary_total"]
    codes = np.searchsorted(SHARES, past.rank(ascending=False, pct=True))
    tiers = pd.Series(pd.Categorical.from_codes(codes, TIERS, ordered=True))
    drawn = assignment(tiers, HELD_OUT, seed=run)
    treated = tiers.index.astype(str).isin(drawn["customer_id"][drawn["group"] == SERVED])
    without = outcome["value"]
    served = without * (1 + np.array(LIFTS[what])[codes])
    if what == "new buyers":
        won = (without == 0) & (rng.random(n) < NEW_BUYERS)
        served = without.mask(won, np.round(np.exp(rng.normal(market.AMOUNT, 1, n)), 2))
    chosen = pd.Series(treated)
    found = effects(
        served.where(chosen, without), past, chosen, tiers, replicates=replicates, seed=run
    )
    table, added = found.table, (served - without).groupby(tiers, observed=True).mean()
    known = table.index.drop(TOTAL)
    share = table.loc[known, "treated"] / table.loc[TOTAL, "treated"]
    truth = pd.concat([added, pd.Series({TOTAL: added[known] @ share})]).reindex(table.index)
    inside = (table["effect_low"] <= truth) & (truth <= table["effect_high"])
    sizes = table.loc[known, ["treated", "others"]].sum(axis=1)
    rate = added[known] @ rank_weights(sizes / sizes.sum())
    _value, low, high = found.rate
    return {
        "all at once": inside.all(),
        "total": inside[TOTAL],
        "RATE": low <= rate <= high,
        "effect found": bool((table["effect_low"] > 0).any() or (table["effect_high"] < 0).any()),
        "RATE found": low > 0 or high < 0,
    }


def simulate(what: str, n: int, runs: range, replicates: int) -> pd.DataFrame:
    """Return what experiments found, a row each."""
    return pd.DataFrame([experiment(n, run, what, replicates) for run in runs])


def main() -> None:
    """Print the shares as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the runs")
    parser.add_argument("--replicates", type=int, default=200)
    given = parser.parse_args()
    print("| what | n | runs | all at once | total | RATE | effect found | RATE found |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for n, most in RUNS.items():
        for what in LIFTS:
            runs = range(int(most * given.share))
            shares = simulate(what, n, runs, given.replicates).mean()
            cells = " | ".join(f"{share:.3f}" for share in shares)
            print(f"| {what} | {n:,} | {len(runs):,} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
