"""Files for the CRM and for Monday: every customer's tier, the watch-lists, the rules as SQL.

All but the rules name customers, and go into the ``confidential/`` folder of a report.
A text that a spreadsheet would run as a formula is never written as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from segment import views, watchlists
from segment.analysis import Analysis
from segment.errors import StudyError
from segment.experiment import no_formula
from segment.features import FEATURES
from segment.language import _, tier_name
from segment.narrate.watchlists import NAMES, NEXT, reason
from segment.words import listed

TIERS, LISTS, RULES = "tiers", "watch-lists", "rules.sql"
# What an Excel sheet holds.
MOST_ROWS, MOST_TEXT, MOST_TITLE = 1_048_576, 32_767, 31
# A workbook takes some ten seconds for a million cells; beyond so many, less goes in.
MOST_CELLS = 3_000_000


@dataclass(frozen=True)
class Standing:
    """Where every customer who ever bought stands, in the words of the code.

    Attributes
    ----------
    at_cut, now : DataFrame
        Indexed by ``customer_id``, a column per scheme: the tier at the cut, missing for
        who came later; and in the newest window, missing without a purchase there.
    about : DataFrame
        ``chance`` (to keep the tier of the cut under the scheme that counts), ``action``
        (what its tier, or else the first of its watch-lists, asks for), ``lists`` (names of
        the watch-lists, joined by ``;``), ``pseudonym`` where pages use them.
    """

    at_cut: pd.DataFrame
    now: pd.DataFrame
    about: pd.DataFrame


def write(a: Analysis, folder: Path, label: str | None = None) -> list[str]:
    """Write all files into a folder.

    Parameters
    ----------
    a : Analysis
    folder : Path
    label : str, optional
        The scheme that counts. Default: the recommended one.

    Returns
    -------
    list of str
        What was left out, a sentence each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lists = a.watchlists if label is None else watchlists.make(a, a.known(label))
    label = a.known(label)
    found = standing(a, label, lists)
    plain(found).to_parquet(folder / f"{TIERS}.parquet")
    shown = headed(a, label, found)
    write_csv(shown, folder / f"{TIERS}.csv")
    said = []
    if len(shown) < MOST_ROWS:
        if shown.size > MOST_CELLS:
            shown = shown.iloc[:, : -len(a.methods)]
            said.append(
                f"{TIERS}.xlsx holds the tiers of {label} alone; those of all schemes are more "
                f"than {MOST_CELLS:,} cells and stand in {TIERS}.csv."
            )
        write_xlsx({_("Tiers"): shown}, folder / f"{TIERS}.xlsx")
    else:
        (folder / f"{TIERS}.xlsx").unlink(missing_ok=True)
        said.append(
            f"{TIERS}.xlsx is left out: {len(shown):,} customers are more than the "
            f"{MOST_ROWS - 1:,} that an Excel sheet holds; {TIERS}.csv has them all."
        )
    sheets = {}
    for number, (name, one) in enumerate(lists.items(), start=1):
        people = watch_list(a, label, one, found)
        write_csv(people, folder / f"watch-list-{number}-{name}.csv")
        sheets[_(NAMES[name])] = people
    write_xlsx(sheets, folder / f"{LISTS}.xlsx")
    (folder / RULES).write_text(rules(a), encoding="utf-8")
    return said


def standing(a: Analysis, label: str, lists: Mapping[str, watchlists.WatchList]) -> Standing:
    """Return where every customer stands under every scheme, and what one scheme asks for."""
    everybody, customers = views.watchlists.everybody(a), a.snapshot(watchlists.NOW)
    now = {name: watchlists.newest_tiers(m, customers) for name, m in a.methods.items()}
    now, at_cut = (
        pd.DataFrame({name: t.astype(object).reindex(everybody) for name, t in tiers.items()})
        for tiers in (now, a.tiers)
    )
    about = pd.DataFrame({"chance": watchlists.chance(a, label)}, index=everybody)
    on = watchlists.membership(list(lists.values()))
    actions = now[label].map(todo(a, label))
    steps = on.map(lambda names: NEXT[names[0]])
    about["action"] = actions.where(actions.notna() & (actions != ""), steps)
    about["lists"] = on.map(";".join)
    if a.study.identifiers == "pseudonym":
        about["pseudonym"] = views.watchlists.names(a)
    return Standing(at_cut, now, about)


def todo(a: Analysis, label: str) -> dict[str, str]:
    """Return what is to be done for each tier: the study's service words, else the first note."""
    notes = a.notes(label)
    columns = [name for name in ("Service", *notes.columns) if name in notes]
    return notes[columns[0]].fillna("").to_dict() if columns else {}


def plain(found: Standing) -> pd.DataFrame:
    """Return one frame for programs: per scheme the tier at the cut and ``<scheme> (now)``."""
    parts: dict[str, pd.Series] = {}
    for columns, ending in ((found.at_cut, ""), (found.now, " (now)"), (found.about, "")):
        for name, column in columns.items():
            parts[_free(f"{name}{ending}", parts)] = column
    return pd.DataFrame(parts)


