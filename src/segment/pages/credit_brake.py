"""Whom does the credit brake hold back, and was it right?"""

from __future__ import annotations

import pandas as pd

from segment.evidence.small_groups import FEWEST
from segment.features.names import FORMATS, column_name
from segment.language import N_, _, tier_name
from segment.pages._groups import contrasts
from segment.pages._words import by_sign, figure, sentences, span
from segment.scheme import Scheme, once
from segment.words import count, listed, money, percent


@once
def parts(scheme: Scheme) -> pd.DataFrame:
    """Return whom each part of the brake concerns.

    ``who`` in words, ``best_allowed`` (tier), ``concerned`` and ``held`` (customers, and those
    whose tier it lowers); where the brake reads numbers, their ``held_median``, missing for
    fewer than five; of money also ``held_total``.
    """
    method, customers = scheme.method, scheme.features
    part = pd.Series(method.concerned(customers), index=customers.index)
    braked = part[scheme.customers["braked"]]
    table = pd.DataFrame(
        {
            "who": [brake.words for brake in method.parts_],
            "best_allowed": [method.tiers_[brake.place] for brake in method.parts_],
        }
    )
    for name, of in (("concerned", part), ("held", braked)):
        table[name] = of.value_counts().reindex(table.index, fill_value=0)
    if method.grades is None:
        owed = customers.loc[braked.index, method.indicator].astype(float).groupby(braked)
        figures = owed.agg(["count", "median", "sum"]).reindex(table.index)
        figures = figures.where(figures["count"] >= FEWEST)
        table["held_median"] = figures["median"]
        if FORMATS.get(method.indicator) == "money":
            table["held_total"] = figures["sum"]
    return table


@once
def against(scheme: Scheme) -> pd.DataFrame:
    """Return what those held back brought against the others of the same tier.

    One row per tier before the brake in which at least five customers were held back and five
    were not, and a last row "all", named as it is shown, in which the others count by tier as
    those held back do; none without such a tier. Columns as ``contrasts`` gives them, of
    ``others`` and ``held``.
    """
    before, held = scheme.method.of_.labels_, scheme.customers["braked"]
    pairs = {
        tier: {"others": (before == tier) & ~held, "held": (before == tier) & held}
        for tier in before.cat.categories
        if min((before[held] == tier).sum(), (before[~held] == tier).sum()) >= FEWEST
    }
    return contrasts(scheme, pairs, together=_("all")) if pairs else pd.DataFrame()


def answer(scheme: Scheme) -> list[str]:
    """Answer the page's question for one scheme."""
    if not scheme.customers["braked"].any():
        return [sentences(held_back(scheme), known(scheme)), caution(scheme)]
    return [held_back(scheme), sentences(known(scheme), right(scheme)), caution(scheme)]


def held_back(scheme: Scheme) -> str:
    """Say how many customers are held back, and from which tier to which."""
    moved = scheme.method.braked_
    if moved.empty:
        return _(
            "**{label} holds nobody back:** its tiers are those of the scheme without a brake.",
            label=scheme.label,
        )
    each = moved.astype(str).value_counts().head(2)
    ways = [
        _(
            "from {before} to {after} ({number})",
            before=tier_name(before),
            after=tier_name(after),
            number=f"{number:,}",
        )
        for (before, after), number in each.items()
    ]
    figures = {
        "customers": count(len(moved), "customer"),
        "ways": listed(ways),
        "share": percent(len(moved) / len(scheme.customers)),
    }
    if len(moved) > each.sum():
        text = _("**The brake holds back {customers} ({share}), most of them {ways}.**", **figures)
    else:
        text = _("**The brake holds back {customers} ({share}), {ways}.**", **figures)
    return sentences(text, _of_best(scheme))


def _of_best(scheme: Scheme) -> str:
    best = scheme.method.tiers_[0]
    first = int((scheme.method.braked_["before"] == best).sum())
    if not first:
        return _("None of them would have been in {tier}.", tier=tier_name(best))
    of_best = int((scheme.method.of_.labels_ == best).sum())
    return _(
        "Of the {customers} that the scheme itself would put in {tier}, the brake takes out "
        "{share}.",
        customers=count(of_best, "customer"),
        tier=tier_name(best),
        share=percent(first / of_best),
    )


def known(scheme: Scheme) -> str:
    """Say what those held back owe, and of how many nothing is known."""
    method, text = scheme.method, []
    column = scheme.features[method.indicator]
    name = _indicator(scheme)
    owed = column[scheme.customers["braked"]].dropna()
    if method.grades is None and len(owed) >= FEWEST:
        half = figure(scheme, method.indicator, owed.astype(float).median())
        text.append(
            _("Half of those held back have {name} of {median} or more.", name=name, median=half)
        )
    figures = {"share": percent(column.isna().mean()), "name": name}
    if column.isna().any() and method.missing == "free":
        text.append(
            _("For {share} of the customers {name} is unknown; they are not held back.", **figures)
        )
    elif column.isna().any():
        text.append(
            _(
                "For {share} of the customers {name} is unknown; they are capped as the rules say.",
                **figures,
            )
        )
    return sentences(*text)


def right(scheme: Scheme) -> str:
    """Say whether those held back brought less than the others of their tier."""
    table = against(scheme)
    if table.empty:
        return _("Too few are held back in any tier to compare what they brought.")
    row = table.iloc[-1]
    ends = row["value_difference_low"], row["value_difference_high"]
    amounts = row["held_value"], row["others_value"], row["value_difference"], *ends
    names = ("held", "others", "difference", "low", "high")
    written = (money(amount, scheme.study.currency) for amount in amounts)
    brought = _(
        "In the next {span} those held back brought {held} each, the others of the same tiers "
        "{others} (difference {difference}, 95 % interval {low} to {high}).",
        span=span(scheme.windows.holdout_days),
        **dict(zip(names, written, strict=True)),
    )
    verdict = by_sign(
        *ends,
        N_(
            "By what they bought the brake was wrong; only the risk of not being paid can justify "
            "it."
        ),
        N_("The brake was right about what they would bring."),
        N_("That may be chance: what they bought speaks neither for the brake nor against it."),
    )
    return sentences(brought, _(verdict))


def title(scheme: Scheme) -> str:
    """Say whether those held back brought less."""
    row = against(scheme).iloc[-1]
    text = by_sign(
        row["value_difference_low"],
        row["value_difference_high"],
        N_("Those held back brought more than others of their tier"),
        N_("Those held back brought less than others of their tier"),
        N_("No clear difference between those held back and the others"),
    )
    return _(text)


def caution(scheme: Scheme) -> str:
    """Say what the figures do not show, and of which day the brake's column is."""
    table = scheme.study.customers
    paid = _(
        "Amounts here are what was bought, not what was paid: the brake is there for the risk of "
        "not being paid, which these figures do not show."
    )
    if table is None or scheme.method.indicator not in table.columns:
        return paid
    if table.known_on is None:
        day = N_(
            "The customers table has {name} of one day only; if that day lies after the cut, the "
            "brake knew more than it could."
        )
    elif table.known_on > scheme.windows.cut:
        day = N_(
            "The customers table has {name} as of {day}, after the cut: the brake knew more than "
            "it could have known."
        )
    else:
        day = N_(
            "The customers table has {name} as of {day}, so the brake knew nothing of what came "
            "after the cut."
        )
    return sentences(paid, _(day, name=_indicator(scheme), day=table.known_on))


def _indicator(scheme: Scheme) -> str:
    return column_name(scheme.method.indicator).replace("_", " ")
