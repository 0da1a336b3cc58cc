"""The sentences of the customer file page."""

from __future__ import annotations

import pandas as pd

from segment.action.pairs import CERTAIN, LIKELY, POSSIBLE
from segment.evidence.profiles import FEWEST
from segment.features.names import column_name
from segment.language import N_, _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import too_few
from segment.pages.views.customer_file import Records
from segment.run import Run
from segment.words import count, listed, money, percent

# What the kinds of contacts are called; attributes keep the study's names.
CONTACTS = {"name": N_("name"), "person": N_("contact person"), "phone": N_("phone"),
            "email": N_("e-mail address"), "address": N_("address")}  # fmt: skip
# What is wrong with a field.
PROBLEMS = {
    "missing": N_("missing"),     "placeholder": N_("stand-in such as n/a, -, 无"),
    "unreadable": N_("neither number nor day"), "in the future": N_("in the future"),
    "before 1900": N_("before 1900"), "negative": N_("negative"), "over 110": N_("over 110"),
    "no phone number": N_("no phone number"), "no e-mail address": N_("no e-mail address"),
    "without a letter": N_("without a letter"), "too long": N_("too long"),
    "garbled": N_("garbled characters"), "unusual spelling": N_("unusual spelling"),
}  # fmt: skip
SURENESS = {CERTAIN: N_("certain"), LIKELY: N_("likely"), POSSIBLE: N_("possible")}
EVIDENCE = {
    CERTAIN: N_("near-identical names and the same phone or e-mail"),
    LIKELY: N_("near-identical names and the same contact person or address"),
    POSSIBLE: N_("the same or nearly the same name, or only the same phone or e-mail"),
}
# A file of which so many fields are filled and right can be worked with.
GOOD, FAIR = 0.95, 0.80
MOST_NAMED = 3


def answer(a: Run, fields: pd.DataFrame, label: str) -> list[str]:
    """Answer the customer file notebook: can it be trusted, and what comes first?"""
    if not len(a.file.ids):
        return [_("**The customer file holds no record with a customer id.**")]
    return [f"{trust(fields)} {best_tier(a, label)}".strip(), first(a, fields), doubles(a, label)]


def trust(fields: pd.DataFrame) -> str:
    """Say how much of the file is filled, and how much of that shows no fault."""
    cells = fields["records"].sum()
    complete = 1 - fields["missing"].sum() / cells
    filled = cells - fields["missing"].sum()
    correct = 1 - fields["wrong"].sum() / filled if filled else 0.0
    figures = {"complete": _exact(complete), "correct": _exact(correct)}
    if complete * correct >= GOOD:
        return _("**Yes, on the whole: {complete} of all fields are filled, and {correct} of those "
                 "show no fault.**", **figures)  # fmt: skip
    if complete * correct >= FAIR:
        return _("**Partly: {complete} of all fields are filled, and {correct} of those show no "
                 "fault.**", **figures)  # fmt: skip
    return _("**Not yet: {complete} of all fields are filled, and {correct} of those show no "
             "fault.**", **figures)  # fmt: skip


def _exact(share: float) -> str:
    return percent(share, 0 if share in (0, 1) else 1)


def best_tier(a: Run, label: str) -> str:
    """Say how many of the best customers have a record without a fault."""
    found = views.customer_file.by_tier(a, label)
    found = found[found["customers"] > 0]
    if found.empty or too_few(a, found["customers"].iloc[0]):
        return ""
    row = found.iloc[0]
    if not row["whole"]:
        return _("None of the {customers} of tier {tier} ({label}) has a record without a gap or "
                 "fault.", customers=count(int(row["customers"]), "customer"),
                 tier=tier_name(row["tier"]), label=label)  # fmt: skip
    return _(
        "Of the {customers} of tier {tier} ({label}), {share} have a record without a gap or "
        "fault.",
        customers=count(int(row["customers"]), "customer"), tier=tier_name(row["tier"]),
        label=label, share=percent(row["whole"] / row["customers"]),
    )  # fmt: skip


def first(a: Run, fields: pd.DataFrame) -> str:
    """Say which fields to repair first: those that most money stands behind."""
    worth = fields[(fields["value"] > 0) & ~too_few(a, fields["customers"])].head(MOST_NAMED)
    if worth.empty:
        return _("No gap or fault concerns a customer who brought money.")
    parts = [
        _("{field} ({customers}, who brought {value}, {share} of all)",
          field=name(row.field), customers=count(int(row.customers), "customer"),
          value=money(row.value, a.study.currency), share=percent(row.value_share))
        for row in worth.itertuples()
    ]  # fmt: skip
    return _("Repair first what most money stands behind: {fields}.", fields=listed(parts))


def doubles(a: Run, label: str) -> str:
    """Say how many records are doubles, and what split records hide."""
    found = views.customer_file.doubles(a).set_index("sure")
    surely = int(found.loc[[CERTAIN, LIKELY], "pairs"].sum())
    if not surely:
        if found.loc[POSSIBLE, "pairs"]:
            return _n(
                "No pair of records is surely one customer; {n} pair may be.",
                "No pair of records is surely one customer; {n} pairs may be.",
                int(found.loc[POSSIBLE, "pairs"]),
            )
        return _("No customer was found to stand in the file twice.")
    said = _n(
        "{n} pair of records is most likely one customer.",
        "{n} pairs of records are most likely one customer each.",
        surely,
    )
    return f"{said} {higher(a, label)}".strip()


