"""The report and its first screen as PDF, printed by the Chromium that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from segment.errors import StudyError
from segment.publish.kept import PDFS, REPORT
from segment.reading import working

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# No window, no network, nothing of the user's own profile.
QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
PAPER = "<style>@page { size: A4; }</style>"
PATIENCE = 180  # seconds


def browser() -> str:
    """Return the browser that prints.

    Raises
    ------
    StudyError
        If none is installed.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise StudyError(
            "--pdf prints by Chromium, and there is none; install chromium or google-chrome, or "
            "open report.html in a browser and print it from there."
        )
    return found


def write(report: Path) -> list[Path]:
    """Print ``report.html`` of a report and its first screen; return both files."""
    html = (report / REPORT).read_text(encoding="utf-8").replace("</head>", f"{PAPER}</head>", 1)
    targets = [report / name for name in PDFS]
    with working.temporary() as folder:
        for target, page in zip(targets, (html, first_screen(html)), strict=True):
            source, printed = folder / "page.html", folder / "page.pdf"
            source.write_text(page, encoding="utf-8")
            _print(source, printed, folder / "profile")
            temporary = target.with_name(f".{target.name}.new")
            shutil.copyfile(printed, temporary)
            temporary.replace(target)
            printed.unlink()
    return targets


def first_screen(html: str) -> str:
    """Return a report with nothing but its answer."""
    from bs4 import BeautifulSoup  # takes a while to load

    soup = BeautifulSoup(html, "html.parser")
    for part in soup.select("main > nav, main > section.part, a.skip"):
        part.decompose()
    for term in soup.select("a.term"):  # its meaning stands in the report
        term.unwrap()
    return str(soup)


def _print(page: Path, target: Path, profile: Path) -> None:
    # The system's administrator, who has no sandbox, opens nothing but this page.
    root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    command = [browser(), *QUIET, *root, f"--user-data-dir={profile}"]
    command += [f"--print-to-pdf={target}", page.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
        problem = f"it ended with {done.returncode}" if done.returncode else "it wrote nothing"
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error).splitlines()[0]
    if not target.is_file() or not target.stat().st_size:
        raise StudyError(
            f"The report is ready, without PDF: {Path(command[0]).name} could not print it "
            f"({problem}); open report.html and print it from there."
        )
