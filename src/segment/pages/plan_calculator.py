"""The plan's figures that a reader may change, and what follows from them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from html import escape

import pandas as pd
from IPython.display import HTML

from segment import language
from segment.action import capacity, service
from segment.language import _, tier_name
from segment.pages import _plan
from segment.pages._words import span, too_few
from segment.run.scheme import Scheme
from segment.words import SIGNS


@dataclass(frozen=True)
class Inputs:
    """All that the plan's load, cost and break-even follow from.

    Attributes
    ----------
    rows : DataFrame
        One a row of the plan: ``tier``, ``level``, ``customers``, ``mean`` (value of a customer
        over ``months``), both missing where they are few or it is not known, ``benefits`` (points
        and gifts of a customer, a year).
    contacts : DataFrame
        ``role``, ``kind``, ``each`` (hours), also those that only the wished plan has.
    often : DataFrame
        Contacts a year with one customer: rows of ``rows``, columns of ``contacts`` by position.
    team : DataFrame
        Indexed by role: ``people``, ``each`` (hours a month), ``cost`` (of an hour); missing where
        the study does not say.
    margin_rate, months : float
        What turns value into margin (NaN if not known), and the length of the holdout.
    acquisition : float
        What winning a customer costs; NaN if not known.
    """

    rows: pd.DataFrame
    contacts: pd.DataFrame
    often: pd.DataFrame
    team: pd.DataFrame
    margin_rate: float
    months: float
    acquisition: float

    @property
    def plan(self) -> pd.DataFrame:
        """The contacts of each row, as ``capacity`` takes them; ``tier`` is the row's number."""
        table = self.often.rename_axis(index="tier", columns="contact").stack().rename("mid")
        table = table.astype("float64").reset_index().join(self.contacts, on="contact")
        table["mid"] /= 12
        return table.assign(customers=table["tier"].map(self.rows["customers"].fillna(0)))

    def costs(self) -> pd.DataFrame:
        """Return ``capacity.costs`` by row of the plan, and ``must_keep`` of ``_plan.costs``."""
        sizes, nobody = self.rows["customers"].fillna(0), pd.Series(0.0, self.rows.index)
        margin, paid = (
            self.rows["mean"] * sizes * self.margin_rate,
            sizes * self.rows["benefits"] / 12,
        )
        table = capacity.costs(self.plan, self.team, sizes, margin, nobody, self.months, paid)
        return table.assign(must_keep=table["cost_year"] / self.acquisition)

    def needed(self) -> pd.Series:
        """Return the hours a month that each role needs."""
        hours = capacity.hours(self.plan).groupby(self.plan["role"]).sum()
        return hours.reindex(self.team.index, fill_value=0.0)


def inputs(scheme: Scheme) -> Inputs:
    """Return the figures of the recommended plan of today's customers."""
    policy, known = scheme.study.service, _plan.tiers(scheme)
    rows = _plan.groups(scheme)
    # Of the lapsed nothing is known; they count for nothing until somebody fills it in.
    unknown = (known["at_cut"] == 0) & (known.index != _plan.LAPSED)
    rows = rows.assign(mean=rows["tier"].map(known["mean"].mask(_plan.few(scheme) | unknown)))
    rows["customers"] = rows["customers"].mask(too_few(scheme.study, rows["customers"]))
    rows["benefits"] = _plan.given(scheme)
    wish = service.plan(policy, _plan.wished(scheme))
    both = pd.concat([_plan.contacts(scheme), wish]).drop_duplicates(["role", "kind"])
    contacts = both[["role", "kind", "each"]].reset_index(drop=True)
    mid = service.contacts(policy).set_index(["level", "role", "kind"])["mid"]
    often = [
        [12 * mid.get((level, c.role, c.kind), 0.0) for c in contacts.itertuples()]
        for level in rows["level"]
    ]
    often = pd.DataFrame(often, rows.index, contacts.index).round(6)
    team = _plan.team(scheme).reindex(contacts["role"].unique())
    rate, months = _plan.margin_rate(scheme), _plan.months(scheme)
    won = scheme.study.costs.acquisition or math.nan
    return Inputs(rows, contacts, often, team[["people", "each", "cost"]], rate, months, won)


