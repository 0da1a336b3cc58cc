"""Did the special service pay?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.action import drawn as lists
from segment.action.experiment import Z
from segment.evidence.treatment import TOTAL
from segment.language import N_, _, tier_name
from segment.pages._plan import named
from segment.pages._words import by_sign, few_number, sentences
from segment.run.trial import Trial
from segment.words import listed, money, percent, points, span

EFFECTS = ("effect", "effect_share", "bought_effect")


def groups(trial: Trial) -> pd.DataFrame:
    """Return what the service added, by tier, the last row of all tiers that can be compared.

    ``treated`` and ``without`` (customers, by lot), ``mean_others`` (what each held out brought
    since, adjusted for what it had brought before), ``effect`` (on that) and ``bought_effect`` (on
    the share who bought) with intervals that hold for all rows at once, ``effect_share`` (of what
    the held out brought), likewise,
    ``planned`` (smallest effect, as a share of what they bring, that the list was to show) and
    ``shows`` (the one that it shows now).
    """
    table, bought = trial.value.table, trial.bought.table
    table = table.rename(columns={"others": "without"})
    brought = table["mean_others"].where(table["mean_others"] > 0)
    for end in ("", "_low", "_high"):
        table[f"bought_effect{end}"] = bought[f"effect{end}"]
        table[f"effect_share{end}"] = table[f"effect{end}"] / brought
    plan = pd.DataFrame(trial.drawn.record["tiers"]).T.reindex(table.index)
    table["planned"] = plan.get("value_effect", np.nan)
    table["planned"] = table["planned"].astype("float64")
    table["shows"] = Z * table["error"] / brought
    intervals = [f"{name}{end}" for name in EFFECTS for end in ("", "_low", "_high")]
    return table[["treated", "without", "mean_others", *intervals, "planned", "shows"]]


def answer(trial: Trial) -> list[str]:
    """Say whether the service added something, whether it paid, where, and whether to trust it."""
    first, last = trial.drawn.first_day, trial.since.end
    if not trial.days:
        return [
            _(
                "**Nothing can be said yet:** the experiment begins on {first}, and the study's "
                "data end before. Add the purchases since.",
                first=first,
            )
        ]
    if not trial.customers["bought"].any():
        text = N_("**Nobody on the list bought from {first} to the day before {last}:** no figure.")
        return [_(text, first=first, last=last)]
    if TOTAL not in trial.value.table.index:
        none = _(
            "**Nothing can be compared:** no tier has five customers with the service and five "
            "held out."
        )
        return [none, trust(trial)]
    return [
        sentences(added(trial), buyers(trial), pays(trial)),
        sentences(where(trial), order(trial)),
        trust(trial),
    ]


def added(trial: Trial) -> str:
    """Say what the service added to what each customer brought."""
    row = trial.value.table.loc[TOTAL]
    low, high = row["effect_low"], row["effect_high"]
    text = by_sign(
        low,
        high,
        N_(
            "**The service made customers bring {effect} more each in {span} ({low} to {high}): "
            "{sum} from {customers} served.**"
        ),
        N_(
            "**Customers with the service brought less: {effect} each in {span} ({low} to {high}), "
            "{sum} from {customers} served.**"
        ),
        N_(
            "**Whether the service adds anything is not shown:** {effect} each in {span}, and "
            "anything from {low} to {high} fits what {customers} served and the others brought."
        ),
    )
    amounts = {"effect": row["effect"], "sum": row["effect"] * row["treated"]}
    amounts = _money(trial, low=low, high=high, **amounts)
    return _(text, span=span(trial.days), customers=f"{row['treated']:,.0f}", **amounts)


def _money(trial: Trial, **amounts: float) -> dict[str, str]:
    return {name: money(amount, trial.study.currency) for name, amount in amounts.items()}


def buyers(trial: Trial) -> str:
    """Say what the service added to the share who bought."""
    row = trial.bought.table.loc[TOTAL]
    figures = {name: points(row[name]) for name in ("effect", "effect_low", "effect_high")}
    return _("Buyers: {effect} points ({effect_low} to {effect_high}).", **figures)


def pays(trial: Trial) -> str:
    """Say whether what the service added is more than it cost."""
    row = trial.money.loc[TOTAL]
    if np.isnan(row["cost_since"]) or np.isnan(row["net"]):
        return _(
            "Whether it pays is not said: the plan named no cost when the list was drawn, or the "
            "study has no margin and no 'margin_rate'."
        )
    text = by_sign(
        row["net_low"],
        row["net_high"],
        N_("**It pays:** beyond its cost of {cost} it leaves {net} ({low} to {high})."),
        N_("**It does not pay:** with its cost of {cost} it leaves {net} ({low} to {high})."),
        N_("Whether it pays is not shown: with its cost of {cost} it leaves {low} to {high}."),
    )
    ends = {"low": row["net_low"], "high": row["net_high"]}
    return _(text, **_money(trial, cost=row["cost_since"], net=row["net"], **ends))


def where(trial: Trial) -> str:
    """Say in which tiers the service adds or takes away, and where that is not shown."""
    table = trial.value.table.drop(index=TOTAL).dropna(subset="effect_low")
    signs = {
        N_("The service adds in {tiers}."): table["effect_low"] > 0,
        N_("It takes away in {tiers}."): table["effect_high"] < 0,
        N_("It is not shown to do either in {tiers}."): (table["effect_low"] <= 0)
        & (table["effect_high"] >= 0),
    }
    return sentences(
        *(_(text, tiers=named(table.index[who])) for text, who in signs.items() if who.any())
    )


def order(trial: Trial) -> str:
    """Say whether the order of the tiers finds those who respond."""
    rate, low, high = trial.value.rate
    if np.isnan(low):
        return ""
    text = by_sign(
        low,
        high,
        N_(
            "**The order of the tiers finds those who respond:** served from the best down they "
            "gain {rate} more each than in any order (rank-weighted effect, {low} to {high})."
        ),
        N_(
            "**The order of the tiers is the wrong way round for this service:** rank-weighted "
            "effect {rate} ({low} to {high})."
        ),
        "",
    )
    return _(text, **_money(trial, rate=rate, low=low, high=high)) if text else ""


def trust(trial: Trial) -> str:
    """Say whether the groups are those that were drawn, and who counts how."""
    customers, drawn = trial.customers, trial.drawn
    sizes, p = lists.sizes(drawn, customers["known"])
    counts, number = {name: f"{n:,}" for name, n in sizes.sum().items()}, few_number(trial)
    if p < lists.MISMATCH:
        text = N_(
            "**The groups are not as drawn, so do not trust this:** {served} of {served_drawn} "
            "with the service and {held_out} of {held_out_drawn} held out are there, which a lot "
            "leaves less than once in a thousand times."
        )
    else:
        text = N_(
            "The groups are as drawn ({served} with the service, {held_out} held out), and "
            "everybody counts where the lot put them."
        )
    gone, lost = (
        int((~customers["known"]).sum()),
        int(sizes[["served_drawn", "held_out_drawn"]].sum().sum() - len(customers)),
    )
    since = _(
        "Since then {lost} left the list, {gone} are gone from the data and count with 0, and "
        "{moved} changed the group but count by the lot.",
        lost=number(max(lost, 0)),
        gone=number(gone),
        moved=number(drawn.moved),
    )
    return sentences(
        _(text, **counts),
        since if lost > 0 or gone or drawn.moved else "",
        in_part(customers),
        unequal(trial),
    )


def in_part(customers: pd.DataFrame) -> str:
    """Say how many got the service, where the list says so: the effect is that of the offer."""
    given = customers.groupby("served")["treated"].mean()
    if given.isna().all() or (given.get(True, 1.0), given.get(False, 0.0)) == (1.0, 0.0):
        return ""
    return _(
        "Of those to be served {served} were, of those held out {others}: the effect is that of "
        "meaning to serve, smaller than that of serving.",
        served=percent(given.get(True, 0.0)),
        others=percent(given.get(False, 0.0)),
    )


def unequal(trial: Trial) -> str:
    """Say in which tiers the groups had brought more or less before than a lot usually makes."""
    table = trial.balance.table.drop(index=TOTAL, errors="ignore")
    apart = table.index[(table["effect_low"] > 0) | (table["effect_high"] < 0)]
    if apart.empty:
        return ""
    text = N_("In {tiers} the groups had brought different amounts before; that is adjusted for.")
    return _(text, tiers=named(apart))


def title(trial: Trial) -> str:
    """Head the figure by what it shows."""
    table = trial.value.table.drop(index=TOTAL, errors="ignore")
    found = table.index[table["effect_low"] > 0]
    if found.empty:
        return _("In no tier is the service shown to add anything")
    return _("The service adds in {tiers}.", tiers=listed([*map(tier_name, found)])).rstrip(".。")
