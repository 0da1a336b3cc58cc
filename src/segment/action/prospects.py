"""Prospects by intent, with the follow-up that the source names for each, and what is on file."""

from __future__ import annotations

import pandas as pd

from segment.language import N_
from segment.reading.registers import NO

# How tables write each intent, and what is to be done (客户意向); the nearest to a purchase first.
INTENTS = {
    N_("interested"): ("interested", "hot", "有兴趣", "有兴趣购买", "感兴趣"),
    N_("considering"): ("considering", "hesitating", "undecided", "考虑", "犹豫", "考虑犹豫"),
    N_("not for now"): ("not for now", "not now", "later", "暂时不买", "暂不购买"),
    N_("surely not"): ("surely not", "no", "never", "肯定不买", "不买"),
}
FOLLOW_UP = {
    "interested": N_("Speed up: call, win trust, move to the next stage"),
    "considering": N_("Several calls: learn needs and interests; do not pitch at once"),
    "not for now": N_(
        "Keep the relation; note when they expect to buy; send information with their permission"
    ),
    "surely not": N_("Find the reason, explain functions; pass wishes on to product development"),
}
WRITTEN = {way: intent for intent, ways in INTENTS.items() for way in ways}
COLUMNS = ["intent", "next_contact", "wanted", "contacts_on_file"]
# Contacts that a company should have on file at each firm it wants to win.
CONTACTS = 3


def intents(written: pd.Series) -> pd.Series:
    """Return each intent under the name that it has here; one that is not known stays."""
    plain = written.astype(object).str.lower().str.replace(r"[\s、,/,和]+", " ", regex=True)
    found = plain.str.strip().map(WRITTEN)
    return found.fillna(plain.str.replace(" ", "").map(WRITTEN)).fillna(written.astype(object))


def open_prospects(attributes: pd.DataFrame, bought: pd.Index) -> pd.DataFrame:
    """Return who has an intent or is wanted and never bought.

    By customer: ``intent`` (missing where none is noted), ``next_contact``, ``contacts`` on file
    and ``to_find``: how many a wanted one lacks of ``CONTACTS``. The next contact comes first.
    """
    rows = attributes[~attributes.index.isin(bought)].reindex(columns=COLUMNS)
    wanted = rows["wanted"]
    is_wanted = wanted.notna() & ~wanted.astype(str).str.lower().str.rstrip(".0").isin(["", *NO])
    contacts = pd.to_numeric(rows["contacts_on_file"])
    frame = pd.DataFrame(
        {
            "intent": intents(rows["intent"]),
            "next_contact": pd.to_datetime(rows["next_contact"]),
            "contacts": contacts,
            "to_find": (CONTACTS - contacts.fillna(0)).clip(lower=0).where(is_wanted),
        }
    )
    frame = frame[frame["intent"].notna() | is_wanted]
    return frame.sort_index().sort_values("next_contact", kind="stable")