def headed(a: Analysis, label: str, found: Standing) -> pd.DataFrame:
    """Return tiers with headings, tiers and actions in the study's language."""
    none, about = _("no purchase lately"), found.about
    parts = {
        **_ids(about),
        _("Tier now ({scheme})", scheme=label): _names(found.now[label], none),
        _("Tier at the cut"): _names(found.at_cut[label], ""),
        _("Chance to keep it"): about["chance"].round(3),
        _("Next action"): about["action"].map(_, na_action="ignore").fillna(""),
        _("Watch-lists"): about["lists"].fillna("").map(_listed),
    }
    for name, tiers in found.now.items():
        parts[_free(name, parts)] = _names(tiers, none)
    return pd.DataFrame({name: list(column) for name, column in parts.items()})


def watch_list(a: Analysis, label: str, one: watchlists.WatchList, found: Standing) -> pd.DataFrame:
    """Return a watch-list as people read it, the most money at stake first."""
    rows, about = one.rows, found.about.reindex(one.rows.index)
    tiers, own = found.now[label].reindex(rows.index), a.methods[label].tiers_
    others = [";".join(n for n in names.split(";") if n != one.name) for names in about["lists"]]
    parts = {
        **_ids(about),
        _("Tier"): _names(tiers, _("no purchase lately")),
        _("Money at stake"): rows["stake"].round(2),
        _("Reason"): [reason(one, row, own) for row in rows.to_dict("records")],
        _("Next step"): [_(NEXT[one.name])] * len(rows),
        _("Also on"): map(_listed, others),
    }
    return pd.DataFrame({name: list(column) for name, column in parts.items()})


def _ids(about: pd.DataFrame) -> dict[str, Any]:
    found = {_("Customer"): about.index}
    return found | ({_("Pseudonym"): about["pseudonym"]} if "pseudonym" in about else {})


def _listed(names: str) -> str:
    return listed([_(NAMES[name]) for name in names.split(";")]) if names else ""


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """Return a heading that no other column has: a scheme may be called like one."""
    return name if name not in taken else _free(f"{name} *", taken)


def _names(column: pd.Series, missing: str) -> pd.Series:
    return column.map(tier_name, na_action="ignore").fillna(missing)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 with a mark, which Excel needs for Chinese; no text starts a formula."""
    texts = frame.select_dtypes(exclude="number")
    safe = frame.assign(**{name: texts[name].map(no_formula) for name in texts})
    safe.columns = [no_formula(name) for name in safe.columns]
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def write_xlsx(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write a workbook: a note first, then one sheet per frame; every text is a text.

    Texts are written as such, so that no id loses its zeros and none is a formula.
    """
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        note = book.add_worksheet(_title(_("Read me"), ()))
        note.set_column(0, 0, 100)
        note.write_string(0, 0, _("Confidential: this file names customers."), bold)
        note.write_string(1, 0, _("Keep it inside the company; the report itself can be shared."))
        used = [_title(_("Read me"), ())]
        for name, frame in sheets.items():
            used.append(_title(name, used))
            sheet = book.add_worksheet(used[-1])
            sheet.freeze_panes(1, 1)
            for place, heading in enumerate(frame):
                sheet.set_column(place, place, 18)
                sheet.write_string(0, place, str(heading)[:MOST_TEXT], bold)
            for at, row in enumerate(frame.itertuples(index=False, name=None), start=1):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(at, place, value[:MOST_TEXT], text)
                    elif value == value:
                        sheet.write_number(at, place, value)


def _title(name: str, used: Any) -> str:
    """Return a name that Excel takes for a sheet and that no other sheet has."""
    plain = "".join("-" if sign in "[]:*?/\\" else sign for sign in name).strip("'")[:MOST_TITLE]
    again = 2
    title = plain
    while title.casefold() in {one.casefold() for one in used}:
        title, again = f"{plain[: MOST_TITLE - 4]} ({again})", again + 1
    return title


def rules(a: Analysis) -> str:
    """Return every scheme as SQL: a SELECT over a table of customers, or why there is none."""
    window = a.windows["calibration"]
    days = (window[1] - window[0]).days
    parts = [
        "-- Tiers as SQL, one query per scheme, for DuckDB. The table customers has one row per",
        "-- customer and the columns that each query names, over a window that is as long as the",
        f"-- one the limits were learned in: {days:,} days.",
    ]
    for label, method in a.methods.items():
        parts += ["", *_query(a, label, method)]
    return "\n".join(parts) + "\n"


def _query(a: Analysis, label: str, method: Any) -> Iterator[str]:
    yield f"-- {_comment(label)}"
    try:
        case = method.sql("duckdb")
    except (StudyError, AttributeError) as error:
        said = str(error) if isinstance(error, StudyError) else "This method writes no SQL."
        yield f"-- No query: {_comment(said)}"
        return
    for name in getattr(method, "read_", ()):
        meaning = FEATURES.get(name, ("from the customers table", ""))[0]
        yield f"--   {_comment(name)}: {_comment(meaning)}"
    yield f"SELECT customer_id, {case} AS tier FROM customers;"


def _comment(text: str) -> str:
    """Return a text that cannot leave the comment's line."""
    return " ".join(str(text).split())
