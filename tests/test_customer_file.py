"""The customer file: fields, repairs and doubles, on records done by hand."""

import datetime as dt
import json
import time
from pathlib import Path

import cells
import numpy as np
import pandas as pd
import pytest
import shop
import synthetic

from segment.action import customer_file
from segment.action.correctness import MISSING, PLACEHOLDER, field_problems
from segment.action.customer_file import examine
from segment.action.pairs import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    groups,
    normal_name,
    normal_phone,
    pairs,
)
from segment.errors import StudyError
from segment.pages import customer_file as page
from segment.pages._results import results_of
from segment.reading.registers import Written
from segment.run import Run, prepare, save
from segment.study import read

DAY = dt.date(2024, 6, 30)


def problems(kind, *values):
    found = field_problems(pd.Series(list(values)), kind, DAY)
    return [told if told == told else None for told in found]


def test_phones_of_a_chinese_column():
    right = ["13800138000", "+86 138-0013-8001", "13800000000.0", 13912345678.0, "010-62345678",
             "0755 8234567 转 12", "62345678", "400-800-1234", "+49 30 1234567"]  # fmt: skip
    assert problems("phone", *right) == [None] * len(right)
    wrong = "no phone number"
    assert problems("phone", *right, "12345", "23800138000", "谁知道") == [None] * 9 + [wrong] * 3
    filler = ["00000000", "11111111111", "12345678", "0", "无", "-", "n/a", "测试"]
    assert problems("phone", *right, *filler)[9:] == [PLACEHOLDER] * len(filler)


@pytest.mark.parametrize(("kind", "right", "wrong"), [
    ("phone", ["+1 (212) 555-1234", "030 1234567"],
     {"555 12": "no phone number", "1" * 16: PLACEHOLDER, "": MISSING}),
    ("email", ["a.b@x-y.com", "王@公司.cn"],
     {"无": PLACEHOLDER} | dict.fromkeys(["a@b", "a b@c.de", "x@y@z.com"], "no e-mail address")),
    ("date", [pd.Timestamp("2024-06-30")],
     {pd.Timestamp("2024-07-01"): "in the future", pd.Timestamp("1899-12-31"): "before 1900",
      pd.NaT: MISSING}),
    ("age", [0.0, 110.0], {-1.0: "negative", 111.0: "over 110", np.nan: MISSING}),
    ("number", [-5.0, 0.0], {np.nan: MISSING}),
    ("name", ["李", "شركة الأمل", "O'Brien & Söhne <GmbH>", "王五🙂"],
     {"🙂🙂": "without a letter", "12345": "without a letter", "x" * 300: "too long",
      "锟斤拷": "garbled", None: MISSING, "  ": MISSING, "test": PLACEHOLDER}),
])  # fmt: skip
def test_fields_of_every_kind(kind, right, wrong):
    assert problems(kind, *right, *wrong) == [None] * len(right) + list(wrong.values())


def test_rare_spellings_of_frequent_values():
    values = ["Retail"] * 50 + ["Whole sale"] * 50 + ["retail", "Retial", "Retall", "Services"]
    assert problems("category", *values)[100:] == ["unusual spelling", None, "unusual spelling",
                                                   None]  # fmt: skip
    # Single characters and codes differ in earnest.
    assert set(problems("category", *["男"] * 50, "女", *["A-1001"] * 50, "A-1002")) == {None}


def test_names_without_their_form():
    same = ["合成华兴贸易有限公司", "合成华兴贸易 有限责任公司", "合成华兴贸易股份有限公司"]
    assert {normal_name(name) for name in same} == {("合成华兴贸易", True)}
    west = ["Lotus Trading Co., Ltd.", "LOTUS TRADING", "Lotus  Trading GmbH", "lotus-trading inc"]
    assert {normal_name(name)[0] for name in west} == {"lotustrading"}
    assert normal_name(None) == ("", False)
    assert normal_name("有限公司")[0] != ""
    assert normal_name("Marco")[0] == "marco"


@pytest.mark.parametrize("phone", [
    "13800000000", "13800000000.0", 13800000000.0, "+86 138 0000 0000", "0086-138-0000-0000",
    "１３８００００００００",
])  # fmt: skip
def test_one_phone_however_it_is_written(phone):
    assert normal_phone(phone) == "13800000000"


CONTACTS = pd.DataFrame(
    [
        ("a", "合成华兴贸易有限公司", "王甲", "13800138000", "a@x.cn"),
        ("b", "合成华兴贸易 有限责任公司", "李乙", "138 0013 8000", None),
        ("c", "Lotus Harbour Tools", "Ann", None, "ann@lotus.com"),
        ("d", "LOTUS HARBOUR TOOLS LTD", "Ann", None, None),
        ("e", "Summit Anchor", "Bob", "030 1234567", None),
        ("f", "Beacon Cedar", "Eve", "0301234567", None),
        ("g", "Willow Falcon", None, "13911111112", None),
        ("h", "Willow Falcon", None, "13911111113", None),
        ("i", "Granite", None, None, None),
    ],
    columns=["id", "name", "person", "phone", "email"],
).set_index("id")


