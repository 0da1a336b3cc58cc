"""What changed since the last saved report?"""

from __future__ import annotations

import pandas as pd

from segment.action import previous
from segment.action.previous import ROUNDING, Comparison
from segment.language import N_, _, _n
from segment.pages._results import results_of
from segment.pages._words import sentences
from segment.run import Run
from segment.words import count, decimal, listed, percent

FIGURES = {
    "gini": N_("normalised Gini"),
    "capture": N_("capture"),
    "skill": N_("skill"),
    "kappa": N_("stability"),
}
INPUTS = {
    "rows": N_("rows"),
    "customers": N_("customers"),
    "first": N_("first day of the data"),
    "last": N_("last day of the data"),
    "start": N_("start of the learning period"),
    "cut": N_("cut date"),
    "end": N_("end of the holdout"),
}
MOST_NAMED = 5


def compared(run: Run) -> Comparison | None:
    """Return this run against the last saved one; None without a usable one."""
    if run.previous is None or run.previous.problem:
        return None
    return previous.compare(run.previous.results, results_of(run))


def figures(change: Comparison) -> pd.DataFrame:
    """Return each scheme's figures then and now.

    ``scheme``, ``figure``, ``old``, ``new``, ``difference``, ``beyond`` (yes or no: more than
    noise; missing on the same data).
    """
    table = change.figures.rename(columns={"label": "scheme"})
    table["figure"] = table["figure"].map(FIGURES).map(_)
    words = table["beyond"].map({True: _("yes"), False: _("no")})
    table["beyond"] = words.where(table["difference"].notna() & (not change.same_data))
    return table.drop(columns="noise")


def since_last(run: Run) -> list[str]:
    """Say what changed since the last report of this study, or that there is none."""
    if run.previous is None:
        text = _(
            "This is the first report of this study, so there is nothing to compare with; the "
            "next one will be compared with it."
        )
    elif run.previous.problem == "broken":
        text = _(
            "The last report cannot be read (its results are damaged), so there is nothing to "
            "compare with."
        )
    elif run.previous.problem == "later":
        text = _("The last report is of a later version of segment, which this one cannot read.")
    elif run.previous.problem:
        text = _("The last report holds no results that can be compared.")
    else:
        return answer(compared(run))
    return [text]


def answer(change: Comparison) -> list[str]:
    """Say what changed between two runs: inputs, verdict, figures and tiers."""
    made = (
        _("The last report was made on {day}.", day=change.made)
        if change.made
        else _("The last report does not say when it was made.")
    )
    if change.nothing:
        same = _("**Nothing changed**: same data, same parameters, same figures.")
        return [sentences(same, made)]
    parts = [sentences(verdict(change), made), why(change), inputs(change)]
    return [part for part in (*parts, beyond_noise(change), sizes(change)) if part]


def verdict(change: Comparison) -> str:
    """Say whether the recommendation is still the same."""
    old, new = change.old["recommended"], change.new["recommended"]
    if change.earlier and change.old["best"] and old != new:
        told = _told(change, old, new)
        return sentences(told, _("An earlier version of segment made it, by another rule."))
    return _told(change, old, new)


def _told(change: Comparison, old: str | None, new: str | None) -> str:
    if not change.old["best"]:
        return _("**The last report holds no verdict to compare with.**")
    if old == new:
        if new is None:
            return _("**As before, no scheme is recommended.**")
        return _("**The recommendation is still {label}.**", label=new)
    if new is None:
        return _(
            "**The last report recommended {old}; this one recommends nothing:** {reason}.",
            old=old,
            reason=change.new["refused"],
        )
    if old is None:
        return _("**The last report recommended nothing; this one recommends {new}.**", new=new)
    return _("**The recommendation changed from {old} to {new}.**", old=old, new=new)


def why(change: Comparison) -> str:
    """Say why the recommendation or its candidates changed."""
    old, new = change.old, change.new
    if change.earlier or not old["best"]:
        return ""
    left = [label for label in old["candidates"] if label not in new["candidates"]]
    joined = [label for label in new["candidates"] if label not in old["candidates"]]
    parts = [_replaced(change)]
    if left:
        parts.append(_("No longer better than the plain sort: {labels}.", labels=_named(left)))
    if joined:
        parts.append(_("Better than the plain sort now: {labels}.", labels=_named(joined)))
    return sentences(*parts)


def _replaced(change: Comparison) -> str:
    """Say that the scheme which was recommended is gone; empty if it is not."""
    before = change.old["recommended"]
    known = set(change.figures.loc[change.figures["new"].notna(), "label"])
    if not before or before == change.new["recommended"] or before in known:
        return ""
    return _("{label} is no longer in the study.", label=before)


