"""What a careful company asks: nothing foreign runs, nothing of others goes, nobody is told of."""

import base64
import hashlib
import itertools
import json
import os
import re
import resource
import signal
import socket
import stat
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import kills
import numpy as np
import pandas as pd
import pytest
import shop
import xlsxwriter
from bs4 import BeautifulSoup
from conftest import SEGMENT, content, html_pages, once, run_segment

from segment.errors import StudyError, sentence
from segment.features.names import COLUMNS
from segment.language import _
from segment.notebook import HELD_BACK
from segment.publish import build, kept
from segment.publish.progress import Progress
from segment.reading import workbook, working
from segment.reading.formulas import as_it_was, no_formula
from segment.run import load, plain, save
from segment.study import read
from segment.study.source import Source


def refusal(call, *arguments) -> str:
    """Return the one sentence by which something is refused."""
    with pytest.raises(StudyError) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Opening what somebody else made.


def test_a_run_is_kept_without_pickles_and_comes_back_as_it_was(shop_run, tmp_path):
    folder = tmp_path / "confidential"
    save(shop_run, folder)
    kinds = {file.suffix for file in folder.rglob("*") if file.is_file()}
    assert kinds == {".json", ".parquet"}
    again = load(folder, "none.yaml")
    pd.testing.assert_frame_equal(again.customers, shop_run.customers)
    for label, method in shop_run.methods.items():
        assert again.methods[label].labels_.equals(method.labels_)
        assert again.methods[label].predict(again.today).equals(method.predict(shop_run.today))
    pd.testing.assert_frame_equal(again.verdict.schemes, shop_run.verdict.schemes)
    pd.testing.assert_frame_equal(again.backtest.tiers, shop_run.backtest.tiers)
    assert again.study == shop_run.study and again.study.where("periods", "cut") == (
        shop_run.study.where("periods", "cut")
    )


@pytest.mark.parametrize(
    "tree",
    [
        {"class": "subprocess:Popen", "state": {"dict": []}},
        {"class": "os:system", "state": "x"},
        {"class": "segment.publish.build:ThreadPoolExecutor", "state": {"dict": []}},
        {"class": "segment_evil:X", "state": {"dict": []}},
        {"frame": "../../x", "cells": []},
        {"other": 1},
    ],
)
def test_a_foreign_state_makes_no_foreign_object(tree, tmp_path):
    (tmp_path / plain.FILE).write_text(json.dumps(tree))
    with pytest.raises((plain.Unknown, ImportError)):
        plain.load(tmp_path)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / plain.FILE).write_text(json.dumps(tree))
    assert "leave out 'run'" in refusal(load, tmp_path, "shop.yaml")


def test_values_come_back_as_they_were(tmp_path):
    frame = pd.DataFrame({1: [1.5, np.nan], 2: [{"a": 1}, None]}, index=["x", "y"])
    value = {"frame": frame, ("a", 1): [np.int64(3), True, None], "array": np.eye(2)}
    plain.dump(value, tmp_path / "state")
    again = plain.load(tmp_path / "state")
    pd.testing.assert_frame_equal(again["frame"], frame, check_column_type="equiv")
    assert again["a", 1] == [3, True, None] and (again["array"] == np.eye(2)).all()


# What a report shares.


def test_pages_load_nothing_and_run_their_own_script_alone(made):
    for page in [*html_pages(made), made.parent / "index.html"]:
        soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
        assert "default-src 'none'" in policy and "unsafe-inline'; script" in policy
        scripts = [script.string for script in soup.find_all("script")]
        digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        assert len(scripts) == 1 and f"'sha256-{digests[0]}'" in policy, page.name
    assert "default-src 'none'" in (made / "summary.html").read_text("utf-8")


