"""A run against the last saved one: nothing changed, noise, more than noise, broken files."""

import copy
import json
import re

import cells
import conftest
import pytest
import shop
from typer.testing import CliRunner

from segment.action import previous
from segment.cli import app
from segment.language import using
from segment.pages import previous as page
from segment.pages._results import results_of
from segment.publish.build import keep_previous, write_json
from segment.run import load, prepare, save
from segment.study import read

RUN = {
    "made": "2024-07-01 09:00",
    "fingerprint": "abc",
    "facts": {"rows": 1000, "customers": 200, "first": "2023-01-01", "last": "2023-12-31"},
    "periods": {"start": "2023-01-01", "cut": "2023-09-01", "end": "2024-01-01"},
    "parameters": {
        "title": "Shop", "language": "en", "backtest": {"seed": 1},
        "methods": {"ABC": {"method": "abc", "limits": [0.8]}, "RFM": {"method": "rfm"}},
    },
    "versions": {"pandas": "3.0"},
    "figures": [
        {"label": "ABC", "kind": "method", "gini": 0.6, "gini_low": 0.56, "gini_high": 0.64},
        {"label": "RFM", "kind": "method", "gini": 0.5, "gini_low": 0.46, "gini_high": 0.54},
        {"label": "oracle", "kind": "yardstick", "gini": 1.0, "gini_low": 1.0, "gini_high": 1.0},
    ],
    "stability": [{"label": "ABC", "kappa": 0.5, "kappa_low": 0.4, "kappa_high": 0.6}],
    "tiers": [{"label": "ABC", "tier": "A", "customers": 40},
              {"label": "ABC", "tier": "B", "customers": 160}],
    "verdict": {"recommended": "ABC", "best": "ABC", "candidates": ["ABC", "RFM"], "refused": "",
                "margin": 0.005},
}  # fmt: skip


def changed(**places) -> dict:
    """Return the run with values at ``section__key`` replaced."""
    run = copy.deepcopy(RUN)
    for place, value in places.items():
        *path, last = (int(key) if key.isdigit() else key for key in place.split("__"))
        inside = run
        for key in path:
            inside = inside[key]
        inside[last] = value
    return run


def said(old, new) -> str:
    return " ".join(page.answer(previous.compare(old, new)))


def test_the_same_run_twice_says_nothing_changed():
    assert "oracle" not in set(previous.compare(RUN, RUN).figures["label"])
    later = changed(made="2024-08-01 09:00", parameters__title="Another", parameters__language="zh")
    assert previous.compare(RUN, later).nothing
    with using("zh"):
        assert "推荐方案仍为ABC" in said(RUN, changed(fingerprint="new"))
    assert said(RUN, later) == (
        "**Nothing changed**: same data, same parameters, same figures. "
        "The last report was made on 2024-07-01 09:00."
    )


def test_noise_is_told_from_change_by_both_intervals():
    # Three differences at once: z = 2.39; each interval's standard error is .0204.
    limit = 2.394 * (2 * (0.08 / 3.92) ** 2) ** 0.5
    for shift, beyond in [(limit - 0.002, False), (limit + 0.002, True)]:
        moved = {"gini": 0.6 + shift, "gini_low": 0.56 + shift, "gini_high": 0.64 + shift}
        new = changed(fingerprint="new", figures__0=RUN["figures"][0] | moved)
        row = previous.compare(RUN, new).figures.query("label == 'ABC' and figure == 'gini'")
        assert row["noise"].item() == pytest.approx(limit, abs=1e-3)
        assert bool(row["beyond"].item()) is beyond
        assert f"Changed by more than noise: {int(beyond)} of the 3 figures." in said(RUN, new)


def test_methods_added_removed_and_changed():
    methods = {"ABC": {"method": "abc", "limits": [0.7]}, "v1.2 of.RFM": {"method": "rfm"}}
    found = previous.compare(RUN, changed(parameters__methods=methods)).parameters
    assert sorted(found["key"]) == ["methods.ABC.limits", "methods.RFM", "methods.v1.2 of.RFM"]
    text = said(RUN, changed(parameters__methods=methods))
    assert "RFM removed" in text and "v1.2 of.RFM added" in text
    assert "ABC.limits: [0.8] to [0.7]" in text


OTHER_DATA = {"fingerprint": "new"}


@pytest.mark.parametrize(("changes", "words"), [
    # On the same data no difference is noise.
    ({"figures__0__gini": 0.61, "parameters__backtest__seed": 2},
     ["no difference comes from chance", "backtest.seed: 1 to 2"]),
    # Other periods of the same files are other data.
    ({"periods__end": "2024-02-01", "facts__rows": 1100, "figures__0__gini": 0.61,
      "parameters__periods": {"end": "2024-02-01"}},
     ["the part of them that is used, changed", "periods.end added", "noise: 0 of the 3"]),
    (OTHER_DATA | {"facts__rows": 1100, "periods__end": "2024-02-01", "versions__pandas": "3.1"},
     ["The data, or", "rows: 1,000 to 1,100", "pandas: 3.0 to 3.1"]),
    (OTHER_DATA | {"verdict__recommended": "RFM"}, ["changed from ABC to RFM.** "]),
    (OTHER_DATA | {"verdict__recommended": None, "verdict__refused": "too few customers"},
     ["changed from ABC to no scheme"]),
])  # fmt: skip
def test_what_changed_what_became_of_the_verdict_and_why(changes, words):
    text = said(RUN, changed(**changes))
    assert [each for each in words if each not in text] == []


