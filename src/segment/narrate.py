"""The sentences of the report: every figure in them comes from the run."""

from __future__ import annotations

from collections.abc import Sized

import pandas as pd
import sqlglot

from segment import tiering
from segment.analysis import Analysis
from segment.backtest import ORACLE, RANDOM, REVENUE_SORT
from segment.errors import StudyError
from segment.features import NAMES
from segment.tiering.clusters import STABLE
from segment.tiering.rfm_lint import OVERLAPPING, UNCOVERED, UNREACHABLE, lint
from segment.words import (
    between,
    count,
    decimal,
    few,
    listed,
    money,
    percent,
    signed,
)

# Below this many customers a resampled interval says nothing.
FEWEST = 5
NOT_RESPONSE = (
    "What this does not say: past spending predicts what customers will be worth, not whether "
    "special service makes them spend more. Only an experiment with a randomly held-out group "
    "answers that."
)


def span(days: int) -> str:
    """Return a length of time in the unit a reader would use."""
    if days >= 85:
        return count(round(days / 30.44), "month")
    if days >= 21:
        return count(round(days / 7), "week")
    return count(days, "day")


def holdout_span(a: Analysis) -> str:
    """Return the length of the holdout, for example "9 months"."""
    return span((a.periods.end - a.periods.cut).days)


def data(a: Analysis) -> list[str]:
    """Say whether the data carry the study."""
    facts, currency = a.facts, a.study.currency
    used, read = facts["rows"], facts["rows_read"]
    every = "All" if used == read else f"{used:,} of"
    warnings = a.findings.query("weight == 'warning'")
    concern = (
        f"{count(len(warnings), 'finding')} in the data "
        f"{'needs' if len(warnings) == 1 else 'need'} a look before you rely on the figures."
        if len(warnings)
        else "Nothing in the data speaks against using them."
    )
    returning = int(a.outcome["active"].sum())
    text = [
        f"**{every} {count(read, 'row')} can be used:** {count(facts['customers'], 'customer')}, "
        f"{money(facts['amount'], currency)} from {facts['first']} to {facts['last']}. {concern}",
        f"Schemes learn from {a.periods.start} to the day before {a.periods.cut}. They are judged "
        f"by the {holdout_span(a)} after it, when {percent(returning / len(a.customers))} of the "
        f"{count(len(a.customers), 'customer')} known by then bought again.",
    ]
    if a.newcomers:
        text.append(
            f"{count(a.newcomers, 'customer')} first bought after the cut; no scheme could have "
            "known them, so they are counted here and left out of the comparison."
        )
    return text


def top_tier(a: Analysis, label: str) -> str:
    """Say what the best tier of a scheme brought in the holdout."""
    tiers = a.tier_table(label)
    first = tiers[tiers["customers"] > 0].iloc[0]
    return (
        f"Its best tier, *{first['tier']}*, holds {percent(first['share'])} of the customers; "
        f"they brought {percent(first['value_share'])} of what came in during the next "
        f"{holdout_span(a)}, {mean_value(first, a.study.currency)} each."
    )


def mean_value(tier: pd.Series, currency: str) -> str:
    """Return a tier's holdout value per customer, with its interval if it has enough of them."""
    low, high = (money(tier[f"mean_value_{end}"], currency) for end in ("low", "high"))
    interval = f" ({low} to {high})" if tier["customers"] >= FEWEST else ""
    return f"{money(tier['mean_value'], currency)}{interval}"


def inversions(a: Analysis, label: str) -> str:
    """Say which tiers brought more per customer than a tier above them; empty if none."""
    tiers = a.tier_table(label)
    tiers = tiers[tiers["customers"] > 0].reset_index(drop=True)
    worse = tiers["mean_value_high"].shift() < tiers["mean_value_low"]
    pairs = [f"{tiers['tier'][i]} above {tiers['tier'][i - 1]}" for i in worse[worse].index]
    if not pairs:
        return ""
    shown = listed(pairs[:3] + ([f"{len(pairs) - 3} more"] if len(pairs) > 3 else []))
    return f"{label}: out of order in the holdout, by value per customer: {shown}."


