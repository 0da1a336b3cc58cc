"""The command line: ``segment init``, ``check``, ``report``, ``tiers`` and more."""

from __future__ import annotations

import gc
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from segment import __version__, language
from segment.errors import StudyError, sentence
from segment.publish import console
from segment.publish.console import err, out, visible
from segment.publish.progress import Progress
from segment.reading import working

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
INTERRUPTED, OTHER_VERDICT = 130, 3
SELDOM = 100_000, 50, 50  # garbage is looked for: imports make many objects, and none of it
StudyFile = Annotated[str, typer.Argument(help="The study's YAML file, e.g. data/cdnow.yaml")]
Change = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change one value: --set periods.cut=1997-07-01 (repeatable)"),
]


def _version(asked: bool) -> None:
    if asked:
        out.print(f"segment {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version")
    ] = False,
) -> None:
    """Which customer tiering scheme to use, how sure that is, and what it rests on."""


@app.command()
def init(
    data: Annotated[str, typer.Argument(help="Your transactions: a file, or a database's url")],
    study: Annotated[Path | None, typer.Option("--study", help="Where to write the study")] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", help="Start from an industry: bank, saas, ...")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="Sheet of a workbook: name, position, or all")
    ] = None,
    table: Annotated[str | None, typer.Option("--table", help="Of a database; else listed")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Settle open questions here")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing study file")] = False,
) -> None:
    """Draft a study file from a data file."""
    from segment.reading import databases, guess
    from segment.reading.draft import draft_study
    from segment.tiering import reference

    if not table and (tables := databases.tables(data)):
        command = f"segment init {shlex.quote(data)} --table TABLE"
        return console.say("\n".join([*tables, f"Draft a study of one of them: {command}"]))
    target = study or Path(f"{table}.yaml" if "://" in data else data).with_suffix(".yaml")
    if target.exists() and not force:
        raise StudyError(f"'{target}' exists already; --force replaces it.")
    if not target.parent.is_dir():
        raise StudyError(f"There is no folder '{target.parent}' for the study; make it first.")
    drafted = draft_study(data, target, preset, sheet, table=table)
    console.preview(drafted.preview, f"The first rows of {table or Path(data).name}")
    if ask:
        again = partial(draft_study, data, target, preset, sheet, table=table)
        drafted = guess.settle(drafted, console.choose, again)
    temporary = target.with_name(f".{target.name}.new")
    temporary.write_text(reference.LINE + drafted.text, encoding="utf-8")
    temporary.replace(target)
    reference.write_schema(target.parent)
    for line in drafted.guessed:
        out.print(f"  {visible(line)}", markup=False)
    for line in drafted.open_questions:
        out.print(f"To decide: {visible(line)}", style="yellow", markup=False)
    command = f"segment check {shlex.quote(str(target))}"
    console.say(f"Wrote {target}. Read it through, then run: {command}")


@app.command()
def example(
    folder: Annotated[Path, typer.Argument(help="A new folder")] = Path("segment-example"),
) -> None:
    """Write a study with data, to try segment on."""
    from segment.publish.manifest import copy_example

    study = shlex.quote(str(copy_example(folder)))
    console.say(f"Wrote an invented shop. See its data: segment check {study}")
    console.say(f"Compare schemes on it: segment report {study}")


@app.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="The folder of your studies")] = Path(),
) -> None:
    """Write what a study can say, for editors that complete and check keys."""
    from segment.tiering import reference

    if not folder.is_dir():
        raise StudyError(f"There is no folder '{folder}'; make it first.")
    file = reference.write_schema(folder)
    console.say(f"Wrote {file}. Put this line on top of the studies beside it:\n\n{reference.LINE}")


