"""Files as people have them: every form gives the same purchases, or one sentence of what to do."""

import gzip
import io
import json
import sys
import zipfile
from pathlib import Path

import openpyxl
import orders
import pandas as pd
import pytest
import yaml
from cases import purchases, through, write

from segment import cli
from segment.errors import StudyError
from segment.publish import console
from segment.reading import shape, transactions
from segment.reading.draft import draft_study
from segment.reading.encodings import likeliest
from segment.reading.sources import connect
from segment.reading.table import Table
from segment.study.source import Source

sys.path.append(str(Path(__file__).parents[1] / "bench"))
import fuzz

FRAME = purchases().assign(day=lambda d: d["day"].dt.strftime("%Y-%m-%d"))
CSV = FRAME.to_csv(index=False)
BODY = CSV.partition("\n")[2]
TOTAL = round(FRAME["amount"].sum(), 2)
ROWS = len(FRAME)


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def html(frame):
    """Return a page as systems save it under the ending of Excel: a title in a table of its own."""
    table = frame.to_html(index=False)
    return f"<html><head><style>td {{}}</style></head><table><tr><td>Report</table>{table}</html>"


def xml(frame):
    cells = [list(frame), *frame.astype(str).to_numpy().tolist()]
    rows = "".join(
        f"<Row>{''.join(f'<Cell><Data>{cell}</Data></Cell>' for cell in row)}</Row>"
        for row in cells
    )
    return f'<?xml version="1.0"?><Workbook><Worksheet><Table>{rows}</Table></Worksheet></Workbook>'


def book(**sheets):
    """Return a function that writes sheets, each a frame or rows of cells."""

    def write(file):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in sheets.items():
            rows = [list(rows), *rows.to_numpy().tolist()] if hasattr(rows, "to_csv") else rows
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
        made.save(file)

    return write


