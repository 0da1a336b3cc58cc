"""What all sections of a study have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """A section of the study's YAML: no unknown key, and nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _left_open(cls, value: Any) -> Any:
        """A key with nothing behind it counts as left out."""
        if isinstance(value, Mapping):
            return {key: content for key, content in value.items() if content is not None}
        return value


class ColumnMap(Section):
    """Which column holds what: a name, a position (from 1), or an expression."""

    def mapped(self) -> dict[str, str | int]:
        """Return the roles that the study fills, in a fixed order."""
        return {role: column for role, column in self if column is not None}