def higher(a: Run, label: str) -> str:
    """Say how many split customers would reach a higher tier if put together."""
    merged = views.customer_file.merged(a, label)
    both = merged[merged["buying"] > 1]
    if both.empty:
        return _("In none of them both records bought, so no money is split.")
    up = int(both["higher"].sum())
    if not up:
        return _n(
            "In {n} of them both records bought, but together they stay in the tier they have.",
            "In {n} of them both records bought, but together they stay in the tier they have.",
            len(both),
        )
    if too_few(a, up):
        return _(
            "Put together, fewer than {n} of them would stand in a higher tier of {label}: their "
            "purchases are split over two records.",
            n=FEWEST, label=label,
        )  # fmt: skip
    return _n(
        "Put together, {n} of them would stand in a higher tier of {label}: its purchases are "
        "split over two records.",
        "Put together, {n} of them would stand in a higher tier of {label}: their purchases are "
        "split over two records.",
        up, label=label,
    )  # fmt: skip


def dead(a: Run, found: Records) -> str:
    """Say how many records nobody buys under."""
    said = _("Everybody in the file bought at least once in the data.")
    if found.never:
        said = _(
            "{never} of {records} ({share}) never bought in the data: prospects, or records that "
            "nobody needs.",
            never=f"{found.never:,}", records=count(found.records, "record"),
            share=percent(found.never / found.records),
        )  # fmt: skip
    parts = [said]
    if not found.long_enough:
        parts.append(_("The data are too short to say who has not bought for {days} days.",
                       days=a.study.watchlists.dormant_days))  # fmt: skip
    elif found.dormant:
        parts.append(_(
            "{dormant} did buy, but not in the last {days} days: win back or archive.",
            dormant=count(found.dormant, "customer"), days=a.study.watchlists.dormant_days,
        ))  # fmt: skip
    else:
        parts.append(
            _(
                "All who ever bought did so in the last {days} days.",
                days=a.study.watchlists.dormant_days,
            )
        )
    if found.outside:
        parts.append(_n("{n} buyer is not in the file at all.",
                        "{n} buyers are not in the file at all.", found.outside))  # fmt: skip
    if a.file.twice:
        parts.append(_n("{n} row repeats an id that the file has already; the last row counts.",
                        "{n} rows repeat an id that the file has already; the last row counts.",
                        a.file.twice))  # fmt: skip
    if a.file.nameless:
        parts.append(_n("{n} row has no customer id.", "{n} rows have no customer id.",
                        a.file.nameless))  # fmt: skip
    return " ".join(parts)


def rules(a: Run) -> str:
    """Say what counts as missing, wrong and double."""
    said = _(
        "Missing is an empty field, or one filled with a stand-in such as n/a, -, 无, 测试 or "
        "00000000. Wrong is what cannot be right: an e-mail without @, a phone number of the wrong "
        "length, a day after {day} or before 1900, an age below 0 or over 110, a rare spelling of "
        "a frequent value. That no fault was found does not make it right: only a call tells.",
        day=a.file.day,
    )
    kinds = set(a.file.fields["kind"])
    if not kinds & {"name", "phone", "email"}:
        return f"{said} {no_contact()}"
    return said


def no_contact() -> str:
    """Say why nobody can be found twice."""
    return _(
        "The study maps no name, phone or e-mail under customers.contact, so that nobody can be "
        "found who stands in the file twice."
    )


def faults(found: pd.DataFrame) -> str:
    """Say so if nothing was found that cannot be right; a table says the rest."""
    return "" if len(found) else _("No field holds anything that cannot be right.")


def shared(a: Run) -> str:
    """Say how many records share a phone or e-mail with many others; empty if none do."""
    if not a.file.shared:
        return ""
    return _n(
        "{n} record shares its phone or e-mail with more than ten others: a switchboard, or a "
        "number that someone typed to fill the field. That alone makes no pair.",
        "{n} records share their phone or e-mail with more than ten others: a switchboard, or a "
        "number that someone typed to fill the field. That alone makes no pair.",
        a.file.shared,
    )


def name(field: str) -> str:
    """Return what a field is called: a kind of contact or a usual attribute in words."""
    return _(CONTACTS[field]) if field in CONTACTS else column_name(field).replace("_", " ")


def fields_title(fields: pd.DataFrame) -> str:
    """Say which field has most gaps and faults."""
    bad = (fields["missing"] + fields["wrong"]) / fields["records"]
    if bad.empty or bad.max() == 0:
        return _("Every field is filled and shows no fault")
    worst = fields.loc[bad.idxmax()]
    said = _("{field} has most gaps and faults: {share} of the records",
             field=name(worst["field"]), share=percent(bad.max()))  # fmt: skip
    return said[:1].upper() + said[1:]
