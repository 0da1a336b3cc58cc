"""One small table of purchases, written as people's exports write it, through init and check."""

import os
import random
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from segment.errors import StudyError
from segment.reading.check import Checked, check_data
from segment.reading.draft import draft_study
from segment.reading.findings import in_words
from segment.reading.sources import connect
from segment.study import read


def purchases(rows: int = 200) -> pd.DataFrame:
    """Return orders of 40 customers over 18 months: ``order``, ``customer``, ``day``, ``amount``.

    A fifth of the amounts are above 1,000, and no two rows are alike.
    """
    dice = random.Random(7)
    days = [540 * i // rows for i in range(rows)]
    return pd.DataFrame(
        {
            "order": [f"A{10001 + i}" for i in range(rows)],
            "customer": [f"K{dice.randrange(40):04d}" for _ in range(rows)],
            "day": pd.Timestamp("2023-01-03") + pd.to_timedelta(days, unit="D"),
            "amount": [round(dice.lognormvariate(6.2, 0.9), 2) for _ in range(rows)],
        }
    )


@dataclass
class Outcome:
    """What a person who runs ``init``, settles some keys and runs ``check`` gets to see."""

    refused: str = ""  # the one sentence, where there is no figure
    questions: list[str] = field(default_factory=list)  # of ``init``
    draft: str = ""
    checked: Checked | None = None

    def __getattr__(self, fact: str):
        """Return a fact of the check: ``rows``, ``customers``, ``amount``, ``first``, ``last``."""
        assert self.checked, self.refused
        return self.checked.facts[fact]

    @property
    def asked(self) -> str:
        """All that ``init`` asks."""
        return "\n".join(self.questions)

    @property
    def findings(self) -> dict[str, str]:
        """What ``check`` found besides what is fine, and what was done about it."""
        assert self.checked, self.refused
        told = in_words(self.checked.findings).query("weight != 'fine'")
        return dict(zip(told["finding"], told["done"], strict=True))

    @property
    def fates(self) -> dict[str, int]:
        """How many rows met which fate."""
        return dict(zip(self.checked.accounts["fate"], self.checked.accounts["rows"], strict=True))


def write(folder: Path, data: object, name: str) -> Path:
    """Write text, bytes, a frame (as CSV), or by a function that takes the path."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if callable(data):
        data(file)
    elif isinstance(data, bytes):
        file.write_bytes(data)
    else:
        text = data.to_csv(index=False) if isinstance(data, pd.DataFrame) else data
        file.write_text(text, encoding="utf-8", newline="")
    return file


def through(folder: Path, data: object, name: str = "orders.csv", **settled: object) -> Outcome:
    """Write the data, draft a study, settle its keys (``columns__amount=...``), check it.

    ``data`` is as ``write`` takes it, or a dictionary of several by name, for a folder.
    """
    if isinstance(data, dict):
        for part, content in data.items():
            write(folder, content, f"in/{part}")
        name = "in"
    else:
        write(folder, data, name)
    outcome, study = Outcome(), folder / "study.yaml"
    work = folder / "work"
    work.mkdir(exist_ok=True)
    before = Path.cwd()
    os.chdir(folder)
    con = connect("1GB", work)
    try:
        drafted = draft_study(Path(name), study)
        outcome.questions, outcome.draft = drafted.open_questions, drafted.text
        study.write_text(drafted.text, encoding="utf-8")
        asked = read(study, {key.replace("__", "."): value for key, value in settled.items()})
        outcome.checked = check_data(asked, con, work)
    except StudyError as error:
        outcome.refused = str(error)
        assert "\n" not in outcome.refused
    finally:
        con.disconnect()
        os.chdir(before)
    return outcome
