"""The command line: drafts that run, and one clear sentence for every mistake."""

import io
import sys
import time

import openpyxl
import pandas as pd
import pytest
import shop
import yaml
from rich.console import Console

from segment import cli, language
from segment.publish.progress import Progress
from segment.reading import draft
from segment.reading.draft import draft_study


def run(monkeypatch, capsys, *arguments) -> tuple[int, str, str]:
    """Run the command line in this process; return exit code, output and errors."""
    monkeypatch.setattr(sys, "argv", ["segment", *map(str, arguments)])
    code = 0
    try:
        cli.main()
    except SystemExit as stopped:
        code = stopped.code or 0
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def chinese(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the shop as a Chinese marketplace exports it."""
    day = pd.to_datetime(frame["day"])
    return pd.DataFrame(
        {
            "订单编号": [f"T{i:06d}" for i in range(len(frame))],
            "买家昵称": "张三" + frame["customer"],
            "付款日期": day.dt.strftime("%Y年%m月%d日"),
            "实付金额": frame["paid"].map("¥{:,.2f}".format),
            "订单状态": ["交易关闭" if i % 9 == 0 else "交易成功" for i in range(len(frame))],
        }
    )


def test_init_guesses_chinese_headings_and_the_draft_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    chinese(shop.rows()).to_csv("订单.csv", index=False, encoding="gb18030")
    code, out, _ = run(monkeypatch, capsys, "init", "订单.csv")
    assert code == 0
    assert "买家昵称" in out and "张三" in out
    assert "交易成功" in out
    drafted = yaml.safe_load((tmp_path / "订单.yaml").read_text(encoding="utf-8"))
    assert drafted["columns"] == {
        "customer_id": "买家昵称",
        "date": "付款日期",
        "amount": "实付金额",
        "order_id": "订单编号",
    }
    assert drafted["source"] == {"path": "订单.csv", "encoding": "gb18030"}
    assert drafted["currency"] == "CNY"
    assert drafted["date_format"] == "%Y年%m月%d日"
    code, out, _ = run(monkeypatch, capsys, "check", "订单.yaml")
    assert code == 0
    assert f"{len(shop.rows()):,} rows of {shop.rows()['customer'].nunique()} customers" in out


def test_a_draft_keeps_the_encoding_whatever_language_was_in_use(tmp_path):
    chinese(shop.rows()).head(50).to_csv(tmp_path / "t.csv", index=False, encoding="gb18030")
    with language.using("zh"):
        text = draft_study(tmp_path / "t.csv", tmp_path / "t.yaml").text
    assert yaml.safe_load(text)["source"] == {"path": "t.csv", "encoding": "gb18030"}


def test_init_says_what_it_cannot_decide(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"a": ["x", "y"], "b": ["03/04/2020", "05/06/2020"], "c": [1.5, 2.5]}).to_csv(
        "t.csv", index=False
    )
    code, out, _ = run(monkeypatch, capsys, "init", "t.csv")
    text = (tmp_path / "t.yaml").read_text(encoding="utf-8")
    flat = " ".join(out.split())
    assert code == 0
    assert "which column is 'customer_id'; it could be a" in flat
    assert "which column is 'amount'; it could be c" in flat
    assert "%d/%m/%Y or as %m/%d/%Y" in flat
    assert text.count("TO DECIDE") >= 3
    assert yaml.safe_load(text)["columns"]["date"] == "b"
    code, _, err = run(monkeypatch, capsys, "check", "t.yaml")
    assert code == 2
    assert "the draft still asks which column is 'customer_id'; write one in place of ???" in err


def test_init_keeps_an_existing_study(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shop.write(tmp_path)
    before = (tmp_path / "shop.yaml").read_text()
    code, _, err = run(monkeypatch, capsys, "init", "shop.csv")
    assert code == 2 and "--force" in err
    assert (tmp_path / "shop.yaml").read_text() == before


def test_drafts_are_valid_yaml_whatever_the_headings_and_compute_an_amount(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["customer: id", "date #1", "Qty", "Unit Price", "- yes", "null"])
    for i in range(30):
        sheet.append([f"c{i % 7}", f"2024-01-{i + 1:02d}", 2, 1.25 * i, "no", "'"])
    book.save(tmp_path / "odd.xlsx")
    drafted = yaml.safe_load(draft_study(tmp_path / "odd.xlsx", tmp_path / "odd.yaml").text)
    amount = 'Qty * "Unit Price"'
    columns = {"customer_id": "customer: id", "date": "date #1", "amount": amount}
    assert drafted["columns"] == columns | {"quantity": "Qty"}


BAD = {
    "missing file": (lambda f: (f / "shop.csv").unlink(), "no file"),
    "empty file": (lambda f: (f / "shop.csv").write_text(""), "empty"),
    "wrong column": (lambda f: edit(f, "amount: paid", "amount: payd"), "did you mean 'paid'?"),
    "negative": (lambda f: change(f, paid=lambda d: -d["paid"]), "amounts are below 0 and 0 above"),
    "one customer": (lambda f: change(f, customer="me"), "1 customer "),
    "one day": (lambda f: (change(f, day="2023-05-05"), edit(f, "cut: 2023-09-01", "")), "one day"),
    "ambiguous dates": (lambda f: change(f, day="03/04/2020"), "%m/%d/%Y"),
    "cut outside": (lambda f: edit(f, "2023-09-01", "2031-09-01"), "outside the data"),
    "short history": (lambda f: edit(f, "2023-09-01", "2023-01-20"), "history before the cut"),
    "method value": (lambda f: edit(f, "k: 3", "k: 0"), "'Clusters': Clusters: 'k' must be"),
}


def edit(folder, old, new):
    """Replace text in the study."""
    study = folder / "shop.yaml"
    study.write_text(study.read_text().replace(old, new))


def change(folder, **columns):
    """Replace columns of the data."""
    shop.rows().assign(**columns).to_csv(folder / "shop.csv", index=False)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_nothing_is_written(name, tmp_path, monkeypatch, capsys):
    spoil, message = BAD[name]
    monkeypatch.chdir(tmp_path)
    shop.write(tmp_path)
    spoil(tmp_path)
    code, _, err = run(monkeypatch, capsys, "report", "shop.yaml")
    assert code == 2
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert not (tmp_path / "reports" / "shop").exists()
    assert not list(tmp_path.glob("reports/.*"))


def test_set_changes_one_value_and_refuses_unknown_ones(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shop.write(tmp_path)
    check = "check", "shop.yaml", "--set"
    code, out, _ = run(monkeypatch, capsys, *check, "periods.cut=2023-08-01")
    assert code == 0 and "before 2023-08-01" in " ".join(out.split())
    for wrong, words in {
        "periods.cutt=2023-08-01": "did you mean 'cut'?",
        "periods.cut=2024-31-01": "'2024-31-01'",
        "cut": "KEY=VALUE",
    }.items():
        code, _, err = run(monkeypatch, capsys, *check, wrong)
        assert code == 2 and words in err


def test_a_lot_is_drawn_into_a_folder_that_exists(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shop.write(tmp_path)
    (tmp_path / "shop.csv").rename("later.csv")
    # Said before the data are looked for.
    code, _, err = run(monkeypatch, capsys, "assign", "shop.yaml", "-o", "missing/list.csv")
    assert code == 2 and "'missing/list.csv' cannot be written: name a CSV file in a folder" in err
    (tmp_path / "later.csv").rename("shop.csv")
    draw = "assign", "shop.yaml", "--scheme", "ABC 80/95", "--share", "0.25", "-o"
    code, out, _ = run(monkeypatch, capsys, *draw, "list.csv")
    drawn = pd.read_csv(tmp_path / "list.csv", encoding="utf-8-sig")
    held_out = (drawn["group"] == "held out").sum()
    assert code == 0 and f"{held_out} of {len(drawn)} customers of ABC 80/95 are held out" in out
    assert held_out / len(drawn) == pytest.approx(0.25, abs=0.02)
    code, _, err = run(monkeypatch, capsys, *draw, "list.csv")
    assert code == 2 and "perhaps an earlier lot; --force replaces it" in " ".join(err.split())
    for file in ("shop.csv", "shop.yaml", "shop.key"):
        code, _, err = run(monkeypatch, capsys, *draw, file, "--force")
        assert code == 2 and f"'{file}' is what the study is made of" in err
    (tmp_path / "shop.csv").rename("tiers.csv")
    edit(tmp_path, "source: shop.csv", "source: tiers.csv")
    code, _, err = run(monkeypatch, capsys, "tiers", "shop.yaml", "-o", ".")
    assert code == 2 and "'tiers.csv' is what the study is made of" in err


SOUND = """\
import numpy as np
from segment.tiering import Tiering


class Halves(Tiering):
    def __init__(self, limit=50):
        self.limit = limit

    @property
    def columns(self):
        return ("monetary_total",)

    def _learn(self, values):
        self.tiers_ = ("upper", "lower")

    def _codes(self, values):
        return np.where(values["monetary_total"] >= self.limit, 0, 1)


class ByRow(Halves):
    def _codes(self, values):
        return np.arange(len(values)) % 2
"""


def test_check_method_says_what_a_method_keeps_and_breaks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiers_of_ours.py").write_text(SOUND)
    check = "check-method", "tiers_of_ours:Halves"
    code, out, _ = run(monkeypatch, capsys, *check, "--set", "limit=20")
    assert code == 0
    assert "BROKEN" not in out
    assert "keeps all" in out
    code, out, err = run(monkeypatch, capsys, "check-method", "tiers_of_ours:ByRow")
    assert code == 2
    assert "BROKEN row order is irrelevant" in out
    assert "customers get another tier when the rows are shuffled" in out
    assert "breaks" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["abd"], "no method 'abd'; did you mean 'abc'"),
        (["abc", "--set", "limit=3"], "no parameter 'limit'; did you mean 'limits'"),
        (["nowhere:Tiers"], "'nowhere:Tiers' cannot be imported"),
    ],
)
def test_check_method_refuses_what_it_cannot_check(monkeypatch, capsys, arguments, words):
    code, _, err = run(monkeypatch, capsys, "check-method", *arguments)
    assert code == 2
    assert words in err


def test_a_terminal_sees_the_time_left_and_a_file_a_line_per_step():
    shown = {}
    for terminal in (True, False):
        console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
        with Progress(console) as progress:
            progress.expect(4)
            for step in ("Reading", "Judging"):
                progress.begin(step, 2)
                time.sleep(0.15)
        shown[terminal] = console.file.getvalue()
    assert shown[False] == "0:00  Reading\n0:00  Judging\n"
    assert "Judging" in shown[True] and " 50%" in shown[True] and "left" in shown[True]


@pytest.mark.parametrize(
    ("heading", "code"),
    [("Betrag (€)", "EUR"), ("金额（元）", "CNY"), ("Paid [USD]", "USD"), ("Paid (net)", "")],
)
def test_a_heading_names_the_currency_in_brackets(heading, code):
    assert draft._currency(pd.DataFrame({heading: ["1", "2"]}), heading) == code
