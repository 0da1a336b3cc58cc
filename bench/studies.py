"""All schemes on four studies in one table: writes docs/studies.md from their results.json.

``python bench/studies.py [REPORTS]``, after ``segment report`` of each study: ``make report``,
``make ta-feng``, ``make complete-journey`` and ``make report STUDY=data/wholesale.yaml``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "studies.md"
# What the data are: the column headings tell it with every figure.
STUDIES = {
    "cdnow": "CDNOW (real)",
    "ta_feng": "Ta-Feng (real)",
    "complete_journey": "Complete Journey (simulated after real shopping)",
    "wholesale": "Wholesale (synthetic)",
}
# Of the figures that results.json may hold, those told: their unit is 1 / factor.
FIGURES = {"gain": (100, "+z.1f"), "gini": (1, "z.2f")}
TEXT = """\
# All schemes on four studies

Written by `python bench/studies.py` from the reports of the four studies. Nothing was chosen by
looking at these figures. Only CDNOW and Ta-Feng are real. Complete Journey is simulated after real
shopping, and its publisher wants nothing concluded from it; the wholesale company is invented, and
what its column says was put there by `data/synthetic.py`.

{studies}
"""
GAIN = """
## What each scheme finds more than the list by past value

Gain in points of what the customers known at the cut brought after it: what the best tiers, down to
the border nearest to the share that can be served, went on to bring, less what as many customers
from the top of the list by past value brought. Mean over the cut dates [95 % interval], lowest to
highest date. A cut of that list has 0 by construction; – is a scheme that the study has not, or
without a border near that share. The last columns count the studies whose interval lies wholly
above, or below, 0.

{table}
"""
GINI = """
## How well the tiers sort everybody

Normalised Gini (0 random order, 1 perfect foresight): mean over the cut dates [95 % interval],
lowest to highest date. It rewards many tiers; the plain sort has one per customer.

{table}
"""
OWN = """
\\* with parameters of the study's own (weights, limits, features), which other studies do not have.
"""


def main() -> None:
    """Read the results and write the page."""
    reports = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "reports"
    files = {name: reports / name / "results.json" for name in STUDIES}
    missing = [str(file) for file in files.values() if not file.exists()]
    if missing:
        raise SystemExit(f"no {', '.join(missing)}: make the reports first, as said in this script")
    PAGE.write_text(page({name: json.loads(file.read_text()) for name, file in files.items()}))
    print(f"wrote {PAGE.relative_to(ROOT)}")


def page(results: dict[str, dict[str, Any]]) -> str:
    """Return the page, with a table for each figure that some study has; results by study."""
    text = TEXT.format(studies=markdown(studies(results)))
    for figure, template in (("gain", GAIN), ("gini", GINI)):
        if len(table := schemes(results, figure)):
            text += template.format(table=markdown(table))
    return text + (OWN if "* |" in text else "")


def studies(results: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Return what each study is: one column per study."""
    return pd.DataFrame({STUDIES[name]: _facts(one) for name, one in results.items()})


def _facts(results: dict[str, Any]) -> dict[str, str]:
    dates, study = results["origins"]["dates"], results["parameters"]
    tiers = pd.DataFrame(results["tiers"])
    value = (tiers["customers"] * tiers["mean_value"])[tiers["label"] == tiers["label"].iloc[0]]
    days = (pd.Timestamp(dates[-1]["end"]) - pd.Timestamp(dates[-1]["cut"])).days
    verdict = results["verdict"]
    return {
        "Rows used": f"{results['facts']['rows']:,}",
        "Customers known at the cut": f"{dates[-1]['customers']:,}",
        "of whom bought again": f"{dates[-1]['active_share']:.0%}",
        "Judged by": f"{'margin' if study['columns']['margin'] else 'revenue'} of {days} days",
        "Cut dates": f"{len(dates)}, {dates[0]['cut']} to {dates[-1]['cut']}",
        "One point is": f"{value.sum() / 100:,.0f} {study['currency']}",
        "Recommended": verdict["recommended"] or f"nothing: {verdict['refused']}",
    }


def schemes(results: dict[str, dict[str, Any]], figure: str) -> pd.DataFrame:
    """Return one figure of every scheme, in words: schemes by study, the best first.

    They are ordered by their mean over the real studies; those of none stand last. Of the gain also
    in how many studies it lies above and below 0. Empty where no study has the figure.
    """
    rows = [_summary(one, figure).assign(study=STUDIES[name]) for name, one in results.items()]
    rows = pd.concat(rows)
    if rows.empty:
        return rows
    by_label = rows.groupby("label", sort=False)
    usual = by_label["parameters"].transform("first") == rows["parameters"]
    factor, form = FIGURES[figure]
    words = [
        "0"
        if max(map(abs, row)) < 1e-9
        else "{} [{}, {}], {} to {}".format(*(f"{factor * value:{form}}" for value in row))
        for row in rows[["mean", "low", "high", "lowest", "highest"]].to_numpy()
    ]
    rows["words"] = pd.Series(words, rows.index) + np.where(usual, "", "*")
    table = rows.pivot(columns="study", values="words").reindex(columns=rows["study"].unique())
    if figure == "gain":
        table["above 0"] = (rows["low"] > 0).groupby(level="label").sum()
        table["below 0"] = (rows["high"] < 0).groupby(level="label").sum()
        rows = rows[rows["parameters"] != "{}"]  # the plain sort is what they are held against
    means = rows.groupby("label")["mean"].mean().to_frame("all")
    means["real"] = rows[rows["study"].str.endswith("(real)")].groupby("label")["mean"].mean()
    order = means.sort_values(["real", "all"], ascending=False).index
    return table.loc[order].fillna("–").rename_axis(index="Scheme")


def _summary(results: dict[str, Any], figure: str) -> pd.DataFrame:
    """Return a figure over the cut dates by scheme, and what the scheme is.

    ``mean``, ``low``, ``high``, ``lowest``, ``highest``, ``parameters`` without the service of the
    tiers (empty for the plain sort).
    """
    columns = {figure: "mean", f"{figure}_low": "low", f"{figure}_high": "high"}
    summary = pd.DataFrame(results["origins"]["summary"]).set_index("label")
    summary = summary.reindex(columns=[*columns]).rename(columns=columns).astype("float64")
    summary = summary.dropna(subset="mean")
    if summary.empty:
        return summary
    dates = pd.DataFrame(results["origins"]["figures"]).groupby("label")[figure]
    methods = results["parameters"]["methods"]
    said = [methods.get(label, {}) for label in summary.index]
    return summary.assign(
        lowest=dates.min(),
        highest=dates.max(),
        parameters=[
            json.dumps({k: v for k, v in each.items() if k not in ("service", "optional")})
            for each in said
        ],
    )


def markdown(table: pd.DataFrame) -> str:
    """Return a frame as a Markdown table, its index first."""
    head = [table.index.name or "", *table.columns]
    rows = [head, ["---"] * len(head), *([label, *row] for label, *row in table.itertuples())]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


if __name__ == "__main__":
    main()
