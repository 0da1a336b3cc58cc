"""Turn executed notebooks into HTML: one page each, and one report to forward.

The report holds the pages that answer the study's question in full, and of every
method its answer and its tiers. It is one file that needs nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup, SoupStrainer, Tag
from jinja2 import Environment, FileSystemLoader
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from segment import forks
from segment.language import N_, _, current
from segment.publish import glossary
from segment.publish.kept import REPORT
from segment.publish.manifest import ANSWER, APPENDIX, OWN, Page

TEMPLATES = Path(__file__).parent / "templates"
LANG = {"en": "en", "zh": "zh-CN"}
# Nothing is loaded from elsewhere, and no script runs but the page's own.
POLICY = (
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; "
    "script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
)
# Pages that a report shows at once; the others are folded.
OPEN = ("01b_all_schemes", "17_recommendation", "19_service_plan", "20_watch_lists")
# What the report consists of, in order; the manifest says which page belongs where.
PARTS = {
    "plan": N_("What to do"),
    "recommendation": N_("Why this scheme"),
    "evidence": N_("What it rests on"),
    "customers": N_("Who the customers are"),
    OWN: N_("Further questions"),
    "data": N_("How good the data are"),
    APPENDIX: N_("Every method in short"),
}


def render(pages: list[Page], executed: Path, target: Path, results: Mapping[str, Any]) -> Path:
    """Write one HTML page per executed notebook, and the report; return the report.

    ``executed`` is the folder of the executed notebooks, ``target`` that of the pages, and
    ``results`` what ``results.json`` holds: title, facts and versions of the run.
    """
    environment, facts = templates(), facts_of(results)
    version = results["versions"]["segment"]
    shared = {
        "study": results["title"],
        "report": REPORT,
        "facts": facts,
        "footer": _("Made {when} by segment {version}.", when=results["made"], version=version),
        "pages": [page for page in pages if page.part != ANSWER],
    }
    exporter, template = _exporter(), environment.get_template("page.html.j2")
    alone = _alone(pages)

    def write(page: Page) -> str:
        """Write a page, unless it is the answer; return what the report holds of it."""
        body = _body(executed / page.notebook.name, page, exporter)
        html = str(body)
        if page.part == ANSWER:
            return _first_screen(html)
        glossary.link_terms(body, REPORT)
        whole = template.render(page=page, body=body, **shared)
        (target / page.file).write_text(whole, encoding="utf-8")
        if page.part == APPENDIX:
            return _short(html, page)
        return _section(html, page, 1 if page in alone else 2)

    bodies = dict(zip(pages, forks.each(write, pages), strict=True))
    answer = "".join(bodies[page] for page in pages if page.part == ANSWER)
    terms = [(glossary.address(term), term.word, _(term.meaning)) for term in glossary.TERMS]
    html = environment.get_template("report.html.j2").render(
        answer=answer, parts=_parts(bodies, alone), terms=terms, **shared
    )
    soup = BeautifulSoup(html, "html.parser")
    glossary.link_terms(soup.main)
    (target / REPORT).write_text(str(soup), encoding="utf-8")
    return target / REPORT


def one(page: Page, executed: Path, study: str, footer: str, folder: Path) -> str:
    """Return the HTML of a page by itself; it links to the report where its folder has one."""
    body = _body(executed / page.notebook.name, page, _exporter())
    report = REPORT if (folder / REPORT).is_file() else ""
    if report:
        glossary.link_terms(body, report)
    shared = {"study": study, "report": report, "footer": footer, "pages": [page]}
    return templates().get_template("page.html.j2").render(page=page, body=body, **shared)


def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name="segment", extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )


def templates() -> Environment:
    """Return the environment of the pages' templates, in the language in use."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES / "segment"), autoescape=True)
    script = (TEMPLATES / "segment" / "script.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {"_": _, "lang": LANG[current()], "code_style": _code_style()}
    environment.globals |= {"script": script, "policy": POLICY.format(script=digest)}
    return environment


def facts_of(results: Mapping[str, Any]) -> dict[str, str]:
    """Return what a report says of its run, by heading."""
    facts, learn = results["facts"], ""
    if periods := results.get("periods"):
        text = N_("schemes learn from {start}, are judged from {cut} to the day before {end}")
        learn = _(text, **periods)
    return {
        _("Study"): results["study"],
        _("Data"): _(
            "{rows} rows of {customers} customers, {first} to {last}",
            **facts | {name: f"{facts[name]:,}" for name in ("rows", "customers")},
        ),
        _("Periods"): learn or _("none: nothing was tested"),
        _("Fingerprint of the data"): results["fingerprint"][:16],
        _("Software"): ", ".join(f"{name} {no}" for name, no in results["versions"].items()),
    }


def _body(executed: Path, page: Page, exporter: HTMLExporter) -> BeautifulSoup:
    """Return the content of a page; its first prose is marked as the answer."""
    notebook = nbformat.read(executed, as_version=4)
    if page.part != ANSWER:
        _mark_answer(notebook)
    notebook.cells = _fold_setup(notebook.cells)
    html, _resources = exporter.from_notebook_node(
        notebook, {"code": _("Code"), "title": page.title}
    )
    body = BeautifulSoup(html, "html.parser")
    without_links(body.select(".answer, .prose, h1, h2, h3, details.more"))
    for wide in body.find_all("pre"):
        wide["tabindex"] = "0"  # so that the keyboard can scroll it
    return body


def without_links(parts: Iterable[Tag]) -> None:
    """Make plain text of links and pictures: in prose, it is a name that is written like one."""
    for part in parts:
        for picture in part.find_all("img"):
            picture.replace_with(picture.get("alt", ""))
        for link in part.find_all("a"):
            link.unwrap()


def _first_screen(html: str) -> str:
    """Return the answer, headed by itself: the question that its page opens with steps back."""
    body = BeautifulSoup(html, "html.parser")
    question, *answers = body.find_all("h1")
    if answers:
        question.name, question["class"] = "p", "question"
    return str(body)


def _alone(pages: Iterable[Page]) -> set[Page]:
    """Return the open pages that are all of their part, which is headed by their question."""
    parts: dict[str, list[Page]] = {}
    for page in pages:
        parts.setdefault(page.part, []).append(page)
    lone = [own[0] for own in parts.values() if len(own) == 1]
    return {page for page in lone if page.notebook.stem in OPEN}


def _parts(bodies: Mapping[Page, str], alone: set[Page]) -> list[dict[str, Any]]:
    """Return the parts of the report that have pages."""
    parts = []
    for key, name in PARTS.items():
        own = [page for page in bodies if page.part == key]
        pages = [
            {
                "anchor": _anchor(page),
                "title": page.title,
                "file": page.file if key == APPENDIX else None,
                "folded": page.notebook.stem not in OPEN and page.part != OWN,
                "alone": page in alone,
                "body": bodies[page],
            }
            for page in own
        ]
        if pages:
            heading = own[0].title if own[0] in alone else _(name)
            parts.append({"key": key, "name": heading, "pages": pages})
    return parts


def _section(body: str, page: Page, down: int) -> str:
    """Return a page as a section of the report: without its title, headings some steps down.

    From a heading whose cell has the tag "fold" to the next one the section is folded.
    """
    section = BeautifulSoup(_own_ids(body, page), "html.parser")
    for title in section.find_all("h1"):
        title.decompose()
    for mark in section.select(".folded"):
        _fold(section, mark)
    for level in (3, 2):
        for heading in section.find_all(f"h{level}"):
            heading.name = f"h{level + down}"
            del heading["id"]
    return str(section)


def _fold(section: BeautifulSoup, mark: Tag) -> None:
    """Fold what follows a marked heading, up to the next one."""
    ends = [*mark.find_next_siblings(["h2", "h3"]), *mark.find_next_siblings(class_="folded")]
    inside = list(itertools.takewhile(lambda part: part not in ends, mark.next_siblings))
    details = section.new_tag("details", attrs={"class": "more"})
    summary = section.new_tag("summary")
    summary.append(mark.find(["h2", "h3"]).extract())
    details.extend([summary, *list(mark.contents), *inside])
    mark.replace_with(details)


def _short(body: str, page: Page) -> str:
    """Return what the report says of a method: its answer."""
    answers = BeautifulSoup(body, "html.parser", parse_only=SoupStrainer(class_="answer"))
    return _own_ids(str(answers), page)


def _own_ids(html: str, page: Page) -> str:
    """Give tables ids of this page's own: the same table may stand on two pages."""
    return re.sub(r"\b[TF]_[0-9a-f]{10}\b", rf"\g<0>_{_anchor(page)}", html)


def _anchor(page: Page) -> str:
    return "page-" + re.sub(r"\W+", "-", page.notebook.stem)


def _fold_setup(cells: list[Any]) -> list[Any]:
    """Join code without outputs to the next code cell, so that a page opens with its answer.

    The default parameters go where papermill wrote the given ones below them.
    """
    tags = [cell.metadata.get("tags", []) for cell in cells]
    injected = any("injected-parameters" in own for own in tags)
    folded, waiting = [], []
    for cell, own in zip(cells, tags, strict=True):
        if cell.cell_type == "code":
            if "parameters" in own and injected:
                continue
            waiting.append(cell.source)
            if not cell.outputs:
                continue
            cell.source, waiting = "\n\n".join(waiting), []
        folded.append(cell)
    return folded


def _mark_answer(notebook: Any) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("data", {}).get("text/markdown"):
                output.metadata["answer"] = True
                return


def _code_style() -> str:
    light = HtmlFormatter(style="xcode").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    rules = f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}"
    return re.sub(r"\.highlight\s*\{[^}]*background[^}]*\}", "", rules)
