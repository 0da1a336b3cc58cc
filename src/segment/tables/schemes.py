"""The tables of the report: headings in words, numbers in the study's units."""

from __future__ import annotations

import re
from functools import partial

import pandas as pd
from IPython.display import HTML

from segment import narrate, profiles, views
from segment.analysis import Analysis
from segment.display import table
from segment.features import FEATURES, NAMES, NEXT, PAST
from segment.findings import worst_first
from segment.narrate.clusters import trust
from segment.narrate.common import FEWEST, mean_value
from segment.tiering import RFM, Quadrants
from segment.tiering.base import number
from segment.words import between, count, decimal, money, percent, signed

SPREAD = ("10 %", "Median", "90 %", "Largest")
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
    frame.columns = ["Weight", "Finding", "Rows", "Customers", "What was done"]
    return table(frame, "Findings on the data", {"Rows": "{:,}", "Customers": "{:,.0f}"})


def customers(a: Analysis) -> HTML:
    """Show every column that a method can read, with its spread at the cut."""
    listed = [
        name for name in a.customers if not name.startswith((PAST, NEXT)) and "_ago_" not in name
    ]
    attributes = a.study.customers.columns if a.study.customers else {}
    rows = []
    for name in listed:
        column = a.customers[name]
        meaning, unit = FEATURES.get(name, ("From the customers table", ""))
        row = {"Column": name, "Meaning": meaning,
               "Unit": a.study.currency if unit == "currency" else unit,
               "Known": column.notna().mean()}  # fmt: skip
        if pd.api.types.is_numeric_dtype(column):
            spread = column.quantile([0.1, 0.5, 0.9, 1.0])
            row |= dict(zip(SPREAD, map(number_in_short, spread), strict=True))
        elif name in attributes:
            row |= dict.fromkeys(SPREAD, "") | {"Unit": count(column.nunique(), "value")}
        rows.append(row)
    caption = f"{len(a.customers):,} customers on the day before {a.periods.cut}"
    return table(pd.DataFrame(rows).fillna({"Unit": ""}), caption, {"Known": percent})


def number_in_short(value: float) -> str:
    """Return a number with as many decimals as tell something: 0.23, 4.5, 1,234."""
    if pd.isna(value):
        return "–"
    digits = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    return decimal(value, digits) if abs(value) < 1000 else f"{value:,.0f}"


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
    """Show the median customer of every cluster, its size, and how sure it is."""
    frame = views.clusters.profile(a, label).rename_axis("Cluster").reset_index()
    features = list(frame.columns[4:])
    frame.insert(4, "Which means", frame["stability"].map(trust))
    names = {f: NAMES.get(f, f.replace("_", " ")).capitalize() for f in features}
    heads = {"customers": "Customers", "share": "Share", "stability": "Found again"}
    formats = {"Customers": "{:,}", "Share": partial(percent, digits=1), "Found again": "{:.2f}"}
    numbers = [names[name] for name in features if pd.api.types.is_numeric_dtype(frame[name])]
    return table(frame.rename(columns=heads | names),
                 f"{label}: the median customer of each cluster, and how far it is found again",
                 formats | dict.fromkeys(numbers, _short))  # fmt: skip


def _short(value: float) -> str:
    """Return a figure of any size: decimals only where they count."""
    whole = abs(value) >= 10 or value == int(value)
    return f"{value:,.0f}" if whole else f"{value:,.2f}"


def loyalty_steps(a: Analysis, label: str) -> HTML:
    """Show when a customer counts as loyal."""
    method: Quadrants = a.methods[label]
    loyalty = method.axes_[1]
    if loyalty.steps_ is None:
        rule = pd.DataFrame({"Rule": [in_words(loyalty.rule())]})
        return table(rule, f"{label}: when a customer is loyal")
    ways = ["at most" if sign < 0 else "at least" for sign in loyalty.signs]
    pairs = zip(loyalty.columns, ways, strict=True)
    headings = [f"{in_words(name).capitalize()}: {way}" for name, way in pairs]
    frame = loyalty.steps_.set_axis(headings, axis=1)
    any_one = "any one of these" if len(frame) > 1 else "this"
    return table(frame, f"{label}: loyal means {any_one}", dict.fromkeys(frame, number))


