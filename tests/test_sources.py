"""Opening files: every kind, encoding and delimiter gives the same rows; no line is lost."""

import datetime as dt
import zipfile

import orders
import pandas as pd
import pytest

from segment.errors import StudyError
from segment.language import _
from segment.reading import encodings, sources

ROWS = orders.rows(6)
CHINESE = ("买家昵称", "付款日期", "实付金额")


def opened(folder, data=None, **keys):
    study = orders.study(folder, data, **keys)
    con = sources.connect("1GB", folder)
    return sources.open_source(study.source, folder, con, folder)


def cells(found):
    return sorted(found.table.to_pandas().itertuples(index=False, name=None))


def notes(found):
    told = []
    for text, figures in found.notes:
        joined = {k: ", ".join(v) if isinstance(v, tuple) else v for k, v in figures.items()}
        told.append(_(text, **joined))
    return told


def frame():
    return pd.DataFrame(ROWS, columns=orders.COLUMNS)


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (orders.text(ROWS), {}),
        (orders.text(ROWS).encode("utf-8-sig"), {}),
        (orders.text(ROWS, delimiter=";"), {}),
        (orders.text(ROWS, delimiter="~"), {}),
        (orders.text(ROWS, delimiter="§"), {"source": {"delimiter": "§"}}),
        (orders.text(ROWS).replace("\n", "\r\n", 3), {}),
        ("\n\r\n" + orders.text(ROWS), {}),
        (orders.text(ROWS), {"name": "orders.dat", "source": {"format": "csv"}}),
        (lambda file: frame().to_parquet(file), {"name": "orders.parquet"}),
        (lambda file: frame().to_excel(file, index=False), {"name": "orders.xlsx"}),
    ],
)
def test_every_spelling_gives_the_same_rows(tmp_path, data, keys):
    found = opened(tmp_path, data, **keys)
    assert found.table.columns == orders.COLUMNS
    assert cells(found) == sorted(ROWS)
    assert found.rejected == 0


def test_headings_and_cells_may_hold_delimiters_quotes_and_line_ends(tmp_path):
    text = '"a, b";"say ""hi""";"two\nlines"\n1;"x\ny";"3;4"\n'
    found = opened(tmp_path, text)
    assert found.table.columns == ("a, b", 'say "hi"', "two lines")
    assert cells(found) == [("1", "x\ny", "3;4")]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
@pytest.mark.parametrize("customer", ["c", "张三"])
def test_chinese_exports_are_recognised(tmp_path, encoding, customer):
    rows = [(f"{customer}{i}", "2020-03-04", "5") for i in range(5)]
    found = opened(tmp_path, orders.text(rows, CHINESE).encode(encoding))
    assert found.table.columns == CHINESE
    assert cells(found) == rows
    assert notes(found) == ["orders.csv read as GB18030"]


def test_one_name_in_the_last_row_decides_as_much_as_one_in_the_first(tmp_path):
    file = tmp_path / "long.csv"
    file.write_bytes(b"c,2020-03-04,5\n" * 100_000 + "张三丰,2020-03-04,5\n".encode("gbk"))
    assert encodings.detect(file) == "gb18030"


def test_a_broken_sign_in_utf8_costs_its_line_not_the_encoding(tmp_path):
    rows = [(f"张三{i}", "2020-03-04", "5") for i in range(20)]
    data = orders.text(rows).encode() + b"\xe5\xbc,2020-03-04,5\n"
    found = opened(tmp_path, data)
    assert cells(found) == sorted(rows)
    assert (found.rejected, found.first_rejected) == (1, ("orders.csv", 22))


