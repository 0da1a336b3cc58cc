"""The page that lists all reports of a folder."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

from segment.action import previous
from segment.language import _, tier_name
from segment.pages._words import sentences
from segment.publish.kept import REPORT, RESULTS
from segment.publish.render import templates
from segment.words import percent

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
            facts, verdict = results["facts"], results["verdict"]
            day = {"customers": f"{facts['customers']:,}", "made": f"{made:%Y-%m-%d %H:%M}"}
            sentence = _("{customers} customers, {first} to {last}; made {made}.", **facts | day)
            told = {name: verdict[name] for name in ("recommended", "refused")}
            told |= {"title": results["title"], "made": made}
            told["facts"] = sentences(_best_tier(results), sentence)
        except (ValueError, KeyError, TypeError):
            continue
        if page.is_file():
            listed.append({"page": page.relative_to(folder).as_posix(), **told})
    return sorted(listed, key=lambda report: (report["made"], report["page"]), reverse=True)


def _best_tier(results: dict[str, Any]) -> str:
    """Say how large the best tier of the recommended scheme is, and what it brought."""
    label = results["verdict"]["recommended"]
    tiers = results.get("tiers", ())
    held = [tier for tier in tiers if tier["label"] == label and tier["customers"]]
    if not held or held[0]["value_share"] is None:
        return ""
    return _(
        "{tier}: {share} of the customers, {part} of what came in.",
        tier=tier_name(held[0]["tier"]),
        share=percent(held[0]["share"]),
        part=percent(held[0]["value_share"]),
    )


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