def skill(a: Analysis, label: str) -> str:
    """Say what a scheme adds over the revenue sort at the same tier sizes."""
    row = a.backtest.figures.loc[label]
    if row["by_construction"]:
        return (
            "It orders customers as past revenue does, so its skill over the revenue sort is 0 "
            "by construction; what it chooses is where to cut."
        )
    interval = f"{signed(row['skill_low'])} to {signed(row['skill_high'])}"
    if row["skill_low"] > 0:
        verdict = "orders customers better than past revenue does"
    elif row["skill_high"] < 0:
        verdict = "orders customers worse than past revenue does"
    else:
        verdict = "cannot be told apart from past revenue as an order"
    return (
        f"At the same tier sizes it {verdict}: skill {signed(row['skill'])} "
        f"(95 % interval {interval})."
    )


def headline(a: Analysis, label: str) -> str:
    """Say in one sentence whether a scheme orders customers better than past revenue."""
    row = a.backtest.figures.loc[label]
    if row["skill_low"] > 0:
        return f"**Yes: at equal tier sizes, {label} orders customers better than past revenue.**"
    if row["skill_high"] < 0:
        return f"**No: at equal tier sizes, {label} orders customers worse than past revenue.**"
    return f"**As an order of customers, {label} cannot be told apart from past revenue.**"


def rank(a: Analysis, labels: list[str]) -> str:
    """Say which of some schemes sorts best, and where the whole field stands."""
    gini = a.backtest.figures.loc[labels, "gini"]
    best = gini.idxmax()
    revenue = a.backtest.figures.loc[REVENUE_SORT, "gini"]
    of = "" if len(labels) == 1 else f", the best of {few(len(labels))} variants,"
    return (
        f"On a scale where random order is 0 and perfect foresight 1, {best}{of} reaches "
        f"{decimal(gini[best])}; sorting by past revenue without any tiers reaches "
        f"{decimal(revenue)}."
    )


