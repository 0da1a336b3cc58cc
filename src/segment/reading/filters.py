"""Whether a row filter means what it says: its words stand in the data, its columns are filled."""

from __future__ import annotations

import pandas as pd

from segment.errors import StudyError, closest
from segment.language import N_
from segment.reading.cells import as_text, is_blank
from segment.reading.expression import named_words
from segment.reading.findings import Finding, finding
from segment.reading.shape import SAMPLE, first_lines
from segment.reading.table import Table

MOST_VALUES, MOST_WORDS = 10_000, 50
CHECK = N_("check the spelling")


def _words(table: Table) -> dict[str, list[str]]:
    """Return by column the words that the filter of a study compares it with."""
    keep = table.study.keep
    return named_words(keep, table.rows, table.where("keep")) if keep else {}


def refuse_gaps(table: Table) -> None:
    """Refuse a filter by a column that is filled on the first line of an order only.

    The other lines, which have an amount as well, would be judged by an empty cell.
    """
    rows = table.rows
    kinds = {name: rows.select(kind=rows[name]).distinct() for name in _words(table)}
    gaps = [
        name for name, each in kinds.items() if each.filter(is_blank(each.kind)).count().execute()
    ]
    sample = rows.select(*table.names).limit(SAMPLE).to_pandas() if gaps else pd.DataFrame()
    for name in [name for name in gaps if name in first_lines(sample)]:
        amount = table.number(table.column(("columns", "amount"), table.study.columns.amount))
        others = rows.filter(is_blank(rows[name]) & (amount != 0)).count().execute()
        if others:
            raise StudyError(
                f"{table.where('keep')}: '{name}' is filled on the first line of an order only; "
                f"{others:,} other lines with an amount would be judged by an empty cell. Add "
                f"fill_down: ['{name}'] under 'source', so that they count as their order does."
            )


def findings(table: Table) -> list[Finding]:
    """Return what is to be said about the words of a filter."""
    found = []
    for name, words in _words(table).items():
        if not words:
            continue
        kinds = table.rows.select(kind=table.rows[name]).distinct().limit(MOST_VALUES)
        texts = kinds.select(text=as_text(kinds.kind)).distinct().to_pandas()["text"].dropna()
        values = pd.Series(texts, dtype=object)
        for word in words:
            alike = values[values.str.lower() == word.strip().lower()]
            if len(alike) > 1:
                text = N_("'{word}' in 'keep' also stands for {others}")
                others = tuple(f"'{value}'" for value in sorted(alike) if value != word)
                done = N_("the case of letters makes no difference")
                found.append(finding(text, len(alike), done, "note", word=word, others=others))
            elif alike.empty and len(values) < MOST_VALUES:
                text, done = N_("No row has '{word}' in '{column}', as 'keep' says"), CHECK
                figures = {"word": word, "column": name}
                # Only few values are words of a list; others may name people.
                if len(values) <= MOST_WORDS:
                    near = closest(word, values)
                    figures["values"] = (near,) if near else tuple(sorted(values)[:5])
                    done = N_("check the spelling; the column holds {values}")
                found.append(Finding(text, 0, None, done, "warning", figures))
    return found
