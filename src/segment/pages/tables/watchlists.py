"""The tables of the watch-lists."""

from __future__ import annotations

import numpy as np
import pandas as pd
from IPython.display import HTML

from segment.action.watchlists.words import NAMES, NEXT, SHORT, WHY
from segment.language import _, tier_name
from segment.pages import views
from segment.pages.narrate.watchlists import reason
from segment.pages.tables.build import build
from segment.pages.tables.cells import NONE, amount
from segment.run import Run
from segment.words import decimal, percent


def summary(a: Run) -> HTML:
    """Show why each list matters, how many stand on it, what is at stake, and the next step."""
    lists = a.watchlists.values()
    why = [_(SHORT[one.lacks]) if one.lacks else _(WHY[one.name]) for one in lists]

    def known(figures: list[float]) -> list[float]:
        return [np.nan if one.lacks else x for one, x in zip(lists, figures, strict=True)]

    return build(
        _("The watch-lists"),
        (_("Watch-list"), [_(NAMES[one.name]) for one in lists]),
        (_("Why it matters"), why),
        (_("Customers listed"), known([len(one.rows) for one in lists]), "{:,.0f}"),
        (_("Meet the rule"), known([one.found for one in lists]), "{:,.0f}"),
        (_("Money at stake"), known([one.listed for one in lists]), amount(a)),
        (_("Next step"), [_(NEXT[one.name]) if one.found else NONE for one in lists]),
    )


def by_tier(a: Run, name: str) -> HTML | None:
    """Show the newest tiers of the customers on a list; nothing if it is empty."""
    one = a.watchlists[name]
    if not len(one.rows):
        return None
    found = views.watchlists.by_tier(a, one)
    caption = (
        _("{list}: by tier (–: held back, few customers)", list=_(NAMES[name]))
        if found["stake"].isna().any()
        else _("{list}: by tier", list=_(NAMES[name]))
    )
    return build(
        caption,
        (_("Newest tier"), _tiers(found["tier"], _("no purchase lately"))),
        (_("Customers listed"), found["customers"], "{:,}"),
        (_("Money at stake"), found["stake"], amount(a)),
    )


def first(a: Run, name: str, called: pd.Series | None) -> HTML | None:
    """Show the first customers of a list under what pages call them; nothing if they may not."""
    one = a.watchlists[name]
    found = views.watchlists.named(a, one, called)
    if found is None:
        return None
    tiers = a.methods[a.known(None)].tiers_
    return build(
        _("{list}: the first {number}", list=_(NAMES[name]), number=len(found)),
        (_("Customer"), found["name"]),
        (_("Tier"), _tiers(found["tier"], NONE)),
        (_("Money at stake"), found["stake"], amount(a)),
        (_("Reason"), [reason(one, row, tiers) for row in found.to_dict("records")]),
    )


def offers(a: Run) -> HTML | None:
    """Show what is offered to the narrow customers; nothing if there are none."""
    found = views.watchlists.offers(a).head(10)
    if found.empty:
        return None
    return build(
        _("What to offer next"),
        (_("They buy"), found["own"]),
        (_("Offer"), found["next"]),
        (_("Customers listed"), found["customers"], "{:,}"),
        (_("Lift"), found["lift"], decimal),
        (_("Of its buyers, buy the offer as well"), found["share"], percent),
    )


def _tiers(tiers: pd.Series, none: str) -> list[str]:
    return [none if pd.isna(tier) else tier_name(tier) for tier in tiers]
