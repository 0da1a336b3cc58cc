"""The page that lists all reports of a folder."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from segment.report import RESULTS, TEMPLATES


def reports(folder: Path) -> list[dict[str, Any]]:
    """Return what is known of every report in a folder, the newest first.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of dict
        ``page`` (address from the folder), ``title``, ``made`` (datetime), ``customers``,
        ``first`` and ``last`` day, ``recommended`` (or None) and ``refused`` (why not).
        Folders without a whole report are passed over.
    """
    found = []
    for file in folder.glob(f"[!.]*/{RESULTS}"):
        try:
            results = json.loads(file.read_text(encoding="utf-8"))
            facts, verdict = results["facts"], results["verdict"]
            known = {
                "page": f"{file.parent.name}/index.html",
                "title": results["title"],
                "customers": facts["customers"],
                "first": facts["first"],
                "last": facts["last"],
                "recommended": verdict["recommended"],
                "refused": verdict["refused"],
            }
        except (ValueError, KeyError, TypeError):
            continue
        made = dt.datetime.fromtimestamp(file.stat().st_mtime)
        if (folder / known["page"]).is_file():
            found.append(known | {"made": made})
    return sorted(found, key=lambda report: (report["made"], report["page"]), reverse=True)


def write(folder: Path) -> Path:
    """Write ``index.html`` of a folder of reports; return it."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES / "segment"), autoescape=True)
    html = environment.get_template("gallery.html.j2").render(reports=reports(folder))
    target = folder / "index.html"
    temporary = folder / f".index.{os.getpid()}"
    temporary.write_text(html, encoding="utf-8")
    temporary.replace(target)
    return target
