"""A notebook in a live JupyterLab: "Run All Cells" shows what the report shows."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import shop

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed; .ci/run installs it"),
]
PATIENCE = 120_000  # milliseconds, on a busy machine
# What the cells' prompts say, whether a kernel waits for them, and where an error shows.
PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent)"
READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
    return kernel?.connectionStatus == "connected" && kernel.status == "idle"
}"""
ERROR = '[data-mime-type*="err"]'
STUDY = shop.YAML.replace("EUR", "USD").replace("methods:", "methods:\n  Lifecycle: lifecycle")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab over the notebooks and a study in dollars: its folder and its address."""
    folder = tmp_path_factory.mktemp("lab")
    shop.write(folder, yaml=STUDY)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    token, log = secrets.token_hex(8), folder / "log"
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with log.open("w") as written:
        server = subprocess.Popen(
            command, stdout=written, stderr=written, cwd=folder, env=os.environ | places
        )
        try:
            deadline = time.monotonic() + PATIENCE / 1000
            while not (port := re.search(r"127\.0\.0\.1:(\d+)/lab", log.read_text())):
                assert server.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            workspaces = f"http://127.0.0.1:{port[1]}/lab/workspaces"
            yield folder, f"{workspaces}/%s/tree/notebooks/%s.ipynb?token={token}"
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture
def run_all(lab):
    """Run all cells of a notebook of the folder, and give its page."""
    from playwright.sync_api import sync_playwright

    folder, address = lab
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 6000})

        def run(name: str, study: str = "shop.yaml"):
            # A notebook and a workspace of its own: no test meets what another left open.
            own = f"{Path(study).stem}-{Path(name).stem}"
            text = (ROOT / "notebooks" / name).read_text(encoding="utf-8")
            text = text.replace("data/cdnow.yaml", study)
            (folder / "notebooks" / f"{own}.ipynb").write_text(text, encoding="utf-8")
            page.goto(address % (own, own), timeout=PATIENCE)
            # JupyterLab starts a second kernel for a command that comes before the first is ready.
            page.wait_for_function(READY, timeout=PATIENCE)
            page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
            page.wait_for_function(
                f"{PROMPTS}.every(p => /[0-9]/.test(p)) || document.querySelector('{ERROR}')",
                timeout=PATIENCE,
            )
            return page.locator(".jp-Notebook")

        yield run
        browser.close()


def shows(notebook, pattern: str) -> None:
    """Wait for a text that a reader sees."""
    from playwright.sync_api import expect

    text = re.compile(pattern)
    expect(notebook).to_contain_text(text, use_inner_text=True, timeout=PATIENCE)


def test_amounts_of_sentences_and_tables_are_no_formulas(run_all):
    notebook = run_all("10_lifecycle.ipynb")
    # A cell's number can stand before what it shows does.
    shows(notebook, r"They had spent \$[\d,]+, \d+% of all\.")
    shows(notebook, r"\$[\d.,]+ \(\$[\d.,]+ to \$[\d.,]+\)")  # a cell with an interval
    assert notebook.locator("mjx-container, .MathJax").count() == 0
    assert notebook.locator("figure svg text").count() >= 10
    assert "Traceback" not in notebook.inner_text()


def test_an_error_of_the_study_is_one_sentence(run_all):
    notebook = run_all("10_lifecycle.ipynb", "shpo.yaml")
    shows(notebook, r"shpo\.yaml")
    said = notebook.inner_text()
    assert "Traceback" not in said and "raise StudyError" not in said