def moved_cuts(a: Analysis, label: str) -> HTML:
    """Show how many customers change class if a cut moves."""
    frame, points = views.quadrants.moved_cuts(a, label), round(100 * views.quadrants.POINTS)
    shown = pd.DataFrame(
        {"Axis": frame.index.str.capitalize(), "High now": frame["high"].to_numpy(),
         "Percentile of the cut": (100 * frame["cut"]).to_numpy(),
         f"Change class if {points} points higher": _with_share(frame, "up"),
         f"Change class if {points} points lower": _with_share(frame, "down")}
    )  # fmt: skip
    return table(shown, f"{label}: customers who change class if a cut moves",
                 {"Percentile of the cut": "{:.0f}"})  # fmt: skip


def _with_share(frame: pd.DataFrame, way: str) -> list[str]:
    pairs = zip(frame[way], frame[f"{way}_share"], strict=True)
    return [f"{customers:,} ({percent(share, 1)})" for customers, share in pairs]


def stages(a: Analysis, label: str) -> HTML:
    """Show what stands at each lifecycle stage, and what came of it; prospects on top."""
    frame = views.lifecycle.stages(a, label)
    past = "Last year's amount" if "monetary_year" in a.customers else "Amount before the cut"
    shown = pd.DataFrame(
        {"Stage": frame["stage"], "Customers": frame["customers"], past: frame["past"],
         "Share of it": frame["past_share"], **_came_of(frame)}
    )  # fmt: skip
    return table(shown, f"{label}: the stages, what stands with them, and who came back",
                 _formats(a, past, "Holdout value each"))  # fmt: skip


def contrasts(a: Analysis, label: str) -> HTML:
    """Show newcomers against long-standing customers, and one-off against repeat ones."""
    frame = views.lifecycle.contrasts(a, label)
    shown = pd.DataFrame(
        {"Group": frame["group"], "Meaning": frame["meaning"], "Customers": frame["customers"],
         "Share of past amount": frame["past_share"], **_came_of(frame)}
    )  # fmt: skip
    return table(shown, "Newcomers and long-standing customers, one-off and repeat customers",
                 _formats(a, "Holdout value each"))  # fmt: skip


def _came_of(frame: pd.DataFrame) -> dict[str, pd.Series | list[str]]:
    again = [
        f"{percent(r.share)} ({percent(r.low)} to {percent(r.high)})" if r.customers else "–"
        for r in frame.itertuples()
    ]
    return {"Bought after the cut (95 %)": again, "Holdout value each": frame["value"]}


def _formats(a: Analysis, *amounts: str) -> dict:
    shares = ("Share of it", "Share of past amount", "Share of holdout value", "Share of customers")
    return (
        {"Customers": "{:,}", "Unhappy": "{:,.0f}"}
        | dict.fromkeys(shares, partial(percent, digits=1))
        | dict.fromkeys(amounts, partial(money, currency=a.study.currency))
    )


def kinds(a: Analysis, label: str) -> HTML:
    """Show what each of the five kinds brought before and after the cut."""
    frame = views.five_kinds.kinds(a, label)
    shown = pd.DataFrame(
        {"Kind": frame["tier"], "Customers": frame["customers"],
         "Share of customers": frame["share"], "Share of past amount": frame["past_share"],
         "Share of holdout value": frame["value_share"], "Unhappy": frame["unhappy"]}
    )  # fmt: skip
    return table(shown, f"{label}: the kinds and what they brought", _formats(a))


def notes(a: Analysis, label: str) -> HTML:
    """Show what is to be done for each tier; nothing if neither method nor study says."""
    notes = a.notes(label)
    if notes.columns.empty:
        return HTML("")
    frame = notes.rename_axis("Tier").reset_index()
    return table(frame, f"{label}: what to do with each tier")


