"""The service plan as a spreadsheet whose formulas go on working.

A manager changes the coloured cells (people, hours, contacts, tier sizes, costs) and
hours, load, cost and break-even follow. Every formula also carries its value of today,
for viewers that do not compute. Names no customer.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from segment.language import _, tier_name
from segment.pages import narrate, views
from segment.run import Run

FILE = "service-plan.xlsx"
# Rows of the sheet, counted from 0: what holds for all, the contacts' heads, the tiers.
RATE, MONTHS, ROLE, KIND, EACH, HOURLY, HEADS = 3, 4, 6, 7, 8, 9, 10
FIRST_TIER, FIRST_CONTACT = HEADS + 1, 3
INPUT = {"bg_color": "#fef3c7", "border": 1, "border_color": "#d6b656"}
FORMATS = {
    "text": {}, "bold": {"bold": True}, "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1},
    "wrap": {"text_wrap": True, "valign": "top"},
    "whole": {"num_format": "#,##0"}, "share": {"num_format": "0%"},
    "in_whole": INPUT | {"num_format": "#,##0"}, "in_share": INPUT | {"num_format": "0%"},
    "in_decimal": INPUT | {"num_format": "0.00"}, "in_money": INPUT | {"num_format": "#,##0.00"},
    "decimal": {"num_format": "0.00"}, "sum": {"num_format": "#,##0", "bold": True, "top": 1},
    "sum_share": {"num_format": "0%", "bold": True, "top": 1}, "sum_text": {"bold": True, "top": 1},
}  # fmt: skip


def service_plan(a: Run, label: str, file: Path) -> Path:
    """Write the service plan of a scheme as an Excel workbook with live formulas.

    Parameters
    ----------
    a : Run
    label : str
        The scheme.
    file : Path
        Where to write; ends in ``.xlsx``.

    Returns
    -------
    Path
        The file.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(file), options) as book:
        cut = a.windows.cut
        book.set_properties({"title": label, "created": dt.datetime(cut.year, cut.month, cut.day)})
        formats = {name: book.add_format(look) for name, look in FORMATS.items()}
        _Plan(book.add_worksheet(_("plan")), formats, a, label).write()
        _notes(book.add_worksheet(_("notes")), formats, a, label)
    return file