def ods(file, below=""):
    """Write a spreadsheet in the open format, by hand, with more rows as XML."""
    rows = [list(FRAME), *FRAME.to_numpy().tolist()]
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows
    )
    content = (
        f'<office:document-content xmlns:office="{space}office:1.0" '
        f'xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="a">{body}{below}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    manifest = f'<manifest:manifest xmlns:manifest="{space}"></manifest:manifest>'
    parts = {"content.xml": content, "META-INF/manifest.xml": manifest}
    file.write_bytes(zipped(mimetype=kind, **parts))


def nested(frame):
    return [
        {"order": r.order, "customer": {"id": r.customer}, "day": {"$date": f"{r.day}T10:00:00Z"},
         "amount": r.amount, "lines": [{"sku": "a"}]}
        for r in frame.itertuples()
    ]  # fmt: skip


SHORT = CSV.replace("amount\n", "amount,coupon,note\n")
TITLES = "Sales report, all shops\nFrom,2023-01-01,To,2024-12-31\n\n"
EARLY, LATE = FRAME[:120], FRAME[120:]
CHANGED = ("bare quotes", "carriage return in a cell")  # forms that spoil the order's number

# What a file is like: its content, its name.
FORMS = {
    "title lines above": (TITLES + CSV, "orders.csv"),
    "comment above, blank line within": ("# made by x\n" + CSV.replace("\n", "\n\n", 9), "a.csv"),
    "two heading rows": ("Order,Customer,,\n" + CSV, "a.csv"),
    "heading in two languages": (CSV.replace("\n", "\n编号,买家,日期,金额\n", 1), "a.csv"),
    "sep= line": ("\ufeffsep=;\n" + FRAME.to_csv(index=False, sep=";"), "a.csv"),
    "short lines": (SHORT, "a.csv"),
    "trailing delimiters": (CSV.replace("\n", ",,\n"), "a.csv"),
    "delimiters only below": (CSV + ",,,\n" * 300, "a.csv"),
    "closing line": (CSV + "\n\nTotal 200 records\n", "a.csv"),
    "equals signs": ('order,customer,day,amount\n' + "".join(
        f'="{a}",="{b}",="{c}",="{d}"\n' for a, b, c, d in FRAME.to_numpy()), "a.csv"),
    "equals signs in quotes": (FRAME.assign(customer='="' + FRAME["customer"] + '"'), "a.csv"),
    "bare quotes": (FRAME.assign(order=['24" tv'] * ROWS).to_csv(index=False, quoting=3,
        quotechar="'"), "a.csv"),
    "backslash quotes": (CSV.replace("amount\n", "amount,note\n", 1).replace(
        "\n", ',"say \\"hi\\", ok"\n').replace('note,"say \\"hi\\", ok"', "note"), "a.csv"),
    "carriage returns, title": (("Report\n\n" + CSV).replace("\n", "\r"), "a.csv"),
    "carriage return in a cell": (CSV.replace("A10005", "A1\r0005"), "a.csv"),
    "lines of two systems": (CSV.replace("\n", "\r", 60), "a.csv"),
    "zeros in ids": (CSV.replace("K0", "K\0000"[:2] + "0"), "a.csv"),
    "tabs named csv": (FRAME.to_csv(index=False, sep="\t"), "a.csv"),
    "text named xls": (FRAME.to_csv(index=False, sep="\t"), "a.xls"),
    "text named dat": (CSV, "a.dat"),
    "page named xls": (html(FRAME), "a.xls"),
    "XML named xls": (xml(FRAME), "a.xls"),
    "zip": (zipped(**{"orders.csv": CSV, "__MACOSX/._orders.csv": "x", "readme.md": "x"}), "a.zip"),
    "zip of months": (zipped(**{"a.csv": EARLY.to_csv(index=False),
        "b.csv": LATE.to_csv(index=False)}), "a.zip"),
    "zip of a zip": (zipped(**{"in.zip": zipped(**{"orders.csv": CSV})}), "a.zip"),
    "gzip": (gzip.compress(CSV.encode()), "a.csv.gz"),
    "gzip of JSON": (gzip.compress(json.dumps(nested(FRAME)).encode()), "a.json.gz"),
    "gzip named csv": (gzip.compress(CSV.encode()), "a.csv"),
    "JSON": (FRAME.to_json(orient="records"), "a.json"),
    "JSON lines": (FRAME.to_json(orient="records", lines=True), "a.jsonl"),
    "JSON of an interface": (json.dumps({"orders": nested(FRAME), "next": None}), "a.json"),
    "Parquet with records": (lambda f: pd.DataFrame(nested(FRAME)).to_parquet(f), "a.parquet"),
    "open spreadsheet": (ods, "a.ods"),
    "sheet behind a cover": (book(Cover=[["Report"], ["made", "by x"]], Data=FRAME), "a.xlsx"),
    "sheet per year": (book(**{"2023": EARLY, "2024": LATE}), "a.xlsx"),
    "all years and each of them": (book(**{"2023": EARLY, "all years": FRAME, "2024": LATE}),
        "a.xlsx"),
    "titles in a sheet": (book(a=[["Report"], [], [None, "2024"], list(FRAME),
        *FRAME.to_numpy().tolist(), [], ["Total", None, None, TOTAL]]), "a.xlsx"),
    "sheet that begins further right": (book(a=[[None, None, *row] for row in
        [list(FRAME), *FRAME.to_numpy().tolist()]]), "a.xlsx"),
    "UTF-16": (CSV.encode("utf-16"), "a.csv"),
    "UTF-16 without a mark": (CSV.encode("utf-16-le"), "a.csv"),
}  # fmt: skip


def settled(folder, data, name):
    """Write the data and open it as ``init`` does."""
    write(folder, data, name)
    con = connect("1GB", folder)
    return shape.settle(Source(path=name), folder, con, folder)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_gives_the_same_purchases(tmp_path, form):
    _source, found, _told = settled(tmp_path, *FORMS[form])
    names = ["order", {*found.table.columns} & {"customer", "customer.id"}, "day", "amount"]
    columns = [name if isinstance(name, str) else name.pop() for name in names]
    rows = found.table.select(*columns).to_pandas().set_axis([*FRAME], axis=1).astype("string")
    rows = rows[rows["day"].str.match(r"\d").fillna(False)]
    rows = rows.assign(amount=rows["amount"].astype(float), day=rows["day"].str[:10])
    expected = FRAME.astype({"amount": float})
    if form in CHANGED:
        rows, expected = (each.assign(order="") for each in (rows, expected))
    assert sorted(map(tuple, rows.to_numpy())) == sorted(map(tuple, expected.to_numpy()))
    assert found.rejected == 0


@pytest.mark.parametrize("orient", ["split", "columns", "index"])
def test_json_without_records_is_refused(tmp_path, orient):
    with pytest.raises(StudyError, match=r"'a\.json' holds no list of records; export it as"):
        settled(tmp_path, FRAME.to_json(orient=orient), "a.json")


def test_cells_that_an_open_spreadsheet_repeats_are_bounded(tmp_path):
    row = '<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>'
    cell = '<table:table-cell table:number-columns-repeated="16000"{}</table:table-cell>'
    ods(tmp_path / "a.ods", row.format(cell.format("/>").removesuffix("</table:table-cell>")))
    assert settled(tmp_path, lambda file: None, "a.ods")[1].sizes == (ROWS,)
    full = cell.format(' office:value-type="string"><text:p>x</text:p>')
    ods(tmp_path / "a.ods", row.format(full))
    with pytest.raises(StudyError, match="a sheet of 1,000,201 rows and 16,000 columns"):
        settled(tmp_path, lambda file: None, "a.ods")


BLOCKS = FRAME.assign(
    order=lambda d: "A" + (d.index // 2 * 2).astype(str),
    customer=lambda d: d["customer"].where(d.index % 2 == 0, d["customer"].shift()),
    day=lambda d: d["day"].where(d.index % 2 == 0, d["day"].shift()),
    status=["paid" if i % 7 else "refunded" for i in range(ROWS // 2) for _ in (1, 2)],
)
FIRST = BLOCKS.index % 2 == 0
PAID = BLOCKS[BLOCKS["status"] == "paid"]


def gaps(*names):
    """Return the blocks with these columns on their first lines only."""
    return BLOCKS.assign(**{name: BLOCKS[name].where(FIRST) for name in names})


@pytest.mark.parametrize(
    ("names", "filled"),
    [
        (["status"], ["status"]),
        (["order", "customer", "day", "status"], ["order", "customer", "day", "status"]),
        (["customer", "day"], ["customer", "day"]),
    ],
)
def test_what_stands_on_the_first_line_of_a_block_is_filled_down(tmp_path, names, filled):
    found = through(tmp_path, gaps(*names), keep="status = Paid")
    assert f"fill_down: [{', '.join(filled)}]" in found.draft
    assert (found.rows, round(found.amount, 2)) == (len(PAID), round(PAID["amount"].sum(), 2))
    assert found.customers == PAID["customer"].nunique()


def test_blank_customers_with_days_of_their_own_are_not_filled(tmp_path):
    walk_in = FRAME.assign(customer=FRAME["customer"].where(FRAME.index % 5 > 0), name="x")
    assert "fill_down" not in through(tmp_path, walk_in).draft


@pytest.mark.parametrize("order", ["order", ""])
def test_a_filter_by_a_column_of_first_lines_is_refused(tmp_path, order):
    keys = {"source__fill_down": [], "keep": "status = paid"}
    data = gaps("status").rename(columns={"order": order or "batch"})
    found = through(tmp_path, data, **keys)
    assert "'status' is filled on the first line of an order only; 100 other lines" in found.refused
    assert "fill_down: ['status']" in found.refused
    assert "\n" not in found.refused


DAY = FRAME["day"]
DAYS = {
    "day >= 2023-07-01": DAY >= "2023-07-01",
    "day < '2023-07-01'": DAY < "2023-07-01",
    "day >= 20230701": DAY >= "2023-07-01",
    "day > 2023/7/1 and day != 2023-07-04": (DAY > "2023-07-01") & (DAY != "2023-07-04"),
    "day between 2023-07-01 and 2024-01-31": DAY.between("2023-07-01", "2024-01-31"),
    "not day in (2023-01-03, 2023-01-08)": ~DAY.isin(["2023-01-03", "2023-01-08"]),
    "day >= 5": "'day' holds days; compare it with a day such as 2023-07-01",
    "day >= 2023-02-30": "there is no day 2023-02-30",
    "order > A10003": "words are compared with = or != only",
}


@pytest.mark.parametrize("written", ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y %H:%M"])
def test_a_filter_on_days_compares_days(tmp_path, written):
    roles = {"customer_id": "customer", "date": "day", "amount": "amount"}
    days = pd.to_datetime(FRAME["day"]).dt.strftime(written)
    data = FRAME.assign(day=days).to_csv(index=False)
    table = Table.open(orders.study(tmp_path, data, columns=roles), "transactions",
        connect("1GB", tmp_path), tmp_path)  # fmt: skip
    for keep, rows in DAYS.items():
        if isinstance(rows, str):
            with pytest.raises(StudyError, match=rows):
                table.condition(keep)
        else:
            assert table.rows.filter(table.condition(keep)).count().execute() == rows.sum(), keep


def test_words_of_a_filter_are_found_in_any_case_and_missed_ones_are_named(tmp_path):
    spelt = BLOCKS.assign(status=[("Paid", "PAID ", "paid")[i % 3] if s == "paid" else s
        for i, s in enumerate(BLOCKS["status"])])  # fmt: skip
    found = through(tmp_path, spelt, keep="status = paid")
    assert found.rows == len(PAID)
    assert "'paid' in 'keep' also stands for 'PAID', 'Paid'" in found.findings
    found = through(tmp_path, spelt, keep="status != refundet")
    assert found.rows == ROWS
    done = "check the spelling; the column holds refunded"
    assert found.findings["No row has 'refundet' in 'status', as 'keep' says"] == done


def test_a_file_without_a_heading_loses_no_row(tmp_path):
    by_place = {"columns__customer_id": 2, "columns__date": 3, "columns__amount": 4}
    found = through(tmp_path, BODY, **by_place)
    assert "header: false" in found.draft
    assert (found.rows, round(found.amount, 2)) == (ROWS, TOTAL)
    found = through(tmp_path, BODY, source__header=True, **by_place)
    assert found.rows == ROWS - 1
    assert any("the first line reads like a row" in each for each in found.findings)


def test_init_says_what_it_settled(tmp_path):
    sheets = book(**{"2023": EARLY, "2024": LATE, "Notes": [["a", "b"], ["c", "d"]]})
    source, _found, told = settled(tmp_path, sheets, "a.xlsx")
    assert shape.lines(source, repr) == "  sheet: ['2023', '2024']\n"
    assert told == ["sheet: 2023, 2024 have the same headings; not read: Notes"]
    turkish = FRAME.assign(customer="müşteri " + FRAME["customer"]).to_csv(index=False)
    _source, _found, told = settled(tmp_path, turkish.encode("cp1254"), "t.csv")
    assert told == ["encoding: cp1254, which gives 'müşteri'"]


def test_a_folder_with_brackets_in_its_name_is_no_pattern(tmp_path):
    folder = tmp_path / "Sales [2024]"
    folder.mkdir()
    data = {"a.csv": EARLY.to_csv(index=False), "b.csv": LATE.to_csv(index=False)}
    assert through(folder, data, source__path="in/*.csv").rows == ROWS


NAMES = {
    "cp1252": "Müller Jörg Groß François Lefèvre Muñoz Conceição",
    "mac_roman": "Müller Jörg Groß François Lefèvre Muñoz Conceição",
    "cp850": "Müller Jörg Groß Muñoz Pérez Ibáñez Núñez",
    "cp1250": "Łukasz Wójcik Kamiński Zieliński Święty Jabłoński Wiśniewski",
    "iso8859-2": "Dvořák Černý Růžička Šťastný Kučera Žižka Jiří",
    "cp1254": "müşteri Çağrı Gökçe Şahin Yıldız Öztürk Doğan",
    "cp1257": "Bērziņš Kalniņš Jānis Ozoliņš Liepiņa Pētersons",
    "cp1251": "Иванов Смирнова Кузнецов Наталья Соколов Ольга",
    "koi8-r": "Иванов Смирнова Кузнецов Наталья Соколов Ольга",
    "cp1253": "Παπαδόπουλος Γεωργίου Αθήνα Νίκος Ελένη",
    "cp1255": "כהן לוי מזרחי דוד שרה ירושלים",
    "cp1256": "محمد أحمد فاطمة علي الرياض عميل",
    "cp874": "ลูกค้า สมชาย สมศรี ประเสริฐ กรุงเทพ",
    "gb18030": "买家昵称 张三 李四 王小明 北京",
    "big5": "陳大文的商店 國際貿易有限公司 臺灣電子科技",
    "shift_jis": "田中太郎 顧客番号 さくら商店 スズキ 東京都",
    "euc_kr": "김철수 고객번호 주문일자 결제금액 이영희 서울특별시",
}


@pytest.mark.parametrize("encoding", NAMES)
def test_letters_tell_the_encoding(encoding):
    names = NAMES[encoding].split()
    text = "".join(f"{name} {i},2023-01-0{i + 1},5\n" for i, name in enumerate(names))
    data = text.encode(encoding)
    assert data.decode(likeliest(data)) == text


@pytest.mark.parametrize("blank", " \xa0")
def test_a_sign_of_a_currency_that_stands_alone_is_no_letter(blank):
    text = f"Betrag (€);Kunde\n268,87{blank}€;K1\n" * 40
    assert likeliest(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "ascii"])
def test_output_never_fails_for_want_of_a_sign(tmp_path, monkeypatch, encoding):
    monkeypatch.chdir(tmp_path)
    named = FRAME.rename(columns={"customer": "买家昵称", "day": "日期 ✓"})
    named.assign(note="\x1b[31mred").to_csv("a.csv", index=False)
    shown = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    monkeypatch.setattr(sys, "stdout", shown)
    for command in (["init", "a.csv"], ["check", "a.yaml"]):
        monkeypatch.setattr(sys, "argv", ["segment", *command])
        cli.main()
    shown.flush()
    text = shown.buffer.getvalue().decode(encoding)
    assert f"{ROWS} rows of" in text
    assert "\x1b" not in text and r"\x1b" in text


def test_questions_are_settled_in_the_terminal(tmp_path, monkeypatch, capsys):
    days = pd.to_datetime(FRAME["day"])
    days = days.map(lambda day: day.replace(day=day.day % 12 + 1)).dt.strftime("%d/%m/%Y")
    kinds = ["void" if i % 5 == 0 else "sold" for i in range(ROWS)]
    frame = FRAME.assign(day=days, kind=kinds).rename(columns={"customer": "who", "order": "x"})
    write(tmp_path, frame, "a.csv")
    monkeypatch.chdir(tmp_path)
    told = {"customer_id": "who", "date": "%d/%m/%Y", "kind": "keep: kind != "}

    def choose(question, choices):
        wanted = next(answer for words, answer in told.items() if words in question)
        return next(i for i, choice in enumerate(choices, 1) if choice.startswith(wanted))

    monkeypatch.setattr(console, "choose", choose)
    monkeypatch.setattr(sys, "argv", ["segment", "init", "a.csv", "--ask"])
    cli.main()
    study = yaml.safe_load((tmp_path / "a.yaml").read_text())
    assert study["columns"]["customer_id"] == "who"
    assert study["date_format"] == "%d/%m/%Y"
    assert study["keep"].startswith("kind != ")
    monkeypatch.undo()
    monkeypatch.setattr(sys, "stdin", io.StringIO("7\n2\n"))
    assert console.choose("Which?", ["a", "b"]) == 2


def test_lines_of_delimiters_alone_are_accounted_for_on_their_own(tmp_path):
    found = through(tmp_path, CSV + ",,,\n" * 300)
    assert found.fates == {"used": ROWS, transactions.EMPTY: 300}
    assert round(found.amount, 2) == TOTAL


def test_damaged_files_lose_no_line_without_a_word():
    assert fuzz.run(runs=25, seed=11) == []


def test_returns_that_name_an_order_and_no_customer_are_asked_about(tmp_path):
    rows = [f"A{i},k{i % 9},2024-0{1 + i % 9}-03,{i + 10}.50," for i in range(60)]
    rows += [f"R{i},,2024-09-2{i},-{i + 10}.50,A{i}" for i in range(4)]
    (tmp_path / "o.csv").write_text(
        "\n".join(["order_id,customer,day,amount,parent", *rows]) + "\n"
    )
    drafted = draft_study(tmp_path / "o.csv", tmp_path / "o.yaml")
    (asked,) = [q for q in drafted.open_questions if "returns of the orders" in q]
    assert asked.startswith("whether 4 rows without customer") and "parent names (-48.00)" in asked
    (tmp_path / "p.csv").write_text("\n".join(["order_id,customer,day,amount,parent", *rows[:60]]))
    drafted = draft_study(tmp_path / "p.csv", tmp_path / "p.yaml")
    assert not [q for q in drafted.open_questions if "returns" in q]
