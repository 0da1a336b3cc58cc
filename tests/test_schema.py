"""What editors know of a study: its schema; and the example that is shipped."""

import copy
import inspect
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import make_shop
import pandas as pd
import pytest
import shop
import yaml
from conftest import run_segment

from segment.study.file import presets
from segment.tiering import METHODS
from segment.tiering.reference import FILE, parameters, schema

ROOT = Path(__file__).parents[1]
STUDIES = sorted((ROOT / "data").glob("*.yaml"))
SHOP = yaml.safe_load(shop.YAML.format(file="shop.csv"))


def refused(study: dict) -> list[str]:
    """Return the places that the schema refuses, dates written as in YAML."""
    plain = json.loads(json.dumps(study, default=str))
    errors = jsonschema.Draft7Validator(schema()).iter_errors(plain)
    return [".".join(map(str, error.path)) for error in errors]


def test_every_key_of_a_study_and_every_parameter_is_described():
    whole = schema()
    sections = {"Study": whole, **whole["$defs"]}
    assert len(sections) > 12
    for name, section in sections.items():
        for key, value in section.get("properties", {}).items():
            assert len(value.get("description", "")) > 5, f"{name}: {key}"
    for method, kind in METHODS.items():
        known = list(inspect.signature(kind.__init__).parameters)[1:]
        described = parameters(kind)
        assert {p.name for p in described} == {*known}, method
        assert all(len(p.text) > 5 for p in described), method
    bins = next(p for p in parameters(METHODS["rfm"]) if p.name == "bins")
    assert (bins.kind, bins.default) == ("int", 5) and bins.text.startswith(
        "Scores per variable, 2"
    )


def test_the_schema_takes_every_study_and_preset():
    assert len(STUDIES) > 4
    for file in STUDIES:
        assert refused(yaml.safe_load(file.read_text(encoding="utf-8"))) == [], file
    for name, file in presets().items():
        preset = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert refused(SHOP | preset | {"preset": name}) == [], name
    assert (
        refused(SHOP | {"methods": {"RFM": "rfm", "Clusters": None, "Own": {"method": "a:B"}}})
        == []
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sorce", 1),
        ("preset", "bnk"),
        ("periods.cutt", "2023-01-01"),
        ("backtest.served_share", 1.5),
        ("methods.RFM sum.bin", 4),
        ("methods.RFM sum.method", "rmf"),
        ("methods.Clusters.limits", [0.8]),
    ],
)
def test_the_schema_refuses_what_no_study_can_say(key, value):
    study = copy.deepcopy(SHOP)
    *path, last = key.split(".")
    section = study
    for name in path:
        section = section[name]
    section[last] = value
    assert refused(study)


def test_drafts_and_schema_tell_editors(tmp_path):
    shop.rows().to_csv(tmp_path / "t.csv", index=False)
    assert run_segment("init", "t.csv", folder=tmp_path).returncode == 0
    first = (tmp_path / "t.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={FILE}"
    made = (tmp_path / FILE).read_text(encoding="utf-8")
    assert json.loads(made) == json.loads(json.dumps(schema()))
    (tmp_path / FILE).unlink()
    done = run_segment("schema", folder=tmp_path)
    assert first in done.stdout and (tmp_path / FILE).read_text(encoding="utf-8") == made
    assert "no folder 'x'" in run_segment("schema", "x", folder=tmp_path).stderr


def test_who_installed_the_wheel_has_the_example(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "site")

    def segment(*arguments: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "segment", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(tmp_path / "site")} | more,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    said = segment("example", "shop")
    assert "segment report shop/shop.yaml" in said, said
    kept = pd.read_csv(tmp_path / "shop" / "shop.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(kept, make_shop.purchases().astype(kept.dtypes))
    assert yaml.safe_load((tmp_path / "shop" / "shop.yaml").read_text(encoding="utf-8"))
    assert "exists already" in segment("example", "shop")
    assert segment("--version").startswith("segment 0.")
    words = {"_SEGMENT_COMPLETE": "complete_bash", "COMP_WORDS": "segment re", "COMP_CWORD": "1"}
    assert segment(**words).split() == ["report"]