def abc(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the ABC notebook."""
    past = a.customers["monetary_total"].clip(lower=0).sort_values(ascending=False)
    fifth = past.head(max(1, round(len(past) / 5))).sum() / past.sum()
    return [
        f"**The largest fifth of the customers brought {percent(fifth)} of the past amount.** "
        + rank(a, labels),
        skill(a, labels[0]),
    ]


def rfm(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the RFM notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    text = [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best)]
    return text + [rule_gaps(a, label) for label in labels]


def rule_gaps(a: Analysis, label: str) -> str:
    """Say where the rules of RFM segments overlap or leave gaps; empty if nowhere."""
    method = a.methods[label]
    found = lint(method) if method.form == "segments" else None
    if found is None or found.empty:
        return ""
    counts = found["finding"].value_counts()
    cells = method.bins**3
    return (
        f"The rules of {label} need a look: of {cells} cells of scores, "
        f"{counts.get(OVERLAPPING, 0)} fulfil more than one rule (the first one listed wins) and "
        f"{counts.get(UNCOVERED, 0)} fulfil none; "
        f"{count(counts.get(UNREACHABLE, 0), 'segment')} can never hold a customer."
    )


def empty_scores(scores: pd.DataFrame) -> str:
    """Say which RFM scores nobody has, and why."""
    empty = scores[scores["customers"] == 0]
    if empty.empty:
        return "Every score is in use."
    names = [
        f"{listed([str(s) for s in sorted(scores)], 'or')} for {NAMES[variable]}"
        for variable, scores in empty.groupby("variable", sort=False)["score"]
    ]
    return (
        f"Nobody has a score of {listed(names, 'nor of')}: too many customers share one value "
        "there, and customers with the same value are never given different scores."
    )


def clusters(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the cluster notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    method = a.methods[best]
    text = [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best)]
    if method.k_evidence_ is not None:
        at = method.k_evidence_.loc[method.k_]
        text.append(
            f"{best} uses {few(method.k_)} clusters; in resampled data the least stable of them "
            f"is found again with an overlap of {decimal(at['stability'])} (0.75 counts as "
            f"stable), and {percent(at['plain_rules'])} of the customers can be placed by "
            f"{few(method.k_)} plain rules."
        )
    return text


def quadrants(a: Analysis, label: str) -> list[str]:
    """Answer the value by loyalty notebook."""
    tiers = a.tier_table(label).query("customers > 0").set_index("tier")
    _, functional, emotional, _ = a.methods[label].tiers_
    text = [f"{headline(a, label)} {rank(a, [label])}", skill(a, label)]
    if not {functional, emotional} <= set(tiers.index):
        return text
    low, high = tiers["mean_value"][emotional], tiers["mean_value"][functional]
    more = "less" if low < high else "more"
    currency = a.study.currency
    return [
        *text,
        f"Loyal customers with small purchases (*{emotional}*) later brought "
        f"{money(low, currency)} each, {more} than the {money(high, currency)} of customers with "
        f"large purchases and little loyalty (*{functional}*).",
    ]


def steady(a: Analysis) -> list[str]:
    """Answer the stability notebook."""
    figures = a.stability.figures.sort_values("kappa", ascending=False)
    first, last = figures.iloc[0], figures.iloc[-1]
    length = span((a.windows["earlier"][1] - a.windows["earlier"][0]).days)
    if first["customers"] == 0:
        return ["**No customer bought in both windows, so stability cannot be seen.**"]
    lost = percent(a.stability.lost) if a.stability.lost else "None"
    return [
        f"**{lost} of the customers of one period of {length} stayed away in the next.** "
        f"For those who came back, {figures.index[0]} is the steadiest scheme: agreement "
        f"{decimal(first['kappa'])} beyond chance, where small moves count little "
        f"({percent(first['kept'])} are in the very same tier). {figures.index[-1]} is the least "
        f"steady, with {decimal(last['kappa'])} ({percent(last['kept'])}).",
        f"The two windows are equally long ({length}) and do not overlap; tiers are learned afresh "
        "in each. Agreement is quadratic-weighted kappa: 0 is chance, 1 is every customer in the "
        "same tier; a move by one tier counts less than a move by three.",
    ]


def scoreboard(a: Analysis) -> list[str]:
    """Answer the back-test notebook."""
    figures, q = a.backtest.figures, percent(a.backtest.capture_share)
    methods = figures[figures["kind"] == "method"]
    best = methods["gini"].idxmax()
    revenue, perfect = figures.loc[REVENUE_SORT], figures.loc[ORACLE]
    others = methods[~methods["by_construction"]]
    cuts = methods["granularity_loss"].max() - methods["granularity_loss"].min()
    text = [
        f"**{best} sorts customers best: {decimal(methods['gini'][best], 3)} on a scale where "
        "random order is 0 and perfect foresight 1.** Its first "
        f"{q} of customers brought {percent(methods['capture'][best])} of the holdout value; "
        f"sorting by past revenue finds {percent(revenue['capture'])}, perfect foresight "
        f"{percent(perfect['capture'])}, random order {percent(figures['capture'][RANDOM])}."
    ]
    if len(others) and len(methods) > 1:
        order = others["skill"].abs().max()
        main = "where they cut" if cuts > order else "how they order customers"
        text.append(
            f"Most of the difference between the schemes is {main}: the sizes of their tiers alone "
            f"make a difference of up to {decimal(cuts, 3)}, a better or worse order of customers "
            f"at most {decimal(order, 3)}."
        )
    return text


def verdict(a: Analysis) -> list[str]:
    """Say which scheme to use, why, how sure that is, and what it is not."""
    v, figures = a.verdict, a.backtest.figures
    if v.refused:
        return [
            f"**No recommendation: {v.refused}.** The figures show what the data hint at; "
            f"they are no basis for a decision. The tiers of {v.best} are shown as an example.",
            *concerns(a),
            NOT_RESPONSE,
        ]
    chosen = v.recommended
    row = figures.loc[chosen]
    return [
        f"**Use {chosen}.** {why(a)}",
        top_tier(a, chosen),
        f"How sure is that? It reaches {decimal(row['gini'])} (95 % interval "
        f"{between(row['gini_low'], row['gini_high'])}) on a scale where random order is 0 and "
        f"perfect foresight 1; sorting by past revenue without tiers reaches "
        f"{decimal(figures['gini'][REVENUE_SORT])}. Without the largest customer it would be "
        f"{decimal(row['gini_without_largest'])}. One cut date stands behind this; another "
        "period can turn out differently by more than the interval says.",
        *concerns(a),
        NOT_RESPONSE,
    ]


def concerns(a: Analysis) -> list[str]:
    """Say what in the data weakens the figures; nothing if nothing does."""
    warnings = a.findings.query("weight == 'warning'")
    found = [f"{r.finding[0].lower()}{r.finding[1:]} ({r.done})" for r in warnings.itertuples()]
    return [f"Mind what was found in the data: {listed(found)}."] if found else []


def why(a: Analysis) -> str:
    """Say in one or two sentences why the recommended scheme is recommended."""
    v = a.verdict
    behind = v.pairs[v.pairs["better"] == v.best].set_index("worse")
    if len(a.methods) == 1:
        return "It is the only scheme in this study, so it was compared with yardsticks alone."
    if v.clear:
        second = behind["difference"].idxmin()
        gap = behind.loc[second]
        return (
            f"It sorts customers clearly better than every other scheme here; {second}, the next, "
            f"lies {decimal(gap['difference'], 3)} behind "
            f"({between(gap['low'], gap['high'], 3)})."
        )
    others = [label for label in v.candidates if label != v.recommended]
    return (
        f"There is no clear predictive winner: between {some_of(v.candidates, a.methods)} schemes "
        "the data cannot show a difference that would matter in practice, and this is the "
        f"simplest of them. The {'others are' if len(others) > 1 else 'other is'} "
        f"{listed(others)}."
    )


def some_of(part: Sized, whole: Sized) -> str:
    """Return ``"four of the 11"``, ``"all eight"`` or ``"both"``."""
    if len(part) < len(whole):
        return f"{few(len(part))} of the {few(len(whole))}"
    return "both" if len(whole) == 2 else f"all {few(len(whole))}"


def runner_up(a: Analysis) -> str:
    """Say why the scheme with the best figure, or the next, was not chosen."""
    v = a.verdict
    if v.refused or len(a.methods) == 1:
        return ""
    if v.best == v.recommended:
        return f"{v.best} also has the best figure of all schemes."
    gap = v.pairs.query("better == @v.best and worse == @v.recommended").iloc[0]
    return (
        f"{v.best} has the best figure, {decimal(gap['difference'], 3)} above {v.recommended} "
        f"(between {signed(gap['low'])} and {signed(gap['high'])}). That is not clearly more than "
        f"the {decimal(v.margin)} that would matter in practice, and it is the harder rule to "
        "explain and to run."
    )


def score_leader(a: Analysis) -> str:
    """Say who leads the weighted score, and under how many weightings."""
    score = a.verdict.score
    first = score.index[0]
    often = score["leads"].idxmax()
    text = (
        f"With the study's weights {first} leads ({decimal(score['score'].iloc[0])}). "
        f"Under random weights {often} leads most often, in {percent(score['leads'][often])} of "
        "them"
    )
    return f"{text}: {'a firm lead' if score['leads'][often] > 0.5 else 'no firm lead'}."


def deployable(a: Analysis, label: str) -> str:
    """Give the recommended scheme as an SQL expression, or say why there is none."""
    try:
        sql = a.methods[label].sql()
    except (StudyError, AttributeError) as error:
        return f"{label} has no SQL form: {error}"
    columns = [f"`{name}`" for name in a.methods[label].columns]
    if a.verdict.refused:
        return "No rule is offered, because there is no recommendation."
    (pretty,) = sqlglot.transpile(sql, read="duckdb", pretty=True)
    return (
        f"One expression over a table with one row per customer and {listed(columns)}; the page on "
        f"the data defines {'it' if len(columns) == 1 else 'them'}.\n\n```sql\n{pretty}\n```"
    )


def timeline_title(a: Analysis) -> str:
    """Say how the holdout's monthly amount compares with calibration's."""
    months = a.timeline.assign(month=pd.to_datetime(a.timeline["month"]))
    cut = pd.Timestamp(a.periods.cut)
    before = months.loc[months["month"] < cut.replace(day=1), "amount"]
    after = months.loc[months["month"] >= cut, "amount"]
    if before.empty or after.empty:
        return "Amount per month"
    currency = a.study.currency
    return (
        f"{money(after.mean(), currency)} a month after the cut, "
        f"{money(before.mean(), currency)} before"
    )


def abc_title(a: Analysis, label: str) -> str:
    """Say how much of the amount class A holds before and after the cut."""
    method = a.methods[label]
    (x, y), tier = next(iter(method.points_.values())), method.tiers_[0]
    later = a.tier_table(label).set_index("tier")["value_share"][tier]
    return (
        f"{label}: {percent(x)} of customers are {tier}, {percent(y)} of the past amount, "
        f"{percent(later)} of the later"
    )


def cell_title(customers: pd.DataFrame) -> str:
    """Say where most customers are in the RFM grid."""
    recency, rest = customers.stack().idxmax()
    share = customers.max().max() / customers.sum().sum()
    return f"The fullest cell, recency {recency} by F and M {rest}, has {percent(share)} of them"


def value_title(value: pd.DataFrame, currency: str) -> str:
    """Say which cell brought most per customer."""
    recency, rest = value.stack().idxmax()
    return (
        f"Recency {recency} by F and M {rest} later brought most: "
        f"{money(value.max().max(), currency)} per customer"
    )


def k_title(label: str, method: tiering.Clusters) -> str:
    """Say why the number of clusters was chosen."""
    evidence = method.k_evidence_
    stable = evidence.index[evidence["stability"] >= STABLE]
    if method.k_ in stable:
        return f"{label}: {method.k_} is the largest number of clusters that stays stable"
    return f"{label}: no number of clusters is stable; {method.k_} comes nearest"


def profile_title(label: str, method: tiering.Clusters) -> str:
    """Say how large the best cluster is."""
    sizes = method.profile_["customers"]
    share = percent(sizes.iloc[0] / sizes.sum())
    return f"{label}: {sizes.index[0]} holds {share} of the customers"


def quadrant_title(a: Analysis, label: str) -> str:
    """Say how many customers have both value and loyalty, or neither."""
    share = a.methods[label].labels_.value_counts(normalize=True, sort=False)
    ends = share.iloc[0] + share.iloc[3]
    return f"Value and loyalty go together for {percent(ends)} of the customers"


def kappa_title(figures: pd.DataFrame) -> str:
    """Say which scheme is steadiest."""
    return f"{figures.index[0]} is the steadiest scheme, {figures.index[-1]} the least steady"


def migration_title(moves: pd.DataFrame, label: str) -> str:
    """Say how many of the best tier stay there."""
    tier = moves.index[0]
    stay = moves.loc[tier].get(tier, 0.0)
    return f"{label}: {percent(stay)} of tier {tier} are in it again one period later"


def leaders(a: Analysis, most: int) -> list[str]:
    """Return the recommended method and those with the highest normalised Gini."""
    figures = a.backtest.figures
    best = figures[figures["kind"] == "method"]["gini"].nlargest(most).index
    chosen = [a.verdict.recommended] if a.verdict.recommended else []
    return list(dict.fromkeys([*chosen, *best]))[:most]


def gains_title(a: Analysis) -> str:
    """Say what the recommended scheme captures, or the best where none is recommended."""
    label, q = a.verdict.recommended or a.verdict.best, a.backtest.capture_share
    capture = a.backtest.figures["capture"][label]
    return f"The first {percent(q)} of customers by {label} brought {percent(capture)} of the value"


def skill_title(a: Analysis) -> str:
    """Say how many schemes order customers better than past revenue."""
    methods = a.backtest.figures.query("kind == 'method' and not by_construction")
    better = int((methods["skill_low"] > 0).sum())
    return (
        f"{few(better).capitalize()} of {few(len(methods))} schemes with an order of their own "
        "clearly beat the revenue sort at equal sizes"
    )


def forest_title(a: Analysis) -> str:
    """Say how many schemes are clearly worse than the best."""
    v = a.verdict
    worse = len(a.methods) - len(v.candidates)
    others = f"{few(len(a.methods) - 1)} other {'scheme' if len(a.methods) == 2 else 'schemes'}"
    if worse == 0:
        return f"Nothing shows that any of the {others} is clearly worse than {v.best}"
    return f"{few(worse).capitalize()} of {others} {'is' if worse == 1 else 'are'} clearly worse"
