"""Whether a row filter means what it says: its words stand in the data, its columns are filled."""

from __future__ import annotations

import pandas as pd

from segment.errors import StudyError, closest
from segment.language import N_
from segment.reading.cells import as_text, is_blank
from segment.reading.expression import named_words
from segment.reading.findings import Finding, finding
from segment.reading.sources import ROW
from segment.reading.table import Table

MOST_VALUES, MOST_WORDS = 10_000, 50
CHECK = N_("check the spelling")


def refuse_gaps(table: Table) -> None:
    """Refuse a filter by a column that is filled on the first line of an order only.

    The other lines, which have an amount as well, would be judged by an empty cell.
    """
    study = table.study
    if not study.keep:
        return
    rows, place = table.rows, table.where("keep")
    for name in named_words(study.keep, rows, place):
        kinds = rows.select(kind=rows[name]).distinct()
        if not kinds.aggregate(gaps=is_blank(kinds.kind).any()).to_pandas()["gaps"].iloc[0]:
            continue
        roles = ("order_id",) if study.columns.order_id is not None else ("customer_id", "date")
        order = {r: table.column(("columns", r), getattr(study.columns, r)) for r in roles}
        amount = table.number(table.column(("columns", "amount"), study.columns.amount))
        gap, paid = is_blank(rows[name]), amount.fill_null(0.0) != 0
        lines = rows.select(**order, gap=gap, paid=paid, row=rows[ROW])
        orders = lines.group_by(*roles).agg(
            lines=lines.count(),
            gaps=lines.gap.sum(),
            paid=(lines.gap & lines.paid).sum(),
            filled_first=~lines.gap.argmin(lines.row),
        )
        several = orders.filter((orders.lines > 1) & (orders.gaps < orders.lines))
        is_first = several.filled_first & (several.gaps == several.lines - 1)
        found = several.aggregate(
            orders=several.count(),
            partly=(several.gaps > 0).sum(),
            first=is_first.sum(),
            paid=several.paid.sum(),
        )
        found = found.to_pandas().fillna(0).astype(int).iloc[0]
        often = 2 * found["partly"] >= found["orders"] and found["first"] >= 0.9 * found["partly"]
        if found["paid"] and often:
            raise StudyError(
                f"{place}: '{name}' is filled on the first line of an order only; "
                f"{found['paid']:,} other lines with an amount would be judged by an empty cell. "
                f"Add fill_down: ['{name}'] under 'source', so that they count as their order does."
            )


def findings(table: Table) -> list[Finding]:
    """Return what is to be said about the words of a filter."""
    study, found = table.study, []
    if not study.keep:
        return found
    for name, words in named_words(study.keep, table.rows, table.where("keep")).items():
        if not words:
            continue
        kinds = table.rows.select(kind=table.rows[name]).distinct().limit(MOST_VALUES)
        texts = kinds.select(text=as_text(kinds.kind)).distinct().to_pandas()["text"].dropna()
        values = pd.Series(texts, dtype=object)
        folded = values.str.lower()
        for word in words:
            alike = values[folded == word.strip().lower()]
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
                    figures["values"] = (
                        (closest(word, values),)
                        if closest(word, values)
                        else tuple(sorted(values)[:5])
                    )
                    done = N_("check the spelling; the column holds {values}")
                found.append(Finding(text, 0, None, done, "warning", figures))
    return found
