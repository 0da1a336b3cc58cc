"""Can we trust our customer file, and what should be repaired first?"""

from __future__ import annotations

import pandas as pd

from segment.action import customer_file, pairs
from segment.action.pairs import CERTAIN, LIKELY, POSSIBLE
from segment.features.names import column_name
from segment.language import N_, _
from segment.pages._words import few_number, sentences, too_few
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.words import capital, count, listed, money, percent

# What the kinds of contacts are called; attributes keep the study's names.
CONTACTS = {
    "name": N_("name"),
    "person": N_("contact person"),
    "phone": N_("phone"),
    "email": N_("e-mail address"),
    "address": N_("address"),
}
# What is wrong with a field; what is not named here cannot be right.
PROBLEMS = {
    "missing": N_("missing"),
    "placeholder": N_("stand-in such as n/a, -, 无"),
    "unusual spelling": N_("unusual spelling"),
}
EVIDENCE = {
    CERTAIN: N_("near-identical names and the same phone or e-mail"),
    LIKELY: N_("near-identical names and the same contact person or address"),
    POSSIBLE: N_("the same or nearly the same name, or only the same phone or e-mail"),
}
MOST_NAMED = 3
# How features of records that are one customer add up; others are those of the largest record.
SUMS = ["monetary_total", "monetary_year", "margin_total", "order_days", "arrears", "complaints"]
ADD_UP = dict.fromkeys(SUMS, "sum") | {"days_since_last": "min", "days_since_first": "max"}


def name(field: str) -> str:
    """Return what a field is called: a kind of contact or a usual attribute in words."""
    return _(CONTACTS[field]) if field in CONTACTS else column_name(field).replace("_", " ")


@once
def fields(run: Run) -> pd.DataFrame:
    """Return completeness and correctness of every field; the most money to repair first.

    ``field`` in words, ``complete`` (share filled), ``correct`` (share of these without a
    fault), ``missing``, ``wrong`` and ``to_repair`` (records), ``brought`` (before the cut;
    missing of few customers), ``brought_share`` (of all that customers in the file brought).
    """
    table = customer_file.by_field(run.file, run.customers["monetary_total"])
    table = table.sort_values(["value", "missing"], ascending=False, ignore_index=True)
    few = too_few(run.study, table["customers"])
    return pd.DataFrame(
        {
            "field": table["field"].map(name),
            "complete": table["complete"],
            "correct": table["correct"],
            "missing": table["missing"],
            "wrong": table["wrong"],
            "to_repair": table["missing"] + table["wrong"],
            "brought": table["value"].mask(few),
            "brought_share": table["value_share"].mask(few),
        }
    )


@once
def doubles(run: Run) -> pd.DataFrame:
    """Return pairs of records, the surest first.

    ``because`` in words, ``pairs``, ``brought`` by their records before the cut (missing where
    pairs are few).
    """
    value, rows = run.customers["monetary_total"], []
    for sure in pairs.SURENESS:
        alike = run.file.pairs.query("sure == @sure")
        records = pd.Index(alike["one"]).union(alike["other"])
        rows.append((_(EVIDENCE[sure]), len(alike), float(value.reindex(records).sum())))
    table = pd.DataFrame(rows, columns=["because", "pairs", "brought"])
    return table.assign(brought=table["brought"].mask(too_few(run.study, table["pairs"])))


def repairs(run: Run, label: str) -> pd.DataFrame:
    """Return the records to repair, in words, with their ids: for confidential files only."""
    found = run.file.problems
    wrong = found["problem"].map(PROBLEMS).fillna(N_("cannot be right")).map(_)
    problems = found.assign(field=found["field"].map(name), problem=wrong)
    return customer_file.to_repair(problems, run.customers["monetary_total"], run.tiers[label])


