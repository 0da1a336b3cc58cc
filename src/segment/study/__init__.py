"""What a study can say, and reading it from one YAML file."""

from segment.study.file import locate, read
from segment.study.schema import Study

__all__ = ["Study", "locate", "read"]
