"""A study with its data and evidence: prepared once, saved, opened in notebooks."""

from segment.run.prepare import prepare
from segment.run.store import know_previous, load, open_study, save
from segment.run.study_run import Run

__all__ = ["Run", "know_previous", "load", "open_study", "prepare", "save"]