def test_pairs_and_how_sure_each_is():
    found, shared = pairs(CONTACTS)
    told = {(row.one, row.other): (row.sure, row.same) for row in found.itertuples()}
    assert told == {
        ("a", "b"): (CERTAIN, "name, phone"),
        ("c", "d"): (LIKELY, "name, person"),
        # Another name under the same phone; the same name under another phone is nobody.
        ("e", "f"): (POSSIBLE, "phone"),
    }
    assert shared == 0
    assert groups(found).to_dict() == {"a": 0, "b": 0, "c": 1, "d": 1}


def test_a_switchboard_makes_no_pairs():
    many = pd.DataFrame({"name": [f"{chr(97 + i) * 9} {i}" for i in range(12)],
                         "phone": "4008001234"}, index=[f"k{i:02}" for i in range(12)])  # fmt: skip
    found, shared = pairs(many)
    assert found.empty and shared == 12


def test_a_number_in_the_name_tells_branches_apart():
    shops = pd.DataFrame({"name": [f"Backhaus Müller Filiale {i} GmbH" for i in range(30)]})
    assert pairs(shops)[0].empty
    shops.loc[30] = ["BACKHAUS MULLER Filiale 7"]
    assert pairs(shops)[0][["one", "other", "sure"]].to_numpy().tolist() == [[7, 30, POSSIBLE]]


@pytest.mark.parametrize("contacts", [
    pd.DataFrame(index=["a", "b"]), CONTACTS[:0], CONTACTS[:1],
    pd.DataFrame({"name": [None, None], "phone": [None, np.nan]}, index=["a", "b"]),
    pd.DataFrame({"name": ["🙂", "🙂🙂" * 200, "شركة" * 80]}, index=list("abc")),
])  # fmt: skip
def test_nothing_to_compare_is_no_pair(contacts):
    found, _shared = pairs(contacts)
    assert found.empty


def test_planted_doubles_are_found_in_seconds():
    people = synthetic.make(20_000, seed=3).customers.set_index("customer_id")
    contacts = people[["name", "contact", "phone"]].rename(columns={"contact": "person"})
    began = time.process_time()
    found, _shared = pairs(contacts)
    # All 200 million pairs would take minutes; this takes a second.
    assert time.process_time() - began < 20
    plain = contacts["name"].str.replace(" 有限责任公司", "有限公司").str.upper()
    same = plain + contacts["person"].fillna("")
    copied = contacts[plain.ne("") & same.duplicated(keep=False)].groupby(same).groups
    planted = {frozenset(ids) for ids in copied.values() if people["name"][ids].nunique() > 1}
    sure = found[found["sure"].isin([CERTAIN, LIKELY])]
    told = {frozenset(pair) for pair in sure[["one", "other"]].to_numpy()}
    assert len(planted) == 200
    assert len(told & planted) / len(planted) >= 0.95
    assert len(told & planted) / len(told) >= 0.95


def written(frame: pd.DataFrame, kinds: dict[str, str], **unreadable) -> Written:
    return Written(frame, pd.DataFrame(unreadable, index=frame.index), kinds)


FRAME = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", None, "a"],
        "phone": ["13800138000", "-", None, "1", "13800138001"],
        "age": [30, np.nan, -4, 5, 31],
    }
)


def test_every_field_is_counted_once_per_customer():
    found = examine(written(FRAME, {"phone": "phone", "age": "age"},
                            age=[False, True, False, False, False]), DAY)  # fmt: skip
    assert (found.records, found.nameless, found.twice, len(found.ids)) == (5, 1, 1, 3)
    assert found.fields.set_index("field").drop(columns="kind").to_dict("index") == {
        "phone": {"records": 3, "missing": 2, "placeholder": 1, "wrong": 0},
        "age": {"records": 3, "missing": 0, "placeholder": 0, "wrong": 2},
    }
    repair = customer_file.to_repair(found.problems, pd.Series({"c": 9.0}))
    assert repair["customer_id"].tolist() == ["c", "b"]
    assert repair["repair"].tolist() == [
        "phone: missing; age: negative", "phone: placeholder; age: unreadable",
    ]  # fmt: skip
    worth = customer_file.by_field(found, pd.Series({"a": 90.0, "c": 10.0, "stranger": 900.0}))
    assert worth["value_share"].tolist() == [0.1, 0.1]
    assert worth["complete"].tolist() == pytest.approx([1 / 3, 1])


