"""The tables of the watch-lists."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from IPython.display import HTML

from segment import views
from segment.analysis import Analysis
from segment.display import table
from segment.language import _, tier_name
from segment.narrate.watchlist_words import NAMES, NEXT, SHORT, WHY
from segment.narrate.watchlists import reason
from segment.words import decimal, money, percent


def summary(a: Analysis) -> HTML:
    """Show why each list matters, how many stand on it, what is at stake, and the next step."""
    rows = []
    for one in a.watchlists.values():
        known = not one.lacks
        rows.append(
            {
                _("Watch-list"): _(NAMES[one.name]),
                _("Why it matters"): _(WHY[one.name]) if known else _(SHORT[one.lacks]),
                _("Customers listed"): len(one.rows) if known else np.nan,
                _("Meet the rule"): one.found if known else np.nan,
                _("Money at stake"): one.listed if known else np.nan,
                _("Next step"): _(NEXT[one.name]) if one.found else "–",
            }
        )
    whole, currency = "{:,.0f}".format, a.study.currency
    formats = {_("Customers listed"): whole, _("Meet the rule"): whole,
               _("Money at stake"): partial(money, currency=currency)}  # fmt: skip
    return table(pd.DataFrame(rows), _("The watch-lists"), formats)


def by_tier(a: Analysis, name: str) -> HTML | None:
    """Show the newest tiers of the customers on a list; nothing if it is empty."""
    one = a.watchlists[name]
    if not len(one.rows):
        return None
    found = views.watchlists.by_tier(a, one)
    gone = _("no purchase lately")
    tiers = [gone if pd.isna(tier) else tier_name(tier) for tier in found["tier"]]
    shown = pd.DataFrame(
        {_("Newest tier"): tiers, _("Customers listed"): found["customers"],
         _("Money at stake"): found["stake"]}
    )  # fmt: skip
    formats = {_("Customers listed"): "{:,}",
               _("Money at stake"): partial(money, currency=a.study.currency)}  # fmt: skip
    caption = (
        _("{list}: by tier (–: held back, few customers)", list=_(NAMES[name]))
        if found["stake"].isna().any()
        else _("{list}: by tier", list=_(NAMES[name]))
    )
    return table(shown, caption, formats)


def first(a: Analysis, name: str, called: pd.Series | None) -> HTML | None:
    """Show the first customers of a list under what pages call them; nothing if they may not."""
    one = a.watchlists[name]
    found = views.watchlists.named(a, one, called)
    if found is None:
        return None
    tiers = a.methods[a.known(None)].tiers_
    shown = pd.DataFrame(
        {
            _("Customer"): found["name"],
            _("Tier"): ["–" if pd.isna(tier) else tier_name(tier) for tier in found["tier"]],
            _("Money at stake"): found["stake"],
            _("Reason"): [reason(one, row, tiers) for row in found.to_dict("records")],
        }
    )
    caption = _("{list}: the first {number}", list=_(NAMES[name]), number=len(shown))
    return table(shown, caption, {_("Money at stake"): partial(money, currency=a.study.currency)})


def offers(a: Analysis) -> HTML | None:
    """Show what is offered to the narrow customers; nothing if there are none."""
    found = views.watchlists.offers(a).head(10)
    if found.empty:
        return None
    shown = found.set_axis(
        [_("They buy"), _("Offer"), _("Customers listed"), _("Lift"),
         _("Of its buyers, buy the offer as well")], axis=1,
    )  # fmt: skip
    formats = {_("Customers listed"): "{:,}", _("Lift"): partial(decimal, digits=2),
               _("Of its buyers, buy the offer as well"): percent}  # fmt: skip
    return table(shown, _("What to offer next"), formats)
