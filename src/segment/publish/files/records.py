"""Who moves between tiers, and which records of the customer file want repair."""

from __future__ import annotations

import pandas as pd

from segment.action.retiering import UP
from segment.language import _, tier_name
from segment.pages import customer_file, retiering
from segment.run import Run


def moves(a: Run, label: str) -> pd.DataFrame:
    """Return upgrades and downgrades under frozen limits, with headings; it names customers."""
    scheme = a.schemes[label]
    found = retiering.candidates(a, scheme, retiering.moves(a, scheme))
    return pd.DataFrame(
        {
            _("Customer"): found["customer_id"],
            _("Move"): [_("up") if move == UP else _("down") for move in found["move"]],
            _("From"): found["from"].map(tier_name),
            _("To"): found["to"].map(tier_name),
            _("Amount before"): found["value_before"].round(2),
            _("Amount after"): found["value_after"].round(2),
            _("Sure"): [_("yes") if sure else _("no") for sure in found["sure"]],
            _("Chance to keep it"): found["keep"].round(3),
        }
    )


def repairs(a: Run, label: str) -> pd.DataFrame:
    """Return the records to repair, most money first; it names customers."""
    found = customer_file.repairs(a, label)
    return pd.DataFrame(
        {
            _("Customer"): found["customer_id"],
            _("Tier"): found["tier"].map(tier_name, na_action="ignore").fillna(""),
            _("Brought before"): found["value"].round(2),
            _("To repair"): found["repair"],
        }
    )


def doubles(a: Run, label: str) -> pd.DataFrame:
    """Return records that look like one customer's, most money first; it names customers."""
    found = customer_file.merged(a, a.schemes[label])
    return pd.DataFrame(
        {
            _("Records"): found["records"],
            _("Brought before"): found["value"].round(2),
            _("Best tier of one"): found["before"].map(tier_name),
            _("Tier together"): found["together"].map(tier_name),
        }
    )
