"""Who moves between tiers, and which records of the customer file want repair."""

from __future__ import annotations

import pandas as pd

from segment.action.retiering import UP
from segment.language import _, tier_name
from segment.pages import customer_file, retiering
from segment.publish.files.frames import surely
from segment.run import Run


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
            _("Sure"): [_("yes") if sure else _("no") for sure in records["sure"]],
            **surely(run, label, about.reindex(records["customer_id"]).reset_index()),
        }
    )


def repairs(run: Run, label: str) -> pd.DataFrame:
    """Return the records to repair, most money first; it names customers."""
    records = customer_file.repairs(run, label)
    return pd.DataFrame(
        {
            _("Customer"): records["customer_id"],
            _("Tier"): records["tier"].map(tier_name, na_action="ignore").fillna(""),
            _("Brought before"): records["value"].round(2),
            _("To repair"): records["repair"],
        }
    )


def doubles(run: Run, label: str) -> pd.DataFrame:
    """Return records that look like one customer's, most money first; it names customers."""
    records = customer_file.merged(run, run.schemes[label])
    return pd.DataFrame(
        {
            _("Records"): records["records"],
            _("Brought before"): records["value"].round(2),
            _("Best tier of one"): records["before"].map(tier_name),
            _("Tier together"): records["together"].map(tier_name),
        }
    )
