"""Which pages a study has: the package's own and those that it names, and nothing else."""

import json
import shutil

import nbformat
import pytest
import shop
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from test_cli import run

from segment import language
from segment.errors import StudyError
from segment.publish import manifest
from segment.study import read

TAG = {"tags": ["parameters"]}
PARAMETERS = new_code_cell("study = 'shop.yaml'\nrun = None", metadata=TAG)


def study(folder, *names):
    pages = "".join(f"  - {json.dumps(name)}\n" for name in names)
    return read(shop.write(folder, yaml=shop.YAML + (f"pages:\n{pages}" if names else "")))


def write(file, *cells):
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), file)


def stems(pages):
    return [page.notebook.stem for page in pages]


def test_pages_follow_the_methods_and_tables_of_the_study(tmp_path):
    asked = study(tmp_path)
    assert {"02_abc", "05_clusters", "21_retiering"} <= {*stems(manifest.pages(asked))}
    assert not {"09_scorecard", "22_customer_file"} & {*stems(manifest.pages(asked))}
    assert "05_clusters" not in stems(manifest.pages(asked, left_out=["Clusters"]))


def test_where_nothing_is_recommended_there_is_no_plan_and_no_test_of_one(made_hostile):
    """Few of its customers bought again, and its report is Chinese."""
    made = {file.stem for file in made_hostile.iterdir()}
    assert "17_recommendation" in made
    assert not {"18_experiment", "19_service_plan", "service-plan"} & made
    assert "不推荐任何方案：" in (made_hostile / "report.html").read_text("utf-8")


def test_what_lies_in_the_folder_becomes_no_page(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    shutil.copytree(manifest.notebooks_folder(), folder)
    (folder / "Untitled.ipynb").write_text("")
    (folder / "24_draft.ipynb").write_text("{}")
    asked = study(tmp_path)
    before = stems(manifest.pages(asked))
    monkeypatch.setattr(manifest, "notebooks_folder", lambda: folder)
    assert stems(manifest.pages(asked)) == before


def test_a_study_adds_a_page_and_replaces_one(tmp_path):
    write(tmp_path / "mine" / "7_our margins.ipynb", new_markdown_cell("# Ours?"), PARAMETERS)
    write(tmp_path / "mine" / "02_abc.ipynb", PARAMETERS)
    asked = study(tmp_path, "mine/7_our margins.ipynb", "mine/02_abc.ipynb")
    pages = {page.notebook.stem: page for page in manifest.pages(asked)}
    ours, abc = pages["7_our margins"], pages["02_abc"]
    assert [*pages][-1] == "7_our margins"
    assert (ours.part, ours.title, ours.name) == (manifest.OWN, "Ours?", "Our margins")
    assert abc.notebook == tmp_path / "mine" / "02_abc.ipynb"
    assert (abc.part, abc.title, abc.name) == (manifest.APPENDIX, "Abc", "ABC")
    assert stems(manifest.only([*pages.values()], ["margins"])) == ["00_summary", "7_our margins"]
    with pytest.raises(StudyError, match="no such page; did you mean 'our margins'"):
        manifest.only([*pages.values()], ["our marginz"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.ipynb", None, r"shop.yaml, line 14: there is no notebook 'none.ipynb'"),
        ("empty.ipynb", "", "'empty.ipynb' is no notebook .an empty or a broken file"),
        ("half.ipynb", '{"cells": [', "'half.ipynb' is no notebook"),
        ("table.ipynb", "{}", "'table.ipynb' is no notebook"),
        ("bare.ipynb", [new_code_cell("1 + 1")], "sets no study and no run in a cell with the tag"),
        ("part.ipynb", [new_code_cell("study = 1", metadata=TAG)], "sets no run in a cell"),
        ("report.ipynb", [PARAMETERS], "written over the report"),
    ],
)
def test_a_notebook_that_cannot_be_a_page_is_refused_before_the_work(
    name, content, message, tmp_path, monkeypatch, capsys
):
    if isinstance(content, list):
        write(tmp_path / name, *content)
    elif content is not None:
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    study(tmp_path, name)
    code, out, err = run(monkeypatch, capsys, "report", "shop.yaml")
    assert code == 2 and not out and "Traceback" not in err
    with pytest.raises(StudyError, match=message) as error:
        manifest.pages(study(tmp_path, name))
    assert str(error.value) in err
    assert not (tmp_path / "reports").exists()


def test_two_pages_of_one_name_are_refused(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder / "x.ipynb", PARAMETERS)
    with pytest.raises(StudyError, match=r"line 15: a second page is called 'x\.ipynb'"):
        manifest.pages(study(tmp_path, "a/x.ipynb", "b/x.ipynb"))


def test_the_command_copies_the_notebooks_and_replaces_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(monkeypatch, capsys, "notebooks", "mine")
    copied = {file.stem for file in (tmp_path / "mine").iterdir()}
    assert code == 0 and copied == {*manifest.PAGES, manifest.STARTER, manifest.EVALUATION}
    lines = [line.partition("#")[0].strip(" -") for line in out.splitlines() if " - " in line]
    assert lines == ["mine/your_own_idea.ipynb", "mine/02_abc.ipynb"]
    # What the command says to write into the study works.
    pages = manifest.pages(study(tmp_path, *lines))
    assert {tmp_path / line for line in lines} <= {page.notebook for page in pages}
    changed = tmp_path / "mine" / "17_recommendation.ipynb"
    changed.write_text("mine")
    code, _, err = run(monkeypatch, capsys, "notebooks", "mine")
    assert code == 2 and "exists already; name another folder" in err
    assert changed.read_text() == "mine"
    code, _, err = run(monkeypatch, capsys, "notebooks", "shop.csv")
    assert code == 2 and "is a file" in err


def test_pages_speak_the_language_in_use(tmp_path):
    with language.using("zh"):
        pages = manifest.pages(study(tmp_path))
    assert not [page for page in pages if page.title.isascii() or page.name in ("Data", "Clusters")]
