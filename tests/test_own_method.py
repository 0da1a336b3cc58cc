"""The README's own example of a method runs as it stands there."""

import re
from pathlib import Path

import pytest
import shop

from segment.errors import StudyError
from segment.run import load, prepare, save
from segment.study import read

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SPEC = '{method: "my_tiers:BigBaskets", least: 50}'


def test_the_readme_example_joins_the_comparison(tmp_path):
    (code,) = re.findall(r"```python\n(from segment\.tiering.*?)```", README, flags=re.S)
    (tmp_path / "my_tiers.py").write_text(code)
    assert SPEC in README
    study = shop.write(tmp_path, yaml=shop.YAML.replace("{{method: abc}}", "{" + SPEC + "}"))
    a = prepare(read(study))
    tiers = a.methods["ABC 80/95"].labels_
    assert tiers.eq("big").equals(a.customers["monetary_mean"] >= 50)
    assert a.backtest.figures.loc["ABC 80/95", "tiers"] == 2
    assert a.schemes["ABC 80/95"].tiers["tier"].tolist() == ["big", "small"]
    save(a, tmp_path / "run")
    assert load(tmp_path / "run").verdict.recommended == a.verdict.recommended


def test_a_class_that_cannot_be_imported_is_named(tmp_path):
    study = shop.write(tmp_path, yaml=shop.YAML.replace("method: abc", 'method: "nowhere:Tiers"'))
    with pytest.raises(
        StudyError, match=r"shop.yaml, line \d+: 'nowhere:Tiers' cannot be imported"
    ):
        prepare(read(study))
