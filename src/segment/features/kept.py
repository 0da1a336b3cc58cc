"""Features of every window on disk, read a window at a time: memory holds what is looked at."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import compute, parquet

from segment.errors import StudyError
from segment.features.ids import places
from segment.features.windows import SEPARATOR
from segment.reading import working

CUSTOMER, COUNT = "customer_id", "order_days"  # of everybody; any other number may be missing
LEARNED = ("past_", "next_value_")  # begins of what methods learn from, of a sample at times


class Kept:
    """Features of customers, a Parquet file for each window, in a folder that goes with the object.

    Every file holds all customers in the order of their ids. A folder that is given stays.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or working.lasting(self)
        self._state = folder and _state(folder)  # which somebody may replace

    def write(self, parts: Iterable[Sequence[pa.Table]]) -> None:
        """Write features of some customers after others.

        A part is tables with the columns ``customer_id`` and ``<window>__<feature>``, the same in
        each part; the first holds its customers.
        """
        with ExitStack() as stack:
            writers: dict[str, parquet.ParquetWriter] = {}
            for part in parts:
                for window, table in _by_window(part):
                    if window not in writers:
                        file = _writer(_file(self.folder, window), table.schema)
                        writers[window] = stack.enter_context(file)
                    writers[window].write_table(table)
                del part, table  # before the next one is made

    def copy(self, folder: Path, windows: Collection[str]) -> None:
        """Copy some windows to a folder of their own, where they stay."""
        folder.mkdir(parents=True)
        for window in windows:
            shutil.copyfile(_file(self.folder, window), _file(folder, window))

    @property
    def windows(self) -> list[str]:
        """The names of the windows."""
        return sorted(file.stem for file in self.folder.iterdir())

    def window(
        self, name: str, only: Collection[str] = (), bought: bool = False, learning: bool = True
    ) -> pd.DataFrame:
        """Return the features of a window, ``only`` some if given, by customer.

        Of everybody, or of those who ``bought`` in it; without what methods learn from, if nobody
        is ``learning`` from it.

        Raises
        ------
        StudyError
            If the report that they belong to was made anew in the meantime, or is damaged.
        """
        try:
            if self._state and _state(self.folder) != self._state:
                raise FileNotFoundError
            file = parquet.ParquetFile(_file(self.folder, name))
        except (FileNotFoundError, pa.ArrowInvalid):
            raise StudyError(
                f"'{self.folder}' is not what it was: the report was made anew meanwhile, or is "
                "damaged; open the study again."
            ) from None
        names = [c for c in file.schema_arrow.names if not only or c in (CUSTOMER, *only)]
        names = [c for c in names if learning or not c.startswith(LEARNED)]
        # Learned from may be a sample of the customers: what the others lack takes no memory.
        thin = [c for c in names if c.startswith(LEARNED)] if _has_sample(file) else []
        dense = [c for c in names if c not in thin]
        buyers = compute.greater(file.read([COUNT])[COUNT], 0) if bought else None
        frame = _read(file, dense, buyers).to_pandas(split_blocks=True, self_destruct=True)
        frame = frame.set_index(CUSTOMER)
        if not thin:
            return frame
        sample = {c: pd.arrays.SparseArray(_read(file, [c], buyers)[c].to_numpy()) for c in thin}
        return pd.concat([frame, pd.DataFrame(sample, frame.index)], axis=1)[names[1:]]

    def whole(self) -> pd.DataFrame:
        """Return the features of all windows, as they were given."""
        frames = [self.window(name).add_prefix(f"{name}{SEPARATOR}") for name in self.windows]
        return pd.concat(frames, axis=1).reset_index()


def _read(
    file: parquet.ParquetFile, names: Sequence[str], chosen: pa.ChunkedArray | None
) -> pa.Table:
    """Return columns of all customers, or of the chosen, who are taken out group by group."""
    if chosen is None:
        return file.read(names)
    groups, start = [], 0
    for k in range(file.num_row_groups):
        group = file.read_row_group(k, names)
        groups.append(group.filter(chosen.slice(start, len(group))))
        start += len(group)
    return pa.concat_tables(groups)


def _has_sample(file: parquet.ParquetFile) -> bool:
    """Return whether inner cuts are those of some customers: what came after them is missing."""
    places = [k for k, c in enumerate(file.schema_arrow.names) if c.startswith(LEARNED[1])]
    groups = [file.metadata.row_group(k) for k in range(file.num_row_groups)]
    return any(group.column(k).statistics.null_count for group in groups for k in places)


def _file(folder: Path, window: str) -> Path:
    return folder / f"{window}.parquet"


def _writer(file: Path, schema: pa.Schema) -> parquet.ParquetWriter:
    # Read five times as fast, and written three times: few figures are the same.
    return parquet.ParquetWriter(file, schema, compression="none", use_dictionary=False)


def _state(folder: Path) -> tuple[int, int]:
    """Return what differs where a folder was replaced by another."""
    state = folder.stat()
    return state.st_ino, state.st_mtime_ns


def _by_window(part: Sequence[pa.Table]) -> Iterator[tuple[str, pa.Table]]:
    """Yield a table for each window, its columns of the same types whoever is in it."""
    ids = pd.Index(part[0][CUSTOMER].to_pandas().astype(str)).sort_values()
    customers, columns = {CUSTOMER: pa.array(ids, pa.string())}, {}
    for table in part:
        place = places(ids, pd.Index(table[CUSTOMER].to_pandas().astype(str)))
        rows = pa.array(place, mask=place < 0)
        for name in table.column_names:
            window, _, feature = name.partition(SEPARATOR)
            if feature:
                columns.setdefault(window, {})[feature] = table[name], rows
    for window, features in columns.items():
        ordered = {name: _typed(*column, name) for name, column in features.items()}
        yield window, pa.table(customers | ordered)


def _typed(column: pa.ChunkedArray, rows: pa.Array, name: str) -> pa.ChunkedArray:
    """Return values in the order of the customers; missing where there is none."""
    kind = pa.string()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        kind = pa.float32() if column.type == pa.float32() else pa.float64()
    return column.take(rows).cast(pa.int64() if name == COUNT else kind)
