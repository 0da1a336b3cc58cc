"""What the page of the five kinds draws and tabulates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.profiles import FEWEST
from segment.language import _, tier_name
from segment.run import Run


def kinds(a: Run, label: str) -> pd.DataFrame:
    """Return what each kind brought before and after the cut.

    Returns
    -------
    DataFrame
        One row per kind that the data can tell: the columns of
        ``Run.tier_table``, ``past`` and ``past_share`` (amount before the cut),
        ``unhappy`` (customers known to be; missing where the data cannot tell) and
        ``unhappy_past`` (their amount before the cut), and ``large``, customers with
        a past amount like that of a key customer.
    """
    method, past = a.methods[label], a.customers["monetary_total"]
    found = a.tier_table(label).set_index("tier")
    found["past"] = past.groupby(method.labels_, observed=False).sum()
    found["past_share"] = found["past"] / past.sum()
    unhappy = method.unhappy(a.customers)
    found["unhappy"] = unhappy.groupby(method.labels_, observed=False).sum()
    if method.names[4] in method.untold_:
        found["unhappy"] = np.nan
    theirs = past.where(unhappy, 0.0)
    found["unhappy_past"] = theirs.groupby(method.labels_, observed=False).sum()
    large = past >= method.key_limit_
    found["large"] = large.groupby(method.labels_, observed=False).sum()
    return found.reset_index()


def value_by_growth(a: Run, label: str) -> pd.DataFrame:
    """Return how many customers have which value and growth, and what they brought.

    Dormant customers are left out.

    Returns
    -------
    DataFrame
        One row per cell: ``value`` (key, and the larger and the smaller half of the
        others), ``growth`` (bands from growing to shrinking, and too few purchases to say),
        both ordered, best first; ``customers``, and ``mean`` holdout value, missing
        for fewer than five customers.
    """
    method = a.methods[label]
    there = a.customers[method.labels_ != method.names[-1]]
    total, key = there["monetary_total"], tier_name(method.names[0])
    rest = total[total < method.key_limit_]
    halves = [_("others, larger half"), _("others, smaller half")]
    value = np.select(
        [total >= method.key_limit_, total >= rest.median()], [key, halves[0]], halves[1]
    )
    limit, least = method.growth_least, method.purchases_least
    seldom = _("too few purchases (under {days} days)", days=least)
    often, growth = there["order_days"] >= least, there["growth"]
    bands = {_("growing ({limit} or more)", limit=f"{limit:+g}"): growth >= limit}
    if limit > 0:
        bands[_("steady")] = growth > -limit
        shrinking = _("shrinking ({limit} or less)", limit=f"{-limit:+g}")
    else:
        shrinking = _("others (below {limit})", limit=f"{limit:+g}")
    band = np.select([~often, *bands.values()], [seldom, *bands], shrinking)
    cells = [pd.Categorical(value, [key, *halves]),
             pd.Categorical(band, [*bands, shrinking, seldom])]  # fmt: skip
    by = a.outcome.loc[there.index, "value"].groupby(cells, observed=False)
    found = pd.DataFrame({"customers": by.size(), "mean": by.mean()})
    found.loc[found["customers"] < FEWEST, "mean"] = np.nan
    return found.rename_axis(["value", "growth"]).reset_index()