def inputs(change: Comparison) -> str:
    """Say whether data, periods, parameters or software changed."""
    if change.same_files is None:
        data = _("The last report does not say on which data it was made.")
    elif change.same_data:
        data = _(
            "The data are the same, so that every difference comes from the study or the "
            "software, and none from chance."
        )
    elif change.same_files:
        data = _("The files are the same, but another part of them was used.")
    else:
        data = _("The data changed.")
    facts = [
        _(
            "{what}: {old} to {new}",
            what=_(INPUTS[row.what]),
            old=_plain(row.old),
            new=_plain(row.new),
        )
        for row in change.inputs[change.inputs["changed"]].itertuples()
    ]
    changes = {
        "parameters": _("Parameters: {changes}.", changes=_changes(change.parameters)),
        "versions": _("Software: {changes}.", changes=_changes(change.versions)),
    }
    return sentences(
        data,
        _("Changed: {changes}.", changes="; ".join(facts)) if facts else "",
        *(text for name, text in changes.items() if len(getattr(change, name))),
    )


def _changes(frame: pd.DataFrame) -> str:
    parts = []
    for row in frame.head(MOST_NAMED).itertuples():
        key = str(row.key).removeprefix("methods.")
        if pd.isna(row.old):
            parts.append(_("{key} added", key=key))
        elif pd.isna(row.new):
            parts.append(_("{key} removed", key=key))
        else:
            values = {"old": _bare(row.old), "new": _bare(row.new)}
            parts.append(_("{key} from {old} to {new}", key=key, **values))
    return "; ".join([*parts, *_more(len(frame))])


def beyond_noise(change: Comparison) -> str:
    """Say which figures changed by more than noise."""
    table = change.figures
    both = table.dropna(subset="difference")
    missing = table.loc[table["old"].isna() & table["new"].notna(), "label"].unique()
    text = ""
    if len(missing):
        text = _(
            "Not in the last report, or without its figures there: {labels}.",
            labels=_named(list(missing)),
        )
    if both.empty:
        return text
    moved = int((both["difference"].abs() > ROUNDING).sum())
    if not moved:
        return sentences(text, _("Every figure that both reports hold is the same."))
    if change.same_data:
        return sentences(text, _n("{n} figure differs.", "{n} figures differ.", moved))
    caution = _(
        "The test takes both reports as independent samples; where the data merely grew, they "
        "share customers, and it rather misses a change than invents one."
    )
    return sentences(text, _far(both), caution)


def _far(both: pd.DataFrame) -> str:
    far, number = both[both["beyond"]], count(len(both), "figure")
    if far.empty:
        return _("None of the {figures} of the schemes changed by more than noise.", figures=number)
    order = (far["difference"].abs() / far["noise"]).sort_values(ascending=False).index
    parts = [
        _(
            "{figure} of {label} from {old} to {new}",
            figure=_(FIGURES[row.figure]),
            label=row.label,
            old=decimal(row.old, 3),
            new=decimal(row.new, 3),
        )
        for row in far.loc[order].head(MOST_NAMED).itertuples()
    ]
    return _(
        "More than noise changed {far} of the {figures} of the schemes: {told}.",
        far=f"{len(far):,}",
        figures=number,
        told="; ".join([*parts, *_more(len(far))]),
    )


def sizes(change: Comparison) -> str:
    """Say what became of the tier sizes of the recommended scheme."""
    label = change.new["recommended"] or change.new["best"]
    table = change.tiers[change.tiers["label"] == label]
    if table.empty:
        return ""
    if (table["old"] == table["new"]).all():
        return _("The tiers of {label} are as large as before.", label=label)
    moved = (table["new_share"] - table["old_share"]).abs().dropna()
    if moved.empty:
        return ""
    row = table.loc[moved.idxmax()]
    noise = not row["beyond"] or change.same_data
    return _(
        "Of the tiers of {label}, {tier} changed most: from {old} customers ({old_share}) to "
        "{new} ({new_share}){more}.",
        label=label,
        tier=row["tier"],
        old=f"{row['old']:,.0f}",
        new=f"{row['new']:,.0f}",
        old_share=percent(row["old_share"], 1),
        new_share=percent(row["new_share"], 1),
        more="" if noise else _(", more than noise"),
    )


def figures_title(change: Comparison) -> str:
    """Say how many schemes sort customers better or worse than in the last report."""
    far = int(change.figures.query("figure == 'gini' and difference.notna()")["beyond"].sum())
    if change.same_data or far == 0:
        return _("No scheme sorts customers better or worse than last time, beyond noise")
    return _n(
        "{n} scheme sorts customers better or worse than last time, beyond noise",
        "{n} schemes sort customers better or worse than last time, beyond noise",
        far,
    )


def _named(labels: list[str]) -> str:
    return listed([*labels[:MOST_NAMED], *_more(len(labels))])


def _more(number: int) -> list[str]:
    """Return how many more there are than are named, if any."""
    more = number - MOST_NAMED
    return [_n("{n} more", "{n} more", more)] if more > 0 else []


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _bare(text: str) -> str:
    return _("not set") if text == "null" else text.strip('"')
