"""What the profile page draws and says: attributes under the names a reader knows."""

from __future__ import annotations

import pandas as pd

from segment.evidence import profiles
from segment.features.names import column_name
from segment.run import Run


def traits(a: Run) -> pd.DataFrame:
    """Return the attributes of the customers, named in words; numbers of a unit as they are."""
    return a.traits.rename(columns=_called)


def strengths(a: Run, label: str) -> pd.DataFrame:
    """Return how strongly each attribute differs between the tiers of a scheme."""
    return profiles.strengths(a.methods[label].labels_, traits(a))


def profile(a: Run, label: str) -> pd.DataFrame:
    """Return what the customers of each tier are like, beside all customers."""
    return profiles.profile(a.methods[label].labels_, traits(a))


def strongest(found: pd.DataFrame, most: int = 3) -> list[str]:
    """Return the attributes that surely differ, strongest first."""
    return found.loc[found["low"] > 0, "attribute"].head(most).tolist()


def _called(name: str) -> str:
    """Return what a reader calls an attribute; a column of the study keeps its own name."""
    return column_name(name).replace("_", " ")
