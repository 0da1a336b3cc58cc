"""Can we trust our customer file, and what should be repaired first?"""

from __future__ import annotations

import pandas as pd

from segment.action import customer_file, pairs
from segment.action.pairs import CERTAIN, LIKELY, POSSIBLE
from segment.evidence.small_groups import FEWEST
from segment.features.names import column_name
from segment.language import N_, _, _n, tier_name
from segment.pages._words import sentences, too_few
from segment.run import Run
from segment.scheme import Scheme, once
from segment.words import count, listed, money, percent

# What the kinds of contacts are called; attributes keep the study's names.
CONTACTS = {
    "name": N_("name"),
    "person": N_("contact person"),
    "phone": N_("phone"),
    "email": N_("e-mail address"),
    "address": N_("address"),
}
# What is wrong with a field.
PROBLEMS = {
    "missing": N_("missing"),
    "placeholder": N_("stand-in such as n/a, -, 无"),
    "unreadable": N_("neither number nor day"),
    "in the future": N_("in the future"),
    "before 1900": N_("before 1900"),
    "negative": N_("negative"),
    "over 110": N_("over 110"),
    "no phone number": N_("no phone number"),
    "no e-mail address": N_("no e-mail address"),
    "without a letter": N_("without a letter"),
    "too long": N_("too long"),
    "garbled": N_("garbled characters"),
    "unusual spelling": N_("unusual spelling"),
}
SURENESS = {CERTAIN: N_("certain"), LIKELY: N_("likely"), POSSIBLE: N_("possible")}
EVIDENCE = {
    CERTAIN: N_("near-identical names and the same phone or e-mail"),
    LIKELY: N_("near-identical names and the same contact person or address"),
    POSSIBLE: N_("the same or nearly the same name, or only the same phone or e-mail"),
}
# A file of which so many fields are filled and right can be worked with.
GOOD, FAIR = 0.95, 0.80
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
    fault), ``missing``, ``wrong`` and ``to_repair`` (records), ``buying`` (of their customers,
    those who had bought), ``brought`` (by these; missing where they are few), ``brought_share``
    (of all that customers in the file brought).
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
            "buying": table["customers"],
            "brought": table["value"].mask(few),
            "brought_share": table["value_share"].mask(few),
        }
    )


@once
def faults(run: Run) -> pd.DataFrame:
    """Return what cannot be right, gaps left out: ``field``, ``problem``, ``records``."""
    wrong = run.file.problems.query("problem != @customer_file.MISSING")
    table = wrong.value_counts(["field", "problem"]).reset_index(name="records")
    table["field"] = table["field"].map(name)
    return table.assign(problem=table["problem"].map(PROBLEMS).map(_))


@once
def by_tier(run: Run, label: str) -> pd.DataFrame:
    """Return how many customers of each tier have a record, and one without a fault.

    Indexed by ``tier``, best first: ``customers``, ``recorded`` and ``whole`` (shares).
    """
    tier = run.tiers[label].rename("tier")
    recorded = tier.index.isin(run.file.ids)
    whole = recorded & ~tier.index.isin(run.file.problems["customer_id"])
    customers = pd.DataFrame({"recorded": recorded, "whole": whole}, index=tier.index)
    by = customers.groupby(tier, observed=False)
    return by.mean().assign(customers=by.size())[["customers", "recorded", "whole"]]


@once
def doubles(run: Run) -> pd.DataFrame:
    """Return pairs of records by how sure they are.

    ``certainty`` and ``because`` in words, ``pairs``, ``brought`` by their records before the cut
    (missing where pairs are few).
    """
    value, rows = run.customers["monetary_total"], []
    for sure in pairs.SURENESS:
        alike = run.file.pairs.query("sure == @sure")
        records = pd.Index(alike["one"]).union(alike["other"])
        brought = float(value.reindex(records).sum())
        rows.append((_(SURENESS[sure]), _(EVIDENCE[sure]), len(alike), brought))
    table = pd.DataFrame(rows, columns=["certainty", "because", "pairs", "brought"])
    return table.assign(brought=table["brought"].mask(too_few(run.study, table["pairs"])))


