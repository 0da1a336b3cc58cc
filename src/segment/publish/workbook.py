"""The service plan as a spreadsheet whose formulas go on working.

A manager changes the coloured cells (people, hours, contacts, tier sizes, costs) and
hours, load, cost and break-even follow. Every formula also carries its value of today,
for viewers that do not compute. Names no customer.
"""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from segment.evidence.small_groups import FEWEST
from segment.language import _, tier_name
from segment.pages import _plan, plan_calculator
from segment.pages import service_plan as plan_page
from segment.pages._words import span
from segment.publish.files.files import workbook
from segment.run import Run
from segment.words import SIGNS

FILE = "service-plan.xlsx"
# Rows of the sheet, counted from 0: what holds for all, the contacts' heads, the tiers.
RATE, MONTHS, WON, ROLE, KIND, EACH, HOURLY, HEADS = 3, 4, 5, 6, 7, 8, 9, 10
FIRST_TIER, FIRST_CONTACT = HEADS + 1, 3
INPUT = {"bg_color": "#fef3c7", "border": 1, "border_color": "#d6b656"}
TOTAL = {"bold": True, "top": 1}
HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
FORMATS = {
    "text": {}, "after number": {"indent": 1}, "title": {"bold": True, "font_size": 14},
    "bold": {"bold": True}, "head": HEAD, "head right": HEAD | {"align": "right"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "whole": {"num_format": "#,##0"}, "share": {"num_format": "0.0%"},
    "in_whole": INPUT | {"num_format": "#,##0"}, "in_share": INPUT | {"num_format": "0%"},
    "in_decimal": INPUT | {"num_format": "0.00"}, "in_number": INPUT,
    "sum": TOTAL | {"num_format": "#,##0"}, "sum_share": TOTAL | {"num_format": "0.0%"},
    "sum_text": TOTAL, "over": {"font_color": "#b3261e", "bold": True},
}  # fmt: skip
MONEY = {
    "money": ({}, "#,##0"),
    "in_money": (INPUT, "#,##0.00"),
    "sum_money": (TOTAL, "#,##0"),
}


def service_plan(run: Run, label: str, file: Path) -> None:
    """Write the service plan of a scheme as an Excel workbook with live formulas, if it has one."""
    if _plan.why_no_plan(run.schemes[label]):
        return
    with workbook(file) as book:
        cut = run.windows.cut
        book.set_properties({"title": label, "created": dt.datetime(cut.year, cut.month, cut.day)})
        sign = SIGNS.get(run.study.currency, "")
        quoted = f'"{sign}"' if sign else ""
        looks = FORMATS | {
            name: look | {"num_format": f"{quoted}{digits}"}
            for name, (look, digits) in MONEY.items()
        }
        formats = {name: book.add_format(look) for name, look in looks.items()}
        _Plan(_Sheet(book.add_worksheet(_("Service plan")), formats), run, label).write()
        _notes(_Sheet(book.add_worksheet(_("Read me")), formats), run, label)


class _Sheet:
    """Writes texts, figures to change, and formulas with their value of today."""

    def __init__(self, sheet: Worksheet, formats: dict):
        self.sheet, self.formats = sheet, formats

    def text(self, row: int, column: int, text: str, look: str = "text") -> None:
        self.sheet.write_string(row, column, str(text), self.formats[look])

    def texts(self, row: int, column: int, texts: list[str], look: str) -> None:
        for place, text in enumerate(texts, column):
            self.text(row, place, text, look)

    def input(self, row: int, column: int, value: float, look: str) -> None:
        """Write a figure to change, blank where it is not known; nothing below 0 is taken."""
        if pd.isna(value):
            self.sheet.write_blank(row, column, None, self.formats[look])
        else:
            self.sheet.write_number(row, column, float(value), self.formats[look])
        at_least = {"validate": "decimal", "criteria": ">=", "value": 0}
        self.sheet.data_validation(row, column, row, column, at_least)

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        value: float,
        look: str = "whole",
        endless: str = "",
    ) -> None:
        """Write a formula with its value of today: blank if not known, a word if infinite."""
        known = endless if math.isinf(value) else "" if math.isnan(value) else float(value)
        self.sheet.write_formula(row, column, f"={formula}", self.formats[look], known)


