"""The tables of the report: headings in words, numbers in the study's units."""

from __future__ import annotations

from functools import partial

import pandas as pd
from IPython.display import HTML

from segment.analysis import Analysis
from segment.display import table
from segment.features import FEATURES, NAMES
from segment.findings import worst_first
from segment.narrate.common import mean_value
from segment.tiering import RFM, Clusters, Quadrants
from segment.words import between, decimal, money, percent, signed

WEIGHT = {"fine": "ok", "note": "note", "warning": "look"}


def accounts(a: Analysis) -> HTML:
    """Show what happened to every source row."""
    frame = a.accounts.rename(columns={"fate": "What happened", "rows": "Rows", "amount": "Amount"})
    total = a.facts["rows_read"]
    return table(
        frame, f"{total:,} rows read, {a.accounts['rows'].sum():,} accounted for",
        {"Rows": "{:,}", "Amount": partial(money, currency=a.study.currency)},
    )  # fmt: skip


def findings(a: Analysis) -> HTML:
    """Show what was looked for in the data and what was done, worst first."""
    frame = worst_first(a.findings)
    frame = frame.assign(weight=frame["weight"].map(WEIGHT))
    frame = frame[["weight", "finding", "rows", "customers", "done"]]
    frame.columns = ["", "Finding", "Rows", "Customers", "What was done"]
    return table(frame, "Findings on the data", {"Rows": "{:,}", "Customers": "{:,.0f}"})


def customers(a: Analysis) -> HTML:
    """Show the spread of every feature at the cut."""
    known = [name for name in FEATURES if name in a.customers]
    spread = a.customers[known].quantile([0.1, 0.5, 0.9, 1.0]).T
    spread.columns = ["10 %", "Median", "90 %", "Largest"]
    spread.insert(0, "Feature", known)
    spread.insert(1, "Meaning", [FEATURES[name][0] for name in known])
    units = [a.study.currency if FEATURES[n][1] == "currency" else "days" for n in known]
    spread.insert(2, "Unit", units)
    formats = dict.fromkeys(["10 %", "Median", "90 %", "Largest"], "{:,.0f}")
    caption = f"{len(a.customers):,} customers on the day before {a.periods.cut}"
    return table(spread, caption, formats)


def tiers(a: Analysis, label: str) -> HTML:
    """Show each tier's rule, size and holdout figures."""
    frame = a.tier_table(label)
    currency = a.study.currency
    mean = [mean_value(row, currency) if row["customers"] else "–" for _, row in frame.iterrows()]
    columns = {"tier": "Tier", "rule": "Rule", "customers": "Customers", "share": "Share",
               "value_share": "Share of holdout value", "active_share": "Bought again"}  # fmt: skip
    shown = frame[[c for c in columns if c in frame]].rename(columns=columns)
    if "Rule" in shown:
        shown["Rule"] = shown["Rule"].map(in_words)
    shown["Holdout value per customer (95 %)"] = mean
    formats = {"Customers": "{:,}", "Share": partial(percent, digits=1),
               "Share of holdout value": partial(percent, digits=1),
               "Bought again": percent}  # fmt: skip
    return table(shown, f"{label}: the tiers, and what they brought after the cut", formats)


def rfm_scores(a: Analysis, label: str) -> HTML:
    """Show limits and realised size of every RFM score."""
    method: RFM = a.methods[label]
    frame = method.score_table(a.customers).rename(columns=str.capitalize)
    frame["Variable"] = frame["Variable"].map(in_words)
    return table(frame, f"{label}: what each score means and who has it",
                 {"Customers": "{:,}", "Share": partial(percent, digits=1)})  # fmt: skip


def cluster_profile(a: Analysis, label: str) -> HTML:
    """Show the median customer of every cluster."""
    method: Clusters = a.methods[label]
    frame = method.profile_.rename_axis("Cluster").reset_index()
    names = {name: NAMES.get(name, name).capitalize() for name in frame.columns[1:]}
    frame = frame.rename(columns=names)
    return table(frame, f"{label}: the median customer of each cluster",
                 dict.fromkeys(frame.columns[1:], "{:,.0f}"))  # fmt: skip


def loyalty_steps(a: Analysis, label: str) -> HTML:
    """Show when a customer counts as loyal."""
    method: Quadrants = a.methods[label]
    frame = method.loyalty_steps_.drop_duplicates("days_since_last")
    frame = frame.set_axis(
        ["Bought on at least … days", "Last purchase at most … days ago"], axis=1
    )
    return table(frame, f"{label}: loyal means any one of these", dict.fromkeys(frame, "{:,.0f}"))


def scoreboard(a: Analysis) -> HTML:
    """Show all figures of all schemes and yardsticks, best first."""
    figures = a.backtest.figures.join(a.stability.figures["kappa"])
    figures = figures.sort_values("gini", ascending=False, kind="stable")
    rows = []
    for label, r in figures.iterrows():
        skill = (
            "by construction 0" if r["by_construction"] else _with_interval(r, "skill", 3, signed)
        )
        rows.append(
            {
                "Scheme": label if r["kind"] == "method" else f"{label} (yardstick)",
                "Tiers": r["tiers"],
                "Normalised Gini": _with_interval(r, "gini", 3),
                "Without the largest": "–"
                if pd.isna(r["gini_without_largest"])
                else decimal(r["gini_without_largest"], 3),
                "Skill": skill,
                f"Capture, first {percent(a.backtest.capture_share)}": _with_interval(
                    r, "capture", 3
                ),
                "AUC": _with_interval(r, "auc", 3),
                "Stability": "–" if pd.isna(r["kappa"]) else decimal(r["kappa"], 2),
            }
        )
    return table(pd.DataFrame(rows), "All schemes and yardsticks on the same customers",
                 {"Tiers": "{:.0f}"})  # fmt: skip


def weighted_score(a: Analysis) -> HTML:
    """Show the parts of the secondary score."""
    frame = a.verdict.score.rename_axis("Scheme").reset_index()
    frame.columns = [str(name).capitalize() for name in frame.columns]
    frame = frame.rename(columns={"Gini": "Normalised Gini", "Auc": "2 AUC - 1"})
    formats = dict.fromkeys(frame.columns[1:-1], "{:.2f}") | {"Leads": percent}
    caption = "Weighted score; 'leads' is the share of random weightings a scheme wins"
    return table(frame, caption, formats)


def in_words(rule: str) -> str:
    """Return a rule with the names of features as a reader would say them."""
    for name, words in NAMES.items():
        rule = rule.replace(name, words)
    return rule


def _with_interval(row: pd.Series, name: str, digits: int, write=decimal) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(value):
        return "–"
    if pd.isna(low) or low == high:
        return write(value, digits)
    return f"{write(value, digits)} [{between(low, high, digits)}]".replace(" to ", ", ")
