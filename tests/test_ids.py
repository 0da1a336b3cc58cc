"""Customers found among others: as pandas does it, without what stays with the index."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from segment.features import ids

NAMES = st.lists(st.sampled_from([f"c{i}" for i in range(9)]), unique=True)


@given(NAMES, NAMES, st.sampled_from(["float64", "int64", "category", "str"]))
def test_what_is_known_of_others_is_what_reindex_gives(known, asked, kind):
    known, asked = (pd.Index(names, dtype="str", name="customer_id") for names in (known, asked))
    values = pd.Series(range(len(known)), known, name="value").astype(kind)
    pd.testing.assert_series_equal(ids.of(values, asked), values.reindex(asked))
    frame = values.to_frame()
    pd.testing.assert_frame_equal(ids.of(frame, asked), frame.reindex(asked))
    assert ids.places(asked, known).tolist() == known.get_indexer(asked).tolist()
