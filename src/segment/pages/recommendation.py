"""Which scheme should we use, why, and how sure is that?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from segment.action.service import effort
from segment.errors import StudyError
from segment.evidence.caution_words import in_words as cautions_in_words
from segment.evidence.expected import ranges
from segment.evidence.gains import Order
from segment.evidence.recommend import HURDLES, LEAST_DATES
from segment.features.customers import brought
from segment.features.warehouse import VIEW
from segment.language import N_, _, tier_name
from segment.pages import _plan
from segment.pages._present import present, told, younger
from segment.pages._words import (
    bold,
    example,
    gain,
    in_points,
    missed,
    number_of_points,
    one_date_only,
    sentence,
    sentences,
    the_list,
    top_tier,
)
from segment.pages.backtest import named_once
from segment.reading.findings import in_words
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.tiering.query import query
from segment.words import (
    about,
    capital,
    count,
    few,
    listed,
    money,
    more,
    more_between,
    percent,
    span,
)

NOT_RESPONSE = N_(
    "What this does not say: past spending predicts what customers will be worth, not whether "
    "special service makes them spend more. Only an experiment with a randomly held-out group "
    "answers that."
)
RANGE = N_(
    "“Between … and …” beside a figure, and the lines in figures, are 95% intervals: made so that "
    "in 95 of 100 samples of such customers they hold the true figure."
)


def answer(study: Run, scheme: Scheme) -> list[str]:
    """Say which scheme to use, why, how sure that is, and what it is not."""
    if study.verdict.refused:
        return [
            refusal(study, scheme),
            *steps(study, scheme),
            *concerns(study, scheme),
            _(NOT_RESPONSE),
        ]
    return [
        sentences(f"**{_('Use {scheme}.', scheme=scheme.label)}**", top_tier(scheme)),
        *steps(study, scheme),
        beside(study, scheme),
        against_today(study, scheme),
        _(RANGE),
        *concerns(study, scheme),
        _(NOT_RESPONSE),
    ]


def refusal(study: Run, scheme: Scheme) -> str:
    """Say why no scheme is recommended, and that the one which is shown is an example."""
    return sentences(bold(refused(study)), example(scheme, study.verdict.refused))


def refused(study: Run) -> str:
    """Say why no scheme is recommended, as a title."""
    return _("No recommendation: {reason}", reason=study.verdict.refused)


def steps(study: Run, scheme: Scheme) -> list[str]:
    """Say in three sentences how the recommendation came about: chance, order, cut."""
    verdict, schemes = study.verdict, study.verdict.schemes
    sound = schemes.index[schemes["chance"] > 0]
    chance = _(
        "**Better than chance?** Over {dates}, {some} of {all} schemes sort customers better than "
        "chance, beyond doubt.",
        some=len(sound),
        all=len(schemes),
        dates=count(len(study.rolling.origins), "cut date"),
    )
    if verdict.recommended is None:
        return [chance]
    order = _("**In which order?** {why}", why=why(study, scheme))
    served = scheme.figures["served"]
    text = N_(
        "**Cut where?** {share} of the customers can be served; the border of {label} nearest to "
        "that serves {reached}."
    )
    if pd.isna(served):
        text = N_(
            "**Cut where?** {share} of the customers can be served; no border of {label} lies near "
            "that."
        )
    share, reached = percent(study.backtest.served_share), percent(served / len(scheme.outcome))
    return [chance, order, _(text, share=share, label=scheme.label, reached=reached)]


def why(study: Run, scheme: Scheme) -> str:
    """Say what the recommended order found more than the plain sort, or that nothing beat it."""
    verdict, plain = study.verdict, the_list(scheme)
    if len(study.rolling.origins) < LEAST_DATES:
        return _(
            "{list} stays: with fewer than {least} cut dates nothing can replace it ({reason}).",
            list=capital(plain),
            least=few(LEAST_DATES),
            reason=one_date_only(study),
        )
    if verdict.beats_plain:
        return sentences(found_more(study, scheme), others_behind(study))
    found = others(study)
    if found.empty:
        return _("{list} stays: no other order could be set against it.", list=capital(plain))
    row = found.iloc[0]
    return _(
        "{list} stays, for nothing beat it beyond doubt: the next best, {label}, found {amount} "
        "than it on average, {points} of what known customers brought ({range}).",
        list=capital(plain),
        label=row.name,
        points=more(row["gain"], in_points),
        range=more_between(row["gain_low"], row["gain_high"], number_of_points),
        amount=more(row["gain"], in_money(study)),
    )


def found_more(study: Run, scheme: Scheme) -> str:
    """Say what the served group brought more than as many from the plain sort, and how surely."""
    row, over = scheme.figures, study.verdict.schemes.loc[scheme.label]
    return _(
        "The {customers} whom {label} would serve brought {amount} than as many from the top of "
        "{list} ({range}); over {dates} it was {points} of what known customers brought "
        "({points_range}).",
        customers=count(int(row["served"]), "customer"),
        label=scheme.label,
        amount=more(row["gain"], in_money(study)),
        list=the_list(scheme),
        range=more_between(row["gain_low"], row["gain_high"], in_money(study)),
        dates=count(len(study.rolling.origins), "cut date"),
        points=more(over["gain"], in_points),
        points_range=more_between(over["gain_low"], over["gain_high"], number_of_points),
    )


def others_behind(study: Run) -> str:
    """Say which other schemes beat the plain sort as well; empty if none."""
    more = [label for label in study.verdict.candidates if label != study.verdict.recommended]
    if not more:
        return ""
    return _(
        "Others that beat that list, but are not simpler, nor separably better: {others}.",
        others=listed(more),
    )


def others(study: Run) -> pd.DataFrame:
    """Return the verdict on schemes with an order and a gain of their own, highest gain first."""
    table = study.verdict.schemes.dropna(subset="gain")
    return table[~study.backtest.figures.loc[table.index, "by_construction"]]


def in_money(study: Run) -> Callable[[float], str]:
    """Return how a share of the value after the cut is written as an amount."""
    total = study.outcome["value"].sum()
    return lambda share: about(share * total, study.study.currency)


def against_today(study: Run, scheme: Scheme) -> str:
    """Say what the present tiers found, and who would move; empty without present tiers."""
    today = present(study)
    if today is None or today.label == scheme.label:
        return ""
    return sentences(gain(today), told(study, scheme.label), younger(study))


def beside(study: Run, scheme: Scheme) -> str:
    """Say what the choice leaves lying, which schemes find less, and whom the served group missed.

    Of the customers who became the most valuable, as many as are served.
    """
    verdict, figures = study.verdict, study.backtest.figures
    parts = []
    best = verdict.best
    if best != scheme.label and pd.notna(scheme.figures["gain"]):
        text = _(
            "On average {best} found most; at the last cut date its customers brought {amount} "
            "than those of {label}.",
            best=best,
            label=scheme.label,
            amount=more(figures.loc[best, "gain"] - scheme.figures["gain"], in_money(study)),
        )
        parts.append(text)
    less = verdict.schemes[verdict.schemes["ceiling"] < 0].sort_values("gain")
    if len(less):
        amounts = less["gain"].abs().map(in_money(study))
        named = [f"{label} ({amount})" for label, amount in amounts.items()]
        text = _(
            "Less than {list}, beyond doubt: {schemes}.",
            list=the_list(scheme),
            schemes=listed(named),
        )
        parts.append(text)
    return sentences(*parts, missed(scheme))


SHARES = (0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50)


def cuts(study: Run, scheme: Scheme) -> pd.DataFrame:
    """Return what other cuts of the order would do: one row for each share that could be served.

    ``served_share``, ``customers``, ``next_total`` that they brought and its ``value_share`` of
    all that came in (missing where that is 0 or less), ``gain_value`` over as many from the plain
    sort, and ``hours`` a month if each had the service of the best tier (without a plan there is
    no such column). Where a scheme orders customers by nothing but its tiers, the shares are those
    of its borders.
    """
    value = study.outcome["value"].to_numpy("float64")
    # A class of one's own may be no ``Tiering``.
    past, order = brought(scheme.features), getattr(scheme.method, "orders_by", "")
    if scheme.figures["by_construction"]:
        score, number = past, np.round(np.array(SHARES) * len(value))
    elif order:
        score, number = scheme.customers[order], np.round(np.array(SHARES) * len(value))
    else:
        score = -scheme.method.labels_.cat.codes
        number = scheme.held["customers"].cumsum().to_numpy()[:-1]
    everyone = np.ones((1, len(value)), dtype="uint8")
    orders = (Order(each.to_numpy("float64"), value) for each in (score, past))
    own, plain = (next(order.rows(everyone)).captured(number[None])[0] for order in orders)
    (net,) = Order(score.to_numpy("float64"), scheme.net.to_numpy()).rows(everyone)
    told = np.interp(number, net.customers[0], net.value[0])
    frame = pd.DataFrame({"served_share": number / len(value), "customers": number.astype(int)})
    frame["value_share"] = told / (study.came_in if study.came_in > 0 else np.nan)
    frame["next_total"] = told.round(2)
    frame["gain_value"] = ((own - plain) * value.sum()).round(2)
    best = _plan.tiers(scheme)["level"].iloc[0]
    each = effort(scheme.study.service).loc[best].sum()
    if each > 0 and scheme.study.has_plan:
        frame["hours"] = frame["customers"] * each
    return frame


def comparison(study: Run) -> pd.DataFrame:
    """Return every scheme in one row: how many tiers, what its best one brought, what it found.

    ``scheme`` (all that hold the same customers in one), ``tiers``, ``share`` and ``value_share``
    of the best tier (of the customers at the cut, and of all that came in), ``gain_value`` over
    the plain sort with its ends (95 %), over the cut dates, in the currency of the value after the
    study's own cut; missing of cuts of the plain sort. ``says``: recommended, or what stands in
    its way. Highest gain first, missing ones last.
    """
    tiers = study.backtest.tiers.query("customers > 0 and label in @study.methods")
    best = tiers.groupby("label", sort=False).first()[["share", "value_share"]]
    best.insert(0, "tiers", tiers.groupby("label", sort=False).size())
    schemes = study.verdict.schemes
    money = schemes[["gain", "gain_low", "gain_high"]] * study.outcome["value"].sum()
    plain = study.backtest.figures.loc[schemes.index, "by_construction"].astype(bool)
    money[plain] = np.nan
    table = best.join(money.set_axis(["gain_value", "gain_value_low", "gain_value_high"], axis=1))
    table["says"] = [
        _("recommended")
        if label == study.verdict.recommended
        else _(HURDLES[key])
        if key
        else _("beats it too")
        for label, key in schemes["hurdle"].reindex(table.index).items()
    ]
    table = table.sort_values("gain_value", ascending=False, kind="stable", na_position="last")
    return named_once(study, table).rename_axis("scheme").reset_index()


def concerns(study: Run, scheme: Scheme) -> list[str]:
    """Say what in the data weakens the figures; nothing if nothing does."""
    warnings = in_words(study.findings.query("weight == 'warning'"))
    findings = [
        _("{what} ({why})", what=f"{r.finding[0].lower()}{r.finding[1:]}", why=r.done)
        for r in warnings.itertuples()
    ]
    text = [
        sentences(bold(row.caution), *map(sentence, filter(None, (row.figure, row.meaning))))
        for row in cautions_in_words(
            study.cautions, scheme.label, scheme.study.currency
        ).itertuples()
    ]
    if findings:
        text.insert(0, _("Findings to look at: {findings}.", findings=listed(findings)))
    return text


def gains_title(study: Run) -> str:
    """Say how many schemes find more than the plain sort, beyond doubt."""
    return _(
        "Schemes surely better than the plain sort: {number}",
        number=len(study.verdict.candidates),
    )


def gains_note(scheme: Scheme) -> str:
    """Say what is drawn of the schemes, and which is meant."""
    return _(
        "Blue: {scheme}. Shaded: too little to matter. Not drawn: what surely finds less",
        scheme=scheme.label,
    )


@once
def expected(study: Run, scheme: Scheme) -> pd.DataFrame:
    """Return what one customer of each tier may bring next: ``evidence.expected.ranges``."""
    days = scheme.windows.holdout_days
    active = scheme.outcome["active"]
    return ranges(scheme.method, study.inner, scheme.net, active, days).dropna(subset="may")


def may_bring(study: Run, scheme: Scheme) -> str:
    """Say what one customer of the best tier may bring, and of which tiers most bring nothing."""
    table, currency = expected(study, scheme), scheme.study.currency
    if table.empty:
        return _("What one customer may bring cannot be learned before the cut.")
    first, length = table.iloc[0], span(scheme.windows.holdout_days)
    idle = table[table["buys"] < 0.5]
    parts = [f"*{tier_name(row.tier)}* {percent(row.buys)}" for row in idle.itertuples()]
    return sentences(
        _("Most bring nothing in some tiers; those who buy at all: {tiers}.", tiers=listed(parts))
        if parts
        else "",
        _(
            "One customer of *{tier}* may bring {low} to {high} in {span}, by what such customers "
            "brought before the cut; after it that held for {held}, where 80% were meant.",
            tier=tier_name(first["tier"]),
            low=money(first["may_low"], currency),
            high=money(first["may_high"], currency),
            span=length,
            held=percent(first["held_range"]),
        ),
    )


def deployable(study: Run, scheme: Scheme) -> str:
    """Give the recommended scheme as an SQL query, or say why there is none."""
    if study.verdict.refused:
        return sentence(refused(study))
    try:
        with scheme.telling():
            pretty = query(scheme.method, VIEW)
    except StudyError as error:
        return _("{label} has no SQL form: {reason}", label=scheme.label, reason=_(str(error)))
    defined = _("`confidential/rules.sql` makes `{view}` from the orders.", view=VIEW)
    return f"{defined}\n\n```sql\n{pretty}\n```"