@pytest.mark.parametrize("report", ["made", "made_planted"])
def test_only_the_owner_reads_what_names_customers(report, request):
    made = request.getfixturevalue(report)
    confidential = made / kept.CONFIDENTIAL
    modes = {stat.S_IMODE(file.stat().st_mode) for file in confidential.rglob("*")}
    assert stat.S_IMODE(confidential.stat().st_mode) == 0o700 and modes == {0o600, 0o700}
    assert stat.S_IMODE((made / kept.REPORT).stat().st_mode) & 0o044  # it is made to be shared
    assert not [*made.rglob("*.joblib"), *made.rglob("*.pkl")]


@pytest.mark.parametrize("text", ["=1", "﹦1+1", "＝1", " \u00a0=1", "\t1", "﹫x", "\n=1"])
def test_no_text_is_a_formula(text):
    assert no_formula(text) == f"'{text}" and as_it_was(no_formula(text)) == text
    assert no_formula("a=1") == "a=1"


# What is there already.


def test_a_folder_of_others_is_no_report_though_it_holds_results(tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "results.json").write_text('{"scores": [1, 2]}')
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(StudyError, match="files of another kind"), build.building(target):
        pass
    assert (target / "thesis.txt").read_text() == "years of work"


def test_tiers_replace_what_they_wrote_and_keep_what_was_changed(tmp_path):
    shop.write(tmp_path)
    command = ["tiers", "shop.yaml", "-o", "out", "--scheme", "ABC 80/95"]
    assert run_segment(*command, folder=tmp_path).returncode == 0
    (tmp_path / "out" / "tiers.csv").write_text("my own")
    done = run_segment(*command, folder=tmp_path)
    assert done.returncode == 0 and "tiers.csv was changed since and is kept as" in done.stdout
    (own,) = (tmp_path / "out").glob("tiers 2*.csv")
    assert own.read_text() == "my own"
    away = run_segment(*command[:1], "../shop.yaml", "-o", ".", folder=tmp_path / "out")
    assert away.returncode == 2 and "is where you are" in away.stderr
    files = {f.name: f.read_bytes() for f in (tmp_path / "out").iterdir()}
    again = run_segment(*command, folder=tmp_path)
    assert again.returncode == 0 and "changed since" not in again.stdout
    # The same input, the same bytes: workbooks too.
    assert {f.name: f.read_bytes() for f in (tmp_path / "out").iterdir()} == files
    assert not [*(tmp_path / "out").glob(".*partial*")]


@pytest.mark.parametrize("output", ["/proc/none/out", "shop.csv/out", "shop.csv"])
def test_an_output_that_cannot_be_is_said_in_a_sentence(output, tmp_path):
    shop.write(tmp_path)
    for command in ("report", "tiers"):
        done = run_segment(command, "shop.yaml", "-o", output, folder=tmp_path)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        told = [line for line in done.stderr.splitlines() if not re.match(r"\d:\d\d ", line)]
        assert len(told) == 1, done.stderr


def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing(tmp_path):
    shop.write(tmp_path)
    done = subprocess.run(
        [*SEGMENT, "tiers", "shop.yaml", "-o", "out", "--scheme", "ABC 80/95"],
        cwd=tmp_path, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    told = [line for line in done.stderr.splitlines() if not re.match(r"\d:\d\d ", line)]
    assert done.returncode == 2 and len(told) == 1 and "File too large" in told[0], done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"shop.csv", "shop.yaml"}
    meant = sentence(OSError(13, "Permission denied", "a/.lot.csv.partial-1f"))
    assert meant == "'a/lot.csv' cannot be read or written (Permission denied)."


def test_a_wrong_scheme_is_refused_before_the_work_and_leaves_no_folder(tmp_path):
    shop.write(tmp_path)
    done = run_segment("tiers", "shop.yaml", "-o", "a/b", "--scheme", "ABD", folder=tmp_path)
    assert done.returncode == 2 and "has no method 'ABD'" in done.stderr
    (tmp_path / "shop.csv").write_text("customer,day,paid\n")
    assert run_segment("tiers", "shop.yaml", "-o", "a/b", folder=tmp_path).returncode == 2
    assert run_segment("report", "shop.yaml", "-o", "a/b", folder=tmp_path).returncode == 2
    assert not (tmp_path / "a").exists()


