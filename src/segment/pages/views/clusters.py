"""What the cluster page draws and says: centres, shares of categories, and stability."""

from __future__ import annotations

import pandas as pd

from segment.language import _, tier_name
from segment.run import Run
from segment.tiering.encoding import MISSING, REST, plain

# Columns of a picture that a reader can still take in.
MOST_LEVELS = 8


def centres(a: Run, label: str) -> pd.DataFrame:
    """Return each cluster's centre, in standard deviations from the mean.

    Returns
    -------
    DataFrame
        Rows: clusters, best first; columns: the features that are numbers.
    """
    method = a.methods[label]
    features = list(method.numbers)
    return pd.DataFrame(method.centres_[:, : len(features)], method.tiers_, features)


def shares(a: Run, label: str, category: str) -> pd.DataFrame:
    """Return how the customers of each cluster divide into categories.

    Returns
    -------
    DataFrame
        Rows: clusters that hold customers, best first, by the names that are shown;
        columns: the commonest categories first, "missing" and "other" among them; each
        row adds up to 1.
    """
    method = a.methods[label]
    found = plain(a.customers[category]).fillna(MISSING)
    common = list(found.value_counts().index)
    if len(common) > MOST_LEVELS:
        common = common[: MOST_LEVELS - 1]
        found = found.where(found.isin(common), REST)
        common = list(dict.fromkeys([*common, REST]))
    counts = pd.crosstab(method.labels_, found, normalize="index")
    counts = counts.reindex(columns=common, fill_value=0.0)
    counts = counts.set_axis([tier_name(tier) for tier in counts.index])
    counts = counts.rename(columns={MISSING: _("missing"), REST: _("other")})
    return counts.rename_axis(index=None, columns=None)


def profile(a: Run, label: str) -> pd.DataFrame:
    """Return the profile of each cluster with its share of customers and its stability.

    Returns
    -------
    DataFrame
        Indexed by tier: ``customers``, ``share``, ``stability`` (mean bootstrap
        Jaccard), then the columns of ``Clusters.profile_``.
    """
    method = a.methods[label]
    found = method.profile_.rename_axis("tier")
    sizes = found.pop("customers")
    front = {"customers": sizes, "share": sizes / sizes.sum(),
             "stability": method.stability(a.customers)}  # fmt: skip
    return pd.concat([pd.DataFrame(front), found], axis=1)
