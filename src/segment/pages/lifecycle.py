"""Does the silence of a customer, measured in their own rhythm, tell who comes back?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.evidence.intervals import newcombe, wilson
from segment.language import _, _n, tier_name
from segment.pages._words import best, gain, sentences
from segment.scheme import Scheme, once
from segment.tiering.lifecycle import prospect_stages
from segment.words import count, listed, money, percent, signed

# Points of the curves: at most so many a stage, each of at least so many customers.
MOST_POINTS, FEWEST_CUSTOMERS = {"repeat": 4, "one-off": 2, "new": 1}, 40
# Who bought on the last day is not late at all; a log axis has no place for that.
SOONEST = 1 / 16


@once
def stages(scheme: Scheme) -> pd.DataFrame:
    """Return what stands at each stage and what came of it, the prospects first.

    ``stage``, ``customers``, ``past`` (amount of the last year), ``past_share``, ``bought``
    (share who bought after the cut, with ``_low`` and ``_high``), ``next_value``.
    """
    table = _came_of(scheme.customers, scheme.customers["tier"])
    if scheme.prospects is not None:
        table = pd.concat([_came_of(scheme.prospects, prospect_stage(scheme)), table])
    return table.rename_axis("stage").reset_index()


def prospect_stage(scheme: Scheme) -> pd.Series:
    """Return the stage of everyone in the customers table who had not bought by the cut."""
    never = pd.Series(pd.NaT, index=scheme.prospects.index)
    met = scheme.prospects.get("first_contact", never)
    return prospect_stages(met, scheme.windows.cut, scheme.method.prospect_names)


@once
def return_by_lateness(scheme: Scheme) -> pd.DataFrame:
    """Return how many bought again, by how late they were at the cut.

    A single purchase tells no rhythm, so customers with one stand apart. Each stage is divided
    into a few parts of about the same size, so that its limits stand between points.

    ``group``, ``stage``, ``lateness`` (median, in usual gaps), ``customers``, ``bought`` (share
    who bought after the cut, with ``_low`` and ``_high``).
    """
    customers, new = scheme.customers, scheme.method.tiers_[1]
    group = np.select(
        [customers["tier"] == new, customers["order_days"] > 1], ["new", "repeat"], "one-off"
    )
    words = {
        "repeat": _("two purchases or more"),
        "one-off": _("one purchase"),
        "new": _("one purchase, {new}", new=tier_name(new)),
    }
    parts = []
    for (name, stage), inside in customers.groupby([group, "tier"], observed=True):
        points = int(np.clip(len(inside) // FEWEST_CUSTOMERS, 1, MOST_POINTS[name]))
        # Equal lateness is never divided: a point begins where its first value does.
        late = inside["lateness"]
        starts = np.unique(np.quantile(late, np.arange(points) / points, method="lower"))
        part = np.searchsorted(starts, late, side="right")
        table = _bought(inside.groupby(part)["bought"])
        table["lateness"] = late.groupby(part).median().clip(lower=SOONEST)
        parts.append(table.assign(group=words[name], stage=stage))
    return pd.concat(parts, ignore_index=True)


@once
def drops(scheme: Scheme) -> pd.DataFrame:
    """Return by how much the share who bought again falls at each limit.

    Neighbouring stages are compared; "new" is none, as it has no lateness. ``limit`` (in usual
    gaps), ``before``, ``after``, ``drop`` with ``low`` and ``high``; a limit next to a stage
    without customers is left out.
    """
    shares = _by_rhythm(scheme, stages(scheme)).set_axis(["share", "low", "high"], axis="columns")
    before, after = shares.iloc[:-1], shares.iloc[1:]
    table = newcombe(before, after).rename(columns={"difference": "drop"})
    table = table.assign(before=before["share"], after=after["share"].to_numpy())
    table.insert(0, "limit", list(scheme.method.limits))
    return table.dropna().reset_index(drop=True)


@once
def contrasts(scheme: Scheme) -> pd.DataFrame:
    """Return newcomers against long-standing customers, and one-off against repeat ones.

    ``group`` and ``meaning`` in words, then as ``stages``.
    """
    customers, days = scheme.customers, scheme.method.newcomer_days
    new, once_only = customers["days_since_first"] <= days, customers["order_days"] == 1
    early = _("first purchase more than {days} days before the cut", days=days)
    late = _("first purchase at most {days} days before the cut", days=days)
    groups = {
        (_("newcomers"), late): new,
        (_("long-standing"), early): ~new,
        (_("one-off"), _("one purchase day so far")): once_only,
        (_("repeat"), _("two purchase days or more")): ~once_only,
    }
    whole = customers["monetary_year"].sum()
    rows = []
    for (group, meaning), inside in groups.items():
        if inside.any():
            row = _came_of(customers[inside], pd.Series(group, customers.index[inside]))
            rows.append(row.assign(meaning=meaning, past_share=row["past"] / whole))
    table = pd.concat(rows).rename_axis("group").reset_index()
    return table[["group", "meaning", *table.columns.drop(["group", "meaning"])]]


def _came_of(customers: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    by = customers.groupby(groups, observed=False)
    table = _bought(by["bought"]).assign(next_value=by["next_value"].mean())
    if "monetary_year" in customers:
        table.insert(1, "past", by["monetary_year"].sum())
        table.insert(2, "past_share", table["past"] / table["past"].sum())
    return table


def _bought(groups) -> pd.DataFrame:
    names = {"share": "bought", "low": "bought_low", "high": "bought_high"}
    return wilson(groups.sum(), groups.count()).rename(columns=names)


def _by_rhythm(scheme: Scheme, table: pd.DataFrame) -> pd.DataFrame:
    """Return the shares who bought again of the stages that lateness tells, in their order."""
    first, _new, *later = scheme.method.tiers_
    columns = ["bought", "bought_low", "bought_high"]
    return table.set_index("stage").loc[[first, *later], columns]


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    first = sentences(slipping(scheme), comes_back(scheme))
    return [first, became_customers(scheme), gain(scheme)]


def slipping(scheme: Scheme) -> str:
    """Say how many customers are at risk, dormant or lost, and how much stands with them."""
    late = stages(scheme).set_index("stage").loc[list(scheme.method.tiers_[2:])]
    customers = count(len(scheme.customers), "customer")
    if not late["customers"].any():
        names = listed([tier_name(stage) for stage in late.index], "or")
        return _("**None of {customers} is {stages}.**", customers=customers, stages=names)
    parts = [
        _n("{n} is {stage}", "{n} are {stage}", int(number), stage=tier_name(stage))
        for stage, number in late["customers"].items()
    ]
    whole = _("the amount before the cut")
    if scheme.windows.calibration_days > 365:
        whole = _("the last year's amount")
    return _(
        "**Of {customers}, {stages}; they brought {share} of {whole}, {amount}.**",
        customers=customers,
        stages=listed(parts),
        share=percent(late["past_share"].sum()),
        whole=whole,
        amount=money(late["past"].sum(), scheme.study.currency),
    )


def comes_back(scheme: Scheme) -> str:
    """Say what each stage did after the cut, and whether the stages stand in order."""
    table = stages(scheme).set_index("stage")
    held = [stage for stage in scheme.method.tiers_ if table.loc[stage, "customers"]]
    shares = listed([_share_of(stage, table.loc[stage, "bought"]) for stage in held])
    by_rhythm = _by_rhythm(scheme, stages(scheme))["bought"].dropna()
    if len(by_rhythm) < 2:
        return _("{shares} bought again.", shares=shares)
    if by_rhythm.is_monotonic_decreasing:
        return _("The stage tells who comes back: {shares} bought again.", shares=shares)
    return _("The stage tells only roughly who comes back: {shares} bought again.", shares=shares)


def became_customers(scheme: Scheme) -> str:
    """Say how many prospects there are and what became of them; empty without any."""
    if scheme.prospects is None or scheme.prospects.empty:
        return ""
    names = list(scheme.method.prospect_names)[::-1]
    table = stages(scheme).set_index("stage").loc[names].query("customers > 0")
    parts = [
        _(
            "{share} of the {number} called *{name}*",
            share=percent(row["bought"]),
            number=f"{int(row['customers']):,}",
            name=tier_name(name),
        )
        for name, row in table.iterrows()
    ]
    return _(
        "Besides, {entries} of the customers table had not bought by the cut; after it, {parts} "
        "became customers. They take no part in the comparison of schemes.",
        entries=count(len(scheme.prospects), "entry", "entries"),
        parts=listed(parts),
    )


def return_title(scheme: Scheme) -> str:
    """Say how the share who bought again runs from the first to the last stage."""
    shares = _by_rhythm(scheme, stages(scheme))["bought"].dropna()
    if len(shares) < 2:
        return _("How many bought again, by how late they were")
    ends = [_share_of(stage, share) for stage, share in shares.items()]
    if shares.is_monotonic_decreasing:
        return _("{first} bought again, {last}", first=ends[0], last=ends[-1])
    return _("{shares} bought again", shares=listed(ends))


def limits(scheme: Scheme) -> str:
    """Say whether the limits stand where the share who bought again falls."""
    table = drops(scheme)
    if table.empty:
        return ""
    changes = [
        _(
            "from {before} to {after} at {limit} usual gaps (95 % interval of the change {low} to "
            "{high} points)",
            before=percent(row.before),
            after=percent(row.after),
            limit=f"{row.limit:g}",
            low=signed(-100 * row.high, 0),
            high=signed(-100 * row.low, 0),
        )
        for row in table.itertuples()
    ]
    text = [_("The share who bought again goes {changes}.", changes=listed(changes))]
    idle, wrong = table.query("low <= 0 <= high"), table.query("high < 0")
    if idle.empty and wrong.empty:
        text.append(_("It falls at every limit."))
    if len(idle):
        text.append(
            _(
                "The data cannot show a fall at {limits} usual gaps: move such a limit, or treat "
                "the stages on both sides alike.",
                limits=_gaps(idle),
            )
        )
    if len(wrong):
        text.append(
            _(
                "At {limits} usual gaps it rises: those stages stand in the wrong order.",
                limits=_gaps(wrong),
            )
        )
        text.append(only_once(scheme))
    return sentences(*text)


def only_once(scheme: Scheme) -> str:
    """Say how many customers of each stage bought only once: they come back least."""
    customers = scheme.customers
    single = (customers["order_days"] == 1).groupby(customers["tier"], observed=True).mean()
    new = scheme.method.tiers_[1]
    shares = [_share_of(stage, share) for stage, share in single.items() if stage != new]
    return _("Bought only once so far: {shares}.", shares=listed(shares))


def _share_of(stage: str, share: float) -> str:
    return _("{share} of the {stage}", share=percent(share), stage=tier_name(stage))


def _gaps(rows: pd.DataFrame) -> str:
    return listed([f"{limit:g}" for limit in rows["limit"]])
