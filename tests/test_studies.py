"""The table of all schemes on all studies, from the results.json of two small ones."""

import pytest
import studies


def results(gains: dict[str, tuple[float, float]], **methods: dict) -> dict:
    """A study of two dates: a scheme's gain at each of them; its interval is a point either way."""
    figures = [
        {"label": label, "cut": cut, "gain": gain}
        for label, both in gains.items()
        for cut, gain in zip(("2024-01-01", "2024-02-01"), both, strict=True)
    ]
    means = {label: sum(both) / 2 for label, both in gains.items()}
    summary = [
        {"label": label, "gain": mean, "gain_low": mean - 0.01, "gain_high": mean + 0.01}
        for label, mean in means.items()
    ]
    methods = {label: {"method": "own"} for label in gains} | methods
    dates = [
        {"cut": "2024-01-01", "end": "2024-04-01", "customers": 900, "active_share": 0.4},
        {"cut": "2024-02-01", "end": "2024-05-01", "customers": 1000, "active_share": 0.5},
    ]
    return {
        "facts": {"rows": 12_345},
        "parameters": {
            "methods": {label: {"method": "own"} for label in gains} | methods,
            "columns": {"margin": None},
            "currency": "EUR",
        },
        "origins": {"dates": dates, "figures": figures, "summary": summary},
        "tiers": [{"label": "A", "customers": 1000, "mean_value": 40.0}],
        "verdict": {"recommended": None, "refused": "too few"},
    }


@pytest.fixture
def two() -> dict:
    rfm, cluster = {"method": "rfm", "service": {"A": "bespoke"}}, {"method": "clusters", "k": 3}
    nothing = {"label": "Mixture", "gain": None, "gain_low": None, "gain_high": None}
    one = results({"RFM": (0.03, 0.01), "Clusters": (-0.02, -0.06)}, RFM=rfm, Clusters=cluster)
    one["origins"]["summary"].append(nothing)
    other = results({"RFM": (-0.01, 0.0), "Clusters": (0.0, 0.04)}, RFM={"method": "rfm"})
    other["parameters"]["methods"]["Clusters"] = cluster | {"k": 4}
    return {"cdnow": one, "wholesale": other}


def test_every_scheme_stands_once_with_its_mean_interval_and_range_in_each_study(two):
    table = studies.schemes(two, "gain")
    assert table.index.tolist() == ["RFM", "Clusters"]
    assert table.loc["RFM", "CDNOW (real)"] == "+2.0 [+1.0, +3.0], +1.0 to +3.0"
    # Other parameters are marked, another service is not.
    assert table.loc["RFM", "Wholesale (synthetic)"] == "-0.5 [-1.5, +0.5], -1.0 to +0.0"
    assert table.loc["Clusters", "Wholesale (synthetic)"] == "+2.0 [+1.0, +3.0], +0.0 to +4.0*"
    assert table[["above 0", "below 0"]].to_numpy().tolist() == [[1, 0], [1, 1]]
    assert studies.schemes(two, "gini").empty
    # Real studies give the order: here Clusters find more over both, but less on the real one.
    far = results({"RFM": (-0.5, -0.5), "Clusters": (0.5, 0.5), "New": (0.9, 0.9)})
    table = studies.schemes(two | {"wholesale": far}, "gain")
    assert table.index.tolist() == ["RFM", "Clusters", "New"]


def test_the_page_says_what_each_study_is_and_holds_the_tables_there_are(two):
    text = studies.page(two)
    assert "| Rows used | 12,345 | 12,345 |" in text
    assert "| One point is | 400 EUR | 400 EUR |" in text
    assert "| Judged by | revenue of 90 days | revenue of 90 days |" in text
    assert "\n| Clusters | -4.0 [-5.0, -3.0], -6.0 to -2.0 | +2.0" in text
    assert "with parameters of the study's own" in text
    assert "Normalised Gini" not in text
    del two["wholesale"]["origins"]["figures"][2:], two["wholesale"]["origins"]["summary"][1:]
    assert "| – |" in (text := studies.page(two)) and "parameters of" not in text
