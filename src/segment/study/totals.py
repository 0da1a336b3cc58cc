"""What a study says of customers where there are no purchases: what each did in all."""

from __future__ import annotations

from pydantic import Field

from segment.study.section import ColumnMap
from segment.study.source import Column

# Features and totals that are counts, or days.
COUNTS = ("order_days", "days_since_last", "days_since_first", "products", "categories")
# Totals that follow from two others: their quotient, or of the first one their product.
RATIO_OF = {
    "monetary_total": ("monetary_mean", "order_days"),
    "monetary_mean": ("monetary_total", "order_days"),
    "margin_rate": ("margin_total", "monetary_total"),
}


class Totals(ColumnMap):
    """What each customer did in all, where there are no purchases; expressions are allowed."""

    monetary_total: Column | None = Field(None, description="what the customer brought in all")
    monetary_year: Column | None = Field(None, description="what it brought in the last year")
    monetary_mean: Column | None = Field(None, description="what it brought per purchase day")
    margin_total: Column | None = Field(None, description="what it earned us in all")
    order_days: Column | None = Field(None, description="purchases, or days with one")
    days_since_last: Column | None = Field(
        None, description="days since the last purchase, or its date"
    )
    days_since_first: Column | None = Field(
        None, description="days since the first purchase, or its date"
    )
    products: Column | None = Field(None, description="how many different products it bought")
    categories: Column | None = Field(None, description="how many different categories")
    growth: Column | None = Field(None, description="change of its purchases, as -1 to 1")