class _Plan:
    """The sheet with inputs and formulas: tiers in rows, contacts in columns, the team below."""

    def __init__(self, sheet: _Sheet, run: Run, label: str):
        self.sheet, self.a, self.label = sheet, run, label
        self.scheme, self.policy = run.schemes[label], run.study.service
        self.given = plan_calculator.inputs(self.scheme)
        self.groups, self.contacts = self.given.rows, self.given.contacts
        self.team, self.costs = self.given.team, self.given.costs()
        self.last = FIRST_TIER + len(self.groups) - 1
        self.benefits = FIRST_CONTACT + len(self.contacts)  # column of what they cost
        self.after = self.benefits + 1  # column of the hours a month
        self.first_role, self.roles = self.last + 5, list(self.team.index)

    def write(self) -> None:
        """Write everything."""
        self.sheet.text(0, 0, f"{_('Service plan')}: {self.label}", "title")
        about = _(
            "Change the coloured cells; everything else follows. Hours and costs are those of a "
            "month, contacts those of a year."
        )
        self.sheet.text(1, 0, about)
        self._general()
        self._contacts()
        for row in range(len(self.groups)):
            self._tier(FIRST_TIER + row, row)
        self._total(self.last + 1)
        self._team()
        sheet = self.sheet.sheet
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, self.after + 6, 14)
        for row in (HEADS, self.first_role - 1):
            sheet.set_row(row, 48)
        sheet.freeze_panes(FIRST_TIER, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        over = {"type": "cell", "criteria": ">", "value": 1, "format": self.sheet.formats["over"]}
        sheet.conditional_format(self.first_role, 6, self.first_role + len(self.roles), 6, over)

    def _general(self) -> None:
        for row, text, value, look in (
            (RATE, _("Margin rate"), self.given.margin_rate, "in_share"),
            (MONTHS, _("Months in which the margin came in"), self.given.months, "in_decimal"),
            (WON, _("Cost of winning a customer"), self.given.acquisition, "in_money"),
        ):
            self.sheet.text(row, 0, text)
            self.sheet.input(row, 1, value, look)

    def _contacts(self) -> None:
        rows = {ROLE: _("Role"), KIND: _("Contact"), EACH: _("Hours per contact")}
        for row, text in (rows | {HOURLY: _("Cost per hour")}).items():
            self.sheet.text(row, 0, text)
        for column, contact in enumerate(self.contacts.itertuples(), FIRST_CONTACT):
            self.sheet.text(ROLE, column, _(contact.role), "bold")
            self.sheet.text(KIND, column, _(contact.kind), "bold")
            self.sheet.input(EACH, column, contact.each, "in_decimal")
            hourly = _cell(self.first_role + self.roles.index(contact.role), 3)
            known = self.team["cost"].get(contact.role, math.nan)
            today = 0.0 if math.isnan(known) else known
            self.sheet.formula(HOURLY, column, f"N({hourly})", today, "money")
        length = span(self.a.windows.holdout_days)
        heads = [
            *(_("Tier"), _("Customers"), _("Service")),
            *([_("Contacts a year")] * len(self.contacts)),
            _("Benefits each, a year"),
            *(_("Hours a month"), _("Cost a month"), _("Cost a year")),
            _("Value per customer in {span}", span=length),
            _("Margin to expect"),
            _("Pays if it rises by"),
            _("Or if it keeps, customers a year"),
        ]
        self.sheet.texts(HEADS, 0, heads, "head right")
        self.sheet.text(HEADS, 0, heads[0], "head")
        self.sheet.text(HEADS, 2, heads[2], "head")

    def _tier(self, row: int, group: int) -> None:
        (tier, level, customers, mean, benefits) = self.groups.loc[group]
        costs = self.costs.loc[group]
        after = self.after
        self.sheet.text(row, 0, tier_name(tier))
        self.sheet.input(row, 1, customers, "in_whole")
        self.sheet.text(row, 2, _(self.policy.every[level].name), "after number")
        self.sheet.input(row, self.benefits, benefits, "in_money")
        for column in range(FIRST_CONTACT, self.benefits):
            often = self.given.often.loc[group, column - FIRST_CONTACT]
            self.sheet.input(row, column, often, "in_number")
        hours, cost = "0", "0"
        if len(self.contacts):
            often, each, hourly = (
                xl_range_abs(line, FIRST_CONTACT, line, self.benefits - 1)
                for line in (row, EACH, HOURLY)
            )
            hours = f"{_cell(row, 1)}*SUMPRODUCT({often},{each})/12"
            cost = f"{_cell(row, 1)}*SUMPRODUCT({often},{each},{hourly})/12"
        self.sheet.formula(row, after, hours, costs["hours"])
        cost = f"{cost}+{_cell(row, 1)}*N({_cell(row, self.benefits)})/12"
        self.sheet.formula(row, after + 1, self._if_costs(cost), costs["cost"], "money")
        year_cost, won = _cell(row, after + 2), _cell(WON, 1)
        kept = f'IF({won}="","",IF({year_cost}="","",{year_cost}/{won}))'
        self.sheet.formula(row, after + 6, kept, costs["must_keep"])
        month, rate, value = _cell(row, after + 1), _cell(RATE, 1), _cell(row, after + 3)
        year = f'IF({month}="","",12*{month})'
        self.sheet.formula(row, after + 2, year, costs["cost_year"], "money")
        self.sheet.input(row, after + 3, mean, "in_money")
        margin = f'IF({rate}="","",IF({value}="","",{_cell(row, 1)}*{value}*{rate}))'
        self.sheet.formula(row, after + 4, margin, costs["margin"], "money")
        self._uplift(row, costs["uplift"], "share")

    def _total(self, row: int) -> None:
        costs, after = self.costs, self.after
        self.sheet.text(row, 0, _("Total"), "sum_text")
        for column, name in ((1, "customers"), (after, "hours")):
            self.sheet.formula(
                row, column, f"SUM({self._column(column)})", costs[name].sum(), "sum"
            )
        for column, name in ((after + 1, "cost"), (after + 2, "cost_year"), (after + 4, "margin")):
            parts = self._column(column)
            # Of figures that are not all known there is no total.
            total = f'IF(COUNT({parts})<{len(costs)},"",SUM({parts}))'
            self.sheet.formula(row, column, total, costs[name].sum(skipna=False), "sum_money")
        spent, margin = (costs[name].sum(skipna=False) for name in ("cost_period", "margin"))
        if math.isnan(spent) or math.isnan(margin):
            uplift = math.nan
        else:
            uplift = 0.0 if spent == 0 else spent / margin if margin > 0 else math.inf
        self._uplift(row, uplift, "sum_share")

    def _team(self) -> None:
        heads = [
            *(_("Role"), _("People"), _("Hours each a month"), _("Cost per hour")),
            *(_("Hours there"), _("Hours needed"), _("Load"), _("Cost a month")),
        ]
        self.sheet.texts(self.first_role - 1, 0, heads[:1], "head")
        self.sheet.texts(self.first_role - 1, 1, heads[1:], "head right")
        none, hours = _("out of reach"), self.given.needed()
        for row, role in enumerate(self.roles, self.first_role):
            needs, member = hours[role], self.team.loc[role]
            have = member["people"] * member["each"]
            self.sheet.text(row, 0, _(role))
            for column, (name, look) in enumerate(
                {"people": "in_number", "each": "in_whole", "cost": "in_money"}.items(), 1
            ):
                self.sheet.input(row, column, member[name], look)
            people, each, hourly, there, needed = (_cell(row, column) for column in range(1, 6))
            all_hours = f'IF({people}="","",{people}*{each})'
            self.sheet.formula(row, 4, all_hours, have)
            self.sheet.formula(row, 5, self._needed(role), needs)
            share = f'IF({needed}=0,0,IF({there}=0,"{none}",{needed}/{there}))'
            load = f'IF({there}="","",{share})'
            busy = needs / have if have else math.inf
            busy = 0.0 if needs == 0 and not math.isnan(have) else busy
            self.sheet.formula(row, 6, load, busy, "share", none)
            cost = f'IF({hourly}="","",{needed}*{hourly})'
            self.sheet.formula(row, 7, cost, needs * member["cost"], "money")

    def _needed(self, role: str) -> str:
        """Return the formula of a role's hours: its contacts with every tier, times their hours."""
        sizes = self._column(1)
        parts = [
            f"SUMPRODUCT({sizes},{self._column(column)})*{_cell(EACH, column)}/12"
            for column, contact in enumerate(self.contacts.itertuples(), FIRST_CONTACT)
            if contact.role == role
        ]
        return "+".join(parts) or "0"

    def _if_costs(self, formula: str) -> str:
        known = f"SUM({self._column(self.benefits)})"
        if self.roles:
            last = self.first_role + len(self.roles) - 1
            known += f"+COUNT({xl_range_abs(self.first_role, 3, last, 3)})"
        return f'IF({known}=0,"",{formula})'

    def _uplift(self, row: int, today: float, look: str) -> None:
        cost, margin = _cell(row, self.after + 1), _cell(row, self.after + 4)
        endless = _("out of reach")
        share = f'IF({margin}<=0,"{endless}",{cost}*{_cell(MONTHS, 1)}/{margin})'
        formula = f'IF({cost}="","",IF({margin}="","",IF({cost}=0,0,{share})))'
        self.sheet.formula(row, self.after + 5, formula, today, look, endless)

    def _column(self, column: int) -> str:
        return xl_range_abs(FIRST_TIER, column, self.last, column)


def _cell(row: int, column: int) -> str:
    return xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)