def merged(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return what records of one customer would be together; names customers.

    Only certain and likely pairs count, of which somebody bought before the cut. ``records``
    (ids, joined by ", "), ``buying`` (records with a purchase), ``value`` (of all), ``largest``
    (of the largest record), ``before`` (best tier of one of them), ``together`` (tier of their
    sum) and ``higher``; most money first.
    """
    groups = pairs.groups(run.file.pairs)
    columns = ["records", "buying", "value", "largest", "before", "together", "higher"]
    bought = run.customers[run.customers.index.isin(groups.index)]
    if bought.empty:
        return pd.DataFrame(columns=columns)
    # The first record of a group is its largest.
    bought = bought.sort_values("monetary_total", ascending=False, kind="stable")
    group = groups.reindex(bought.index).to_numpy()
    rules = {column: ADD_UP.get(column, lambda values: values.iloc[0]) for column in bought}
    kept = {column: bought[column].dtype for column in bought if column in ADD_UP}
    together = bought.groupby(group).agg(rules).astype(kept)
    if {"monetary_mean", "monetary_total", "order_days"} <= {*together}:
        together["monetary_mean"] = together["monetary_total"] / together["order_days"]
    tiers = scheme.method.predict(together.rename_axis("customer_id"))
    before = run.tiers[scheme.label]
    best = before.cat.codes.reindex(bought.index).groupby(group).min()
    value = bought["monetary_total"].groupby(group)
    ids = pd.Series(groups.index, index=groups.to_numpy()).groupby(level=0).agg(", ".join)
    table = pd.DataFrame(
        {
            "records": ids.reindex(best.index),
            "buying": value.size(),
            "value": value.sum(),
            "largest": value.max(),
            "before": before.cat.categories.to_numpy(dtype=object)[best.to_numpy()],
            "together": tiers.astype(object),
            "higher": tiers.cat.codes < best,
        }
    )
    return table.sort_values("value", ascending=False, ignore_index=True)[columns]


def answer(run: Run, scheme: Scheme) -> list[str]:
    """Say how far the file can be trusted, and what comes first."""
    if not len(run.file.ids):
        return [_("**The customer file holds no record with a customer id.**")]
    return [trust(run), repair_first(run), doubles_answer(run, scheme)]


def trust(run: Run) -> str:
    """Say how much of the file is filled, and how much of that shows no fault."""
    cells, missing, wrong = run.file.fields[["records", "missing", "wrong"]].sum()
    correct = 1 - wrong / (cells - missing) if cells > missing else 0.0
    return _(
        "**{complete} of all fields are filled, and {correct} of those show no fault.**",
        complete=_exact(1 - missing / cells),
        correct=_exact(correct),
    )


def _exact(share: float) -> str:
    return percent(share, 0 if share in (0, 1) else 1)


def repair_first(run: Run) -> str:
    """Say which fields to repair first: those that most money stands behind; empty if none."""
    worth = fields(run).query("brought > 0").head(MOST_NAMED)
    if worth.empty:
        return ""
    parts = [
        f"{row.field} ({money(row.brought, run.study.currency)})" for row in worth.itertuples()
    ]
    return _("Repair first what most spending stands behind: {fields}.", fields=listed(parts))


def doubles_answer(run: Run, scheme: Scheme) -> str:
    """Say how many records are doubles, and what split records hide."""
    sure, number = run.file.pairs["sure"].value_counts(), few_number(run)
    surely, maybe = int(sure.drop(POSSIBLE, errors="ignore").sum()), int(sure.get(POSSIBLE, 0))
    first = _(
        "Pairs of records that are most likely one customer: {surely}, possibly: {maybe}.",
        surely=number(surely),
        maybe=number(maybe),
    )
    if not surely:
        return first
    higher = _(
        "Merging the former would lift {number} customers into a higher tier of {label}.",
        number=number(int(merged(run, scheme)["higher"].sum())),
        label=scheme.label,
    )
    return sentences(first, higher)


def dead(run: Run) -> str:
    """Say how many records nobody buys under, and what else the file holds or lacks."""
    days, file = run.study.watchlists.dormant_days, run.file
    last = run.history["days_since_last"]
    unused = customer_file.dormant(last, file.ids, days)
    text = _(
        "Of {records}, {never} never bought in the data and {dormant} not in the last {days} days: "
        "win them back or archive them.",
        records=count(len(file.ids), "record"),
        never=f"{len(unused['never']):,}",
        dormant=f"{len(unused['dormant']):,}",
        days=days,
    )
    outside = len(last.index.difference(file.ids))
    if not outside + file.twice + file.nameless:
        return text
    more = _(
        "Buyers who are not in the file: {outside}; rows that repeat an id, of which the last "
        "counts: {twice}; rows without an id: {nameless}.",
        outside=f"{outside:,}",
        twice=f"{file.twice:,}",
        nameless=f"{file.nameless:,}",
    )
    return sentences(text, more)


def rules(run: Run) -> str:
    """Say what counts as missing and wrong, and why nobody can be found twice if so."""
    what = _(
        "Missing is an empty field, or a stand-in such as n/a, -, 无, 测试 or 00000000. Wrong is "
        "what cannot be right, such as an e-mail without @, a day after {day}, an age over 110 or "
        "a rare spelling of a frequent value. Only a call tells whether the rest is right.",
        day=run.file.day,
    )
    no_contact = _(
        "Without a name, phone or e-mail under customers.contact in the study nobody can be found "
        "who stands in the file twice."
    )
    known = run.file.fields["kind"].isin(["name", "phone", "email"]).any()
    return sentences(what, "" if known else no_contact)


def fields_title(table: pd.DataFrame) -> str:
    """Say which field has most gaps and faults, of the frame that ``fields`` gives."""
    bad = 1 - table["complete"] * table["correct"].fillna(1)
    worst = table.loc[bad.idxmax()]
    return _(
        "{field} has most gaps and faults: {share} of the records",
        field=capital(worst["field"]),
        share=percent(bad.max()),
    )
