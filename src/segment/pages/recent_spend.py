"""How long does a purchase count, and do recent spenders bring more than the biggest ones?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.evidence.refit import refitted
from segment.features.recent import RECENT, column
from segment.features.windows import NOW
from segment.language import _
from segment.pages._words import best, bold, gain, sentences, too_few
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.words import count, few

FIRST = 0.20  # of the customers, whose later value is told for each half-life


@once
def half_lives(scheme: Scheme) -> pd.DataFrame:
    """Return how well each half-life sorted customers, on earlier time and after the cut.

    ``half_life`` (days) as text, the shortest first and "no decay" last; ``concentration`` of
    what came in after the inner cuts (0 is random order), missing where none was learned;
    ``next_total``: what the first fifth of the customers by that order brought in the holdout.
    """
    known, learned = scheme.features, scheme.method.concentrations_.mean(axis=1)
    measure = "margin" if scheme.by_margin else "spend"
    forms = [form for name in known if (form := RECENT.fullmatch(name))]
    days = {float(form["days"]) for form in forms if form["measure"] == measure}
    days = [*learned.index] or [*sorted(days), np.inf]
    found = [_first(known[column(measure, each)], scheme.outcome["value"]) for each in days]
    table = {"concentration": learned.reindex(days).to_numpy(), "next_total": found}
    names = [f"{each:g}" if np.isfinite(each) else _("no decay") for each in days]
    table = pd.DataFrame(table, index=pd.Index(names, name="half_life"))
    if too_few(scheme.study, round(FIRST * len(known))):
        table["next_total"] = np.nan
    return table


def _first(score: pd.Series, value: pd.Series) -> float:
    """Return what the first fifth by a score brought; customers of one score count alike."""
    blocks = value.groupby(-score).agg(["size", "sum"]).cumsum()
    sizes, brought = np.r_[0, blocks["size"]], np.r_[0, blocks["sum"]]
    return float(np.interp(round(FIRST * len(score)), sizes, brought))


def answer(study: Run, schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    first = sentences(finding(scheme), on_the_newest_day(study, scheme))
    return [first, gain(scheme)]


def finding(scheme: Scheme) -> str:
    """Say how long a purchase counts here, and how that is known."""
    method, days = scheme.method, scheme.method.half_life_
    if method.fallback_:
        return _("**Old purchases count fully here:** {reason}.", reason=method.fallback_)
    if method.half_life or np.isinf(days):
        return bold(title(scheme))
    table = method.concentrations_
    chosen = _(
        "It was chosen of half-lives from {least} to {most} days, at {dates} dates before {cut}, "
        "by how well it sorted customers by what they spent next.",
        least=f"{table.index[0]:g}",
        most=f"{table.index[np.isfinite(table.index)].max():g}",
        dates=few(table.shape[1]),
        cut=scheme.windows.cut,
    )
    return sentences(bold(title(scheme)), chosen)


def on_the_newest_day(study: Run, scheme: Scheme) -> str:
    """Say what half-life is learned where the window ends with the newest day."""
    if scheme.method.half_life or scheme.method.fallback_:
        return ""
    days = refitted(scheme.method, study.snapshot(NOW)).half_life_
    return _(
        "Learned anew up to {day}: {half_life}.",
        day=scheme.windows.newest_day,
        half_life=_("no decay") if np.isinf(days) else count(round(days), "day"),
    )


def title(scheme: Scheme) -> str:
    """Say which half-life was chosen, of those that are drawn."""
    days = scheme.method.half_life_
    if np.isinf(days):
        return _("No half-life beats counting all purchases fully")
    return _("A purchase counts half after {days} days", days=f"{days:g}")
