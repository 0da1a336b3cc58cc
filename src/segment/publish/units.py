"""One run for many units: a study for each value of a column, such as a region."""

from __future__ import annotations

from pathlib import Path

from segment.errors import StudyError
from segment.reading.cells import filled
from segment.reading.sources import engine
from segment.reading.table import TRANSACTIONS, Table
from segment.study import Study
from segment.words import in_file_names

MOST = 50


def studies(study: Study, folder: Path) -> tuple[dict[str, Study], int]:
    """Return a study for each unit, by the name of its folder, and the rows of no unit.

    Raises
    ------
    StudyError
        If the column is not there, is empty, or has too many values to be units.
    """
    mapped = study.columns.mapped().get(str(study.split_by), study.split_by)
    con = engine(study, folder)
    table = Table.open(study, TRANSACTIONS, con, folder)
    cells = table.column(("split_by",), mapped)
    heading = cells.get_name()
    units = table.rows.select(unit=filled(cells))
    counts = units.group_by("unit").agg(rows=units.count()).to_pandas()
    con.disconnect()
    nowhere = counts["unit"].isna()
    named = sorted(counts["unit"][~nowhere])
    if not 1 <= len(named) <= MOST:
        raise StudyError(
            f"{study.where('split_by')}: '{heading}' has {len(named):,} values; name a column of "
            f"1 to {MOST}, each of which gets a report."
        )
    found: dict[str, Study] = {}
    for number, unit in enumerate(named, start=1):
        text = unit.replace("'", "''")
        own = f"\"{heading}\" = '{text}'"
        keep = f"({study.keep}) and {own}" if study.keep else own
        changed = {"title": f"{study.title}: {unit}", "keep": keep, "split_by": None}
        name = in_file_names(unit) or str(number)
        name = f"{name}-{number}" if name in found else name
        found[name] = study.model_copy(update=changed)
    return found, int(counts["rows"][nowhere].sum())
