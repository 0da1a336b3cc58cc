"""Which features there are, and which of them a study gives its methods."""

from __future__ import annotations

import re
from collections.abc import Collection

from segment.errors import closest
from segment.features.balances import FEATURE
from segment.features.recent import RECENT, TOTAL
from segment.language import _
from segment.study.schema import MADE_OF, Study
from segment.study.totals import RATIO_OF

# Feature: what it is, for the reference of a study's keys and parameters.
FEATURES = {
    "monetary_total": "Amount in the window, net of returns",
    "order_days": "Days with at least one purchase in the window",
    "days_since_last": "Days from the last purchase to the window's last day",
    "days_since_first": "Days from the first purchase to the window's last day",
    "monetary_mean": "Amount per purchase day",
    "margin_total": "Margin in the window, net of returns",
    "margin_rate": "Margin as a share of the amount; 0 without a positive amount",
    "products": "Different products bought in the window",
    "categories": "Different categories bought in the window",
    "growth": "Second half of the window against the first, (b - a) / (|a| + |b|)",
    "monetary_repeat_mean": "Amount per purchase day after the first day",
    "monetary_year": "Amount of the 365 days before the window's end",
    "balance_month_mean": "Mean daily balance of the last complete calendar month",
}
# Columns that a study must map for a feature; the others need only purchases.
SOURCES = {
    "margin_total": "margin",
    "margin_rate": "margin",
    "products": "product",
    "categories": "category",
}
# ``monetary_year_ago_3`` is the figure as of three calendar months before the end.
AGO = re.compile(
    r"(?P<feature>monetary_year|balance_month_mean)(_ago_(?P<months>[1-9]|[12]\d|3[0-6]))?"
)


def months_ago(asked: Collection[str], feature: str) -> dict[str, int]:
    """Return the asked forms of a feature with the months that each looks back."""
    forms = {name: AGO.fullmatch(name) for name in asked}
    return {
        name: int(form["months"] or 0)
        for name, form in sorted(forms.items())
        if form and form["feature"] == feature
    }


def given(study: Study, name: str) -> bool:
    """Return whether a study gives its methods a column."""
    if study.untested:
        parts = (name,) if name in study.totals else RATIO_OF.get(name, (name,))
        return {*parts} <= {*study.totals, *study.customers.columns}
    if name in SOURCES:
        return getattr(study.columns, SOURCES[name]) is not None
    if recent := RECENT.fullmatch(name):
        return given(study, TOTAL[recent["measure"]])
    form = AGO.fullmatch(name)
    if form and form["feature"] == FEATURE:
        return study.balances is not None
    if any(name in made and table in study.beside for table, made in MADE_OF.items()):
        return True
    if form or name in FEATURES:
        return True
    return study.customers is not None and name in study.customers.columns


def origin(study: Study, feature: str) -> str:
    """Say what a study must give for a column that it does not give."""
    if study.untested:
        return _("map it under 'customers', its 'totals' or 'columns'")
    if feature in SOURCES:
        return _("map '{column}' under 'columns'", column=SOURCES[feature])
    if feature.startswith(FEATURE):
        return _("add a 'balances' section")
    attributes = study.customers.columns if study.customers else ()
    close = closest(feature, [*FEATURES, *attributes])
    if close:
        return _("did you mean '{column}'", column=close)
    if table := next((t for t, made in MADE_OF.items() if feature in made), ""):
        return _("add the table '{table}', or a column of 'customers'", table=table)
    return _("add it to the columns of the 'customers' section")
