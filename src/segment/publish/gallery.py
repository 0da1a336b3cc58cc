"""The page that lists all reports of a folder."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

from segment.action import previous
from segment.language import _
from segment.publish.kept import REPORT, RESULTS
from segment.publish.render import facts_of, templates

FILE, MARK = "index.html", b'<body class="gallery">'


def reports(folder: Path) -> list[dict[str, Any]]:
    """Return what is known of every whole report in a folder, the newest first.

    ``page`` (address from the folder), ``title``, ``made`` (datetime), ``facts`` (a sentence),
    ``recommended`` (or None) and ``refused`` (why not).
    """
    listed = []
    for file in folder.glob(f"[!.]*/{RESULTS}"):
        page, made = file.with_name(REPORT), dt.datetime.fromtimestamp(file.stat().st_mtime)
        try:
            results = previous.read(file).results
            verdict = results["verdict"]
            rows = facts_of(results)[_("Data")]
            sentence = _("{what} ({why})", what=rows, why=made.strftime("%Y-%m-%d %H:%M"))
            told = {name: verdict[name] for name in ("recommended", "refused")}
            told |= {"title": results["title"], "facts": sentence, "made": made}
        except (ValueError, KeyError, TypeError):
            continue
        if page.is_file():
            listed.append({"page": page.relative_to(folder).as_posix(), **told})
    return sorted(listed, key=lambda report: (report["made"], report["page"]), reverse=True)


def write(folder: Path) -> Path | None:
    """Write ``index.html`` of a folder of reports; return it, or None: it is somebody's own."""
    html = templates().get_template("gallery.html.j2").render(reports=reports(folder))
    target = folder / FILE
    if target.exists() and MARK not in target.read_bytes():
        return None
    temporary = folder / f".index.{os.getpid()}"
    temporary.write_text(html, encoding="utf-8")
    temporary.replace(target)
    return target
