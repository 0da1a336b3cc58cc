"""Which customers are key, which have potential, and who is about to leave unhappy?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.features.names import column_name
from segment.language import _, _n, tier_name
from segment.pages._words import best, gain, part_of_value, rank, sentences, too_few
from segment.scheme import Scheme, once
from segment.words import listed, money, percent


@once
def kinds(scheme: Scheme) -> pd.DataFrame:
    """Return what each kind that the data can tell brought before and after the cut.

    ``kind``, ``customers``, ``share``, ``total_share`` (of what all spent before the cut),
    ``value_share`` (of all that came in), ``bought``; ``unhappy`` (customers known to be;
    missing where the data cannot tell) with ``unhappy_total`` (spent by them), and ``large``,
    customers who spent as much as a key customer.
    """
    customers, method = scheme.customers, scheme.method
    total = customers["monetary_total"]
    by_kind = customers.assign(
        unhappy_total=total.where(customers["unhappy"], 0.0), large=total >= method.key_limit_
    ).groupby("tier", observed=False)
    sums = by_kind[["monetary_total", "unhappy", "unhappy_total", "large"]].sum()
    if method.names[4] in method.untold_:
        sums["unhappy"] = np.nan
    table = scheme.tiers.join(sums, on="tier").rename(columns={"tier": "kind"})
    table["total_share"] = table["monetary_total"] / total.sum()
    shown = ["kind", "customers", "share", "total_share", "value_share", "bought"]
    return table[[*shown, "unhappy", "unhappy_total", "large"]]


def classes(scheme: Scheme) -> pd.DataFrame:
    """Return everyone but the dormant, by past amount and growth.

    ``value_class`` (key, the larger and the smaller half of the others) and ``growth_class``
    (from growing to shrinking, and too few purchases to say), both ordered, best first;
    ``next_value``.
    """
    method = scheme.method
    there = scheme.customers[method.labels_ != method.names[-1]]
    total, often = there["monetary_total"], there["order_days"] >= method.purchases_least
    limit, growth = method.growth_least, there["growth"]
    values = [tier_name(method.names[0]), _("others, larger half"), _("others, smaller half")]
    middle = total[total < method.key_limit_].median()
    value = np.select([total >= method.key_limit_, total >= middle], values[:2], values[2])
    growths = [_("growing\n({limit} or more)", limit=f"{limit:+g}")]
    if limit > 0:
        growths += [_("steady"), _("shrinking\n({limit} or less)", limit=f"{-limit:+g}")]
    else:
        growths += [_("others\n(below {limit})", limit=f"{limit:+g}")]
    seldom = _("too few purchases\n(under {days} days)", days=method.purchases_least)
    bands = [~often, growth >= limit, growth > -limit][: len(growths)]
    band = np.select(bands, [seldom, *growths[:-1]], growths[-1])
    return pd.DataFrame(
        {
            "value_class": pd.Categorical(value, values, ordered=True),
            "growth_class": pd.Categorical(band, [*growths, seldom], ordered=True),
            "next_value": there["next_value"],
        },
        index=there.index,
    )


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [
        sentences(brought(scheme), rank(schemes)),
        gain(scheme),
        sentences(unhappy_keys(scheme), once_large(scheme)),
        unknown(scheme),
        *(untold(scheme) for scheme in schemes),
    ]


def _rows(scheme: Scheme) -> tuple[pd.Series, pd.Series]:
    """Return the rows of the key and of the dormant customers."""
    table = kinds(scheme).set_index("kind")
    return table.loc[scheme.method.names[0]], table.loc[scheme.method.names[-1]]


def brought(scheme: Scheme) -> str:
    """Say what the key customers brought after the cut, and what the dormant did."""
    key, dormant = _rows(scheme)
    names = {"key": tier_name(key.name), "dormant": tier_name(dormant.name)}
    if not key["customers"]:
        return _(
            "**No customer is *{key}*: they share one amount, or are all {dormant}.**", **names
        )
    text = _n(
        "**The customer called *{key}*, {share} of all, brought {part}.**",
        "**The {n} customers called *{key}*, {share} of all, brought {part}.**",
        int(key["customers"]),
        share=percent(key["share"]),
        part=part_of_value(scheme, scheme.tiers.iloc[:1]),
        **names,
    )
    if too_few(scheme.study, key["customers"]):
        text = _("**Fewer than five customers are *{key}*.**", **names)
    if not dormant["customers"] or too_few(scheme.study, dormant["customers"]):
        return text
    rest = _(
        "The {number} *{dormant}* ones ({share}) brought {value}; {active} of them bought again.",
        number=f"{int(dormant['customers']):,}",
        share=percent(dormant["share"]),
        value=percent(dormant["value_share"]),
        active=percent(dormant["bought"]),
        **names,
    )
    return sentences(text, rest)


def unhappy_keys(scheme: Scheme) -> str:
    """Say how many of the largest customers are unhappy; empty where nobody can know."""
    key, _dormant = _rows(scheme)
    if pd.isna(key["unhappy"]) or not key["customers"]:
        return ""
    if not key["unhappy"]:
        return _("None of the key customers is known to be unhappy.")
    if too_few(scheme.study, key["unhappy"]):
        return _(
            "Fewer than five key customers are known to be unhappy. They count as key, not as "
            "marginal, and need the first visits."
        )
    return _n(
        "{n} key customer of {all} is known to be unhappy and brought {amount} before the cut. "
        "They count as key, not as marginal, and need the first visits.",
        "{n} key customers of {all} are known to be unhappy and brought {amount} before the cut. "
        "They count as key, not as marginal, and need the first visits.",
        int(key["unhappy"]),
        all=f"{int(key['customers']):,}",
        amount=money(key["unhappy_total"], scheme.study.currency),
    )


def once_large(scheme: Scheme) -> str:
    """Say how many dormant customers were as large as a key customer; empty if none."""
    _key, dormant = _rows(scheme)
    if not dormant["large"]:
        return ""
    return _(
        "Of the {dormant} dormant, {number} brought as much as a key customer before they fell "
        "silent: ask why.",
        dormant=f"{int(dormant['customers']):,}",
        number=f"{int(dormant['large']):,}",
    )


def untold(scheme: Scheme) -> str:
    """Say which kinds the data cannot tell, and why; empty if they tell all."""
    reasons = scheme.method.untold_
    if not reasons:
        return ""
    parts = [_("*{kind}* ({why})", kind=tier_name(kind), why=why) for kind, why in reasons.items()]
    return _(
        "{label}: the data cannot tell {kinds}. Such customers stand among the other kinds; the "
        "columns belong to the customers table of the study.",
        label=scheme.label,
        kinds=listed(parts),
    )


def unknown(scheme: Scheme) -> str:
    """Say how much is known of the customers' mood; empty if everything is."""
    partly = [
        _("{name} of {share}", name=column_name(name), share=percent(share))
        for name, share in scheme.method.known_.items()
        if share < 1
    ]
    if not partly:
        return ""
    return _(
        "The customers table tells {parts} of the customers. What is unknown never counts, so some "
        "of the others may be unhappy, too.",
        parts=listed(partly),
    )


def shares_title(scheme: Scheme) -> str:
    """Say what part the key customers had, and have."""
    key, _dormant = _rows(scheme)
    if not key["customers"] or too_few(scheme.study, key["customers"]):
        return _("What part of customers and value each kind holds")
    return _(
        "{tier} holds {share} of the customers, {past} of the past amount and {value} of the "
        "later value",
        tier=tier_name(key.name),
        share=percent(key["share"]),
        past=percent(key["total_share"]),
        value=percent(key["value_share"]),
    )


def growth_title(means: pd.DataFrame) -> str:
    """Say what growth adds among customers of the same past value; rows are value classes."""
    growing, shrinking = means.iloc[:, 0], means.iloc[:, -2]
    both = growing.notna() & shrinking.notna()
    if not both.any():
        return _("What customers later brought, by past amount and growth")
    return _(
        "Growing customers later brought more than shrinking ones in {more} of {both} classes of "
        "past amount",
        more=int((growing > shrinking).sum()),
        both=int(both.sum()),
    )
