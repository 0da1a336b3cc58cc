"""A report made again: at once where nothing changed, and beside what is there already."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import shop
from conftest import ROOT, run_segment

from segment import cli, tiering
from segment.errors import StudyError
from segment.language import using
from segment.publish import kept, mail, pdf, unchanged
from segment.publish.render import TEMPLATES
from segment.study import read

SMALL = shop.YAML.split("  RFM sum")[0] + "backtest: {{replicates: 100, origins: 1}}\n"
PLAIN = "Revenue tiers 5/20/50"
# results.json as it was written before it had a number for its schema, in short.
EARLIER = {
    "study": "shop", "title": "Corner shop", "made": "2025-03-01 09:00", "fingerprint": "abc",
    "parameters": {
        "title": "Corner shop", "backtest": {"capture_share": 0.1, "margin": 0.02, "seed": 1},
        "methods": {PLAIN: {"method": "abc", "cut": "customers", "limits": [0.05, 0.2, 0.5],
                            "by": "monetary_total", "service": {}}},
    },
    "periods": {"start": "2023-01-01", "cut": "2023-09-01", "end": "2024-01-01"},
    "facts": {"rows": 900, "customers": 150, "first": "2023-01-01", "last": "2023-12-31"},
    "figures": [{"label": PLAIN, "kind": "method", "tiers": 4, "gini": 0.5, "gini_low": 0.4,
                 "gini_high": 0.6, "capture": 0.01, "capture_low": 0.0, "capture_high": 0.02}],
    "tiers": [{"label": PLAIN, "tier": "A", "customers": 8, "value_share": 0.2}],
    "stability": [{"label": PLAIN, "kappa": 0.4, "kappa_low": 0.3, "kappa_high": 0.5}],
    "verdict": {"recommended": "RFM", "best": "RFM", "candidates": ["RFM"], "refused": "",
                "margin": 0.02, "pairs": [], "front": ["RFM"], "score": []},
    "versions": {"segment": "0.1.0", "pandas": "2.3.0"},
}  # fmt: skip


def put(folder: Path, files: dict[str, str], written: bool = True) -> None:
    """Write texts into a folder; what the report "wrote" is listed."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    if written:
        kept.take_over(folder.with_name("none"), folder, 0)


def names(folder: Path) -> set[str]:
    return {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()}


def test_a_report_of_an_earlier_version_is_followed_by_one_that_is_made_once(tmp_path):
    target = tmp_path / "reports" / "shop-abc"
    shop.write(tmp_path, yaml=SMALL + "history: 2\n")
    put(target, {"results.json": json.dumps(EARLIER), "report.html": "last", "old.html": "",
                 "confidential/tiers.csv": ""}, written=False)  # fmt: skip
    everybody = pd.Index(sorted({*shop.rows()["customer"]}), name="customer_id")
    then = pd.Series("C", everybody).where(everybody != "Kunde-0000")
    then.to_frame(f"{PLAIN} (now)").to_parquet(target / "confidential" / "tiers.parquet")
    put(target, {"call-notes.txt": "mine"} | {"confidential/tiers.csv": "edited"}, False)
    command = ["report", "shop.yaml", "--only", "abc", "--exit-code"]
    done = run_segment(*command, folder=tmp_path)
    assert done.returncode == 3, done.stderr
    results = json.loads((target / "results.json").read_text("utf-8"))
    assert results["schema"] == 2 and results["verdict"]["recommended"] == PLAIN
    body = (target / "summary.html").read_text("utf-8")
    assert f"The recommendation changed from RFM to {PLAIN}." in body
    assert "An earlier version of segment made it, by another rule." in body
    now = pd.read_parquet(target / "confidential" / "tiers.parquet")[f"{PLAIN} (now)"]
    both = pd.DataFrame({"then": then, "now": now.astype(object)}).fillna("no purchase lately")
    both = both[both["then"] != both["now"]]
    moved = pd.read_csv(target / "confidential" / "moved.csv", encoding="utf-8-sig")
    assert [*moved] == ["Customer", "Tier in the last report", "Tier now"] and len(both) > 20
    assert moved.to_numpy().tolist() == both.reset_index().to_numpy().tolist()
    assert sorted(f.read_text()[:4] for f in target.glob("history/*/report.html"))[1] == "last"
    again = run_segment(*command, folder=tmp_path)
    assert again.returncode == 0 and f"Nothing has changed since {results['made']}" in again.stdout
    compared = run_segment("compare", *map(str, target.glob("history/*/results.json")),
                           folder=tmp_path)  # fmt: skip
    assert compared.returncode == 0 and "capture" not in compared.stdout


