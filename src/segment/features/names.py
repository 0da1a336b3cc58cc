"""Columns and axes under the names a reader knows, in the language of the report."""

from __future__ import annotations

from segment.language import N_, _

NAMES = {
    "monetary_total": N_("total spent"),
    "order_days": N_("purchase days"),
    "days_since_last": N_("days since last purchase"),
    "days_since_first": N_("days since first purchase"),
    "monetary_mean": N_("spent per purchase day"),
    "margin_total": N_("total margin"),
    "margin_rate": N_("margin rate"),
    "products": N_("different products"),
    "categories": N_("different categories"),
    "growth": N_("growth"),
    "monetary_repeat_mean": N_("spent per later purchase day"),
    "monetary_year": N_("spent in the last year"),
    "balance_month_mean": N_("mean balance of the month"),
}
# Attributes that methods, presets and the habits of customers bring along; any other
# column of the customers table keeps the study's own name.
ATTRIBUTES = (
    N_("satisfaction"), N_("complaints"), N_("referrals"), N_("arrears"), N_("credit_grade"),
    N_("assets"), N_("risk_appetite"), N_("usage"), N_("contact_hours"), N_("first_contact"),
    N_("industry"), N_("size"), N_("province"), N_("region"), N_("gender"), N_("age"),
    N_("main_channel"), N_("main_region"), N_("main_category"),
)  # fmt: skip
AXES = {"value": N_("Value"), "loyalty": N_("Loyalty"), "turnover": N_("Turnover"),
        "margin": N_("Margin")}  # fmt: skip


def column_name(column: str) -> str:
    """Return what a reader calls a column; one that only the study knows stays as it is."""
    if column in NAMES:
        return _(NAMES[column])
    return _(column) if column in ATTRIBUTES else column


def names() -> dict[str, str]:
    """Return what a reader calls each column that has a name."""
    return {column: column_name(column) for column in (*NAMES, *ATTRIBUTES)}


def axis_name(axis: str) -> str:
    """Return the name of an axis of two, as a heading begins; ``lower`` it in a sentence."""
    return _(AXES[axis]) if axis in AXES else axis.capitalize()
