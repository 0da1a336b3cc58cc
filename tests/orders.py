"""Orders in any file format, for tests of reading and checking."""

import datetime as dt
from pathlib import Path

import yaml

from segment.reading.check import Checked, check_data
from segment.reading.sources import connect
from segment.study import read
from segment.study.schema import Study

COLUMNS = ("customer", "day", "money")
ROLES = {"customer_id": "customer", "date": "day", "amount": "money"}


def rows(count: int = 60) -> list[tuple[str, str, str]]:
    """Return orders of 25 customers, every fourth day from 2020-01-01, all different."""
    first = dt.date(2020, 1, 1)
    return [
        (f"c{i % 25}", str(first + dt.timedelta(days=4 * i)), f"{10 + i}.50") for i in range(count)
    ]


def text(orders: list[tuple], heading: tuple | None = COLUMNS, delimiter: str = ",") -> str:
    """Return the orders as delimited text."""
    lines = [heading, *orders] if heading else orders
    return "\n".join(delimiter.join(map(str, line)) for line in lines) + "\n"


def study(folder: Path, data: object = None, name: str = "orders.csv", **keys: object) -> Study:
    """Write data (text, bytes, or a function that writes a path) and a study; read the study."""
    file = folder / name
    if callable(data):
        data(file)
    elif isinstance(data, bytes):
        file.write_bytes(data)
    elif data is not None:
        file.write_text(data, encoding="utf-8", newline="")
    source = {"path": name} | keys.pop("source", {})
    columns = ROLES | keys.pop("columns", {})
    content = {"title": "Orders", "source": source, "columns": columns} | keys
    target = folder / "study.yaml"
    target.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return read(target)


def checked(folder: Path, data: object = None, **keys: object) -> Checked:
    """Check a study of the given data."""
    asked = study(folder, data, **keys)
    con = connect(asked.memory_limit, folder)
    try:
        return check_data(asked, con, folder)
    finally:
        con.disconnect()


def fates(found: Checked) -> dict[str, int]:
    """Return how many rows met which fate."""
    return dict(zip(found.accounts["fate"], found.accounts["rows"], strict=True))
