"""The project keeps its own promises: pins, notebooks, no addresses, declared imports."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from segment import DISTRIBUTION, __version__
from segment.publish import manifest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
IMPORT_NAMES = {"yaml": "pyyaml", "sklearn": "scikit-learn", "ibis": "ibis-framework",
                "IPython": "ipython", "python_calamine": "python-calamine",
                "bs4": "beautifulsoup4"}  # fmt: skip


def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    rows = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in rows}


EXTRAS = PROJECT["optional-dependencies"]
DRIVERS = [text for name in ("postgres", "mysql", "delta", "spark") for text in EXTRAS[name]]


@pytest.mark.parametrize("text", PROJECT["dependencies"] + EXTRAS["dev"][1:] + DRIVERS)
def test_every_requirement_is_pinned_inside_its_range(text):
    requirement = Requirement(text)
    assert pins()[canonicalize_name(requirement.name)] in requirement.specifier


def test_conda_installs_the_same_pins_and_python():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python = next(d for d in environment["dependencies"] if str(d).startswith("python"))
    assert python.removeprefix("python") == PROJECT["requires-python"]
    installed = environment["dependencies"][-1]["pip"]
    assert installed[:2] == ["-c requirements.lock", "-e ."]
    # What is named beside has its version in the lock alone.
    named = {"jupyterlab", "pandas", "scikit-learn", "seaborn", "papermill", "nbval"}
    assert {*installed[2:]} == named <= {*pins()}


def test_pins_hold_versions_only():
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        assert re.fullmatch(r"#.*|[a-z0-9-]+==[\w.]+", line), line


def test_every_import_is_declared():
    assert EXTRAS["dev"][0] == f"{DISTRIBUTION}[postgres,mysql,delta,spark]"
    asked = [*PROJECT["dependencies"], *EXTRAS["clv"], *DRIVERS]
    declared = {canonicalize_name(Requirement(r).name) for r in asked}
    declared |= {"segment", "py4j"}  # which pyspark brings
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                known = canonicalize_name(IMPORT_NAMES.get(top, top))
                assert known in declared or top in sys.stdlib_module_names, f"{path}: {name}"


def test_what_is_said_to_install_is_this_distribution():
    """The name ``segment`` belongs to a stranger on PyPI."""
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == __version__
    assert PROJECT["name"] == DISTRIBUTION != "segment"
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "src").rglob("*.py")]
    for path in texts:
        asked = re.findall(r"pip install [\"']?([\w-]+)\[", path.read_text(encoding="utf-8"))
        assert {*asked} <= {DISTRIBUTION}, path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_plain(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert notebook.cells[0].source.startswith("# ")
    assert notebook.cells[0].source.rstrip().endswith("?")
    assert [c for c in code if "parameters" in c.metadata.get("tags", [])] == code[:1]
    assert not manifest.unfit(path)
    sizes = [len(cell.source.splitlines()) for cell in code]
    assert max(sizes) <= 25


def test_every_notebook_is_a_page_or_the_start_of_one():
    assert {path.stem for path in NOTEBOOKS} == {
        *manifest.PAGES,
        manifest.STARTER,
        manifest.EVALUATION,
    }


def test_modules_import_only_from_their_left():
    order = ["errors", "forks", "language", "words", "study", "reading", "features", "tiering",
             "evidence", "action", "theme", "_narrow", "_svg", "notebook", "run", "pages",
             "publish", "cli"]  # fmt: skip
    package = ROOT / "src" / "segment"
    assert {path.stem for path in package.iterdir() if path.stem[:2] != "__"} == {*order}
    for path in package.rglob("*.py"):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if room[:2] == "__" or not (module or "").startswith("segment"):
                continue
            names = [name.name for name in node.names] if module == "segment" else [module[8:]]
            for left in {name.split(".")[0] for name in names} - {"__version__", "DISTRIBUTION"}:
                assert order.index(left) <= order.index(room), f"{path}: {module}"


def test_no_address_of_a_registry_and_no_path_of_a_machine():
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden = parts[0].startswith(".") and parts[0] not in {".ci", ".gitignore"}
        if not path.is_file() or hidden or parts[0] == "reports":
            continue
        if path.suffix in {".parquet", ".png", ".pyc", ".otf"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not re.search(r"https?://[\w.]*(pypi|pythonhosted|npmjs|anaconda)", text), path
        assert not re.search(r"(/root/|/home/\w+/|/work/|[A-Z]:\\Users)", text), path
