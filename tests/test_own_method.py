"""The documentation's own example of a method runs as it stands there."""

import re
from pathlib import Path

import pytest
import shop

from segment.errors import StudyError
from segment.pages import recommendation
from segment.run import load, prepare, save
from segment.study import read

PAGE = (Path(__file__).parents[1] / "docs" / "own.md").read_text(encoding="utf-8")
SPEC = '{method: "my_tiers:BigBaskets", least: 50}'


def test_the_readme_example_joins_the_comparison(tmp_path):
    (code,) = re.findall(r"```python\n(from segment\.tiering.*?)```", PAGE, flags=re.S)
    (tmp_path / "my_tiers.py").write_text(code)
    assert SPEC in PAGE
    study = shop.write(tmp_path, yaml=shop.YAML.replace("{{method: abc}}", "{" + SPEC + "}"))
    a = prepare(read(study))
    tiers = a.methods["ABC 80/95"].labels_
    assert tiers.eq("big").equals(a.customers["monetary_mean"] >= 50)
    assert a.backtest.figures.loc["ABC 80/95", "tiers"] == 2
    assert a.schemes["ABC 80/95"].tiers["tier"].tolist() == ["big", "small"]
    save(a, tmp_path / "run")
    again = load(tmp_path / "run", study)
    assert again.verdict.recommended == a.verdict.recommended
    assert again.methods["ABC 80/95"].labels_.equals(tiers)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(StudyError, match="of another study than"):  # whose code would run
        load(tmp_path / "run", shop.write(other))


PLAIN = """
import pandas as pd
from sklearn.base import BaseEstimator

class Halves(BaseEstimator):
    tiers_ = ("more", "less")

    def fit(self, customers):
        self.labels_ = self.predict(customers)
        return self

    def predict(self, customers):
        more = customers["order_days"] >= 3
        names = more.map({True: "more", False: "less"})
        tiers = pd.Categorical(names, list(self.tiers_), ordered=True)
        return pd.Series(tiers, customers.index)
"""


def test_a_class_that_is_no_tiering_has_its_other_cuts_too(tmp_path):
    """Those at its borders: nothing else orders its customers."""
    (tmp_path / "halves.py").write_text(PLAIN)
    spec = '{{method: "halves:Halves"}}'
    study = shop.write(tmp_path, yaml=shop.YAML.replace("{{method: abc}}", spec))
    a = prepare(read(study))
    scheme = a.scheme("ABC 80/95")
    (cut,) = recommendation.cuts(a, scheme).itertuples()
    assert cut.customers == (a.customers["order_days"] >= 3).sum()


def test_a_class_that_cannot_be_imported_is_named(tmp_path):
    study = shop.write(tmp_path, yaml=shop.YAML.replace("method: abc", 'method: "nowhere:Tiers"'))
    with pytest.raises(
        StudyError, match=r"shop.yaml, line \d+: 'nowhere:Tiers' cannot be imported"
    ):
        prepare(read(study))
