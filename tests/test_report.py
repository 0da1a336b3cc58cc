"""The whole way: a study file to pages that reproduce, load offline and name nobody."""

import contextlib
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import papermill
import pytest
import shop
from conftest import SEGMENT, html_pages, run_segment
from papermill.exceptions import PapermillExecutionError

from segment.errors import StudyError
from segment.publish import kept
from segment.publish.build import building, run_notebooks, warm_kernels
from segment.publish.manifest import OWN, Page, notebooks_folder


class Reader(HTMLParser):
    """Collects addresses, images and text of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.addresses, self.figures, self.ids, self.text = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.addresses += [attributes[a] for a in ("src", "href", "action") if attributes.get(a)]
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.figures += [attributes["aria-labelledby"]] if tag == "svg" else []

    def handle_data(self, data):
        self.text.append(data)


def test_first_screen_says_what_to_do_what_it_takes_and_how_sure(made):
    results = json.loads((made / "results.json").read_text(encoding="utf-8"))
    text = " ".join(Reader((made / "report.html").read_text(encoding="utf-8")).text)
    start = text.rindex("Which customer", 0, text.index("Do now"))
    first = " ".join(text[start : text.index("The tiers of today")].split())
    verdict, best = results["verdict"], results["tiers"][0]
    chosen = [tier for tier in results["tiers"] if tier["label"] == verdict["recommended"]]
    best, last = chosen[0], chosen[-1]
    came = rf"{best['value_share']:.0%} of the \d months of the test came from {best['tier']}"
    assert re.search(came, first)
    assert f"{best['share']:.0%} of customers" in first
    assert f"{best['active_share']:.0%} bought again, of D {last['active_share']:.0%}" in first
    for words in ("Do now", "confidential/tiers.xlsx", "How sure", "only a test tells", "Mind."):
        assert words in first
    assert "Gini" not in first


def test_pages_need_nothing_from_outside_and_figures_are_described(made):
    local, figures = {page.name for page in html_pages(made)}, 0
    for page in html_pages(made):
        html = page.read_text(encoding="utf-8")
        reader = Reader(html)
        for address in reader.addresses:
            file, _, anchor = address.partition("#")
            assert file in local or (not file and anchor in reader.ids), address
        assert not re.search(r"(?:https?:)?//[\w-]+\.\w+", re.sub(r"base64,[\w+/=]+", "", html))
        assert "@import" not in html
        assert page.stat().st_size < 1_000_000
        assert len(reader.ids) == len(set(reader.ids)), page.name
        figures += len(reader.figures)
        assert {*reader.figures} <= {*reader.ids}
        # No curve from which single customers could be read.
        paths = re.findall(r'\sd="([^"]*)"', html)
        assert max((len(re.findall("[MLHVlhv]", path)) for path in paths), default=0) <= 450
        # Code is there but folded, once for each cell with an output.
        assert page.stem != "02_abc" or html.count('<details class="code">') == 3
        assert "<details open" not in html and "injected" not in html
    assert figures >= 10


def test_the_report_is_one_file_that_holds_every_question(made):
    html = (made / "report.html").read_text(encoding="utf-8")
    assert len(html) < 5_000_000
    text = " ".join(" ".join(Reader(html).text).split())
    for notebook in (made / "notebooks").glob("*.ipynb"):
        title = nbformat.read(notebook, as_version=4).cells[0].source.lstrip("# ")
        assert title in text, notebook.stem
    ids = {*Reader(html).ids}
    assert {"plan", "evidence", "data", "appendix", "words", "run", "term-skill"} <= ids


def test_executed_notebooks_give_the_same_outputs_again(made, tmp_path):
    (tmp_path / "confidential").symlink_to(made / "confidential")
    executed = sorted((made / "notebooks").glob("*.ipynb"))
    pages = [Page(path, "", OWN, "") for path in executed]
    with warm_kernels() as kernels:
        run_notebooks(pages, tmp_path / "again", {}, 10, kernels)
    for path in executed:
        folders = path.parent, tmp_path / "again"
        first, again = (nbformat.read(folder / path.name, 4).cells for folder in folders)
        assert any(cell.get("outputs") for cell in first), path.stem
        for before, after in zip(first, again, strict=True):
            assert before.get("outputs") == after.get("outputs"), before.source


def test_executed_notebooks_pass_nbval(made):
    some = [made / "notebooks" / f"{name}.ipynb" for name in ("02_abc", "17_recommendation")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider",
         "-c", os.devnull, "--rootdir", str(made), *some],
        capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\d{2,} passed", done.stdout), done.stdout[-500:]


def test_a_failed_rerun_keeps_the_last_report(made):
    before = (made / "report.html").read_bytes()
    study = made.parents[1] / "shop.yaml"
    text = study.read_text()
    study.write_text(text.replace("method: abc", "method: acb"))
    try:
        done = run_segment("report", "shop.yaml", folder=study.parent)
    finally:
        study.write_text(text)
    assert done.returncode == 2
    assert "did you mean 'abc'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert (made / "report.html").read_bytes() == before
    assert {p.name for p in made.parent.iterdir()} == {"shop", "index.html"}


def test_a_stopped_run_keeps_the_last_report(made):
    before = (made / "report.html").read_bytes()
    process = subprocess.Popen(
        [*SEGMENT, "report", "shop.yaml", "--force"],
        cwd=made.parents[1],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Tests that run in the background inherit a Ctrl-C that does nothing.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for(lambda: [*made.parent.glob(".shop.partial-*/notebooks/*.ipynb")])
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped." in errors and "Traceback" not in errors
    assert (made / "report.html").read_bytes() == before
    assert not list(made.parent.glob(".shop.*"))
    assert not running(made.parents[1])


def test_what_a_killed_run_left_is_cleaned_up_by_the_next_of_its_study(tmp_path):
    dead, other = tmp_path / ".shop.partial-1", tmp_path / ".other.partial-1"
    for folder in (dead, other):
        (folder / "notebooks").mkdir(parents=True)
    (tmp_path / "link").symlink_to("shop")
    with building(tmp_path / "shop") as alive:
        assert not dead.exists()
        with building(tmp_path / "link") as second:  # another run of the same study
            (second / "results.json").write_text("{}")
        assert alive.exists() and (tmp_path / "link").is_symlink()
        (alive / "results.json").write_text("[]")
    assert {*tmp_path.iterdir()} == {other, tmp_path / "shop", tmp_path / "link"}
    assert (tmp_path / "link" / "results.json").read_text() == "[]"


def test_a_page_that_is_written_while_a_report_ends_is_kept(tmp_path):
    target = tmp_path / "shop"
    with building(target, lambda new: kept.take_over(target, new, 0)) as partial:
        (partial / "results.json").write_text("{}")
        target.mkdir()
        (target / kept.EVALUATION).write_text("experiment")
    assert (target / kept.EVALUATION).read_text() == "experiment"
    assert kept.is_whole(target) and [*tmp_path.iterdir()] == [target]


def test_an_interrupted_swap_is_repaired(tmp_path):
    old = tmp_path / ".shop.old"
    old.mkdir()
    for name in (kept.RESULTS, kept.WRITTEN):
        (old / name).write_text("{}")
    with pytest.raises(KeyError), building(tmp_path / "shop"):
        raise KeyError
    assert (tmp_path / "shop" / "results.json").exists()


def test_papermill_by_hand_takes_parameters_and_refuses_misspelled_ones(tmp_path):
    shop.write(tmp_path)
    notebook = notebooks_folder() / "02_abc.ipynb"
    study = str(tmp_path / "shop.yaml")
    given = {"study": study, "limits": [0.5, 0.9], "cut": "2023-08-01"}
    quietly = {"progress_bar": False, "start_timeout": 300}  # a busy machine starts kernels slowly
    out = tmp_path / "out.ipynb"
    done = papermill.execute_notebook(notebook, out, parameters=given, **quietly)
    outputs = json.dumps([c.get("outputs") for c in done.cells])
    assert "ABC 80/95, limits [0.5, 0.9]: The tiers" in outputs
    with pytest.raises(PapermillExecutionError, match="no parameter 'studdy'; did you mean"):
        misspelled = {"study": study, "studdy": study}
        papermill.execute_notebook(notebook, out, parameters=misspelled, **quietly)


@pytest.fixture(params=["fork", "spawn"])
def start_method(request):
    """Kernels are forks of one process, or each is started afresh as on Windows and macOS."""
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(None, force=True)


def run_cells(folder, *cells: str, minutes: float = 10) -> list[str]:
    """Run a notebook without any metadata, as a program may write it; return what cells printed."""
    path = folder / "09_mine.ipynb"
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code), path)
    pages = [Page(path, "Mine?", OWN, "Mine")]
    with warm_kernels() as kernels:
        run_notebooks(pages, folder / "out", {}, minutes, kernels)
    done = nbformat.read(folder / "out" / path.name, as_version=4).cells
    return ["".join(each.get("text", "") for each in cell.outputs) for cell in done]


OWN_ERROR = "from segment.errors import StudyError\nraise StudyError('Write it so.')"


@pytest.mark.parametrize(
    ("start_method", "code", "message"),
    [("fork", "1 / 0", "ZeroDivisionError: division by zero$"),
     ("spawn", OWN_ERROR, r"Write it so\.$")],
    indirect=["start_method"],
)  # fmt: skip
def test_a_failing_notebook_says_which_one_and_why(tmp_path, start_method, code, message):
    with pytest.raises(StudyError, match=rf"09_mine\.ipynb: {message}"):
        run_cells(tmp_path, code)


def test_a_page_that_hangs_is_stopped(tmp_path, start_method):
    with pytest.raises(StudyError) as stopped:
        run_cells(tmp_path, "1 + 1", "import time\ntime.sleep(900)", minutes=0.1)
    assert str(stopped.value) == (
        "Notebook 09_mine.ipynb: stopped after 0.1 minutes, in the cell that begins with "
        "'import time'; 'page_minutes' in the study allows more."
    )


WORK = """\
import os, sys, threading
forked = "seaborn" in sys.modules
import duckdb, joblib, numpy as np, pandas as pd
from sklearn.cluster import KMeans
points = np.arange(90_000.0).reshape(-1, 3) % 7
pd.DataFrame(points, columns=["a", "b", "c"]).to_parquet("points.parquet")
con = duckdb.connect()
total = con.sql("SELECT sum(a) FROM read_parquet('points.parquet')").df().iloc[0, 0]
groups = KMeans(7, n_init=1, random_state=1).fit(points).inertia_
squares = joblib.Parallel(2)(joblib.delayed(pow)(i, 2) for i in range(3))
read = pd.read_parquet("points.parquet")
done = (points.T @ points).trace(), total, round(groups, 6), squares, len(read)
print(forked, os.path.basename(os.getcwd()), "" in sys.path, *done)
"""


def test_forked_kernels_do_what_others_do_and_print_no_end(tmp_path, start_method):
    *_, printed, worked = run_cells(tmp_path, "print('x' * 3_000_000)", WORK)
    assert len(printed) < 1_001_000 and "2,000,001 characters more" in printed
    # Threads of BLAS, OpenMP, Arrow and DuckDB, and processes: what a fork could lose.
    fork, *done = worked.split(maxsplit=1)
    points = np.arange(90_000) % 7
    total, squares = points[::3].sum(), (points**2).sum()
    assert fork == str(start_method == "fork")
    # What lies in the folder is not imported by a fork.
    assert done == [f"out {start_method != 'fork'} {squares:.1f} {total:.1f} 0.0 [0, 1, 4] 30000\n"]


def test_a_notebook_whose_fork_breaks_down_is_run_apart(tmp_path):
    kill = "import os, sys\n'seaborn' in sys.modules and os.kill(os.getppid(), 9)"
    assert run_cells(tmp_path, kill, "print('apart')")[-1] == "apart\n"


REPORT = """\
import sys
from pathlib import Path
from segment.publish import build, manifest

pages = [manifest.Page(Path(sys.argv[1]), "", manifest.OWN, "")]
with build.warm_kernels() as kernels:
    build.run_notebooks(pages, Path(sys.argv[2]), {}, 10, kernels)
"""


def test_nothing_runs_on_after_a_killed_report(tmp_path):
    file = tmp_path / "slow.ipynb"
    cell = nbformat.v4.new_code_cell("open('begun', 'w').close()\nimport time\ntime.sleep(8)")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), file)
    report = subprocess.Popen([sys.executable, "-c", REPORT, file, tmp_path / "out"], cwd=tmp_path)
    wait_for(lambda: (tmp_path / "out" / "begun").exists())
    assert running(tmp_path) >= 4  # the report, the origin of forks, papermill and the kernel
    report.kill()
    report.wait()
    wait_for(lambda: not running(tmp_path))


def running(folder) -> int:
    """Return how many processes run in a folder or below."""
    found = 0
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            found += place.readlink().is_relative_to(folder)
    return found


def wait_for(happened) -> None:
    """Wait until something happens."""
    deadline = time.monotonic() + 200
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)
