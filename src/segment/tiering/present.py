"""The company's present tiers, as a scheme like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from segment.errors import StudyError, nearest
from segment.features.records import PRESENT_TIER
from segment.language import N_tier
from segment.tiering import base
from segment.tiering.parameters import column_name, distinct, parameter
from segment.tiering.rule import Conditions, Rule

NONE = N_tier("none")


@dataclass(eq=False, repr=False)
class Given(base.Tiering):
    """The tiers that customers have today, in the order that the study gives.

    Parameters
    ----------
    tiers : sequence of str
        Names of the present tiers, best first, as the data write them. Needed; a name in the data
        that is not among them is refused.
    column : str
        The column that holds them: of the customers table, or ``present_tier``, which the
        table ``present_tiers`` gives as of any day.
    rest : str
        Tier of the customers without one.
    """

    tiers: Sequence[str | int] = ()
    column: str = parameter(PRESENT_TIER, column_name)
    rest: str = NONE

    @property
    def columns(self) -> tuple[str, ...]:
        """The column of the present tiers."""
        return (self.column,)

    gaps = texts = columns

    @property
    def _names(self) -> list[str]:
        return [str(tier) for tier in self.tiers]

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        if not isinstance(self.tiers, (list, tuple)) or not self.tiers:
            raise StudyError(
                "Given: 'tiers' must list the present tiers, best first, for example "
                f"[gold, silver]; found {self.tiers!r}."
            )
        distinct()("Given: 'tiers' and 'rest' together", [*self._names, self.rest])

    def _checked(self, customers: pd.DataFrame) -> pd.DataFrame:
        if pd.api.types.is_numeric_dtype(customers.get(self.column)):  # tier 1 was read as 1.0
            texts = customers[self.column].map("{:g}".format, na_action="ignore")
            customers = customers.assign(**{self.column: texts})
        values = super()._checked(customers)
        known = [*self._names, self.rest]
        unknown = values[self.column][~values[self.column].isin(known)].dropna()
        if len(unknown):
            name = unknown.value_counts().index[0]
            raise StudyError(
                f"Given: '{self.column}' of {len(unknown):,} customers holds a tier that 'tiers' "
                f"does not order, such as '{name}'{nearest(name, known)}"
            )
        return values

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = (*self._names, self.rest)

    def conditions(self) -> Conditions:
        """Return the name of each present tier."""
        return tuple((tier, Rule(self.column, "one of", tier)) for tier in self._names)