def moved_limits(a: Analysis, label: str) -> HTML:
    """Show how many customers each tier has if all limits are higher or lower."""
    method, moves = a.methods[label], views.thresholds.moves(a, label)
    reach = percent(views.thresholds.REACH)
    sizes = {name: moves[name].value_counts(sort=False).to_numpy() for name in moves}
    shown = pd.DataFrame(
        {"Tier": method.tiers_,
         "Limit": [*(_figure(a, method.by, limit) for limit in method.limits_), "–"],
         f"Limits {reach} lower": sizes["lower"], "Customers": sizes["now"],
         f"Limits {reach} higher": sizes["higher"]}
    )  # fmt: skip
    return table(shown, f"{label}: customers by tier if every limit moved",
                 dict.fromkeys(shown.columns[2:], "{:,}"))  # fmt: skip


def near_limits(a: Analysis, label: str) -> HTML:
    """Show who stands just below and just above each limit, and what they brought."""
    method, near = a.methods[label], views.thresholds.near(a, label)
    reach = percent(views.thresholds.REACH)
    shown = pd.DataFrame(
        {"Tier": near.index, "Limit": [_figure(a, method.by, limit) for limit in near["limit"]],
         f"Up to {reach} below": near["below"].to_numpy(),
         "They brought each (95 %)": _brought(a, near, "below"),
         f"Up to {reach} above": near["above"].to_numpy(),
         "Those brought each (95 %)": _brought(a, near, "above")}
    )  # fmt: skip
    return table(shown, f"{label}: customers near a limit, and their holdout value",
                 dict.fromkeys(shown.columns[[2, 4]], "{:,}"))  # fmt: skip


def kept_by_grace(a: Analysis, label: str) -> HTML:
    """Show who earned each tier and who keeps it by grace; nothing if nobody does."""
    held = views.thresholds.grace(a, label)
    if held.empty:
        return HTML("")
    shown = pd.DataFrame(
        {"Tier": held.index, "Earned it": held["earned"].to_numpy(),
         "They brought each (95 %)": _brought(a, held, "earned"),
         "Keep it by grace": held["kept"].to_numpy(),
         "Those brought each (95 %)": _brought(a, held, "kept")}
    )  # fmt: skip
    return table(shown, f"{label}: tiers earned and tiers kept, and their holdout value",
                 dict.fromkeys(shown.columns[[1, 3]], "{:,}"))  # fmt: skip


def _figure(a: Analysis, by: str, limit: float) -> str:
    return money(limit, a.study.currency) if views.thresholds.is_money(by) else f"{limit:,.6g}"


def _brought(a: Analysis, frame: pd.DataFrame, group: str) -> list[str]:
    """Return mean holdout values with their intervals; too few customers are not shown."""
    currency = a.study.currency
    return [
        f"{money(row[f'{group}_value'], currency)} "
        f"({money(row[f'{group}_low'], currency)} to {money(row[f'{group}_high'], currency)})"
        if row[group] >= FEWEST else "–"
        for _, row in frame.iterrows()
    ]  # fmt: skip


def indicators(a: Analysis, label: str) -> HTML:
    """Show what each indicator of a scorecard counts for, and what its weight decides."""
    frame = views.scorecard.indicators(a, label)
    shown = pd.DataFrame(
        {"Indicator": [NAMES.get(name, name) for name in frame.index],
         "Better": frame["better"], "Weight": frame["weight"], "Missing": frame["missing"],
         "Another grade, weight 10 points up": frame["up"], "10 points down": frame["down"]}
    )  # fmt: skip
    formats = {"Weight": percent, "Missing": percent,
               "Another grade, weight 10 points up": partial(percent, digits=1),
               "10 points down": partial(percent, digits=1)}  # fmt: skip
    return table(shown, f"{label}: the indicators, and the customers their weights move", formats)


def brake_moves(a: Analysis, label: str) -> HTML:
    """Show from which tier to which a credit brake moves customers."""
    frame = views.credit_brake.moves(a, label)
    columns = [f"to {tier}" for tier in frame.columns]
    frame = frame.set_axis(columns, axis=1).rename_axis("Tier without the brake").reset_index()
    return table(frame, f"{label}: customers held back, from which tier to which",
                 dict.fromkeys(columns, "{:,.0f}"))  # fmt: skip


