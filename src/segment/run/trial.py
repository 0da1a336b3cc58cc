"""An experiment with its data, as its notebook looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from segment import language, notebook, theme
from segment.action import drawn as lists
from segment.evidence.treatment import TOTAL, Effects, effects
from segment.features.windows import DAYS_OF_MONTH
from segment.run import plain
from segment.run.on_page import OnPage
from segment.study import Study, read

STATE = "trial"  # a folder of what is written by ``plain``


@dataclass
class Trial(OnPage):
    """A list as it was drawn, and what its customers did since.

    Attributes
    ----------
    study : Study
    drawn : Drawn
        The list: rows, and the record of the lot.
    since : Since
        ``customers`` with what they brought before and since, and the ``end`` of that time.
    """

    study: Study
    drawn: lists.Drawn
    since: lists.Since

    @property
    def customers(self) -> pd.DataFrame:
        """One row a customer: see ``segment.action.drawn.Since``."""
        return self.since.customers

    @property
    def days(self) -> int:
        """How long the experiment has run; 0 where the data end before it."""
        return max(0, (self.since.end - self.drawn.first_day).days)

    @cached_property
    def value(self) -> Effects:
        """What the service added to what a customer brought."""
        return self._effects("value")

    @cached_property
    def bought(self) -> Effects:
        """What the service added to the share of the customers who bought."""
        return self._effects("bought")

    @cached_property
    def balance(self) -> Effects:
        """How far the groups differed before, where there can be no effect."""
        before = self.customers["before"]
        return effects(before, 0 * before, self.customers["served"], self.customers["tier"])

    def _effects(self, column: str) -> Effects:
        known = self.customers
        return effects(known[column], known["before"], known["served"], known["tier"])

    @property
    def margin_rate(self) -> float:
        """What turns value into margin: 1 where it is one; NaN if not known."""
        rate = 1.0 if self.study.columns.margin is not None else self.study.costs.margin_rate
        return np.nan if rate is None else rate

    @cached_property
    def money(self) -> pd.DataFrame:
        """What the service of each tier cost and brought, and of all tiers: by tier.

        ``treated`` (customers), ``cost_since`` (missing if not known), ``added`` (the margin that
        the service added) and ``net`` (that less its cost), both with their interval.
        """
        table = self.value.table
        plan = pd.DataFrame(self.drawn.record["tiers"]).T.reindex(table.index)
        each = plan["cost"].astype("float64") if "cost" in plan else np.nan
        given = self.customers[self.customers["served"]].groupby("tier", observed=True)["treated"]
        share = given.mean().reindex(table.index).astype("float64").fillna(1.0)
        cost = each * table["treated"] * share * self.days / DAYS_OF_MONTH
        compared = table.index[table["effect"].notna() & (table.index != TOTAL)]
        if TOTAL in table.index:
            cost[TOTAL] = cost[compared].sum(skipna=False)
        money = pd.DataFrame({"treated": table["treated"], "cost_since": cost})
        for end in ("", "_low", "_high"):
            money[f"added{end}"] = table[f"effect{end}"] * table["treated"] * self.margin_rate
            money[f"net{end}"] = money[f"added{end}"] - cost
        return money


def open_trial(drawn: str | Path, study: str | Path, run: str | Path | None = None) -> Trial:
    """Open an experiment: its list, and what the customers on it did since.

    Parameters
    ----------
    drawn : str or Path
        The list that ``segment assign`` wrote, with its record beside it.
    study : str or Path
        The study's YAML file, whose data hold the purchases since.
    run : str or Path, optional
        Folder in which ``segment evaluate`` left what it read.

    Raises
    ------
    StudyError
        If the list was not drawn, or the study or its data cannot be used.
    """
    notebook.refuse_unknown(notebook.cells_run())
    if run is not None:
        opened = plain.load(Path(run) / STATE)
    else:
        if not Path(drawn).is_file() and (Path("..") / drawn).is_file():
            drawn = Path("..") / drawn
        parsed, the_list = read(study), lists.read(Path(drawn))
        opened = Trial(parsed, the_list, lists.since(parsed, the_list))
    language.use(opened.study.language)
    theme.set_theme()
    return opened
