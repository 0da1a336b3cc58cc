"""Prospects by intent: how it is written, which came, who is due, who lacks contacts."""

import datetime as dt

import pandas as pd
import pytest
import shop

from segment.action.prospects import FOLLOW_UP, INTENTS, intents, open_prospects
from segment.pages import prospects as page
from segment.publish import files
from segment.run import prepare
from segment.study import read
from segment.tiering.lifecycle import prospect_stages

TABLE = """\
customers:
  source: people.csv
  customer_id: who
  known_on: 2023-08-31
  columns: {{intent: intent, next_contact: next, contacts_on_file: contacts, wanted: wanted}}
"""


def test_intents_are_known_in_both_languages_and_others_stay():
    written = pd.Series(
        ["有兴趣购买", "考虑、犹豫", "Not now", "肯定不买", "maybe", None, "Hesitating"]
    )
    assert intents(written).tolist()[:5] == [*INTENTS, "maybe"]
    assert intents(written).isna().tolist() == [False] * 5 + [True, False]
    assert intents(written)[6] == "considering" and {*FOLLOW_UP} == {*INTENTS}


def test_who_is_open_and_who_lacks_contacts():
    table = pd.DataFrame(
        {
            "intent": ["interested", None, None, "no", "interested"],
            "next_contact": pd.to_datetime(["2024-02-01", None, None, "2024-01-01", None]),
            "contacts_on_file": [2.0, 3.0, 0.0, None, 9.0],
            "wanted": ["yes", 1.0, "0", None, "yes"],
        },
        index=[*"abcde"],
    )
    found = open_prospects(table, pd.Index(["e"]))
    assert found.index.tolist() == ["d", "a", "b"]  # c is neither wanted nor has an intent
    assert found["to_find"].fillna(-1).to_dict() == {"d": -1, "a": 1, "b": 0}


def test_a_hot_lead_is_contacted_or_said_to_be_interested():
    met = pd.Series(pd.to_datetime(["2024-01-01", None, "2024-01-01", None]), index=[*"abcd"])
    hot = pd.Series([None, True, False, None], index=[*"abcd"], dtype=object)
    stages = prospect_stages(met, dt.date(2024, 7, 1), hot=hot)
    assert stages.tolist() == ["hot lead", "hot lead", "prospect", "prospect"]


@pytest.fixture(scope="module")
def a(tmp_path_factory):
    """Of 12 who first buy after the cut ten are interested; 30 others never buy."""
    folder = tmp_path_factory.mktemp("prospects")
    rows = shop.rows()
    late = [f"N{i}" for i in range(12)]
    more = pd.DataFrame({"customer": late, "day": "2023-10-01", "paid": 10.0})
    never = [f"P{i}" for i in range(30)]
    table = pd.DataFrame({"who": [*late, *never, rows["customer"][0]]})
    table["intent"] = ["有兴趣"] * 10 + [""] * 2 + ["interested"] * 10 + ["later"] * 20 + ["no"]
    table["next"] = ["2023-12-01"] * 22 + ["2024-01-10"] * 20 + [""]
    table["contacts"] = [1, 3] * 21 + [0]
    table["wanted"] = ["yes"] * 22 + [""] * 21
    table.to_csv(folder / "people.csv", index=False)
    frame = pd.concat([rows, more], ignore_index=True)
    return prepare(read(shop.write(folder, frame, shop.YAML + TABLE)))


def test_which_intent_came_by_hand(a):
    table = page.by_intent(a).set_index("intent")
    assert table["customers"].to_dict() == {"interested": 20, "not for now": 20}
    assert table["bought"].tolist() == [0.5, 0]
    assert table["next_value"].tolist() == [5, 0]
    assert table.loc["interested", "next_step"].startswith("Speed up")
    words = page.answer(a)
    assert "Of 40 prospects with an intent at the cut (under 5 more were customers" in words[0]
    assert "interested 50%" in words[0]
    assert words[1] == "Most wanted: 10 prospects. With fewer than 3 contacts on file: 5."
    assert page.contacts(a)["customers"].tolist() == [10, 20, 0, 0]


def test_the_file_holds_those_who_are_still_to_be_won(a, tmp_path):
    files.write(a, tmp_path)
    table = pd.read_csv(tmp_path / "prospects.csv")
    assert len(table) == 30 and table["Prospects"].str.startswith("P").all()
    assert table["Contacts to find"].fillna(-1).value_counts().to_dict() == {-1: 20, 2: 5, 0: 5}