def repairs(run: Run, label: str) -> pd.DataFrame:
    """Return the records to repair, in words, with their ids: for confidential files only."""
    problems = run.file.problems.assign(
        field=run.file.problems["field"].map(name),
        problem=run.file.problems["problem"].map(PROBLEMS).map(_),
    )
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
    """Say whether the file can be trusted, and what comes first."""
    if not len(run.file.ids):
        return [_("**The customer file holds no record with a customer id.**")]
    trusted = sentences(trust(run), best_tier(run, scheme.label))
    return [trusted, repair_first(run), doubles_answer(run, scheme)]


def trust(run: Run) -> str:
    """Say how much of the file is filled, and how much of that shows no fault."""
    cells, missing, wrong = run.file.fields[["records", "missing", "wrong"]].sum()
    complete = 1 - missing / cells
    correct = 1 - wrong / (cells - missing) if cells > missing else 0.0
    verdict = _("Not yet")
    if complete * correct >= FAIR:
        verdict = _("Yes, on the whole") if complete * correct >= GOOD else _("Partly")
    return _(
        "**{verdict}: {complete} of all fields are filled, and {correct} of those show no fault.**",
        verdict=verdict,
        complete=_exact(complete),
        correct=_exact(correct),
    )


def _exact(share: float) -> str:
    return percent(share, 0 if share in (0, 1) else 1)


def best_tier(run: Run, label: str) -> str:
    """Say how many of the best customers have a record without a fault."""
    held = by_tier(run, label).query("customers > 0")
    if held.empty or too_few(run.study, held["customers"].iloc[0]):
        return ""
    best = held.iloc[0]
    figures = {
        "customers": count(int(best["customers"]), "customer"),
        "tier": tier_name(best.name),
        "label": label,
    }
    if not best["whole"]:
        return _(
            "None of the {customers} of tier {tier} ({label}) has a record without a gap or fault.",
            **figures,
        )
    return _(
        "Of the {customers} of tier {tier} ({label}), {share} have a record without a gap or "
        "fault.",
        share=percent(best["whole"]),
        **figures,
    )


def repair_first(run: Run) -> str:
    """Say which fields to repair first: those that most money stands behind."""
    worth = fields(run).query("brought > 0").head(MOST_NAMED)
    if worth.empty:
        return _("No gap or fault concerns a customer who brought money.")
    parts = [
        _(
            "{field} ({customers}, who brought {value}, {share} of all)",
            field=row.field,
            customers=count(row.buying, "customer"),
            value=money(row.brought, run.study.currency),
            share=percent(row.brought_share),
        )
        for row in worth.itertuples()
    ]
    return _("Repair first what most money stands behind: {fields}.", fields=listed(parts))


def doubles_answer(run: Run, scheme: Scheme) -> str:
    """Say how many records are doubles, and what split records hide."""
    pairs = run.file.pairs["sure"].value_counts()
    surely, maybe = int(pairs.drop(POSSIBLE, errors="ignore").sum()), int(pairs.get(POSSIBLE, 0))
    if surely:
        sentence = _n(
            "{n} pair of records is most likely one customer.",
            "{n} pairs of records are most likely one customer each.",
            surely,
        )
        return sentences(sentence, higher(run, scheme))
    if maybe:
        return _n(
            "No pair of records is surely one customer; {n} pair may be.",
            "No pair of records is surely one customer; {n} pairs may be.",
            maybe,
        )
    return _("No customer was found to stand in the file twice.")


