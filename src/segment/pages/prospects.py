"""Which prospects buy, what is next for each, and whom does the file know too little of?"""

from __future__ import annotations

import pandas as pd

from segment.action import prospects as action
from segment.evidence.small_groups import FEWEST
from segment.language import N_, _
from segment.pages._groups import share_bought
from segment.pages._words import few_number, sentences, span, too_few
from segment.run import Run
from segment.run.scheme import once
from segment.words import count, listed, percent

SOON = pd.Timedelta(days=30)
OVERDUE, NEXT, LATER, UNKNOWN = N_("overdue"), N_("within 30 days"), N_("later"), N_("no day noted")


def at_cut(run: Run) -> pd.DataFrame:
    """Return who had an intent and no purchase at the cut, and what came of it."""
    known = run.prospects
    if "intent" not in known:
        return known.assign(intent=None).iloc[:0]
    return known.assign(intent=action.intents(known["intent"])).dropna(subset="intent")


@once
def by_intent(run: Run) -> pd.DataFrame:
    """Return what came of each intent, the nearest to a purchase first, and its follow-up.

    ``intent``, ``customers`` (prospects at the cut), ``bought`` (share who bought after it, with
    ``_low`` and ``_high``), ``next_value`` (missing for few), ``next_step``.
    """
    groups = at_cut(run).groupby("intent")
    table = share_bought(groups["bought"])
    table["next_value"] = groups["next_value"].mean().mask(too_few(run.study, table["customers"]))
    order = [*action.INTENTS, *table.index.difference([*action.INTENTS])]
    table = table.reindex([name for name in order if name in table.index])
    table["next_step"] = [_(action.FOLLOW_UP.get(name, "")) or "" for name in table.index]
    table.index = [_(name) if name in action.INTENTS else name for name in table.index]
    return table.rename_axis("intent").reset_index()


def still_open(run: Run) -> pd.DataFrame:
    """Return the prospects of today: ``prospects.open_prospects``."""
    return action.open_prospects(run.attributes, run.history.index)


def contacts(run: Run) -> pd.DataFrame:
    """Return how many open prospects are due when: ``due``, ``customers``."""
    day, today = still_open(run)["next_contact"], pd.Timestamp(run.windows.newest_day)
    due = pd.Series(LATER, day.index).mask(day <= today + SOON, NEXT)
    due = due.mask(day <= today, OVERDUE).mask(day.isna(), UNKNOWN)
    table = due.value_counts().reindex([OVERDUE, NEXT, LATER, UNKNOWN], fill_value=0)
    table.index = [_(name) for name in table.index]
    return table.rename("customers").rename_axis("due").reset_index()


def answer(run: Run) -> list[str]:
    """Say which intent came, who bought already, who is due, and which firms lack contacts."""
    file = _("Their names stand in {file}.", file="`confidential/prospects.csv`")
    return [came(run), wanted(run), file]


def came(run: Run) -> str:
    """Say how many of each intent bought after the cut."""
    table = by_intent(run)
    table = table[table["customers"] >= FEWEST]
    if table.empty:
        return _("**Too few prospects had an intent at the cut to say which of them buy.**")
    shares = [f"{row.intent} {percent(row.bought)}" for row in table.itertuples()]
    prospects = len(at_cut(run))
    text = _(
        "**Of {prospects} with an intent at the cut ({bought} more were customers already), bought "
        "within {span}: {shares}.**",
        prospects=count(prospects, "prospect"),
        bought=few_number(run)(int(run.attributes["intent"].notna().sum()) - prospects),
        span=span(run.windows.holdout_days),
        shares=listed(shares),
    )
    day = run.study.customers.known_on
    if day is not None and day < run.windows.cut:
        return text
    return sentences(text, _("The intent may be younger than the cut, and know who bought."))


def wanted(run: Run) -> str:
    """Say how many of the wanted have fewer contacts on file than they should; empty if none."""
    lacking = still_open(run)["to_find"].dropna()
    if lacking.empty:
        return ""
    return _(
        "Most wanted: {wanted}. With fewer than {least} contacts on file: {lacking}.",
        wanted=count(len(lacking), "prospect"),
        least=action.CONTACTS,
        lacking=f"{int((lacking > 0).sum()):,}",
    )
