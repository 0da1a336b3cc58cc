"""Data that several tests share."""

from pathlib import Path

import pandas as pd
import pytest

from segment.analysis import Analysis, prepare
from segment.study import read

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def cdnow_rows() -> pd.DataFrame:
    """The raw CDNOW rows, for independent computations."""
    rows = pd.read_parquet(ROOT / "data" / "cdnow.parquet")
    return rows.assign(date=pd.to_datetime(rows["date"]))


@pytest.fixture(scope="session")
def cdnow() -> Analysis:
    """The CDNOW study, prepared; methods and evidence are computed when asked for."""
    return prepare(read(ROOT / "data" / "cdnow.yaml"))
