"""What a reader must bear in mind about the figures, only where it applies.

Every caution names the figure that triggered it and says what follows. The limits
are conventions, not tests: they decide whether a sentence is printed and change no
figure.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from segment.language import N_, _, tier_name
from segment.tiering.rhythm import mean_gap
from segment.words import count, decimal, listed, money, percent

# One customer with a tenth of all value is a tenth of every gains curve.
DOMINATING_SHARE = 0.10
# First purchases: the window that holds so many of them, ...
MOST = 0.90
# ... a cohort if it takes at most this share of the calibration, ...
COHORT_SHARE = 0.50
# ... and unknown history if its first quarter has so many times the daily rate of
# the rest. A fifth of customers from before the data makes it about 2.
EARLY_RATE = 2.0
SHORTEST_SPAN = 28
# Customers this new could not yet bring more; the same as in gold and drag.
NEWCOMER_DAYS = 90
NEWCOMER_SHARE = 0.20
# The holdout's months lie so far from the average of the year.
SWING = 0.15
MANY, FEW = 0.90, 0.10
MONTHS = (N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
          N_("July"), N_("August"), N_("September"), N_("October"), N_("November"),
          N_("December"))  # fmt: skip
COLUMNS = ["caution", "value", "limit", "figure", "meaning", "weight"]


class Caution(NamedTuple):
    """One thing to bear in mind.

    Attributes
    ----------
    caution : str
        What it is about, in a few words.
    value, limit : float
        The figure that triggered it, and from where on it does.
    figure : str
        The figure in words.
    meaning : str
        What follows for the reader.
    weight : str
        "warning" where the comparison itself is weakened, "note" where only its
        reading is.
    """

    caution: str
    value: float
    limit: float
    figure: str
    meaning: str
    weight: str


def cautions(a: Any, label: str) -> pd.DataFrame:
    """Return the cautions that apply to a study and the scheme it shows.

    Parameters
    ----------
    a : Run
        Read are ``study``, ``windows``, ``timeline``, ``customers``,
        ``outcome``, ``methods`` and ``backtest``.
    label : str
        The recommended scheme, or the one shown as an example.

    Returns
    -------
    DataFrame
        Columns of ``Caution``, warnings first; no row if nothing applies.
    """
    p, customers, value = a.windows, a.customers, a.outcome["value"]
    gini = a.backtest.figures.loc[label]
    whole = (p.start, p.end)
    found = [
        dominating(customers["monetary_total"], value, gini["gini"], gini["gini_without_largest"],
                   label, a.study.backtest.margin),
        acquisition(customers["days_since_first"], p.start, p.cut),
        short_holdout(customers, p.holdout_days),
        seasonality(a.timeline, p.cut, *whole),
        activity(a.outcome["active"]),
        newcomers(a.methods[label].labels_, customers["days_since_first"], value, label,
                  a.study.currency),
    ]  # fmt: skip
    frame = pd.DataFrame([c for c in found if c], columns=COLUMNS)
    return frame.sort_values("weight", ascending=False, kind="stable", ignore_index=True)


def dominating(
    before: pd.Series, after: pd.Series, gini: float, without: float, label: str, margin: float
) -> Caution | None:
    """Say that one customer decides the figures.

    Parameters
    ----------
    before, after : Series
        What each customer brought before and after the cut.
    gini, without : float
        Normalised Gini of the scheme with and without the customer who brought
        most after the cut.
    label : str
        The scheme.
    margin : float
        Change of the Gini that would matter.
    """
    shares = [part.max() / part.sum() if part.sum() > 0 else 0.0 for part in (before, after)]
    change = abs(gini - without) if np.isfinite(without) else 0.0
    if max(shares) < DOMINATING_SHARE and change <= margin:
        return None
    by_share = max(shares) >= DOMINATING_SHARE
    found = {"before": percent(shares[0]), "after": percent(shares[1])}
    figure = (
        _(
            "the largest customer brought {before} of everything before the cut, and the largest "
            "{after} of everything after it; without the latter {label} reaches {without} instead "
            "of {gini}",
            label=label,
            without=decimal(without),
            gini=decimal(gini),
            **found,
        )
        if np.isfinite(without)
        else _(
            "the largest customer brought {before} of everything before the cut, and the largest "
            "{after} of everything after it",
            **found,
        )
    )
    return Caution(
        _("One customer weighs heavily"),
        float(max(shares) if by_share else change),
        DOMINATING_SHARE if by_share else margin,
        figure,
        _(
            "one account moves the ranking of schemes; read the figures without it as well, and "
            "look after such a customer by name, whatever the tier"
        ),
        "warning",
    )


def acquisition(days_since_first: pd.Series, start: dt.date, cut: dt.date) -> Caution | None:
    """Say that all customers are of one cohort, or that their beginnings are unknown.

    First purchases crowd together in both cases. If new customers came at an even
    rate while they came, they are one cohort; if the rate is highest at the very
    start and falls off, the data begin in the midst of running relations.

    Parameters
    ----------
    days_since_first : Series
        Days from the first purchase to the day before the cut.
    start, cut : date
        The calibration.
    """
    length = (cut - start).days
    first = np.sort(length - 1 - days_since_first.to_numpy())
    n = len(first)
    reach = max(SHORTEST_SPAN, first[int(np.ceil(MOST * n)) - 1] + 1)
    early = reach / 4
    at_start = (first < early).sum()
    later = ((first >= early) & (first < reach)).sum() / (reach - early)
    rate = at_start / early / later if later > 0 else np.inf
    if rate >= EARLY_RATE:
        older = (at_start - later * early) / n
        found = {"share": percent(at_start / n), "days": count(round(early), "day")}
        figure = (
            _(
                "{share} of the customers appear in the first {days} of the data, {times} times as "
                "many a day as in the time after",
                times=f"{rate:.1f}",
                **found,
            )
            if np.isfinite(rate)
            else _(
                "{share} of the customers appear in the first {days} of the data, and nobody in "
                "the time after",
                **found,
            )
        )
        return Caution(
            _("First purchases are unknown"),
            float(rate),
            EARLY_RATE,
            figure,
            _(
                "{share} of the customers or more most likely bought before the data begin; for "
                "them the time since the first purchase is a lower bound, and schemes that read it "
                "take old customers for newer ones",
                share=percent(older),
            ),
            "note",
        )
    some = int(np.ceil(MOST * n))
    spans = first[some - 1 :] - first[: n - some + 1] + 1
    shortest = int(spans.min())
    if shortest > COHORT_SHARE * length:
        return None
    day = start + dt.timedelta(days=int(first[spans.argmin()]))
    return Caution(
        _("One cohort of customers"),
        shortest / length,
        COHORT_SHARE,
        _(
            "{share} of the customers first bought within {days}, from {day} on, though the "
            "schemes learn from {length}",
            share=percent(MOST),
            days=count(shortest, "day"),
            day=day,
            length=count(length, "day"),
        ),
        _(
            "all have been customers for about as long; how the schemes sort customers of mixed "
            "age, as any running business has, these data cannot show"
        ),
        "note",
    )


def short_holdout(customers: pd.DataFrame, holdout_days: int) -> Caution | None:
    """Say that the holdout is shorter than the purchase cycle.

    Parameters
    ----------
    customers : DataFrame
        ``order_days``, ``days_since_first``, ``days_since_last``.
    holdout_days : int
        Length of the holdout.
    """
    cycle = float(mean_gap(customers).median())
    if not holdout_days < cycle:  # nor where nobody bought twice
        return None
    return Caution(
        _("The holdout is shorter than the purchase cycle"),
        cycle,
        float(holdout_days),
        _(
            "half of the repeat customers wait {cycle} or longer between two purchases, but the "
            "holdout lasts {holdout}",
            cycle=count(round(cycle), "day"),
            holdout=count(holdout_days, "day"),
        ),
        _(
            "good customers who were simply not due count as lost; choose an earlier cut, or wait "
            "for newer data"
        ),
        "warning",
    )


def seasonality(
    timeline: pd.DataFrame, cut: dt.date, first: dt.date, end: dt.date
) -> Caution | None:
    """Say that the holdout is another part of the year than the calibration.

    Parameters
    ----------
    timeline : DataFrame
        ``month`` and ``amount``.
    cut : date
        First day of the holdout.
    first, end : date
        First day of the data, and the day after the last.
    """
    before = set(pd.date_range(first, cut, inclusive="left").month)
    after = set(pd.date_range(cut, end, inclusive="left").month)
    if len(after) == 12 and len(before) == 12:
        return None
    unseen = sorted(after - before)
    index = seasonal_index(timeline, first, end)
    swing = index[sorted(after)].mean() - 1 if len(index) else 0.0
    if not unseen and abs(swing) < SWING:
        return None
    return Caution(
        _("The seasons differ"),
        float(len(unseen) if unseen else abs(swing)),
        1.0 if unseen else SWING,
        _("{what}; {size}", what=_what_differs(unseen, sorted(after), swing), size=_swing(index)),
        _(
            "who buys in one season may not be who buys in another; the ranking holds for the time "
            "of year that was seen"
        ),
        "warning" if unseen else "note",
    )


def _what_differs(unseen: list[int], after: list[int], swing: float) -> str:
    """Say which months only the holdout has, or how far its months lie from the average."""
    months = listed([_(MONTHS[month - 1]) for month in unseen or after])
    if unseen:
        return _("the holdout has {months}, and the time before has none", months=months)
    if swing > 0:
        return _(
            "the holdout has only {months}, with {share} more per month than the year's average",
            months=months,
            share=percent(abs(swing)),
        )
    return _(
        "the holdout has only {months}, with {share} less per month than the year's average",
        months=months,
        share=percent(abs(swing)),
    )


def _swing(index: pd.Series) -> str:
    """Say how far the months of the year lie apart."""
    if index.empty:
        return _("with less than two years of data the swing of the year cannot be told")
    peak, low = index.idxmax(), index.idxmin()
    return _(
        "the year swings from {least} of an average month in {low} to {most} in {peak}",
        least=percent(index[low]),
        low=_(MONTHS[low - 1]),
        most=percent(index[peak]),
        peak=_(MONTHS[peak - 1]),
    )


def seasonal_index(timeline: pd.DataFrame, first: dt.date, end: dt.date) -> pd.Series:
    """Return how each month of the year lies to the average one, the trend taken out.

    From a straight line and one level per month of the year, fitted to the log of
    the monthly amounts: growth is no season. Only whole months count.

    Returns
    -------
    Series
        By month of the year, mean 1; empty with fewer than 24 whole months.
    """
    months = pd.to_datetime(timeline["month"])
    whole = (months >= pd.Timestamp(first)) & (
        months + pd.offsets.MonthBegin() <= pd.Timestamp(end)
    )
    months, amount = months[whole], timeline.loc[whole, "amount"].to_numpy(dtype="float64")
    if len(months) < 24 or (amount <= 0).any():
        return pd.Series(dtype="float64")
    time = (months.dt.year * 12 + months.dt.month).to_numpy(dtype="float64")
    dummies = (months.dt.month.to_numpy()[:, None] == np.arange(1, 13)).astype("float64")
    fitted = np.linalg.lstsq(
        np.column_stack([time - time.mean(), dummies]), np.log(amount), rcond=None
    )
    level = np.exp(fitted[0][1:] - fitted[0][1:].mean())
    return pd.Series(level / level.mean(), index=range(1, 13))


def activity(active: pd.Series) -> Caution | None:
    """Say that almost everyone, or almost nobody, bought again."""
    share = float(active.mean())
    if FEW <= share <= MANY:
        return None
    if share > MANY:
        what, limit = _("Almost everyone bought again"), MANY
        meaning = _(
            "who will come back is no question here, so recency can hardly show its use; the "
            "schemes are told apart by how much customers bring"
        )
    else:
        what, limit = _("Almost nobody bought again"), FEW
        meaning = _(
            "the comparison rests on few customers; a longer holdout would carry it better, and "
            "contacting whole tiers reaches mostly those who will not buy"
        )
    figure = _("{share} of the customers bought after the cut", share=percent(share))
    return Caution(what, share, limit, figure, meaning, "warning")


def newcomers(
    tiers: pd.Series, days_since_first: pd.Series, value: pd.Series, label: str, currency: str
) -> Caution | None:
    """Say that the lowest tier holds customers who are merely new.

    Parameters
    ----------
    tiers : Series of ordered Categorical
        Best tier first.
    days_since_first, value : Series
        Of the same customers; ``value`` is what they brought after the cut.
    label, currency : str
        The scheme, and the currency of ``value``.
    """
    lowest = tiers.dropna().max()
    inside = (tiers == lowest).to_numpy()
    new = inside & (days_since_first < NEWCOMER_DAYS).to_numpy()
    # Where everyone is new, newness sets nobody apart.
    share = new.sum() / inside.sum()
    if share < NEWCOMER_SHARE or new.sum() == inside.sum():
        return None
    theirs, others = value[new].mean(), value[inside & ~new].mean()
    return Caution(
        _("Low customers who are merely new"),
        float(share),
        NEWCOMER_SHARE,
        _(
            "{share} of the lowest tier of {label}, *{tier}*, first bought less than {days} days "
            "before the cut; they later brought {theirs} each, its other customers {others}",
            share=percent(share),
            label=label,
            tier=tier_name(lowest),
            days=NEWCOMER_DAYS,
            theirs=money(theirs, currency),
            others=money(others, currency),
        ),
        _("they had no time to bring more; do not cut their service before they had"),
        "note",
    )
