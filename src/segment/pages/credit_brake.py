"""Whom does the credit brake hold back, and was it right?"""

from __future__ import annotations

from functools import partial

import pandas as pd

from segment.evidence.small_groups import FEWEST
from segment.features.names import column_name
from segment.language import N_, _, tier_name
from segment.pages._groups import contrasts
from segment.pages._words import by_sign, sentences, span
from segment.run.scheme import Scheme, once
from segment.words import capital, count, money, more, more_between, percent


@once
def parts(scheme: Scheme) -> pd.DataFrame:
    """Return whom each part of the brake concerns.

    ``who`` in words, ``best_allowed`` (tier), ``concerned`` and ``held`` (customers, and those
    whose tier it lowers).
    """
    method, customers = scheme.method, scheme.features
    part = pd.Series(method.concerned(customers), index=customers.index)
    table = pd.DataFrame(
        {
            "who": [brake.words for brake in method.parts_],
            "best_allowed": [method.tiers_[brake.place] for brake in method.parts_],
        }
    )
    for name, of in (("concerned", part), ("held", part[scheme.customers["braked"]])):
        table[name] = of.value_counts().reindex(table.index, fill_value=0)
    return table


@once
def against(scheme: Scheme) -> pd.DataFrame:
    """Return what those held back brought against the others of the same tier.

    One row per tier before the brake in which at least five customers were held back and five
    were not, and a last row of all customers, in which the others count by tier as
    those held back do; none without such a tier. Columns as ``contrasts`` gives them, of
    ``others`` and ``held``.
    """
    before, held = scheme.method.of_.labels_, scheme.customers["braked"]
    pairs = {
        tier: {"others": (before == tier) & ~held, "held": (before == tier) & held}
        for tier in before.cat.categories
        if min((before[held] == tier).sum(), (before[~held] == tier).sum()) >= FEWEST
    }
    return contrasts(scheme, pairs, together=_("all customers")) if pairs else pd.DataFrame()


def answer(scheme: Scheme) -> list[str]:
    """Answer the page's question for one scheme."""
    verdict = right(scheme) if scheme.customers["braked"].any() else ""
    return [held_back(scheme), sentences(known(scheme), verdict), caution(scheme)]


def held_back(scheme: Scheme) -> str:
    """Say how many customers are held back, and how many of the best tier."""
    moved, best = scheme.method.braked_, scheme.method.tiers_[0]
    return _(
        "**The brake of {label} holds back {customers} ({share}), {first} of them from {tier}.**",
        label=scheme.label,
        customers=count(len(moved), "customer"),
        share=percent(len(moved) / len(scheme.customers)),
        first=f"{int((moved['before'] == best).sum()) if len(moved) else 0:,}",
        tier=tier_name(best),
    )


def known(scheme: Scheme) -> str:
    """Say of how many customers nothing is known; empty if of none."""
    missing = scheme.features[scheme.method.indicator].isna().mean()
    if not missing:
        return ""
    part = f"{_indicator(scheme)} {percent(1 - missing)}"
    return _("Known only of a part of the customers: {parts}.", parts=part)


def right(scheme: Scheme) -> str:
    """Say whether those held back brought less than the others of their tier."""
    table = against(scheme)
    if table.empty:
        return ""
    row = table.iloc[-1]
    ends = row["value_difference_low"], row["value_difference_high"]
    amount = partial(money, currency=scheme.study.currency)
    brought = _(
        "In the next {span} those held back brought {held} each, {difference} than the others of "
        "the same tiers ({range}).",
        span=span(scheme.windows.holdout_days),
        held=amount(row["held_value"]),
        difference=more(row["value_difference"], amount),
        range=more_between(*ends, amount),
    )
    verdict = by_sign(
        *ends,
        N_("By that the brake was wrong; only the risk of not being paid can justify it."),
        N_("The brake was right about what they would bring."),
        N_("That may be chance."),
    )
    return sentences(brought, _(verdict))


def caution(scheme: Scheme) -> str:
    """Say what the figures do not show, and of which day the brake's column is."""
    table = scheme.study.customers
    paid = _("These figures show what was bought, not what was paid.")
    if table is None or scheme.method.indicator not in table.columns:
        return paid
    if table.known_on is not None and table.known_on <= scheme.windows.cut:
        return paid
    later = _(
        "{name} comes from the customers table, perhaps from after the cut; then the brake knew "
        "more than it could have known.",
        name=capital(_indicator(scheme)),
    )
    return sentences(paid, later)


def _indicator(scheme: Scheme) -> str:
    return column_name(scheme.method.indicator).replace("_", " ")
