"""The documentation holds what the code says and what the commands print."""

import re
from pathlib import Path

import make_reference
import make_tutorial
from conftest import run_segment

from segment.pages import summary
from segment.run import prepare
from segment.study import read

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_the_reference_is_what_the_code_says():
    """Else: python docs/make_reference.py."""
    assert make_reference.FILE.read_text(encoding="utf-8") == make_reference.reference()


def test_links_lead_to_files():
    links = [
        page.parent / link
        for page in [ROOT / "README.md", *DOCS.glob("*.md")]
        for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 30 and [str(link) for link in links if not link.exists()] == []


def test_the_tutorial_shows_what_check_prints(tmp_path):
    make_tutorial.export().to_csv(tmp_path / "订单.csv", index=False, encoding="gbk")
    shown = run_segment("init", "订单.csv", folder=tmp_path).stdout
    study = tmp_path / "订单.yaml"
    study.write_text(study.read_text(encoding="utf-8").replace("# keep:", "keep:"), "utf-8")
    shown += run_segment("check", "订单.yaml", folder=tmp_path).stdout
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z ]+) \| +([\d,]+) \| ([\d,.]+) \|$", page, re.MULTILINE)
    said = re.findall(r"^│ ([a-z ]+?) +│ +([\d,]+) │ ([\d,.]+) +│$", shown, re.MULTILINE)
    assert len(rows) == 5 and rows == said
    for line in re.findall(r"^  (\w+: .+)$", page, re.MULTILINE):
        assert line in shown


def test_the_tutorial_tells_what_the_example_finds():
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    example = prepare(read(ROOT / "data" / "shop.yaml"))
    scheme = example.scheme()
    assert f"> {summary.heading(example, scheme).removeprefix('# ')}\n" in page
    gain = example.verdict.schemes.loc[scheme.label, ["gain", "gain_low", "gain_high"]]
    assert "{:.1f} points more (between {:.1f} and {:.1f} more)".format(*100 * gain) in page
