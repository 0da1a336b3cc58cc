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

from segment import tiering
from segment.errors import StudyError
from segment.language import using
from segment.publish import kept, mail, pdf, unchanged
from segment.publish.render import TEMPLATES
from segment.study import read

SMALL = shop.YAML.split("  RFM sum")[0] + "backtest: {{replicates: 100, origins: 1}}\n"
PLAIN = "Revenue tiers 5/20/50"
SPEC = {"method": "abc", "cut": "customers", "limits": [0.05, 0.2, 0.5], "by": "monetary_total"}
# results.json as it was written before it had a number for its schema, in short.
EARLIER = {
    "study": "shop", "title": "Corner shop", "made": "2025-03-01 09:00", "fingerprint": "abc",
    "parameters": {"backtest": {"capture_share": 0.1, "margin": 0.02, "seed": 1},
                   "methods": {PLAIN: SPEC | {"service": {}}}},
    "periods": {"start": "2023-01-01", "cut": "2023-09-01", "end": "2024-01-01"},
    "facts": {"rows": 900, "customers": 150, "first": "2023-01-01", "last": "2023-12-31"},
    "figures": [{"label": PLAIN, "kind": "method", "gini": 0.5, "gini_low": 0.4, "gini_high": 0.6,
                 "capture": 0.01, "capture_low": 0.0, "capture_high": 0.02}],
    "stability": [{"label": PLAIN, "kappa": 0.4, "kappa_low": 0.3, "kappa_high": 0.5}],
    "verdict": {"recommended": "RFM", "best": "RFM", "candidates": ["RFM"], "refused": "",
                "margin": 0.02, "pairs": [], "front": ["RFM"], "score": []},
    "versions": {"segment": "0.1.0"},
}  # fmt: skip


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def whole(folder: Path, files: dict[str, str]) -> None:
    put(folder, files)
    kept.take_over(folder.with_name("none"), folder, 0)


def names(folder: Path) -> set[str]:
    return {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()}


def test_a_report_of_an_earlier_version_is_followed_by_one_that_is_made_once(tmp_path):
    target = tmp_path / "reports" / "shop-abc"
    shop.write(tmp_path, yaml=SMALL + "history: 2\n")
    put(target, {"results.json": json.dumps(EARLIER), "report.html": "last", "confidential/x": ""})
    everybody = pd.Index(sorted({*shop.rows()["customer"]}), name="customer_id")
    then = pd.Series("C", everybody).where(everybody != "Kunde-0000")
    then.to_frame(f"{PLAIN} (now)").to_parquet(target / "confidential" / "tiers.parquet")
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
    assert [*moved] == ["Customer", "Last report", "Tier now"] and len(both) > 20
    assert moved.to_numpy().tolist() == both.reset_index().to_numpy().tolist()
    assert sorted(f.read_text()[:4] for f in target.glob("history/*/report.html"))[1] == "last"
    again = run_segment(*command, folder=tmp_path)
    assert again.returncode == 0 and f"Nothing has changed since {results['made']}" in again.stdout
    saved = sorted(map(str, target.glob("history/*/results.json")))
    compared = run_segment("compare", *saved, folder=tmp_path)
    assert compared.returncode == 0 and "capture" not in compared.stdout


def test_what_others_put_into_a_report_stays_and_only_the_oldest_copies_go(tmp_path):
    old, new, last = tmp_path / "old", tmp_path / "new", tmp_path / "last"
    whole(old, {"results.json": "1", "report.html": "first", "gone.html": "", "c/list.csv": "list"})
    put(old, {"c/notes.txt": "mine", "c/list.csv": "called", "report.pdf": "%"})
    put(old, {f"history/2024-0{n}-01_09-00/report.html": "" for n in (1, 2, 3)})
    put(old, {"history/2024-01-01_09-00/why.txt": "", "history/mine/report.html": ""})
    put(new, {"results.json": "2", "report.html": "second", "c/list.csv": "new"})
    told = kept.take_over(old, new, 3)
    edited = [name for name in names(new / "c") if re.fullmatch(r"list \d{4}-\d\d-\d\d.csv", name)]
    assert len(edited) == 1 and (new / "c" / edited[0]).read_text() == "called"
    assert names(new / "c") == {"list.csv", "notes.txt", *edited} and len(told) == 2
    left = names(new / "history") - {"mine/report.html", "2024-01-01_09-00/why.txt"}
    assert {name for name in left if name < "2025"} == {"2024-03-01_09-00/report.html"}
    copies = sorted((new / "history" / name).read_text() for name in left if name > "2025")
    assert copies == ["1", "2", "first", "second"]
    put(last, {"results.json": "3"})
    assert len(kept.take_over(new, last, 0)) == 2  # theirs, whichever report is the last
    assert names(last / "history") == names(new / "history")