@app.command()
def check(study: StudyFile, change: Change = None) -> None:
    """Check the data of a study and say what was done about each finding."""
    from segment.reading.check import check_data
    from segment.reading.findings import in_words
    from segment.reading.sources import engine
    from segment.reading.totals import check_totals
    from segment.study import read
    from segment.tiering import left_out

    parsed = read(study, _changes(change))
    absent = left_out(parsed)
    with working.temporary() as folder:
        con = engine(parsed, folder)
        checked = (check_totals if parsed.untested else check_data)(parsed, con, folder)
        con.disconnect()
    facts, periods = checked.facts, checked.periods
    accounts = checked.accounts.assign(amount=checked.accounts["amount"].map("{:,.2f}".format))
    console.table(accounts, "Every row is accounted for")
    console.table(in_words(checked.findings)[["weight", "finding", "rows", "done"]], "Findings")
    for label, reason in absent.items():
        console.say(f"{label} will be left out: {reason}")
    if parsed.untested:
        console.say(
            f"{facts['customers']:,} customers, a row each. Without dated purchases nothing can be "
            "tested: there are tiers, and no recommendation."
        )
        return
    out.print(
        f"{facts['rows']:,} rows of {facts['customers']:,} customers from {facts['first']} to "
        f"{facts['last']}; schemes learn before {periods.cut} and are judged from then to the day "
        f"before {periods.end}.",
        soft_wrap=True,
    )


@app.command()
def check_method(
    method: Annotated[str, typer.Argument(help="module:Class of your own, or a registered name")],
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter: --set least=50 (repeatable)")
    ] = None,
) -> None:
    """Check that a tiering method keeps the contract that makes it comparable."""
    from segment.tiering import contract, named

    checks = contract.check(named(method, _changes(change), Path.cwd()))
    for outcome in checks:
        out.print(f"{'BROKEN' if outcome.broken else 'ok    '} {outcome.name}", markup=False)
        if outcome.broken:
            console.say(f"       {outcome.broken}")
    broken = sum(bool(outcome.broken) for outcome in checks)
    if broken:
        raise StudyError(f"{method} breaks {broken} of {len(checks)} checks.")
    console.say(f"{method} keeps all {len(checks)} checks; name it under 'methods' in a study.")


@app.command()
def report(
    study: StudyFile,
    folder: Annotated[Path, typer.Option("--output", "-o", help="Where reports go")] = Path(
        "reports"
    ),
    change: Change = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Make these pages only, in a folder of their own: --only rfm"),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the report in the browser")] = False,
    as_pdf: Annotated[
        bool, typer.Option("--pdf", help="Print report.pdf and summary.pdf, by Chromium")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Make it anew though nothing has changed")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 3 if the recommendation has changed")
    ] = False,
) -> None:
    """Compare the study's schemes and write the report.

    If data, study, options and package are those of the report that is there, it says so and ends.

    Exit codes: 0 done; 2 refused, with a sentence; 3 done, and another scheme is recommended than
    in the last report (with --exit-code); 130 stopped.
    """
    from segment.publish import made, pdf
    from segment.study import read

    parsed = read(study, _changes(change))
    if as_pdf:
        pdf.browser()
    index, changed = made.report(parsed, folder, only or [], as_pdf, force)
    if open_it:
        typer.launch(index.resolve().as_uri())
    if exit_code and changed:
        raise typer.Exit(OTHER_VERDICT)


@app.command()
def notebooks(
    folder: Annotated[Path, typer.Argument(help="The folder to copy them to, e.g. notebooks")],
) -> None:
    """Copy the notebooks, so that you can change them and add pages of your own."""
    from segment.publish.manifest import STARTER, copy

    names = copy(folder)
    starter, page = (folder / f"{STARTER}.ipynb").as_posix(), (folder / "02_abc.ipynb").as_posix()
    console.say(
        f"Copied {len(names)} notebooks to {folder}. To make one a page of your reports, change it "
        "and name it in the study (paths count from the study file):\n\n"
        f"pages:\n  - {starter}   # a page more\n  - {page}   # in place of the package's\n"
    )


@app.command()
def tiers(
    study: StudyFile,
    folder: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to")],
    scheme: Annotated[
        str | None,
        typer.Option("--scheme", help="A scheme; else the recommended, which takes longer"),
    ] = None,
    dialect: Annotated[
        str, typer.Option("--dialect", help="Of the SQL: duckdb, postgres, snowflake, ...")
    ] = "duckdb",
    change: Change = None,
) -> None:
    """Write tiers, watch-lists and rules without a report; the files name customers."""
    from segment.features import warehouse
    from segment.publish import build, files, kept
    from segment.publish.files.files import refuse_inputs
    from segment.run import prepare
    from segment.study import read

    if folder.exists() and not folder.is_dir():
        raise StudyError(f"'{folder}' is a file; name a folder.")
    warehouse.compiler(dialect)
    parsed = read(study, _changes(change))
    refuse_inputs(parsed, [folder / name for name in files.ALL])
    parsed.refuse_unknown(scheme)
    language.use(parsed.language)
    aside: list[str] = []

    def keep(partial: Path) -> None:
        aside.extend(kept.take_over(folder, partial, 0))

    with working.private(), build.building(folder, keep, files.MAIN) as partial:
        with Progress(err) as progress:
            progress.begin("Reading and checking the data")
            analysis = prepare(parsed, apart=True)
            progress.begin("Fitting schemes")
            label = analysis.known(scheme)
            progress.begin("Writing files")
            told = files.write(analysis, partial, scheme, dialect)
        written = len([*partial.iterdir()])
    for line in [*told, *aside]:
        console.say(line)
    console.say(
        f"{folder}: {written} files, tiers by {label}. They name customers; keep them confidential."
    )


