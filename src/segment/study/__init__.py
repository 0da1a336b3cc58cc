"""What a study can say, and reading it from one YAML file."""

from segment.study.file import read
from segment.study.schema import Study

__all__ = ["Study", "read"]