class _Plan:
    """The sheet with inputs and formulas: tiers in rows, contacts in columns, the team below."""

    def __init__(self, sheet: Any, formats: Mapping[str, Any], a: Run, label: str):
        self.sheet, self.formats, self.a, self.label = sheet, formats, a, label
        plan = views.plan.plan(a, label)
        self.tiers = views.plan.tiers(a, label)
        self.costs = views.plan.costs(a, label)
        self.load = views.plan.load(a, label)
        self.team = views.plan.team(a)
        self.contacts = plan.drop_duplicates(["role", "kind"])[["role", "kind", "each"]]
        self.often = plan.set_index(["tier", "role", "kind"])["mid"]
        self.last = FIRST_TIER + len(self.tiers) - 1
        self.after = FIRST_CONTACT + len(self.contacts)  # column of the hours a month
        self.first_role = self.last + 5
        self.roles = list(self.load.index)

    def write(self) -> None:
        """Write everything."""
        self._text(0, 0, _("{label}: service plan", label=self.label), "title")
        self._text(1, 0, _("Change the coloured cells; everything else follows. Contacts and hours "
                           "are those of a month."))  # fmt: skip
        self._general()
        self._contacts()
        for row, tier in enumerate(self.tiers.index, FIRST_TIER):
            self._tier(row, tier)
        self._total(self.last + 1)
        self._team()
        self.sheet.set_column(0, 0, 36)
        self.sheet.set_column(1, self.after + 5, 14)
        self.sheet.freeze_panes(FIRST_TIER, 1)

    def _general(self) -> None:
        rate = views.plan.margin_rate(self.a)
        is_margin = self.a.study.columns.margin is not None
        text = _("Margin rate (100%: values are margins)") if is_margin else _("Margin rate")
        self._text(RATE, 0, text)
        self._input(RATE, 1, rate, "in_share")
        self._text(MONTHS, 0, _("Months in which the margin came in"))
        self._input(MONTHS, 1, views.plan.months(self.a), "in_decimal")

    def _contacts(self) -> None:
        for row, text in ((ROLE, _("Role")), (KIND, _("Contact")), (EACH, _("Hours per contact")),
                          (HOURLY, _("Cost per hour"))):  # fmt: skip
            self._text(row, 0, text)
        for column, contact in enumerate(self.contacts.itertuples(), FIRST_CONTACT):
            self._text(ROLE, column, _(contact.role), "bold")
            self._text(KIND, column, _(contact.kind), "bold")
            self._input(EACH, column, contact.each, "in_decimal")
            cost = self._cell(self.first_role + self.roles.index(contact.role), 3)
            known = self.team["cost"].get(contact.role, math.nan)
            self._formula(HOURLY, column, f"=N({cost})", 0 if math.isnan(known) else known,
                          "decimal")  # fmt: skip
            self._text(HEADS, column, _("Contacts a month"), "head")
        span = narrate.common.holdout_span(self.a)
        heads = [_("Tier"), _("Customers"), _("Service")]
        after = [_("Hours a month"), _("Cost a month"), _("Cost a year"),
                 _("Value per customer in {span}", span=span), _("Margin in {span}", span=span),
                 _("Pays if it rises by")]  # fmt: skip
        for column, text in enumerate(heads):
            self._text(HEADS, column, text, "head")
        for column, text in enumerate(after, self.after):
            self._text(HEADS, column, text, "head")

    def _tier(self, row: int, tier: str) -> None:
        found, costs = self.tiers.loc[tier], self.costs.loc[tier]
        self._text(row, 0, tier_name(tier))
        self._input(row, 1, found["customers"], "in_whole")
        self._text(row, 2, _(self.a.study.service.names[int(found["level"])]))
        for column, contact in enumerate(self.contacts.itertuples(), FIRST_CONTACT):
            often = self.often.get((tier, contact.role, contact.kind), 0.0)
            self._input(row, column, often, "in_decimal")
        size, contacts = self._cell(row, 1), self._contact_range(row)
        each, hourly = self._contact_range(EACH), self._contact_range(HOURLY)
        hours = f"={size}*SUMPRODUCT({contacts},{each})" if contacts else "=0"
        cost = f"{size}*SUMPRODUCT({contacts},{each},{hourly})" if contacts else "0"
        self._formula(row, self.after, hours, costs["hours"])
        self._formula(row, self.after + 1, self._if_costs(cost), costs["cost"])
        month = self._cell(row, self.after + 1)
        self._formula(row, self.after + 2, f'=IF({month}="","",12*{month})', costs["cost_year"])
        self._input(row, self.after + 3, found["mean"], "in_money")
        rate, value = self._cell(RATE, 1), self._cell(row, self.after + 3)
        self._formula(row, self.after + 4, f'=IF({rate}="","",{size}*{value}*{rate})',
                      costs["margin"])  # fmt: skip
        self._formula(row, self.after + 5, self._uplift(row), costs["uplift"], "share")

    def _total(self, row: int) -> None:
        costs = self.costs
        self._text(row, 0, _("Total"), "sum_text")
        self._formula(row, 1, f"=SUM({self._column(1)})", costs["customers"].sum(), "sum")
        self._formula(row, self.after, f"=SUM({self._column(self.after)})", costs["hours"].sum(),
                      "sum")  # fmt: skip
        for column, name in ((1, "cost"), (2, "cost_year"), (4, "margin")):
            total = self._column(self.after + column)
            self._formula(row, self.after + column, f'=IF(COUNT({total})=0,"",SUM({total}))',
                          costs[name].sum(skipna=False), "sum")  # fmt: skip
        spent, margin = (costs[name].sum(skipna=False) for name in ("cost_period", "margin"))
        share = 0.0 if spent == 0 else math.inf if margin == 0 else spent / margin
        share = math.nan if math.isnan(spent) or math.isnan(margin) else share
        self._formula(row, self.after + 5, self._uplift(row), share, "sum_share")

    def _team(self) -> None:
        heads = [_("Role"), _("People"), _("Hours each a month"), _("Cost per hour"),
                 _("Hours there"), _("Hours needed"), _("Load"), _("Cost a month")]  # fmt: skip
        for column, text in enumerate(heads):
            self._text(self.first_role - 1, column, text, "head")
        for row, role in enumerate(self.roles, self.first_role):
            found = self.load.loc[role]
            member = self.team.reindex([role]).iloc[0]
            self._text(row, 0, _(role))
            self._input(row, 1, member["people"], "in_decimal")
            self._input(row, 2, member["each"], "in_whole")
            self._input(row, 3, member["cost"], "in_money")
            people, each, hourly, there, needed = (self._cell(row, c) for c in range(1, 6))
            self._formula(row, 4, f'=IF({people}="","",{people}*{each})', member["available"])
            self._formula(row, 5, self._needed(role), found["mid"])
            load = f'=IF({there}="","",IF({needed}=0,0,IF({there}=0,"{_("no hours")}",'
            self._formula(row, 6, f"{load}{needed}/{there})))", found["load"], "share",
                          _("no hours"))  # fmt: skip
            self._formula(row, 7, f'=IF({hourly}="","",{needed}*{hourly})',
                          found["mid"] * member["cost"])  # fmt: skip

    def _needed(self, role: str) -> str:
        """Return the formula of a role's hours: its contacts with every tier, times their hours."""
        sizes = self._column(1)
        parts = [
            f"SUMPRODUCT({sizes},{self._column(column)})*{self._cell(EACH, column)}"
            for column, contact in enumerate(self.contacts.itertuples(), FIRST_CONTACT)
            if contact.role == role
        ]
        return f"={'+'.join(parts) or '0'}"

    def _if_costs(self, formula: str) -> str:
        last = self.first_role + len(self.roles) - 1
        if not self.roles:
            return '=""'
        return f'=IF(COUNT({xl_range_abs(self.first_role, 3, last, 3)})=0,"",{formula})'

    def _uplift(self, row: int) -> str:
        cost, margin = self._cell(row, self.after + 1), self._cell(row, self.after + 4)
        months = self._cell(MONTHS, 1)
        return (
            f'=IF({cost}="","",IF({margin}="","",IF({cost}=0,0,'
            f'IF({margin}=0,"{_("out of reach")}",{cost}*{months}/{margin}))))'
        )

    def _contact_range(self, row: int) -> str:
        return xl_range_abs(row, FIRST_CONTACT, row, self.after - 1) if len(self.contacts) else ""

    def _column(self, column: int) -> str:
        return xl_range_abs(FIRST_TIER, column, self.last, column)

    def _cell(self, row: int, column: int) -> str:
        return xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)

    def _text(self, row: int, column: int, text: str, look: str = "text") -> None:
        self.sheet.write_string(row, column, str(text), self.formats[look])

    def _input(self, row: int, column: int, value: float, look: str) -> None:
        """Write a figure to change, blank where it is not known; nothing below 0 is taken."""
        if pd.isna(value):
            self.sheet.write_blank(row, column, None, self.formats[look])
        else:
            self.sheet.write_number(row, column, float(value), self.formats[look])
        at_least = {"validate": "decimal", "criteria": ">=", "value": 0}
        self.sheet.data_validation(row, column, row, column, at_least)

    def _formula(
        self, row: int, column: int, formula: str, value: float, look: str = "whole",
        endless: str | None = None,
    ) -> None:  # fmt: skip
        """Write a formula with its value of today; blank where that is not known."""
        if pd.isna(value):
            shown = ""
        elif math.isinf(value):
            shown = endless or _("out of reach")
        else:
            shown = float(value)
        self.sheet.write_formula(row, column, formula, self.formats[look], shown)