def test_what_a_killed_run_left_goes_and_what_is_held_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(working.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(working, "AN_HOUR", -1)
    left, foreign = tmp_path / "segment-run-aaaaaaaa", tmp_path / "segment-cache"
    for folder in (left, foreign):
        folder.mkdir()
    with working.temporary() as first, working.temporary() as second:
        assert first.exists() and second.exists() and first != second
        assert not left.exists() and foreign.exists()
    assert not first.exists()
    with working.beside(tmp_path / "x [1]") as one, working.beside(tmp_path / "x [1]") as other:
        assert one.exists() and other.exists() and one != other


@pytest.mark.parametrize("options", [{}, {"constant_memory": True}])
def test_parts_of_a_workbook_lie_where_the_next_run_clears_them_away(tmp_path, options):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    code = (
        "import os, sys; from pathlib import Path; from segment.publish.files.files import workbook"
        f"\nwith workbook(Path('a.xlsx'), **{options}) as book:"
        "\n    sheet = book.add_worksheet()"
        "\n    sheet.write_string(0, 0, 'a')"
        "\n    sheet._assemble_xml_file = lambda: os.kill(os.getpid(), 9)"
    )
    surroundings = os.environ | {"TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=surroundings)
    assert done.returncode == -signal.SIGKILL
    (left,) = temporary.iterdir()
    assert left.name.startswith(working.PREFIX) and any(left.iterdir())


def test_kills_leave_the_last_files_whole():
    assert kills.run(2, 5, ["assign", "tiers"]) == []


# Inputs that are made to break.

BASE = "title: a\nsource: o.csv\ncolumns: {customer_id: c, date: d, amount: a}\n"
LAUGHS = "\n".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]" for i in range(9)
)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("about: " + "[" * 3000, "nested too deeply"),
        ("about: " + "{a: " * 900 + "1" + "}" * 900, "nested too deeply"),
        ("backtest: {replicates: " + "9" * 5000 + "}", "is no value"),
        ("about: !!timestamp 'soon'", "'soon' is no value"),
        ("periods: {cut: 2024-13-45}", "there is no day 2024-13-45"),
        ("about: !!float '3 a month'", "'3 a month' is no value"),
        ("about: !!bool 'perhaps'", "is no value"),
        ('about: "\\ud800"', "is no value"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n" + LAUGHS, "aliases"),
        ("a: &a [*a]", "nested too deeply"),
        ("? [a, b]\n: 1", "unhashable key"),
        ("about: [" + "x, " * 5000 + "]", "..."),
    ],
)
def test_a_study_that_is_none_is_refused_in_a_sentence(more, told, tmp_path):
    (tmp_path / "s.yaml").write_text(BASE + more + "\n", encoding="utf-8")
    said = refusal(read, tmp_path / "s.yaml")
    assert told in said and said.startswith("s.yaml") and len(said) < 800


def book(file: Path, stray: str, blank: bool = False) -> Path:
    with xlsxwriter.Workbook(file) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, ["c", "d", "a"])
        sheet.write_row(1, 0, ["x", "2024-01-01", 3])
        look = written.add_format({"bold": True})
        if blank:
            sheet.write_blank(stray, None, look)
        else:
            sheet.write(stray, 1)
    return file


@pytest.mark.parametrize("stray", ["XFD1048576", "ZZ1048576"])
def test_a_sheet_that_reaches_too_far_is_refused(stray, tmp_path):
    file = book(tmp_path / "o.xlsx", stray)
    assert "delete stray cells" in refusal(workbook.stage, file, Source(path="o.xlsx"), tmp_path)
    styled = book(tmp_path / "styled.xlsx", stray, blank=True)
    assert workbook.stage(styled, Source(path="o.xlsx"), tmp_path)[0][0].rows == 1