def form(scheme: Scheme) -> HTML:
    """Return the plan as a form: whoever changes a figure sees load, cost and break-even follow.

    The script of the report computes (``script.js``); in JupyterLab the figures stand still.
    """
    with language.using(scheme.study.language):
        return HTML("" if _plan.why_no_plan(scheme) else _form(scheme, inputs(scheme)))


def _form(scheme: Scheme, given: Inputs) -> str:
    every, sign = scheme.study.service.every, SIGNS.get(scheme.study.currency, "")
    kinds = [f"{_(c.role)}, {_(c.kind)}" for c in given.contacts.itertuples()]
    length = span(scheme.windows.holdout_days)
    heads = [_("Tier"), _("Customers")]
    heads += [_("{contact}, a year", contact=kind) for kind in kinds]
    heads += [_("Benefits each, a year"), _("Value per customer in {span}", span=length)]
    heads += [_("Hours a month"), _("Cost a month")]
    heads += [_("Pays if it rises by"), _("Or if it keeps, customers a year")]
    body = []
    for row, (tier, level, customers, mean, benefits) in given.rows.iterrows():
        name = f"{tier_name(tier)}, {_(every[level].name)}"
        cells = [_input(name, heads[1], f"n{row}", customers)]
        cells += [
            _input(name, heads[2 + place], f"c{row}_{place}", often)
            for place, often in given.often.loc[row].items()
        ]
        cells += [_input(name, heads[2 + len(kinds)], f"g{row}", benefits)]
        cells += [_input(name, heads[3 + len(kinds)], f"v{row}", mean)]
        outputs = ("hours", "cost", "uplift", "kept")
        cells += [f'<output name="{out}{row}"></output>' for out in outputs]
        body.append(_row(name, cells))
    head = _("Hours per contact")
    each = [
        _input(head, kind, f"e{place}", hours)
        for place, (kind, hours) in enumerate(zip(kinds, given.contacts["each"], strict=True))
    ]
    body.append(_row(head, ["", *each, *[""] * 6]))
    team_heads = [_("Role"), _("People"), _("Hours each a month"), _("Cost per hour")]
    team_heads += [_("Hours needed"), _("Load")]
    team = []
    for row, (role, known) in enumerate(given.team.iterrows()):
        figures = zip(("p", "h", "w"), known, team_heads[1:], strict=False)
        cells = [_input(_(role), head, f"{key}{row}", value) for key, value, head in figures]
        cells += [f'<output name="{out}{row}"></output>' for out in ("needed", "load")]
        team.append(_row(_(role), cells))
    rate = _input("", _("Margin rate"), "rate", given.margin_rate)
    won = _input("", _("Cost of winning a customer"), "won", given.acquisition)
    facts = {
        "roles": [int(given.team.index.get_loc(role)) for role in given.contacts["role"]],
        "rows": len(given.rows),
        "months": given.months,
        "sign": sign,
        "endless": _("out of reach"),
    }
    return (
        f"<form class='plan' data-plan='{escape(json.dumps(facts), quote=True)}'>"
        f"<p><label>{_('Margin rate')} {rate}</label> "
        f"<label>{_('Cost of winning a customer')} {won}</label></p>"
        f"{_grid(_('The service of each tier'), heads, body)}"
        f"{_grid(_('People'), team_heads, team)}</form>"
    )


def _input(row: str, head: str, name: str, value: float) -> str:
    told = "" if pd.isna(value) else f"{float(value):.6g}"
    label = escape(", ".join(filter(None, [row, head])), quote=True)
    kind = 'type="number" min="0" step="any"'
    return f'<input {kind} name="{name}" value="{told}" aria-label="{label}">'


def _row(head: str, cells: list[str]) -> str:
    return f"<tr><th scope='row'>{escape(head)}</th>{''.join(f'<td>{c}</td>' for c in cells)}</tr>"


def _grid(caption: str, heads: list[str], rows: list[str]) -> str:
    top = "".join(f"<th scope='col'>{escape(head)}</th>" for head in heads)
    return (
        f"<div class='scroll' role='group' aria-label='{escape(caption, quote=True)}'><table>"
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