def test_a_file_without_anything_usable():
    nobody = FRAME.assign(customer_id=None)
    found = examine(written(nobody, {"phone": "phone"}), DAY)
    assert len(found.ids) == 0 and found.nameless == 5
    blank = FRAME.assign(phone=None, age=np.nan)
    found = examine(written(blank, {"phone": "phone", "age": "age"}), DAY)
    assert found.fields["missing"].tolist() == [3, 3]
    assert customer_file.by_field(found, pd.Series(dtype=float))["correct"].isna().all()


def test_dead_records():
    last = pd.Series({"a": 364, "b": 365, "x": 900})
    found = customer_file.dormant(last, pd.Index(list("abc")), 365)
    assert found["never"].tolist() == ["c"]
    assert found["dormant"].tolist() == ["b"]


SECTION = """\
customers:
  source: people.csv
  customer_id: 编号
  known_on: 2023-08-31
  columns: {{age: 年龄, industry: 行业}}
  contact: {{name: 姓名, phone: 电话}}
"""


def people(**changes) -> pd.DataFrame:
    ids = [f"Kunde-{i:04d}" for i in range(160)]
    frame = pd.DataFrame({"编号": ids, "年龄": "40", "行业": "零售",
                          "姓名": [f"{chr(0x4E00 + 7 * i)}{chr(0x5E00 + 11 * i)}商贸有限公司"
                                 for i in range(160)],
                          "电话": [f"138{i:08d}" for i in range(160)]})  # fmt: skip
    # The first two records are one customer.
    twin = frame.loc[0, "姓名"].replace("有限", "有限责任")
    frame.loc[1, ["姓名", "电话"]] = [twin, "13800000000.0"]
    frame.loc[2, "电话"] = "无"
    return frame.assign(**changes)


def study(folder, frame, section=SECTION) -> Run:
    frame.to_csv(folder / "people.csv", index=False)
    return prepare(read(shop.write(folder, yaml=shop.YAML + section)))


def test_a_page_tells_counts_and_no_contact(tmp_path):
    a = study(tmp_path, people())
    assert "name" not in a.attributes and "phone" not in a.attributes
    assert {"one": "Kunde-0000", "other": "Kunde-0001", "sure": CERTAIN}.items() <= (
        a.file.pairs.iloc[0].to_dict().items()
    )
    merged = page.merged(a, a.schemes["ABC 80/95"]).iloc[0]
    assert merged["value"] == pytest.approx(a.customers["monetary_total"].iloc[:2].sum())
    text = cells.shown("22_customer_file", a)
    assert "most likely one customer: under 5, possibly: 0" in text and "under 5" in text
    for secret in ("Kunde", "商贸", "13800", "nan"):
        assert secret not in text
    saved = tmp_path / "confidential"
    save(a, saved)
    for file in filter(Path.is_file, saved.rglob("*")):
        raw = file.read_bytes()
        assert "商贸".encode() not in raw and b"13800000" not in raw, file
    assert "商贸" not in json.dumps(results_of(a), ensure_ascii=False)


def test_bad_files_and_files_without_contacts_still_make_a_page(tmp_path):
    odd = people(年龄="谁知道", 电话=None, 姓名="🙂" * 300, 行业="-")
    text = cells.shown("22_customer_file", study(tmp_path, odd))
    assert "show no fault" in text and "nan" not in text
    section = SECTION.replace("  contact: {{name: 姓名, phone: 电话}}\n", "")
    text = cells.shown("22_customer_file", study(tmp_path, people(), section))
    assert "customers.contact" in text
    assert "most likely one customer: 0, possibly: 0" in text


def test_dormant_means_what_the_watch_lists_mean(tmp_path):
    late = "periods: {{cut: 2023-09-01, end: 2024-06-01}}\nwatchlists: {{dormant_days: 60}}\n"
    yaml = shop.YAML.replace("periods: {{cut: 2023-09-01}}\n", late) + SECTION
    people().to_csv(tmp_path / "people.csv", index=False)
    a = prepare(read(shop.write(tmp_path, yaml=yaml)))
    # Up to the newest day of the data, though the study names a later end.
    last = pd.to_datetime(shop.rows().groupby("customer")["day"].max())
    days = (last.max() - last).dt.days
    assert 0 < (days >= 60).sum() < len(days)
    dormant = f"and {(days >= 60).sum()} not in the last 60 days"
    assert dormant in page.dead(a)
    assert (a.standing("ABC 80/95")["days_since_last"] == days).all()


@pytest.mark.parametrize(("old", "new", "message"), [
    ("phone: 电话", "fone: 电话", "fone"),
    ("phone: 电话", "email: 电邮", "'电邮' for 'email'"),
    ("age: 年龄", "phone: 电话", "keep one"),
])  # fmt: skip
def test_a_wrong_contact_is_refused(tmp_path, old, new, message):
    with pytest.raises(StudyError, match=message):
        study(tmp_path, people(), SECTION.replace(old, new))
