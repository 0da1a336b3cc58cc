"""Features on disk: what was written part by part is read by window, and goes with its object."""

import atexit
import gc
import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from segment.errors import StudyError
from segment.features.kept import Kept


def part(ids, **columns) -> pa.Table:
    named = {name.replace("_of_", "__"): values for name, values in columns.items()}
    return pa.table({"customer_id": ids, **named})


def written(parts) -> Kept:
    kept = Kept()
    kept.write(parts)
    return kept


@pytest.fixture
def kept():
    """Two parts; in each a second table knows fewer customers, in another order."""
    first = part(["b", "a"], now_of_order_days=[2, 1], now_of_monetary_total=[2.5, 1.0])
    second = part(["d", "c"], now_of_order_days=[0, 3], now_of_monetary_total=[None, 3.0])
    told = [part(["b"], now_of_tier=["gold"]), part(["c", "d"], now_of_tier=[None, "iron"])]
    then = [part([*ids], then_of_past=pa.array([1, 2], "float32")) for ids in ("ab", "dc")]
    return written(zip([first, second], told, then, strict=True))


def test_every_window_holds_all_customers_in_the_order_of_their_ids(kept):
    assert kept.windows == ["now", "then"]
    now = pd.DataFrame(
        {
            "order_days": [1, 2, 3, 0],
            "monetary_total": [1.0, 2.5, 3.0, np.nan],
            "tier": pd.Series([None, "gold", None, "iron"], dtype="str").to_list(),
        },
        index=pd.Index([*"abcd"], name="customer_id", dtype="str"),
    ).astype({"tier": "str"})
    pd.testing.assert_frame_equal(kept.window("now"), now)
    pd.testing.assert_frame_equal(kept.window("now", ["tier", "absent"]), now[["tier"]])
    pd.testing.assert_frame_equal(kept.window("now", bought=True), now.iloc[:3])
    assert kept.window("then")["past"].tolist() == [1, 2, 2, 1]
    assert [*kept.whole()] == [
        *("customer_id", "now__order_days", "now__monetary_total", "now__tier", "then__past"),
    ]


def test_files_go_with_the_object_but_not_with_a_fork(kept):
    folder = kept.folder
    fork = os.fork()
    if not fork:
        atexit._run_exitfuncs()  # among them what removes the files of this process
        os._exit(0)
    assert os.waitpid(fork, 0)[1] == 0
    assert len([*folder.iterdir()]) == 2
    again = written([[part(["a"], now_of_order_days=[1])]])
    place = again.folder
    assert place.exists() and oct(place.stat().st_mode)[-2:] == "00"
    del again
    gc.collect()
    assert not place.exists() and folder.exists()


def test_another_report_in_its_place_is_not_taken_for_it(kept, tmp_path):
    kept.copy(tmp_path / "report" / "windows", ["now"])
    there = Kept(tmp_path / "report" / "windows")
    assert there.windows == ["now"] and len(there.window("now")) == 4
    (tmp_path / "report").rename(tmp_path / "old")
    kept.copy(tmp_path / "report" / "windows", ["now"])
    with pytest.raises(StudyError, match="made anew meanwhile"):
        there.window("now")
    (there.folder / "now.parquet").write_text("x")
    with pytest.raises(StudyError, match="or is damaged"):
        Kept(there.folder).window("now")