def _notes(sheet: Any, formats: Mapping[str, Any], a: Run, label: str) -> None:
    """Write what the figures are and what each level of service is."""
    lines = [
        _("{label}, tiers at the cut of {cut}. Names no customer.", label=label, cut=a.windows.cut),
        _("Hours needed: customers x contacts a month x hours per contact. Ranges such as 2-3 a "
          "month count halfway."),
        _("Pays if it rises by: the cost over the months in which the margin came in, as a share "
          "of that margin. So much more must customers bring because of the service."),
        _("What customers brought is what they brought in {span} after the cut; the next months "
          "will differ. Whether service makes them spend more, only an experiment shows.",
          span=narrate.common.holdout_span(a)),
        narrate.plan.assumed(a),
    ]  # fmt: skip
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 2, 60)
    row = 0
    for text in filter(None, lines):
        sheet.merge_range(row, 0, row, 2, "", formats["wrap"])
        sheet.write_string(row, 0, text, formats["wrap"])
        sheet.set_row(row, 32)
        row += 1
    for column, head in enumerate((_("Service"), _("Channel"), _("Complaints"))):
        sheet.write_string(row + 1, column, head, formats["head"])
    for place, level in enumerate(a.study.service.levels, row + 2):
        for column, text in enumerate((level.name, level.channel, level.feedback)):
            sheet.write_string(place, column, _(text) if text else "", formats["wrap"])