@pytest.mark.parametrize("old", [
    {}, {"figures": 3, "verdict": []}, {"figures": [None, {"label": 5}], "tiers": "x", "facts": 7},
    {"verdict": {"candidates": "ABC", "margin": "much", "pairs": 3, "best": ["x"]}},
    {"tiers": [{"label": "ABC", "tier": "A", "customers": 10**400}, {"label": "ABC"}]},
    {"parameters": [1], "versions": 5, "periods": None, "stability": [{}]},
])  # fmt: skip
def test_older_files_lack_what_they_lack(old):
    text = said(old, RUN)
    assert "nan" not in text and "None" not in text
    assert said(RUN, old)


def test_broken_files_are_a_sentence(tmp_path):
    file = tmp_path / previous.FILE
    assert previous.read(file) is None
    for content, problem in [(b"{", "broken"), (b"\xff\xfe", "broken"), (b"[]", "other"),
                             (b'{"a": 1}', "other"), (b"", "broken"),
                             (b'{"facts": ' + b"[" * 99 + b"]" * 99 + b"}", "broken"),
                             (b'{"facts": "\\ud800"}', "broken"),
                             (b'{"schema": 3, "facts": {}}', "later")]:  # fmt: skip
        file.write_bytes(content)
        assert previous.read(file).problem == problem
    file.write_text(json.dumps(RUN))
    assert previous.read(file).results == RUN


def test_the_last_results_are_kept_before_they_are_replaced(tmp_path):
    kept = tmp_path / "kept.json"
    keep_previous(tmp_path / "none", kept)
    assert not kept.exists()
    write_json(RUN, tmp_path / "results.json")
    keep_previous(tmp_path, kept)
    assert previous.read(kept).results == RUN


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("previous")
    yaml = shop.YAML.split("  RFM segments")[0] + "backtest: {{replicates: 100, origins: 1}}\n"
    a = prepare(read(shop.write(folder, yaml=yaml)))
    save(a, folder / "run")
    return folder / "run", a


def test_a_run_knows_the_one_before(saved):
    run, a = saved
    assert load(run, a.study.file).previous is None
    assert "first report" in page.since_last(load(run, a.study.file))[0]
    write_json(results_of(a) | {"made": "2024-07-01 09:00"}, run / previous.FILE)
    assert page.since_last(load(run, a.study.file))[0].startswith("**Nothing changed**")
    (run / previous.FILE).write_text("{")
    assert "cannot be read" in page.since_last(load(run, a.study.file))[0]
    (run / previous.FILE).unlink()


def test_figures_of_a_changed_run():
    new = changed(fingerprint="new", figures__0__gini=0.9, tiers__0__customers=100)
    del new["figures"][1]
    change = previous.compare(RUN, new)
    figures = page.figures(change).set_index(["scheme", "figure"])
    gini = figures.loc[("ABC", "Normalised Gini")]
    assert gini["difference"] == pytest.approx(0.3) and gini["beyond"] == "yes"
    assert figures.loc[("RFM", "Normalised Gini"), ["new", "beyond"]].isna().all()


def test_the_page_of_a_changed_run(saved):
    _folder, a = saved
    last = a.__dict__["previous"] = previous.Previous(results_of(a) | {"fingerprint": "other"})
    last.results["tiers"] = [row | {"customers": 50} for row in last.results["tiers"]]
    html = cells.shown("21_retiering", a)
    assert "The data, or the part" in html and "This report against the last one" in html
    assert not re.search(r"\bnan\b", html)


def test_compare_on_the_command_line(tmp_path):
    for name, run in {"old": RUN, "new": changed(fingerprint="new", facts__rows=1100)}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(run))
    files = [str(tmp_path / f"{name}.json") for name in ("old", "new")]
    shown = CliRunner().invoke(app, ["compare", *files])
    assert "The recommendation is still ABC." in shown.output
    assert "rows: 1,000 to 1,100" in shown.output
    (tmp_path / "other.json").write_text(json.dumps(RUN | {"study": "other"}))
    for name, words in {"other": "give two of one study", "none": "holds no results"}.items():
        done = conftest.run_segment("compare", "old.json", f"{name}.json", folder=tmp_path)
        assert done.returncode == 2 and words in done.stderr
    (tmp_path / "later.json").write_text(json.dumps(RUN | {"schema": 3}))
    shown = CliRunner().invoke(app, ["compare", *files[:1], str(tmp_path / "later.json")])
    assert "is of a later version of segment" in str(shown.exception)
