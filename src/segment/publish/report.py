"""Make the report of a study, step by step."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

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

# Parts of the evidence in the order in which one needs the other.
PARTS = {
    "methods": "Fitting schemes",
    "backtest": "Back-testing",
    "stability": "Stability",
    "rolling": "Back-testing at earlier dates",
}
# How long a step takes against the others, by the seconds on 23,570 customers.
READING, WRITING, NOTEBOOK, RENDERING = "Reading and checking the data", "Writing files", 1.0, 3.0
SECONDS = dict(zip((READING, *PARTS.values(), WRITING), (3, 4, 2, 8, 1, 2), strict=True))


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
    progress.expect(sum(SECONDS.values()) + NOTEBOOK * len(pages) + RENDERING)

    def keep(partial: Path) -> None:
        progress.notes += kept.take_over(target, partial, study.history)

    with build.building(target, keep) as partial:
        progress.begin(READING, SECONDS[READING])
        run = prepare(study, apart=True)
        unchanged.refuse_other_data(inputs, run.fingerprint)
        _weigh(run, progress)
        progress.begin(WRITING, SECONDS[WRITING])
        confidential = partial / CONFIDENTIAL
        progress.notes += [f"{label} is left out: {why}" for label, why in left_out.items()]
        with working.private():
            save(run, confidential)
            written = run.beside(lambda: _lists(run, confidential))
            if not study.untested:
                build.keep_previous(target, confidential / previous.FILE)
                know_previous(run, confidential)
                files.write_moved(run, target / CONFIDENTIAL, confidential)
        if study.untested:
            pass  # nothing was tested, so there is no recommendation to plan for
        elif run.verdict.recommended:
            workbook.service_plan(run, run.known(None), partial / workbook.FILE)
        elif not only:  # a plan for tiers that nothing speaks for helps nobody
            pages = manifest.without_plan(pages)
            progress.notes.append("No scheme is recommended: there is no plan and no experiment.")
        made = dt.datetime.now().isoformat(" ", "minutes")
        results = results_of(run) | {"made": made, "inputs": inputs.rest}
        build.write_json(results, partial / kept.RESULTS)
        file, here = study.file, Path.cwd()
        name = str(file.relative_to(here)) if file.is_relative_to(here) else file.name
        parameters = {"study": name, "run": os.path.join("..", CONFIDENTIAL)}

        begun: list[str] = []

        def begins(name: str) -> None:
            begun.append(name)
            number = len({*begun})  # one may begin a second time
            progress.begin(f"Notebook {number} of {len(pages)}: {name}", NOTEBOOK)

        folder, minutes = partial / "notebooks", study.page_minutes
        build.run_notebooks(pages, folder, parameters, minutes, kernels, begins)
        progress.notes += written()
        progress.begin("Writing pages", RENDERING)
        render(pages, partial / "notebooks", partial, results)
        if not study.untested:
            mail.write(run, results, partial)
    if not gallery.write(target.parent):
        file = target.with_name(gallery.FILE)
        progress.notes.append(f"{file} is no list of reports and stays as it is.")


def _lists(run: Run, folder: Path) -> list[str]:
    """Write the files that name customers; where nothing is forked, that comes after the rest."""
    with working.private():
        return files.write(run, folder)


def _weigh(run: Run, progress: Progress) -> None:
    """Compute the evidence of a run, its earlier dates beside the stability."""
    parts = {"methods": PARTS["methods"]} if run.study.untested else PARTS
    for part, step in parts.items():
        progress.begin(step, SECONDS[step])
        if part == "stability":
            rolling = run.beside(lambda: run.rolling)
        elif part == "rolling":
            run.__dict__[part] = rolling()
        getattr(run, part)