def test_what_others_put_into_a_report_stays_and_only_the_oldest_copies_go(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    put(old, {"results.json": "1", "report.html": "first", "gone.html": "", "c/list.csv": "list"})
    put(old, {"c/notes.txt": "mine", "c/list.csv": "called", "report.pdf": "%"}, written=False)
    put(old, {f"history/2024-0{n}-01_09-00/report.html": "" for n in (1, 2, 3)}, written=False)
    put(old, {"history/2024-01-01_09-00/why.txt": "", "history/mine/report.html": ""}, False)
    put(new, {"results.json": "2", "report.html": "second", "c/list.csv": "new"}, written=False)
    told = kept.take_over(old, new, 3)
    edited = [name for name in names(new / "c") if re.fullmatch(r"list \d{4}-\d\d-\d\d.csv", name)]
    assert len(edited) == 1 and (new / "c" / edited[0]).read_text() == "called"
    assert names(new / "c") == {"list.csv", "notes.txt", *edited} and len(told) == 2
    left = names(new / "history") - {"mine/report.html", "2024-01-01_09-00/why.txt"}
    assert {name for name in left if name < "2025"} == {"2024-03-01_09-00/report.html"}
    assert sorted((new / "history" / name).read_text() for name in left if name > "2025") == [
        "1", "2", "first", "second",
    ]  # fmt: skip
    newest = tmp_path / "newest"
    put(newest, {"results.json": "3"}, written=False)
    assert len(kept.take_over(new, newest, 0)) == 2  # theirs, whichever report is the last
    assert names(newest / "history") == names(new / "history")


MORE = """\
customers: {{source: people.csv, customer_id: who, columns: {{mood: mood}}}}
pages: [mine.ipynb]
"""
OWN = "from segment.tiering import ABC\n\n\nclass Own(ABC):\n    pass\n"


@pytest.mark.parametrize(("change", "same"), [
    (lambda f: f.joinpath("shop.yaml").open("a").write("# said\n"), True),
    (lambda f: os.utime(f / "shop.csv", (1, 1)), True),
    (lambda f: f.joinpath("shop.yaml").open("a").write("history: 1\n"), False),
    (lambda f: f.joinpath("shop.csv").open("a").write("x,2023-12-01,5\n"), False),
    (lambda f: f.joinpath("people.csv").open("a").write("x,2\n"), False),
    (lambda f: f.joinpath("own.py").write_text(OWN + "# other\n"), False),
    (lambda f: f.joinpath("mine.ipynb").open("a").write(" "), False),
    (lambda f: f.joinpath("own.py").unlink(), False),
])  # fmt: skip
def test_a_report_is_made_anew_where_something_changed(tmp_path, change, same):
    study = shop.write(tmp_path, yaml=SMALL.replace("{{method: abc", "{{method: 'own:Own'") + MORE)
    put(tmp_path, {"people.csv": "who,mood\na,1\n", "own.py": OWN, "mine.ipynb": "{}"}, False)
    before = unchanged.inputs(read(study), [])
    assert before.rest and before != unchanged.inputs(read(study, {"currency": "USD"}), [])
    assert before != unchanged.inputs(read(study), ["abc"])
    results = {"fingerprint": before.data, "inputs": before.rest, "made": "today"}
    put(tmp_path / "report", {"results.json": json.dumps(results), "report.html": ""})
    change(tmp_path)
    now = unchanged.inputs(read(study), [])
    assert unchanged.made(tmp_path / "report", now) == ("today" if same else "")
    (tmp_path / "report" / "report.html").unlink()
    assert unchanged.made(tmp_path / "report", now) == ""
    with pytest.raises(StudyError, match="changed while they were read"):
        unchanged.refuse_other_data(before, "other")


def test_an_unchanged_rerun_loads_nothing_that_takes_long(tmp_path):
    now = unchanged.inputs(read(shop.write(tmp_path)), [])
    results = {"fingerprint": now.data, "inputs": now.rest, "made": "2026-01-01 09:00"}
    put(tmp_path / "reports" / "shop", {"results.json": json.dumps(results), "report.html": ""})
    code = """\
import sys
from segment import cli
sys.argv[1:] = ["report", "shop.yaml"]
cli.main()
print({*sys.modules} & {"pandas", "numpy", "duckdb", "nbformat", "bs4"})
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert "Nothing has changed since 2026-01-01 09:00" in done.stdout, done.stderr
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize(("more", "words"), [
    ("", ""),
    ("backtest: {capture_share: 0.1}", "write served_share, the share of"),
    ("backtest: {margin: 0.02}", "write practical_margin, in points"),
    ("  Learned: {method: learned, seed: 1}", "'seed' is gone, nothing is drawn any more; remove"),
])  # fmt: skip
def test_a_study_of_an_earlier_version_runs_or_is_told_what_to_change(tmp_path, more, words):
    text = (ROOT / "data" / "cdnow.yaml").read_text().partition("# Who is in touch")[0]
    (tmp_path / "old.yaml").write_text(
        re.sub("  Recent spend.*\n", "", text).strip() + f"\n{more}\n"
    )
    try:
        assert tiering.build(read(tmp_path / "old.yaml")) and not words
    except StudyError as error:
        assert words and str(error).startswith("old.yaml, line 35") and words in str(error)


@pytest.mark.parametrize(("run", "lang"), [("shop_run", "en"), ("hostile_run", "zh-CN")])
def test_the_body_of_an_e_mail_needs_nothing_and_says_the_answer(run, lang, tmp_path, request):
    analysis = request.getfixturevalue(run)
    results = {"made": "2026-01-01", "versions": {"segment": "1"}}
    with using(lang[:2]):
        html = mail.write(analysis, results, tmp_path).read_text("utf-8")
    assert f'lang="{lang}"' in html and len(html) < 100_000
    assert not re.search(r"<(script|svg|img|a|link|style)\b|https?:|url\(|class=", html)
    widths = [int(width) for width in re.findall(r'width="(\d+)%" bgcolor', html)]
    shares = [int(share) for share in re.findall(r'align="right">(\d+)%<', html)]
    assert max(widths) == 100 and len(shares) >= 10
    assert sum(shares) == pytest.approx(200, abs=5) or sum(shares) == pytest.approx(300, abs=5)
    told = "<strong>Do now</strong>" if lang == "en" else "<strong>请注意</strong>"
    assert told in html and html.count("<h1") == 1


def test_names_in_an_e_mail_are_no_links_and_no_pictures():
    html = mail._html("Serve ![x](http://a.b/c.png) and [y](javascript:z) *first*")
    assert html.strip() == "<p>Serve x and y <em>first</em></p>"


@pytest.mark.browser
@pytest.mark.skipif(not any(map(shutil.which, pdf.BROWSERS)), reason="no Chromium is installed")
def test_the_report_is_printed_with_its_folds_and_its_first_screen_apart(tmp_path):
    style = (TEMPLATES / "segment" / "style.css").read_text()
    fold = "<details><summary>More</summary><p style='break-before: page'>A</p></details>"
    (tmp_path / "report.html").write_text(
        f"<html><head><style>{style}</style></head><body><main><p>Answer</p><nav></nav>"
        f"<section class='part'><p style='break-before: page'>Why</p>{fold}</section></main>"
    )
    pages = [len(re.findall(rb"/Type /Page\b", f.read_bytes())) for f in pdf.write(tmp_path)]
    assert pages == [3, 1]


def test_without_a_browser_no_work_is_begun(tmp_path, monkeypatch, capsys):
    shop.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["segment", "report", "shop.yaml", "--pdf"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2 and "there is none; install chromium" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()