def _notes(sheet: _Sheet, run: Run, label: str) -> None:
    """Write what the figures are and what each level of service is."""
    lines = [
        _(
            "{label}, customers of each tier on {day}. Names no customer.",
            label=label,
            day=run.windows.newest_day,
        ),
        _(
            "Pays if it rises by: the cost over the months in which the margin came in, as a share "
            "of that margin. So much more must customers bring because of the service."
        ),
        _(
            "Value per customer is what those of the tier at the cut brought in {span} after it; "
            "the next months will differ. Whether service makes them spend more, only an "
            "experiment shows.",
            span=span(run.windows.holdout_days),
        ),
        plan_page.assumed(run.schemes[label]),
    ]
    if run.study.identifiers == "hide":
        lines.append(
            _(
                "The size and the money of tiers of fewer than {n} customers are held back: fill "
                "them in.",
                n=FEWEST,
            )
        )
    sheet.sheet.set_landscape()
    sheet.sheet.fit_to_pages(1, 0)
    sheet.sheet.set_column(0, 0, 24)
    sheet.sheet.set_column(1, 3, 60)
    lines = [text for text in lines if text]
    for row, text in enumerate(lines):
        sheet.sheet.merge_range(row, 0, row, 2, "", sheet.formats["wrap"])
        sheet.text(row, 0, text, "wrap")
        sheet.sheet.set_row(row, 32)
    heads = len(lines) + 1
    sheet.texts(heads, 0, [_("Service"), _("Channel"), _("Feedback"), _("Marketing")], "head")
    for row, level in enumerate(run.study.service.every, heads + 1):
        words = (level.name, level.channel, level.feedback, level.marketing)
        sheet.texts(row, 0, [_(text) if text else "" for text in words], "wrap")
