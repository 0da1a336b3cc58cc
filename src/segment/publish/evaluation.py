"""Draw the list of an experiment, and make the page on what came of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from segment import __version__, language
from segment.action import drawn as lists
from segment.action import experiment
from segment.errors import StudyError
from segment.features.windows import NOW
from segment.pages import experiment_result
from segment.pages.experiment import known, plan
from segment.publish import build, render
from segment.publish.files.files import refuse_inputs, write_csv
from segment.publish.kept import EVALUATION
from segment.publish.manifest import evaluation_page
from segment.publish.progress import Progress
from segment.reading import working
from segment.run import plain, prepare, trial
from segment.study import Study


def draw(
    study: Study,
    file: Path,
    label: str | None,
    share: float | None,
    seed: int,
    force: bool,
    progress: Progress,
) -> str:
    """Draw by lot who goes without special service; write the list and its record, and say so."""
    beside = lists.record_of(file)
    if not file.parent.is_dir() or file.is_dir() or beside == file:
        raise StudyError(f"'{file}' cannot be written: name a CSV file in a folder that exists.")
    refuse_inputs(study, [file, beside])
    there = next((each for each in (file, beside) if each.exists()), None)
    if there and not force:
        raise StudyError(f"'{there}' exists already, perhaps an earlier lot; --force replaces it.")
    if study.untested and share is None:
        raise StudyError(
            f"{study.file.name}: totals without dated purchases do not say how many an experiment "
            "needs; say the share of each tier to hold out, for example --share 0.1."
        )
    language.use(study.language)
    progress.begin("Reading and checking the data")
    run = prepare(study)
    progress.begin("Fitting schemes")
    scheme = run.scheme(label)
    labels = scheme.newest_tiers.dropna()
    if labels.empty:
        first, end = run.windows.named[NOW]
        raise StudyError(
            f"{study.file.name}: no customer bought from {first} to the day before {end}, so "
            "there is nobody to draw from."
        )
    if share is None:
        share = plan(scheme)["share"].to_dict()
    drawn = experiment.assignment(labels, share, seed)
    of_tiers = {} if study.untested else known(scheme, drawn)
    kept = lists.record(drawn, seed, run.windows.end, of_tiers) | {
        "study": study.name,
        "scheme": scheme.label,
        "days": run.windows.calibration_days,
        "planned_days": run.windows.holdout_days,
    }
    with working.private(), working.beside(file) as partial:
        build.write_json(kept, partial / beside.name)
        write_csv(drawn, partial / file.name)
        file.unlink(missing_ok=True)  # an earlier list never stands beside a later record
        for target in (beside, file):
            (partial / target.name).replace(target)
    held_out = int((drawn["group"] == experiment.HELD_OUT).sum())
    return (
        f"{file}: {held_out:,} of {len(drawn):,} customers of {scheme.label} are held out (seed "
        f"{seed}). Keep {beside.name} beside it: 'segment evaluate' reads both. The file names "
        "customers; keep it confidential."
    )


def make(file: Path, study: Study, folder: Path) -> tuple[list[str], Path]:
    """Write the page of an experiment; return what was found, in a few sentences, and the page."""
    drawn = lists.read(file)
    language.use(study.language)
    result = trial.Trial(study, drawn, lists.since(study, drawn))
    target = folder / study.name
    page = evaluation_page()
    with (
        working.made(target),
        working.beside(target.with_name(f"{study.name}-{EVALUATION}")) as partial,
    ):
        with working.private():
            plain.dump(result, partial / trial.STATE)
        given = {"study": study.file.name, "run": "..", "drawn": file.name}
        build.run_notebooks([page], partial / "notebooks", given, study.page_minutes)
        made = dt.datetime.now().isoformat(" ", "minutes")
        footer = language._("Made {when} by segment {version}.", when=made, version=__version__)
        html = render.one(page, partial / "notebooks", study.title, footer, target)
        (partial / EVALUATION).write_text(html, encoding="utf-8")
        with working.alone(target.parent):  # a report that ends now takes it over, or waits
            target.mkdir(exist_ok=True)
            (partial / EVALUATION).replace(target / EVALUATION)
    return experiment_result.answer(result), target / EVALUATION
