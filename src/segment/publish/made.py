"""Make the report of a study unless it is there, or one for each unit of a split study."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from segment.errors import StudyError
from segment.publish import console, kept, pdf, unchanged
from segment.publish.progress import Progress
from segment.study import Study


def report(
    study: Study, folder: Path, only: Sequence[str], as_pdf: bool, force: bool
) -> tuple[Path, bool]:
    """Return what to open, and whether another scheme is recommended than in the last report.

    A unit that cannot be reported on is named with its reason, and the others go on.
    """
    name = "-".join([study.name, *only])
    if study.split_by is None:
        return _one(study, folder / name, only, as_pdf, force)
    from segment.publish import gallery, units  # loads what takes long, as below
    from segment.reading import working
    from segment.reading.table import read_once

    folder = folder / f"{name}-by-{study.split_by}"
    with working.temporary() as scratch:
        studies, nowhere = units.studies(read_once(study, scratch), scratch)
        if nowhere:
            console.say(f"{nowhere:,} rows hold no '{study.split_by}' and are in no report.")
        changed = []
        for unit, one in studies.items():
            try:
                changed.append(_one(one, folder / unit, only, as_pdf, force)[1])
            except StudyError as error:
                console.say(f"{unit}: no report. {error}", console.err, "yellow")
    if not changed:
        raise StudyError(f"{study.file.name}: no '{study.split_by}' could be reported on.")
    index = folder / gallery.FILE
    console.say(f"{len(changed)} of {len(studies)} reports are made; compare them in {index}")
    return index, any(changed)


def _one(
    study: Study, target: Path, only: Sequence[str], as_pdf: bool, force: bool
) -> tuple[Path, bool]:
    began = time.monotonic()
    index, inputs = target / kept.REPORT, unchanged.inputs(study, only)
    same = "" if force else unchanged.made(target, inputs)
    if same:
        console.say(f"Nothing has changed since {same}; --force makes the report anew: {index}")
    else:
        from segment.publish import build

        with (
            build.known_to_notebooks(study.file),
            build.warm_kernels() as kernels,
            Progress(console.err) as progress,
        ):
            progress.begin("Starting")
            from segment.publish.report import make

            make(study, target, only, inputs, kernels, progress)
        for note in progress.notes:
            console.say(f"  {note}", console.err)
        console.say(f"The report is ready after {time.monotonic() - began:.0f} s: {index}")
    if as_pdf:
        pdf.write(target)
    if same:
        return index, False
    from segment.action import previous

    last = target / kept.CONFIDENTIAL / previous.FILE
    return index, previous.other_verdict(last, target / kept.RESULTS)