@app.command()
def assign(
    study: StudyFile,
    file: Annotated[Path, typer.Option("--output", "-o", help="The CSV file to write")],
    scheme: Annotated[
        str | None, typer.Option("--scheme", help="A scheme; else the recommended")
    ] = None,
    share: Annotated[
        float | None, typer.Option("--share", help="Share of each tier held out; else as planned")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another number, another lot")] = 1,
    change: Change = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file")] = False,
) -> None:
    """Draw by lot who goes without special service, for an experiment; the file names customers."""
    from segment.publish import evaluation
    from segment.study import read

    parsed = read(study, _changes(change))
    parsed.refuse_unknown(scheme)
    with Progress(err) as progress:
        told = evaluation.draw(parsed, file, scheme, share, seed, force, progress)
    console.say(told)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="The list that 'segment assign' wrote")],
    study: Annotated[str, typer.Option("--study", help="The study, with the purchases since")],
    folder: Annotated[Path, typer.Option("--output", "-o", help="Where reports go")] = Path(
        "reports"
    ),
    change: Change = None,
) -> None:
    """Say whether special service paid: customers who got it against those held out by lot."""
    from segment.publish import evaluation
    from segment.study import read

    told, page = evaluation.make(file, read(study, _changes(change)), folder)
    for paragraph in told:
        console.say(paragraph.replace("*", "").replace("`", ""))
    console.say(f"More: {page}")


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="An earlier results.json")],
    new: Annotated[Path, typer.Argument(help="A later one of the same study")],
) -> None:
    """Say what changed between two saved runs, and whether it is more than noise."""
    from segment.action import previous
    from segment.pages.previous import answer

    runs = [previous.read(file) for file in (old, new)]
    for file, run in zip((old, new), runs, strict=True):
        if run is not None and run.problem == "later":
            raise StudyError(f"'{file}' is of a later version of segment; compare with that one.")
        if run is None or run.problem:
            raise StudyError(f"'{file}' holds no results of a report.")
    names = [run.results.get("study") for run in runs]
    if names[0] != names[1]:
        raise StudyError(
            f"'{old}' is of the study '{names[0]}', '{new}' of '{names[1]}'; give two of one study."
        )
    for line in answer(previous.compare(*(run.results for run in runs))):
        console.say(line.replace("**", ""))


def main() -> None:
    """Run the command line; errors are one sentence, never a traceback."""
    gc.set_threshold(*SELDOM)
    console.never_fail()
    console.heed_signals()
    try:
        # Typer turns Ctrl-C into a returned exit code.
        code = app(prog_name="segment", standalone_mode=False)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
    except (KeyboardInterrupt, typer.Abort):
        err.print("Stopped. The last report is as it was.", style="red")
        sys.exit(INTERRUPTED)
    except Exception as error:
        if type(error).__module__.startswith(("click", "typer")) and hasattr(error, "show"):
            error.show()
            sys.exit(error.exit_code)
        if not (told := sentence(error)):
            raise
        console.say(told, err, "red")
        sys.exit(2)
    if code:
        sys.exit(code)


def _changes(change: list[str] | None) -> dict[str, object]:
    import yaml

    changes = {}
    for text in change or []:
        key, equals, value = text.partition("=")
        if not equals:
            raise StudyError(f"--set {text}: write KEY=VALUE, for example periods.cut=1997-07-01.")
        try:
            changes[key.strip()] = yaml.safe_load(value)
        except (yaml.YAMLError, ValueError, AttributeError, LookupError, RecursionError):
            raise StudyError(
                f"--set {text}: '{value}' is no value; is it a day that exists?"
            ) from None
    return changes


if __name__ == "__main__":
    main()
