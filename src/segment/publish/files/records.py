"""Who moves between tiers, and which records of the customer file want repair."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segment.action import previous
from segment.action.prospects import FOLLOW_UP
from segment.action.retiering import UP, best_two
from segment.features import ids
from segment.features.names import column_name
from segment.language import _, tier_name
from segment.pages import _plan, customer_file, present_tiers, retiering
from segment.pages import effort as effort_page
from segment.pages import prospects as prospects_page
from segment.pages._present import LOSES
from segment.publish.files.frames import in_columns, last_orders, surely
from segment.publish.files.owners import owners
from segment.run import Run

NAMED = {"role": "role", "kind": "kind_of_contact"}


def moves(run: Run, label: str, about: pd.DataFrame) -> pd.DataFrame:
    """Return upgrades and downgrades under frozen limits, with headings; it names customers."""
    scheme = run.schemes[label]
    records = retiering.candidates(run, scheme, retiering.moves(run, scheme))
    return pd.DataFrame(
        {
            _("Customer"): records["customer_id"],
            _("Move"): [_("up") if move == UP else _("down") for move in records["move"]],
            _("From"): records["from"].map(tier_name),
            _("To"): records["to"].map(tier_name),
            _("Amount before"): records["value_before"].round(2),
            _("Amount after"): records["value_after"].round(2),
            **surely(run, label, ids.of(about, pd.Index(records["customer_id"])).reset_index()),
        }
    )


def crosswalk(run: Run, label: str) -> pd.DataFrame:
    """Return where everybody stands today and would stand, who loses first; it names customers."""
    people = present_tiers.crosswalk(run, label)
    keys = ["loses", "year"]
    people = people.assign(loses=people["move"] == LOSES).sort_values(
        keys, ascending=False, kind="stable"
    )
    step = present_tiers.steps(run, people).map(present_tiers.STEPS)
    return in_columns(
        {
            _("Customer"): people.index,
            _("Tier now"): people["from"].map(tier_name),
            _("{what} ({why})", what=_("Tier"), why=label): people["to"].map(tier_name),
            _("Move"): people["move"].map(_),
            _("Spent in the last year"): people["year"].round(2),
            **last_orders(run, ids.of(run.history, people.index)),
            _("Next step"): step.map(_),
        }
    )


def prospects(run: Run) -> pd.DataFrame:
    """Return who is still to be won, the next contact first; it names them."""
    people = prospects_page.still_open(run)
    return in_columns(
        {
            _("Prospects"): people.index,
            _("Intent"): people["intent"].map(_, na_action="ignore").fillna(""),
            _("Next contact"): people["next_contact"],
            _("Next step"): people["intent"].map(FOLLOW_UP).map(_, na_action="ignore").fillna(""),
            _("Contacts on file"): people["contacts"].astype("Int64"),
            _("Contacts to find"): people["to_find"].astype("Int64"),
        }
    )


def birthdays(run: Run, label: str) -> pd.DataFrame:
    """Return whose birthday comes in the next 31 days, of the best two tiers; it names them."""
    best = best_two(run.methods[label].tiers_)
    tiers = run.scheme(label).newest_tiers.astype(object)
    days = pd.date_range(run.windows.newest_day, periods=32, inclusive="right").strftime("%m-%d")
    born = pd.to_datetime(run.attributes["birthday"]).dt.strftime("%m-%d").replace("02-29", "02-28")
    born = born[born.isin(days)].reindex(tiers.index[tiers.isin(best)]).dropna()
    born = born.iloc[np.argsort(days.get_indexer(born), kind="stable")]
    return in_columns(
        {
            _("Customer"): born.index,
            _("Tier"): tiers.reindex(born.index).map(tier_name),
            _("Birthday"): born,
            _("Owner"): owners(run, born.index),
        }
    )


def members(run: Run, label: str) -> pd.DataFrame:
    """Return which group each customer is in, and its tier of today; it names customers."""
    group = run.groups["group"]
    tier = group.map(run.scheme(label).newest_tiers.astype(object)).map(tier_name, "ignore")
    return in_columns({_("Customer"): group.index, _("Group"): group, _("Tier"): tier.fillna("")})


def moved(run: Run, before: Path) -> pd.DataFrame | None:
    """Return who stands in another tier than in the last report; it names customers.

    ``before`` is that report's file of tiers. None where it is gone, or the scheme has changed.
    """
    label = run.known(None)
    then = previous.scheme(run.previous.results if run.previous else {}, label)
    if _parameters(then) != _parameters(run.study.methods[label].model_dump(mode="json")):
        return None
    try:
        tiers = pd.read_parquet(before, columns=[f"{label} (now)"]).astype(object)
    except (OSError, ValueError):
        return None
    tiers = tiers.loc[tiers.index.intersection(run.history.index)].set_axis(["then"], axis=1)
    tiers = tiers.assign(now=run.newest_tiers.astype(object))
    none = tier_name(_plan.LAPSED)
    tiers = tiers.apply(lambda column: column.map(tier_name, na_action="ignore").fillna(none))
    tiers = tiers[tiers["then"] != tiers["now"]]
    headings = [_("Customer"), _("Last report"), _("Tier now")]
    return tiers.rename_axis("customer_id").reset_index().set_axis(headings, axis=1)


def _parameters(spec: dict[str, Any]) -> str:
    """Return what a scheme's tiers hang on, as JSON has it."""
    words = {"optional", "service"}
    return json.dumps({k: v for k, v in spec.items() if k not in words}, sort_keys=True)


def repairs(run: Run, label: str) -> pd.DataFrame:
    """Return the records to repair, most money first; it names customers."""
    records = customer_file.repairs(run, label)
    return pd.DataFrame(
        {
            _("Customer"): records["customer_id"],
            _("Tier"): records["tier"].map(tier_name, na_action="ignore").fillna(""),
            _("Amount before"): records["value"].round(2),
            _("What is wrong"): records["repair"],
        }
    )


def doubles(run: Run, label: str) -> pd.DataFrame:
    """Return records that look like one customer's, most money first; it names customers."""
    records = customer_file.merged(run, run.schemes[label])
    return pd.DataFrame(
        {
            _("Records"): records["records"],
            _("Amount before"): records["value"].round(2),
            _("Best tier of one"): records["before"].map(tier_name),
            _("Tier together"): records["together"].map(tier_name),
        }
    )


def effort(run: Run, label: str) -> pd.DataFrame:
    """Return whose hours are farthest from their place by value; it names customers."""
    table = effort_page.mismatches(run, run.schemes[label])
    return pd.DataFrame(
        {
            _("Customer"): table.index,
            _("Tier"): table["tier"].map(tier_name),
            _("Amount before"): table["value"].round(2),
            _("Hours"): table["effort"].round(2),
            _("Place by hours less place by value"): table["apart"].round(3),
        }
    )


def overdue(run: Run, label: str) -> pd.DataFrame | None:
    """Return the contacts that the plan asks for and that are overdue; it names customers."""
    table = effort_page.overdue(run, run.schemes[label])
    if not len(table):
        return None
    words = {name: table[name].map(_) for name in ("role", "kind") if name in table}
    return pd.DataFrame(
        {
            _("Customer"): table["customer_id"],
            _("Tier"): table["tier"].map(tier_name),
            **{column_name(NAMED[name]): column for name, column in words.items()},
            _("Last contact"): table["last"].dt.date.astype(object).fillna(""),
            _("Days since"): table["days"],
            _("Due after days"): table["due"].round(),
        }
    )