def higher(run: Run, scheme: Scheme) -> str:
    """Say how many split customers would reach a higher tier if put together."""
    both = merged(run, scheme).query("buying > 1")
    if both.empty:
        return _("In none of them both records bought, so no money is split.")
    up = int(both["higher"].sum())
    if not up:
        return _(
            "In {n} of them both records bought, but together they stay in the tier they have.",
            n=f"{len(both):,}",
        )
    if too_few(run.study, up):
        return _(
            "Put together, fewer than {n} of them would stand in a higher tier of {label}: their "
            "purchases are split over two records.",
            n=FEWEST,
            label=scheme.label,
        )
    return _n(
        "Put together, {n} of them would stand in a higher tier of {label}: its purchases are "
        "split over two records.",
        "Put together, {n} of them would stand in a higher tier of {label}: their purchases are "
        "split over two records.",
        up,
        label=scheme.label,
    )


def dead(run: Run) -> str:
    """Say how many records nobody buys under, and what else the file holds or lacks."""
    days, file = run.study.watchlists.dormant_days, run.file
    last = run.history["days_since_last"]
    unused = {state: len(ids) for state, ids in customer_file.dormant(last, file.ids, days).items()}
    if unused["never"]:
        never = _(
            "{never} of {records} ({share}) never bought in the data: prospects, or records that "
            "nobody needs.",
            never=f"{unused['never']:,}",
            records=count(len(file.ids), "record"),
            share=percent(unused["never"] / len(file.ids)),
        )
    else:
        never = _("Everybody in the file bought at least once in the data.")
    if (run.windows.end - run.windows.start).days <= days:
        dormant = _("The data are too short to say who has not bought for {days} days.", days=days)
    elif unused["dormant"]:
        dormant = _(
            "{dormant} did buy, but not in the last {days} days: win back or archive.",
            dormant=count(unused["dormant"], "customer"),
            days=days,
        )
    else:
        dormant = _("All who ever bought did so in the last {days} days.", days=days)
    outside = len(last.index.difference(file.ids))
    strangers = _n(
        "{n} buyer is not in the file at all.", "{n} buyers are not in the file at all.", outside
    )
    twice = _n(
        "{n} row repeats an id that the file has already; the last row counts.",
        "{n} rows repeat an id that the file has already; the last row counts.",
        file.twice,
    )
    nameless = _n("{n} row has no customer id.", "{n} rows have no customer id.", file.nameless)
    more = {strangers: outside, twice: file.twice, nameless: file.nameless}
    return sentences(never, dormant, *(text for text, number in more.items() if number))


def rules(run: Run) -> str:
    """Say what counts as missing and wrong, and why nobody can be found twice if so."""
    what = _(
        "Missing is an empty field, or one filled with a stand-in such as n/a, -, 无, 测试 or "
        "00000000. Wrong is what cannot be right: an e-mail without @, a phone number of the "
        "wrong length, a day after {day} or before 1900, an age below 0 or over 110, a rare "
        "spelling of a frequent value. That no fault was found does not make it right: only a "
        "call tells.",
        day=run.file.day,
    )
    no_contact = _(
        "The study maps no name, phone or e-mail under customers.contact, so that nobody can be "
        "found who stands in the file twice."
    )
    known = run.file.fields["kind"].isin(["name", "phone", "email"]).any()
    return sentences(what, "" if known else no_contact)


def shared(run: Run) -> str:
    """Say how many records share a phone or e-mail with many others; empty if none do."""
    if not run.file.shared:
        return ""
    return _n(
        "{n} record shares its phone or e-mail with more than ten others: a switchboard, or a "
        "number that someone typed to fill the field. That alone makes no pair.",
        "{n} records share their phone or e-mail with more than ten others: a switchboard, or a "
        "number that someone typed to fill the field. That alone makes no pair.",
        run.file.shared,
    )


def fields_title(table: pd.DataFrame) -> str:
    """Say which field has most gaps and faults, of the frame that ``fields`` gives."""
    bad = 1 - table["complete"] * table["correct"].fillna(1)
    worst = table.loc[bad.idxmax()]
    text = _(
        "{field} has most gaps and faults: {share} of the records",
        field=worst["field"],
        share=percent(bad.max()),
    )
    return text[:1].upper() + text[1:]
