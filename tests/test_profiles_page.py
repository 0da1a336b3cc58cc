"""The page of profiles: what it says and draws of attributes that differ, and of none."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import small

from segment.pages import profiles as page
from segment.tiering import ABC

RNG = np.random.default_rng(1)
WORTH = RNG.lognormal(size=400)
TRAITS = pd.DataFrame(
    {
        "tenure": WORTH * RNG.lognormal(sigma=0.3, size=400),
        "noise": RNG.normal(size=400),
        "trade": np.where(RNG.random(400) < np.where(WORTH > 1, 0.8, 0.2), "north", "south"),
        "online": RNG.random(400) < np.where(WORTH > 1, 0.9, 0.3),
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta((WORTH * 10).round(), unit="D"),
        "name": [f"Company {i}" for i in range(400)],
    }
)
SCHEME = small.scheme(
    ABC(cut="customers", limits=[0.25, 0.5]), pd.DataFrame({"monetary_total": WORTH}), WORTH
)


def said(traits: pd.DataFrame) -> str:
    return " ".join(page.answer(SCHEME, page.strengths(SCHEME, traits)))


def test_the_answer_names_what_differs():
    words = said(TRAITS)
    assert words.startswith("**The tiers of M differ most in since, tenure, ")
    assert page.title(page.strengths(SCHEME, TRAITS)).endswith("between the tiers: 4 of 5")


@pytest.mark.parametrize("name", ["noise", "name"])
def test_where_nothing_differs_the_page_says_so_and_draws_nothing(name):
    traits, alike = TRAITS[[name]], "**Apart from spending, the tiers of M do not differ.**"
    assert said(traits).startswith(alike)
    assert page.differing(page.strengths(SCHEME, traits)).empty
    assert "A customers table with region" in said(traits)
    sure = page.strengths(SCHEME, TRAITS[["noise"]]).assign(effect=0.04, low=0.03, high=0.05)
    assert page.answer(SCHEME, sure)[0] == alike  # a sure difference that counts as none


def test_what_sets_each_tier_apart():
    strengths, profile = page.strengths(SCHEME, TRAITS), page.profile(SCHEME, TRAITS)
    apart = page.apart(SCHEME, strengths, profile)
    assert apart[["tier", "customers"]].to_numpy().tolist() == [["A", 100], ["B", 100], ["C", 200]]
    south = (TRAITS["trade"] == "south")[SCHEME.method.labels_ == "A"].mean()
    assert f"; trade south: {south:.0%} (all: " in apart["apart"][0]
    assert "since: 2020-01-" in apart["apart"][0]
    noise = TRAITS[["noise"]]
    silent = page.apart(SCHEME, page.strengths(SCHEME, noise), page.profile(SCHEME, noise))
    assert set(silent["apart"]) == {"nothing beyond chance"}


@pytest.mark.parametrize("attribute", ["trade", "online", "since"])
def test_a_figure_draws_every_tier(attribute):
    profile = page.profile(SCHEME, TRAITS)
    assert page.tier_title(attribute) == f"{attribute.capitalize()} by tier"
    ax = page.draw(profile, attribute)
    ax.figure.canvas.draw()
    everyone = ["all customers"] if attribute == "trade" else []
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [*"ABC", *everyone]
    plt.close("all")