OWN = "from segment.tiering import ABC\n\n\nclass Own(ABC):\n    pass\n"
MORE = "customers: {{source: p.csv, customer_id: who, columns: {{m: m}}}}\npages: [mine.ipynb]\n"


@pytest.mark.parametrize(("file", "text", "same"), [
    ("shop.yaml", "# said\n", True), ("shop.yaml", "history: 1\n", False),
    ("shop.csv", "x,2023-12-01,5\n", False), ("p.csv", "x,2\n", False),
    ("own.py", "# other\n", False), ("mine.ipynb", " ", False), ("own.py", None, False),
])  # fmt: skip
def test_a_report_is_made_anew_where_something_changed(tmp_path, file, text, same):
    study = shop.write(tmp_path, yaml=SMALL.replace("{{method: abc", "{{method: 'own:Own'") + MORE)
    put(tmp_path, {"p.csv": "who,m\na,1\n", "own.py": OWN, "mine.ipynb": "{}"})
    before = unchanged.inputs(read(study), [])
    assert before.rest and before != unchanged.inputs(read(study, {"currency": "USD"}), [])
    assert before != unchanged.inputs(read(study), ["abc"])
    results = {"fingerprint": before.data, "inputs": before.rest, "made": "today"}
    whole(tmp_path / "report", {"results.json": json.dumps(results), "report.html": ""})
    (tmp_path / file).write_text((tmp_path / file).read_text() + (text or ""))
    os.utime(tmp_path / "shop.csv", (1, 1))
    if text is None:
        (tmp_path / file).unlink()
    now = unchanged.inputs(read(study), [])
    assert unchanged.made(tmp_path / "report", now) == ("today" if same else "")
    (tmp_path / "report" / "report.html").unlink()
    assert unchanged.made(tmp_path / "report", now) == ""
    with pytest.raises(StudyError, match="changed while they were read"):
        unchanged.refuse_other_data(before, "other")


RUN = """\
import sys
from segment import cli
sys.argv[1:] = ["report", "shop.yaml"]
cli.main()
print({*sys.modules} & {"pandas", "numpy", "sklearn", "duckdb", "nbformat", "bs4"})
"""


def test_an_unchanged_rerun_loads_nothing_that_takes_long(tmp_path):
    now = unchanged.inputs(read(shop.write(tmp_path)), [])
    results = {"fingerprint": now.data, "inputs": now.rest, "made": "2026-01-01 09:00"}
    whole(tmp_path / "reports" / "shop", {"results.json": json.dumps(results), "report.html": ""})
    run = [sys.executable, "-c", RUN]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert "Nothing has changed since 2026-01-01 09:00" in done.stdout, done.stderr
    assert done.stdout.endswith("set()\n")


def test_a_study_of_an_earlier_version_runs_or_is_told_what_to_change(tmp_path):
    text = re.sub("  Recent spend.*\n", "", (ROOT / "data" / "cdnow.yaml").read_text())
    (tmp_path / "old.yaml").write_text(text)
    assert len(tiering.build(read(tmp_path / "old.yaml"))) == 15
    (tmp_path / "old.yaml").write_text(text.replace("learned}", "learned, seed: 1}"))
    with pytest.raises(StudyError, match=r"line 34: 'seed' is gone, .* remove it"):
        tiering.build(read(tmp_path / "old.yaml"))


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
    assert max(widths) == 100 and len(shares) >= 9
    # Of tiers of fewer than five customers, as the second run has, no value is told.
    assert round(sum(shares), -1) in ((200, 300) if lang == "en" else (150, 160))
    told = "<strong>Do now</strong>" if lang == "en" else "<strong>请注意</strong>"
    assert told in html and html.count("<h1") == 1
    named = mail._html("Serve ![x](http://a.b/c.png) and [y](javascript:z) *first*")
    assert "<em>first</em>" in named and not re.search(r"<(a|img)\b", named)


@pytest.mark.browser
@pytest.mark.skipif(not any(map(shutil.which, pdf.BROWSERS)), reason="no Chromium is installed")
def test_the_report_is_printed_with_its_folds_and_its_first_screen_apart(tmp_path, monkeypatch):
    style = (TEMPLATES / "segment" / "style.css").read_text()
    fold = "<details><summary>More</summary><p style='break-before: page'>A</p></details>"
    (tmp_path / "report.html").write_text(
        f"<html><head><style>{style}</style></head><body><main><p>Answer</p><nav></nav>"
        f"<section class='part'><p style='break-before: page'>Why</p>{fold}</section></main>"
    )
    pages = [len(re.findall(rb"/Type /Page\b", f.read_bytes())) for f in pdf.write(tmp_path)]
    assert pages == [3, 1]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StudyError, match="there is none; install chromium"):
        pdf.browser()
