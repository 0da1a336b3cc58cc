"""The schemes of a study, and those that are compared where it names none."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from segment.language import N_


class Method(BaseModel):
    """One tiering method: its registered name or import path, and its parameters."""

    model_config = ConfigDict(extra="allow", frozen=True)
    method: str = Field(description="a method's name, or module:Class of your own")
    optional: bool = Field(False, description="left out where the data lack one of its columns")
    service: dict[str, str] = Field(default_factory=dict, description="tier: what it is offered")

    def words(self) -> set[str]:
        """Return the words that its parameters hold, names of columns among them."""
        return {*re.findall(r"\w+", str(self.parameters()))}

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that go to the method's constructor."""
        return dict(self.__pydantic_extra__ or {})

    def own_classes(self) -> list[str]:
        """Return the import paths of its class and of those inside of it, if they have any."""
        return [path for path in _methods_in("", self.model_dump()) if ":" in path]


def _methods_in(key: str, value: object) -> list[str]:
    """Return the names of methods in parameters, also as scikit-learn names them: of__method."""
    if isinstance(value, dict):
        return [name for inner, part in value.items() for name in _methods_in(inner, part)]
    return [value] if key.endswith("method") and isinstance(value, str) else []


# The cut that every study compares of the plain sort, the customers by what they had brought.
PLAIN_CUT = {"method": "abc", "cut": "customers", "limits": [0.05, 0.2, 0.5]}
DEFAULT_METHODS: dict[str, dict[str, Any]] = {
    N_("ABC 80/95"): {"method": "abc", "limits": [0.8, 0.95]},
    N_("Revenue tiers 5/20/50"): PLAIN_CUT,
    N_("ABC computed"): {"method": "abc", "cut": "computed"},
    N_("RFM sum"): {"method": "rfm", "form": "sum"},
    N_("RFM tiers 10/30/60"): {"method": "rfm", "form": "sum", "shares": [0.1, 0.3, 0.6]},
    N_("RFM segments"): {"method": "rfm", "form": "segments"},
    N_("Recent spend"): {"method": "recent_spend"},
    N_("Clusters"): {"method": "clusters"},
    N_("Value x loyalty"): {"method": "quadrants"},
    N_("Scorecard"): {"method": "scorecard"},
    N_("Learned tiers"): {"method": "learned"},
}