def test_short_lines_are_padded_and_long_ones_counted_across_files(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv"):
        ragged = orders.text(ROWS[:3]) + "c1,2020-03-03\nc2,2020-03-03,4,5,6\n"
        (tmp_path / "in" / name).write_text(ragged)
    found = opened(tmp_path, name="in")
    assert found.table.filter(found.table.money.isnull()).count().execute() == 2
    assert found.table.count().execute() == 8
    assert (found.rejected, found.first_rejected) == (2, ("a.csv", 6))


def test_an_open_quotation_mark_does_not_swallow_the_rest(tmp_path):
    text = orders.text(ROWS) + 'c1,"2020-03-03,5\n' + orders.text(ROWS, heading=None)
    with pytest.raises(StudyError, match=r"orders.csv, line 8: a field opens with a quotation"):
        opened(tmp_path, text)


@pytest.mark.parametrize(
    ("writer", "below", "pattern"),
    [("to_parquet", ".", "part-*.parquet"), ("to_csv", ".", ""), ("to_csv", "2020", "")],
)
def test_several_files_are_one_source_and_missing_columns_are_said(
    tmp_path, writer, below, pattern
):
    folder = tmp_path / "in" / below
    folder.mkdir(parents=True)
    ending = pattern.rpartition(".")[2] or "csv"
    for part, rows in enumerate((frame()[:2], frame()[2:].assign(shop="s"))):
        getattr(rows, writer)(folder / f"part-{part}.{ending}", index=False)
    (folder / ".part.csv").write_text("hidden")
    (folder / "~$part.xlsx").write_text("lock of Excel")
    found = opened(tmp_path, name=f"in/{pattern}")
    assert [file.name for file in found.files] == [f"part-0.{ending}", f"part-1.{ending}"]
    assert sorted(row[:3] for row in cells(found)) == sorted(ROWS)
    lacks = "{file} lacks the column {columns} that others have"
    figures = {"file": f"part-0.{ending}", "columns": ("'shop'",)}
    assert found.notes == ((lacks, figures),)


def test_excel_cells_become_the_texts_of_a_csv_export(tmp_path):
    first = [17.0, dt.datetime(2020, 3, 4), 12.5, True]
    second = ["NA", dt.datetime(2020, 3, 4, 10, 30), "12,5", None]
    table = pd.DataFrame([first, second], columns=["id", "day", "money", None])
    write = {"data": lambda file: table.to_excel(file, index=False), "name": "orders.xlsx"}
    found = opened(tmp_path, **write, source={"decimal": ","})
    assert found.table.columns == ("id", "day", "money", "column4")
    assert found.table.fill_null("–").to_pandas().to_numpy().tolist() == [
        ["17", "2020-03-04", "12,5", "True"],
        ["NA", "2020-03-04 10:30:00", "12,5", "–"],
    ]


@pytest.mark.parametrize(
    ("sheet", "first", "told"),
    [
        (
            None,
            "c0",
            ["orders.xlsx: the sheet 'old' is read, not '2024'; 'sheet: all' reads all alike"],
        ),
        ("all", "c0", []),
        ([2, "old"], "c0", []),
        (2, "c1", []),
        ("2024", "c1", []),
    ],
)
def test_the_sheet_is_chosen_by_name_or_position(tmp_path, sheet, first, told):
    def write(file):
        with pd.ExcelWriter(file) as book:
            frame()[:1].to_excel(book, sheet_name="old", index=False)
            frame()[1:2].to_excel(book, sheet_name="2024", index=False)

    found = opened(tmp_path, write, name="orders.xlsx", source={"sheet": sheet})
    assert cells(found)[0][0] == first
    assert notes(found) == told


@pytest.mark.parametrize(("zone", "day"), [("Asia/Shanghai", 5), ("America/New_York", 4)])
def test_an_instant_counts_on_the_day_of_its_own_clocks(tmp_path, zone, day):
    instant = pd.Timestamp("2020-03-04 20:00", tz="UTC").tz_convert(zone)
    table = frame().assign(day=[instant] * len(ROWS))
    found = opened(tmp_path, lambda file: table.to_parquet(file), name="orders.parquet")
    assert found.table.day.date().max().execute() == pd.Timestamp(2020, 3, day)
    assert notes(found) == [f"Times in 'day' are taken on the clocks of {zone}"]


def near(file):
    file.with_name("orders-2020.csv").write_text("a")


def two_kinds(folder):
    folder.mkdir()
    (folder / "a.csv").write_text(orders.text(ROWS))
    frame().to_parquet(folder / "b.parquet")


def with_a_damaged_name(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("é.csv", "a")
    file.write_bytes(file.read_bytes().replace("é".encode(), b"\xe4x"))


@pytest.mark.parametrize(
    ("data", "keys", "said"),
    [
        (None, {}, "There is no file '.*orders.csv'"),
        (near, {"name": "order-2020.csv"}, r"did you mean 'orders-2020.csv'\?"),
        (two_kinds, {"name": "in"}, r"mixes kinds of files \(csv, parquet\)"),
        (lambda file: file.mkdir(), {"name": "in"}, "holds no CSV, Excel or Parquet file"),
        ("", {}, "is empty"),
        ("customer,day,money\n", {}, "has a heading but no rows"),
        (lambda file: frame()[:0].to_excel(file, index=False), {"name": "a.xlsx"}, "no rows"),
        (lambda file: frame()[:0].to_parquet(file), {"name": "a.parquet"}, "no rows"),
        ("a,b,a\n1,2,3\n", {}, "the heading 'a' stands over more than one column"),
        ("a,b,A\n1,2,3\n", {}, "the heading 'a' or 'A' stands over more than one column"),
        (b"%PDF-1.7 and so on", {"name": "orders.dat"}, "is a PDF, not a table"),
        (orders.text(ROWS), {"source": {"encoding": "utf-9"}}, "'utf-9' is no known encoding"),
        (orders.text(ROWS), {"source": {"encoding": "utf-16"}}, "is not UTF-16 text throughout"),
        (
            orders.text(ROWS, CHINESE).encode("gbk"),
            {"source": {"encoding": "utf-8"}},
            "is not UTF-8 text throughout; set 'encoding'",
        ),
        (b"PK\x03\x04 and so on", {}, "orders.csv' is damaged"),
        (with_a_damaged_name, {"name": "a.zip"}, "a.zip' is damaged"),
        (b"\x1f\x8b123", {"name": "a.csv.gz"}, "cannot be read"),
        (b"\xd0\xcf\x11\xe0 ", {"name": "a.xlsx"}, "cannot be read as an Excel file"),
        (b"PAR1 and so on", {"name": "a.parquet"}, "cannot be read as Parquet"),
        (b'{"a": 1', {"name": "a.json"}, "cannot be read as JSON"),
        (
            lambda file: frame().to_excel(file, index=False),
            {"name": "a.xlsx", "source": {"sheet": "Shet1"}},
            "did you mean 'Sheet1'",
        ),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(tmp_path, data, keys, said):
    with pytest.raises(StudyError, match=said) as error:
        opened(tmp_path, data, **keys)
    assert "\n" not in str(error.value)