def brake_parts(a: Analysis, label: str) -> HTML:
    """Show whom each part of a credit brake concerns and holds back."""
    frame = views.credit_brake.parts(a, label)
    frame["who"] = frame["who"].map(in_words)
    columns = {"who": "Who", "cap": "Best tier allowed", "customers": "Customers",
               "held": "Held back", "median": "Their median",
               "total": "Their sum"}  # fmt: skip
    amount = partial(money, currency=a.study.currency)
    write = amount if views.credit_brake.reads_money(a, label) else "{:,.0f}"
    frame = frame.rename(columns=columns)
    formats = {"Customers": "{:,}", "Held back": "{:,}"} | dict.fromkeys(frame.columns[4:], write)
    return table(frame, f"{label}: the brake, part by part", formats)


def steadiness(a: Analysis) -> HTML:
    """Show every scheme's chance to keep customers in their tier, and who stands at a border."""
    frame = views.stability.schemes(a).rename_axis("Scheme").reset_index()
    amount = partial(money, currency=a.study.currency)
    shown = pd.DataFrame(
        {"Scheme": frame["Scheme"], "Tiers": frame["tiers"], "Keep their tier": frame["chance"],
         "Weakest tier": frame["weakest_tier"].where(frame["weakest"] < 1, "–"),
         "Its overlap": frame["weakest"],
         "Which means": frame["weakest"].map(narrate.stability.verdict),
         "At a border": frame["borderline"], "They brought": frame["borderline_value"],
         "Share of all": frame["value_share"]}
    )  # fmt: skip
    formats = {"Keep their tier": partial(percent, digits=1), "Its overlap": "{:.2f}",
               "At a border": "{:,.0f}", "They brought": amount,
               "Share of all": partial(percent, digits=1)}  # fmt: skip
    return table(shown, "All schemes when the customers are drawn anew, the surest first", formats)


def lasting(a: Analysis, label: str) -> HTML:
    """Show how far each tier lasts: with resampled customers, and one period later."""
    frame = views.stability.tiers(a, label)
    shown = pd.DataFrame(
        {"Tier": frame["tier"], "Customers": frame["customers"], "Overlap": frame["jaccard"],
         "Which means": frame["jaccard"].map(narrate.stability.verdict),
         "Keep it if drawn anew": frame["chance"], "At a border": frame["borderline"],
         "In it again one period later": frame["again"], "Bought nothing": frame["lost"]}
    )  # fmt: skip
    shares = ("Keep it if drawn anew", "In it again one period later", "Bought nothing")
    formats = {"Customers": "{:,}", "Overlap": "{:.2f}", "At a border": "{:,}"}
    return table(shown, f"{label}: how far each tier lasts",
                 formats | dict.fromkeys(shares, percent))  # fmt: skip


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


def origins(a: Analysis) -> HTML:
    """Show how every scheme fares over the cut dates, highest mean first."""
    frame = a.rolling.summary.sort_values("mean", ascending=False, kind="stable")
    yardstick = frame["wins"].isna()
    shown = pd.DataFrame(
        {
            "Scheme": frame.index + yardstick.map({True: " (yardstick)", False: ""}),
            "Cut dates": frame["origins"].to_numpy(),
            "Mean normalised Gini": [_with_interval(r, "mean", 3) for _, r in frame.iterrows()],
            "Lowest to highest": [between(*pair, 3) for pair in _pairs(frame, "lowest", "highest")],
            "Mean skill": [signed(skill) for skill in frame["skill"]],
            "Mean capture": [decimal(capture, 3) for capture in frame["capture"]],
            "Best scheme at": ["–" if pd.isna(wins) else f"{wins:.0f}" for wins in frame["wins"]],
        }
    )
    return table(shown, f"The same schemes at {len(a.rolling.origins)} cut dates",
                 {"Cut dates": "{:.0f}"})  # fmt: skip


