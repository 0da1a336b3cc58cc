"""What ``segment init`` settles about the form of a file: heading, sheets, values to fill down."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd

from segment.reading import heading
from segment.reading.cells import SUBTOTAL
from segment.reading.encodings import example
from segment.reading.sources import READ_AS, Opened, open_source
from segment.study.source import Source

SAMPLE = 20_000
LEAST_GAPS, LEAST_ALIKE = 0.05, 0.95
COPIES = 0.2  # of the rows; sheets that hold so many of them twice are not added up
DAY = r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}.*"


def settle(
    source: Source, base: Path, con: ibis.BaseBackend, folder: Path
) -> tuple[Source, Opened, list[str]]:
    """Open a source as it is best read; return it with its keys, and what is to be told."""

    def opened(**keys: Any) -> tuple[Source, Opened]:
        changed = source.model_copy(update=keys)
        fresh = Path(tempfile.mkdtemp(dir=folder))
        return changed, open_source(changed, base, con, fresh)

    told = []
    source, found = opened()
    if any(layout.is_data for layout in found.headings):
        source, found = opened(header=False)
        told.append("header: false: the first line reads like a row; columns go by position")
    if len(found.sheets) > 1 and source.sheet is None:
        largest = max(found.sheets, key=lambda sheet: sheet.rows)
        alike = [s.name for s in found.sheets if s.layout.names == largest.layout.names]
        others = [sheet.name for sheet in found.sheets if sheet.name not in alike]
        why = "have the same headings" if len(alike) > 1 else "is the largest"
        source, found = opened(sheet=tuple(alike) if len(alike) > 1 else largest.name)
        copies = sum(found.sizes) - int(found.table.distinct().count().execute())
        if len(alike) > 1 and copies > COPIES * sum(found.sizes):
            others = [sheet.name for sheet in found.sheets if sheet.name != largest.name]
            why, alike = "holds what others repeat", [largest.name]
            source, found = opened(sheet=largest.name)
        rest = f"; not read: {', '.join(others)}" if others else ""
        told.append(f"sheet: {', '.join(alike)} {why}{rest}")
    for text, figures in found.notes:
        if text == READ_AS:
            source = source.model_copy(update={"encoding": figures["encoding"].lower()})
            word = example(" ".join([*found.table.columns, *_texts(found)]))
            as_word = f", which gives '{word}'" if word else ""
            told.append(f"encoding: {figures['encoding'].lower()}{as_word}")
        elif text == heading.ABOVE:
            told.append(text.format(**figures))
    if down := first_lines(found.table.limit(SAMPLE).to_pandas()):
        source = source.model_copy(update={"fill_down": tuple(down)})
        told.append(f"fill_down: {', '.join(down)} stand on the first line of a block only")
    return source, found, told


def first_lines(rows: pd.DataFrame) -> list[str]:
    """Return the columns of words, days and whole numbers that only the first line of a block has.

    They are blank on the same rows, and there another column repeats what stands above, such as
    the order's number; or their days are blank, too, as in merged cells; or it is the first
    column, and no value of it comes again. Lines of totals do not count. A column of amounts is
    none of them: its value would count on every line.
    """
    texts = rows.astype("string").apply(lambda cells: cells.str.strip()).replace("", pd.NA)
    texts = texts.dropna(how="all")
    totals = [texts[n].str.fullmatch(SUBTOTAL, case=False).fillna(False) for n in texts]
    texts = texts[~np.logical_or.reduce(totals)] if totals else texts
    texts = texts.reset_index(drop=True)
    if texts.empty:
        return []
    gaps = texts.isna()
    share = gaps.mean()
    masks: dict[bytes, list[str]] = {}
    for name in rows:
        if LEAST_GAPS <= share[name] <= LEAST_ALIKE and not gaps[name][0]:
            masks.setdefault(gaps[name].to_numpy().tobytes(), []).append(name)
    again = texts.eq(texts.shift()).fillna(False)
    found = []
    for names in masks.values():
        within = gaps[names[0]]
        repeats = any(
            again[name][within].mean() >= LEAST_ALIKE > again[name][~within].mean() + 0.9
            for name in rows
            if not gaps[name].any()
        )
        dated = any(texts[name].str.fullmatch(DAY).mean() >= LEAST_ALIKE for name in names)
        first = [name for name in names if name == texts.columns[0]]
        once = any(texts[name].nunique() >= LEAST_ALIKE * (~within).sum() for name in first)
        if repeats or (dated and len(names) > 1) or (once and within.mean() >= 0.2):
            found += names
    return [n for n in rows if n in found and not texts[n].str.contains(r"\d[.,]\d+$").any()]


def lines(source: Source, quoted: Callable[[str], str]) -> str:
    """Return the keys of a source below its path, as lines of YAML."""
    keys = []
    if source.encoding:
        keys.append(f"encoding: {source.encoding}")
    if source.header is not True:
        keys.append(f"header: {str(source.header).lower()}")
    if source.sheet is not None:
        several = isinstance(source.sheet, tuple)
        sheets = [quoted(str(s)) for s in (source.sheet if several else (source.sheet,))]
        keys.append(f"sheet: [{', '.join(sheets)}]" if several else f"sheet: {sheets[0]}")
    if source.fill_down:
        keys.append(f"fill_down: [{', '.join(quoted(str(name)) for name in source.fill_down)}]")
    return "".join(f"  {key}\n" for key in keys)


def _texts(found: Opened) -> list[str]:
    sample = found.table.limit(1000).to_pandas()
    return [str(value) for name in sample for value in sample[name].dropna()]
