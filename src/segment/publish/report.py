"""Make the report of a study, step by step."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segment import language, tiering
from segment.action import previous
from segment.pages._results import results_of
from segment.publish import build, files, gallery, kept, mail, manifest, unchanged, workbook
from segment.publish.kept import CONFIDENTIAL
from segment.publish.progress import Progress
from segment.publish.render import render
from segment.publish.unchanged import Inputs
from segment.reading import working
from segment.run import Run, know_previous, prepare, save
from segment.study import Study

# How long a step takes against the others, by the seconds on 23,570 customers.
READING, FITTING, TESTING, WRITING, PAGES = (
    "Reading and checking the data",
    "Fitting schemes",
    "Back-test and stability",
    "Writing files",
    "Writing pages",
)
SECONDS = {READING: 2.0, FITTING: 3.0, TESTING: 14.0, WRITING: 1.0, PAGES: 2.0}
NOTEBOOK = 0.5


def make(
    study: Study,
    target: Path,
    only: Sequence[str],
    inputs: Inputs,
    kernels: subprocess.Popen | None,
    progress: Progress,
) -> None:
    """Write the report of a study into a folder of its own.

    ``only`` names the pages to make, by a part of their file's name; empty for all. ``inputs`` is
    what the report is made of, as it was before the data were read; ``kernels`` come from
    ``build.warm_kernels``.
    """
    left_out = tiering.left_out(study)
    # From here on texts are for the report; what the console says is English.
    language.use(study.language)
    pages = manifest.pages(study, left_out)
    pages = manifest.only(pages, only) if only else pages
    progress.expect(sum(SECONDS.values()) + NOTEBOOK * len(pages))

    def begins(step: str) -> None:
        progress.begin(step, SECONDS[step])

    def keep(partial: Path) -> None:
        progress.notes += kept.take_over(target, partial, study.history)

    with build.building(target, keep) as partial:
        begins(READING)
        run = prepare(study, apart=True)
        unchanged.refuse_other_data(inputs, run.fingerprint)
        begins(FITTING)
        _ = run.methods
        if not study.untested:
            begins(TESTING)
            _weigh(run)
        begins(WRITING)
        confidential = partial / CONFIDENTIAL
        progress.notes += [f"{label} is left out: {why}" for label, why in left_out.items()]
        with working.private():
            save(run, confidential)
        if not study.untested:
            build.keep_previous(target, confidential / previous.FILE)
            know_previous(run, confidential)
            if not run.verdict.recommended and not only:
                # A plan for tiers that nothing speaks for helps nobody.
                pages = manifest.without_plan(pages)
                progress.notes.append(
                    "No scheme is recommended: there is no plan and no experiment."
                )
        written = run.beside(lambda: _files(run, partial, target, inputs))
        file, here = study.file, Path.cwd()
        name = str(file.relative_to(here)) if file.is_relative_to(here) else file.name
        parameters = {"study": name, "run": os.path.join("..", CONFIDENTIAL)}

        begun: list[str] = []

        def runs(name: str) -> None:
            begun.append(name)
            number = len({*begun})  # one may begin a second time
            progress.begin(f"Notebook {number} of {len(pages)}: {name}", NOTEBOOK)

        folder, minutes = partial / "notebooks", study.page_minutes
        build.run_notebooks(pages, folder, parameters, minutes, kernels, runs)
        results, notes = written()
        progress.notes += notes
        begins(PAGES)
        render(pages, partial / "notebooks", partial, results)
    if not gallery.write(target.parent):
        file = target.with_name(gallery.FILE)
        progress.notes.append(f"{file} is no list of reports and stays as it is.")


def _weigh(run: Run) -> None:
    """Compute the evidence of a run: what dates say beside what resamples say."""
    _ = run.refits  # may be refused, which is said before what takes long
    dated = run.beside(lambda: (run.backtest, run.rolling))
    _ = run.stability
    run.__dict__.update(zip(("backtest", "rolling"), dated(), strict=True))


def _files(run: Run, folder: Path, last: Path, inputs: Inputs) -> tuple[dict[str, Any], list[str]]:
    """Write all files but the pages; return the results, and what was left out.

    Where nothing is forked, that comes after the notebooks. ``last`` is the folder of the last
    report.
    """
    confidential = folder / CONFIDENTIAL
    made = dt.datetime.now().isoformat(" ", "minutes")
    results = results_of(run) | {"made": made, "inputs": inputs.rest}
    build.write_json(results, folder / kept.RESULTS)
    with working.private():
        left_out = files.write(run, confidential)
        if not run.study.untested:
            files.write_moved(run, last / CONFIDENTIAL, confidential)
    if not run.study.untested:
        if run.verdict.recommended:
            workbook.service_plan(run, run.known(None), folder / workbook.FILE)
        mail.write(run, results, folder)
    return results, left_out
