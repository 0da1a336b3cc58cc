"""Which pages a report has, in order: the package's own, and those that a study names.

Nothing else that lies in a folder becomes a page.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from segment.errors import StudyError, nearest
from segment.language import N_, _
from segment.study.schema import Study

# Parts of a report that need special care: its first screen, the methods in short, and the
# pages that a study brings along.
ANSWER, APPENDIX, OWN = "answer", "appendix", "own"
# What every notebook must take as a parameter.
PARAMETERS = ("study", "run")
# Copied for a user to begin with; no page of a report by itself.
STARTER = "your_own_idea"
# Made of the list of an experiment, beside the report: ``segment evaluate``.
EVALUATION = "experiment"


@dataclass(frozen=True)
class Page:
    """One notebook and the page made of it.

    Its question, the part of the report that it belongs to, and a short name for the navigation;
    question and name in the language in use.
    """

    notebook: Path
    title: str
    part: str
    name: str

    @property
    def file(self) -> str:
        """Name of the HTML file."""
        return f"{self.notebook.stem}.html"


# The package's notebooks in order: name in the navigation, part of the report, and what brings
# the page: a method, table or attribute of these; every study has a page that nothing must bring.
PAGES: dict[str, tuple[str, str, str]] = {
    "00_summary": (N_("Summary"), ANSWER, ""),
    "00_untested": (N_("Summary"), ANSWER, "totals"),
    "01_data": (N_("Data"), "data", ""),
    "01_totals": (N_("Data"), "data", "totals"),
    "01b_all_schemes": (N_("Schemes"), "recommendation", "totals"),
    "02_abc": (N_("ABC"), APPENDIX, "abc"),
    "03_gold_drag": (N_("Gold and drag"), APPENDIX, "gold_drag"),
    "04_rfm": (N_("RFM"), APPENDIX, "rfm"),
    "04b_recent_spend": (N_("Recent spend"), APPENDIX, "recent_spend"),
    "05_clusters": (N_("Clusters"), APPENDIX, "clusters"),
    "06_value_loyalty": (N_("Value x loyalty"), APPENDIX, "quadrants"),
    "07_turnover_margin": (N_("Turnover x margin"), APPENDIX, "turnover_margin"),
    "08_thresholds": (N_("Thresholds"), APPENDIX, "thresholds"),
    "09_scorecard": (N_("Scorecard"), APPENDIX, "scorecard"),
    "10_lifecycle": (N_("Lifecycle"), APPENDIX, "lifecycle"),
    "10b_prospects": (N_("Prospects"), "customers", "intent wanted"),
    "11_five_kinds": (N_("Five kinds"), APPENDIX, "five_kinds"),
    "12_credit_brake": (N_("Credit brake"), APPENDIX, "credit_brake"),
    "13_learned": (N_("Learned"), APPENDIX, "learned clv"),
    "14_profiles": (N_("Profiles"), "customers", ""),
    "15_stability": (N_("Stability"), "evidence", ""),
    "16_backtest": (N_("Back-test"), "evidence", ""),
    "17_recommendation": (N_("Recommendation"), "recommendation", ""),
    "17b_present_tiers": (N_("Present tiers"), "recommendation", "given"),
    "18_experiment": (N_("Experiment"), "evidence", ""),
    "19_service_plan": (N_("Service plan"), "plan", ""),
    "19b_effort": (N_("Effort"), "plan", "contacts contact_hours"),
    "20_watch_lists": (N_("Watch-lists"), "plan", ""),
    "21_retiering": (N_("Re-tiering"), "plan", ""),
    "22_customer_file": (N_("Customer file"), "data", "customers"),
}


EXAMPLE = ("shop.yaml", "shop.csv")
# Pages that need no back-test, for a study of totals without dated purchases.
UNTESTED = ("00_untested", "01_totals", "01b_all_schemes", "14_profiles")
# Pages that nobody needs where no scheme is recommended.
FOR_A_RECOMMENDATION = ("18_experiment", "19_service_plan")


def without_plan(pages: Sequence[Page]) -> list[Page]:
    """Return the pages of a study that recommends no scheme: no plan, and no test of one."""
    return [page for page in pages if page.notebook.stem not in FOR_A_RECOMMENDATION]


def notebooks_folder() -> Path:
    """Return the folder of the notebooks."""
    return _shipped("notebooks", "notebooks")


def copy_example(folder: Path) -> Path:
    """Copy the example study and its data into a folder; return the study's file."""
    from segment.tiering import reference  # takes seconds to load

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"'{folder}' exists already; name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in EXAMPLE:
        shutil.copyfile(_shipped("data", "example") / name, folder / name)
    study = folder / EXAMPLE[0]
    study.write_text(reference.LINE + study.read_text(encoding="utf-8"), encoding="utf-8")
    reference.write_schema(folder)
    return study


