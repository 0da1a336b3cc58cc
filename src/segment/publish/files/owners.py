"""What each account owner has to do: customers, hours and calls, and a workbook for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from segment.action import service
from segment.language import _
from segment.pages import _plan
from segment.publish.files.frames import Standing
from segment.publish.files.lists_book import write_lists
from segment.run import Run
from segment.words import in_file_names

OWNER = "owner"


def owners(run: Run, customers: pd.Index) -> pd.Series:
    """Return who is in charge of each customer; an empty text where the study does not say."""
    known = run.attributes if run.attributes is not None else pd.DataFrame()
    named = known.get(OWNER, pd.Series(dtype=object)).reindex(customers)
    return named.astype(object).where(named.notna(), "").astype(str)


def load(run: Run, label: str, customers: Standing, calls: pd.DataFrame) -> pd.DataFrame:
    """Return what each owner has to do, the most calls first; what is nobody's last.

    Customers with a purchase lately, planned hours a month of the role that is most in touch,
    those that one of the role has, calls that are due, and the money at stake in them.
    """
    scheme, policy = run.schemes[label], run.study.service
    by = owners(run, customers.about.index)
    table = customers.now[label].notna().groupby(by).sum().rename(_("Customers")).to_frame()
    if customers.level is not None and policy.roles:
        role = policy.roles[0]
        hours = customers.level.map(service.effort(policy)[role])
        hours *= _plan.served(scheme)["part"].reindex(hours.index).fillna(1.0)
        table[_("{what} ({why})", what=_("Hours a month"), why=_(role))] = (
            hours.groupby(by).sum().round()
        )
        if role in run.study.team:
            table[_("Hours there")] = run.study.team[role].hours
    due = calls.groupby(_("Owner"))[_("Money at stake")]
    table[_("Calls due")], stake = due.size(), due.sum()
    table = table.fillna(0).astype("int64").assign(**{_("Money at stake"): stake}).fillna(0.0)
    table = table.sort_values(_("Calls due"), ascending=False, kind="stable")
    table = table.iloc[np.argsort(table.index == "", kind="stable")]
    return table.rename_axis(_("Owner")).reset_index()


def write(
    run: Run,
    folder: Path,
    table: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    shown: pd.DataFrame,
) -> None:
    """Write a workbook for each owner: whom to call, the watch-lists, all customers, the load."""
    shown = shown.loc[:, : _("Watch-lists")].drop(columns=_("Contacts a year"), errors="ignore")
    for number, owner in enumerate(table[_("Owner")], start=1):
        sheets = {
            name: frame[owners(run, pd.Index(frame[_("Customer")])).to_numpy() == owner]
            for name, frame in {**lists, _("All customers"): shown}.items()
        }
        calls = sheets.pop(_("Call list")).reset_index(drop=True)
        filled = {name: frame for name, frame in sheets.items() if len(frame)}
        filled[_("Owner")] = table[table[_("Owner")] == owner]
        file = folder / f"{OWNER}-{number:02}-{in_file_names(owner) or 'nobody'}.xlsx"
        write_lists(owner, calls, filled, run.study.currency, file)