def test_a_workbook_that_unpacks_to_far_more_is_refused(tmp_path):
    whole = book(tmp_path / "o.xlsx", "C2")
    with (
        zipfile.ZipFile(whole) as old,
        zipfile.ZipFile(tmp_path / "big.xlsx", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as part:
                part.write(old.read(name))
                if "sheet1" in name:
                    for _ in range(60):
                        part.write(b" " * (1 << 20))
    said = refusal(workbook.stage, tmp_path / "big.xlsx", Source(path="big.xlsx"), tmp_path)
    assert "GB when unpacked; save the sheet as CSV" in said


def test_a_step_shows_no_sign_that_steers_a_terminal(capsys):
    from rich.console import Console

    Progress(Console(stderr=True)).begin("Notebook \x1b[2Jone")
    assert "\\x1b[2Jone" in capsys.readouterr().err


# Nobody's amount is told.

GIANTS = ["Riese-1", "Riese-2", "Riese-3"]
PLANTED = """\
title: Planted
source: shop.csv
currency: EUR
columns: {customer_id: customer, date: day, amount: paid}
customers:
  source: people.csv
  customer_id: who
  known_on: 2023-08-31
  columns: {gender: sex, satisfaction: mood, arrears: arrears, trade: trade}
  contact: {person: name, phone: phone}
present_tiers: {source: cards.csv, customer_id: who, date: since, tier: card}
periods: {cut: 2023-09-01}
methods:
  ABC 80/95: {method: abc}
  RFM segments: {method: rfm, form: segments}
  Clusters: {method: clusters, k: 4}
  By gender: {method: clusters, k: 3, categories: [gender]}
  Thresholds: {method: thresholds, tiers: {Diamond: 8000, Gold: 300}, rest: Plain}
  Lifecycle: {method: lifecycle}
  Braked: {method: credit_brake, of: {method: abc}, by: arrears, limits: [10], caps: [B]}
  Cards: {method: given, tiers: [Platinum, Gold, Silver]}
team: {sales: {people: 1, hours: 80, cost: 30}}
costs: {margin_rate: 0.3}
backtest: {replicates: 100, origins: 1}
"""


def planted(folder: Path) -> Path:
    """Write a shop in which three customers stand out, with names and phones."""
    days = ["2023-01-11", "2023-03-02", "2023-05-04", "2023-08-03", "2023-10-06", "2023-11-17"]
    frames = [shop.rows()]
    for number, who in enumerate(GIANTS):
        paid = [(2311.37 + 97.13 * number) * (at + 1) * (1 + number) for at in range(6)]
        frames.append(pd.DataFrame({"customer": who, "day": days, "paid": np.round(paid, 2)}))
    rows = pd.concat(frames, ignore_index=True)
    rows.to_csv(folder / "shop.csv", index=False)
    who = sorted(rows["customer"].unique())
    people = pd.DataFrame(
        {"who": who, "sex": ["f", "m"] * (len(who) // 2) + ["f"] * (len(who) % 2)}
    )
    place = np.arange(len(who))
    people["arrears"] = np.where(place % 70, 0, 50)
    people["trade"] = np.select([place % 55 == 0, place % 2 == 0], ["Falkner", "Baker"], "Smith")
    people = people.assign(mood=3, name=[f"Nachname{i:03d}" for i in place])
    people["phone"] = [f"0170-55{i:04d}" for i in place]
    people.to_csv(folder / "people.csv", index=False)
    cards = pd.DataFrame({"who": who, "since": "2022-05-01"})
    rare = [cards["who"].isin(GIANTS), place % 40 == 0]
    cards.assign(card=np.select(rare, ["Platinum", "Gold"], "Silver")).to_csv(
        folder / "cards.csv", index=False
    )
    (folder / "shop.yaml").write_text(PLANTED)
    return folder / "shop.yaml"


def shared(report: Path) -> dict[str, str]:
    """Return the text of every file that is shared; of figures, their paths too."""
    files = [f for f in report.rglob("*") if f.is_file() and "confidential" not in f.parts]
    assert len(files) > 30
    return {f.name: unescape(content(f)) for f in files if f.name != kept.WRITTEN}


@pytest.fixture
def made_planted(tmp_path_factory, monkeypatch) -> Path:
    """The report of the shop with three giants, on a machine with one processor."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    return once(tmp_path_factory, "planted", planted)


def test_nothing_that_is_shared_tells_of_a_customer_a_path_a_user_or_a_host(made_planted):
    texts, study = shared(made_planted), made_planted.parents[1]
    rows = pd.read_csv(study / "shop.csv")
    people = pd.read_csv(study / "people.csv")
    telling = [*rows["customer"].unique(), *people["name"], *people["phone"]]
    telling += [str(study), str(Path.home()), socket.gethostname()]
    for name, text in texts.items():
        assert not [word for word in telling if len(word) > 5 and word in text], name
    # Amounts: of each giant and of any of them together, whole, before and after the cut.
    early = rows[rows["day"] < "2023-09-01"]
    known = {}
    for part in (rows, early, rows[rows["day"] >= "2023-09-01"]):
        of_each = part.groupby("customer")["paid"].sum()
        for number in (1, 2, 3):
            for group in itertools.combinations(GIANTS, number):
                total = of_each[list(group)].sum()
                whole = of_each.sum() - total
                known |= {total: group, total / number: group, whole: group}
    assert len(known) == 54
    for name, text in texts.items():
        for found in {*re.findall(r"(?<![\w.,])\d[\d,]{3,}(?:\.\d+)?", text)}:
            digits, value = len(found.partition(".")[2]), float(found.replace(",", ""))
            told = [who for amount, who in known.items() if round(amount, digits) == value]
            assert not told, f"{name}: {found} of {told}"
    # What is the company's affair alone is said where it decides on tiers.
    assert "By gender sorts customers by gender, as the study asks" in text_of(
        texts["01_data.html"]
    )
    assert "ABC 80/95 sorts customers by" not in text_of(texts["01_data.html"])


def test_no_number_of_few_customers_is_told_nor_follows_from_the_others(made_planted):
    report = made_planted
    people = {words[:1].upper() + words[1:] for words, kind in COLUMNS.values() if kind == "people"}
    hidden, told = {_("under 5"), HELD_BACK}, 0
    for page in html_pages(report):
        for table in BeautifulSoup(page.read_text("utf-8"), "html.parser").select("table.data"):
            head, *rows = ([c.get_text().strip() for c in r(["th", "td"])] for r in table("tr"))
            for column in [place for place, name in enumerate(head) if name in people]:
                cells = [row[column] for row in rows]
                assert not {*cells} & {"1", "2", "3", "4"}, f"{page.name}: {head} {rows}"
                told += bool(hidden & {*cells})
                if head[0] == "Tier":  # of a whole: no single one is missing
                    known = [cell for cell in cells if cell not in hidden | {"0"}]
                    assert len([c for c in cells if c in hidden]) != 1 or not known, page.name
    assert told >= 10
    results = json.loads((report / "results.json").read_text("utf-8"))
    few = [tier for tier in results["tiers"] if tier["customers"] is None]
    assert len(few) >= 6 and not [t for t in results["tiers"] if 0 < (t["customers"] or 0) < 5]
    assert {tier[name] for tier in few for name in ("share", "value", "mean_value")} == {None}
    for tiers in pd.DataFrame(results["tiers"]).groupby("label"):
        assert tiers[1]["customers"].isna().sum() != 1
    held = {tier["label"] for tier in few}
    for row in results["figures"]:  # the mean of the best tier could be had from these
        assert row["label"] not in held or (
            row["lead"] is None and round(row["gini"], 2) == row["gini"]
        )
    for row in results["stability"]:
        assert row["borderline"] not in (1, 2, 3, 4)
        assert (row["borderline"] is None) == (row["borderline_value"] is None)
    with zipfile.ZipFile(report / "service-plan.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    sizes = re.findall(r'<c r="B\d+"[^>]*><v>([\d.]+)</v>', sheet)
    assert len(sizes) > 4 and not {*sizes} & {"2", "3", "4"}


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split()).replace(" ,", ",")