def _shipped(beside: str, inside: str) -> Path:
    """Return a folder that the package brings: beside its source, or inside it if installed."""
    package = Path(__file__).parents[1]
    for folder in (package.parents[1] / beside, package / inside):
        if folder.is_dir():
            return folder
    raise StudyError(f"Files are missing beside {package}; install segment again.")


def pages(study: Study, left_out: Collection[str] = ()) -> list[Page]:
    """Return the pages of a study, in order: the package's own, then those that it names.

    A notebook of the study with the file name of one of the package's takes its place. Methods
    that are ``left_out``, as the data cannot carry them, bring no page.
    """
    brought = {spec.method for label, spec in study.methods.items() if label not in left_out}
    columns = {*study.customers.columns} if study.customers else set()
    brought |= {*study.beside} | ({"totals"} if study.untested else set())
    if study.customers and study.customers.group is not None:
        brought -= {"customers"}  # its records are no groups
    brought |= columns & {"contact_hours", "intent", "wanted"}
    named = _named(study)
    found = []
    for stem, (name, part, bringing) in PAGES.items():
        fits = not bringing or brought & {*bringing.split()}
        if stem in named or (fits and (not study.untested or stem in UNTESTED)):
            path = named.pop(stem, notebooks_folder() / f"{stem}.ipynb")
            found.append(Page(path, _title(path), part, _(name)))
    for stem, path in named.items():
        found.append(Page(path, _title(path), OWN, _word(stem)))
    return found


def only(named: list[Page], names: Sequence[str]) -> list[Page]:
    """Return the answer and the pages that are asked for, by a part of their file's name."""
    stems = [page.notebook.stem for page in named]
    for name in names:
        if not any(name in stem for stem in stems):
            words = [re.sub(r"^\d+[a-z]?_", "", stem) for stem in stems]
            raise StudyError(f"--only {name}: this study has no such page{nearest(name, words)}")
    return [
        page
        for page in named
        if page.part == ANSWER or any(name in page.notebook.stem for name in names)
    ]


def copy(folder: Path) -> list[str]:
    """Copy the package's notebooks and the starting one into a folder; return their file names.

    If one of them is there already, none is copied.
    """
    names = [f"{stem}.ipynb" for stem in (*PAGES, STARTER, EVALUATION)]
    if folder.exists() and not folder.is_dir():
        raise StudyError(f"'{folder}' is a file; name a folder.")
    there = next((name for name in names if (folder / name).exists()), None)
    if there:
        raise StudyError(f"'{folder / there}' exists already; name another folder, or move it.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(notebooks_folder() / name, folder / name)
    return names


def evaluation_page() -> Page:
    """Return the page on what came of an experiment."""
    path = notebooks_folder() / f"{EVALUATION}.ipynb"
    return Page(path, _title(path), OWN, _("Experiment"))


def _named(study: Study) -> dict[str, Path]:
    """Return the notebooks that a study names under ``pages``, by name."""
    beside, named = study.file.parent, {}
    for position, name in enumerate(study.pages):
        place, path = study.where("pages", position), beside / name
        if not path.is_file():
            there = [os.path.relpath(file, beside) for file in path.parent.glob("*.ipynb")]
            raise StudyError(
                f"{place}: there is no notebook '{name}' beside the study{nearest(name, there)}"
            )
        if path.stem in named:
            raise StudyError(f"{place}: a second page is called '{path.name}'; rename one.")
        if problem := unfit(path):
            raise StudyError(f"{place}: '{name}' {problem}.")
        named[path.stem] = path
    return named


def unfit(path: Path) -> str:
    """Return why a notebook cannot be run as a page; empty if it can."""
    import nbformat  # takes a second to load, as does the next

    from segment.notebook import assigned

    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, nbformat.ValidationError, json.JSONDecodeError):
        return "is no notebook (an empty or a broken file); open it in JupyterLab and save it"
    if path.stem.casefold() in {"report", "summary", "index"}:
        return "would be written over the report; give it another name"
    tagged = [c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    missing = [name for name in PARAMETERS if name not in assigned("\n".join(tagged))]
    if missing:
        return (
            f"sets no {' and no '.join(missing)} in a cell with the tag 'parameters'; take over "
            f"the first code cell of {STARTER}.ipynb ('segment notebooks FOLDER' copies it)"
        )
    return ""


def _title(path: Path) -> str:
    """Return the first heading of a notebook, in the language in use; else its name."""
    import nbformat

    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return _(cell.source).splitlines()[0].removeprefix("# ")
    return _word(path.stem)


def _word(stem: str) -> str:
    """Return a notebook's name in words, without the number that orders its file."""
    return re.sub(r"^\d+[a-z]?_", "", stem).replace("_", " ").capitalize()