def _pairs(frame: pd.DataFrame, *columns: str) -> zip:
    return zip(*(frame[column] for column in columns), strict=True)


def weighted_score(a: Analysis) -> HTML:
    """Show the parts of the secondary score."""
    frame = a.verdict.score.rename_axis("Scheme").reset_index()
    frame.columns = [str(name).capitalize() for name in frame.columns]
    frame = frame.rename(columns={"Gini": "Normalised Gini", "Auc": "2 AUC - 1"})
    formats = dict.fromkeys(frame.columns[1:-1], "{:.2f}") | {"Leads": percent}
    caption = (
        f"Weighted score at the cut of {a.periods.cut}; 'leads' is the share of random weightings "
        "a scheme wins"
    )
    return table(frame, caption, formats)


def profile(a: Analysis, label: str) -> HTML:
    """Show what sets the customers of each tier apart from all customers."""
    strengths, profile = views.profiles.strengths(a, label), views.profiles.profile(a, label)
    sizes = a.methods[label].labels_.value_counts(sort=False)
    rows = [
        {
            "Tier": tier,
            "Customers": size,
            "What sets them apart": "; ".join(
                narrate.profiles.apart(found)
                for found in profiles.telling(strengths, profile, tier, 4)
            ) if len(profile) and size else "",
        }
        for tier, size in sizes.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows).replace({"What sets them apart": {"": "nothing beyond chance"}})
    return table(frame, f"{label}: the customers of each tier", {"Customers": "{:,}"})


def experiment(a: Analysis, label: str) -> HTML:
    """Show whom to hold out in each tier, and what that would show."""
    frame = views.experiment.plan(a, label).reset_index().replace(float("inf"), float("nan"))
    shown = pd.DataFrame(
        {"Tier": frame["tier"], "Customers": frame["customers"], "Brought each": frame["mean"],
         "Hold out": frame["held_out"], "Share": frame["share"],
         "Shows spending higher by": frame["value_effect"], "Bought again": frame["active"],
         "Shows a step to": frame["active"] * (1 + frame["active_effect"])}
    )  # fmt: skip
    formats = {"Customers": "{:,}", "Hold out": "{:,}",
               "Brought each": partial(money, currency=a.study.currency)}  # fmt: skip
    formats |= dict.fromkeys([*shown.columns[4:]], partial(percent, digits=1))
    return table(shown, f"{label}: whom to hold out, and the smallest effects this shows", formats)


def experiment_sizes(a: Analysis, label: str) -> HTML:
    """Show how many customers each tier would have to hold out for each effect."""
    frame = views.experiment.sizes(a, label).replace(float("inf"), float("nan"))
    wide = frame.pivot(index=["tier", "measure", "best"], columns="effect", values="held_out")
    wide = wide.reindex(frame.set_index(["tier", "measure", "best"]).index.unique()).reset_index()
    words = {"value": "spending", "adjusted": "spending, against before", "active": "buying again"}
    heads = {effect: f"Hold out for {percent(effect)} more" for effect in wide.columns[3:]}
    shown = pd.DataFrame({"Tier": wide["tier"], "Compared": wide["measure"].map(words)})
    shown = shown.join(wide[list(heads)].rename(columns=heads))
    shown["Smallest effect, up to half held out"] = wide["best"]
    formats = dict.fromkeys(heads.values(), "{:,.0f}")
    formats |= {shown.columns[-1]: partial(percent, digits=1)}
    return table(shown, f"{label}: customers to hold out for an effect (–: too few)", formats)


def in_words(rule: str) -> str:
    """Return a rule with the names of features as a reader would say them."""
    for name, words in NAMES.items():
        rule = rule.replace(name, words)
    return re.sub(r"(?<=[^\W_])_(?=[^\W_])", " ", rule)


def _with_interval(row: pd.Series, name: str, digits: int, write=decimal) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(value):
        return "–"
    if pd.isna(low) or low == high:
        return write(value, digits)
    return f"{write(value, digits)} [{between(low, high, digits)}]".replace(" to ", ", ")
