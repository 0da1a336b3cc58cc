"""What changed since the last saved report?"""

from __future__ import annotations

import pandas as pd

from segment.action import previous
from segment.action.previous import Comparison
from segment.features.names import column_name
from segment.language import N_, _
from segment.pages._results import results_of
from segment.pages._words import sentences
from segment.run import Run
from segment.words import count

INPUTS = {"rows": N_("rows"), "customers": N_("customers")}
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
    table["figure"] = table["figure"].map(column_name)
    words = table["beyond"].map({True: _("yes"), False: _("no")})
    table["beyond"] = words.where(table["difference"].notna() & (not change.same_data))
    return table.drop(columns="noise")


def since_last(run: Run) -> list[str]:
    """Say what changed since the last report of this study, or that there is none."""
    if run.previous is None:
        return [_("This is the first report of this study; the next one is compared with it.")]
    if run.previous.problem:
        return [_("The results of the last report cannot be read, so nothing is compared.")]
    return answer(compared(run))


def answer(change: Comparison) -> list[str]:
    """Say what changed between two runs: verdict, inputs and figures."""
    made = _("The last report was made on {day}.", day=change.made) if change.made else ""
    if change.nothing:
        same = _("**Nothing changed**: same data, same parameters, same figures.")
        return [sentences(same, made)]
    parts = [sentences(verdict(change), made), inputs(change), beyond_noise(change)]
    return [part for part in parts if part]


def verdict(change: Comparison) -> str:
    """Say whether the recommendation is still the same; empty if the last report has none."""
    old, new = (run["recommended"] or _("no scheme") for run in (change.old, change.new))
    if not change.old["best"]:
        return ""
    if old == new:
        return _("**The recommendation is still {label}.**", label=new)
    changed = _("**The recommendation changed from {old} to {new}.**", old=old, new=new)
    earlier = _("An earlier version of segment made it, by another rule.") if change.earlier else ""
    return sentences(changed, earlier)


def inputs(change: Comparison) -> str:
    """Say whether data, periods, parameters or software changed."""
    data = ""
    if change.same_data:
        data = _("The data are the same, so no difference comes from chance.")
    elif change.same_files is not None:
        data = _("The data, or the part of them that is used, changed.")
    facts = [
        _change(_(INPUTS[row.what]), _plain(row.old), _plain(row.new))
        for row in change.inputs[change.inputs["changed"]].itertuples()
        if row.what in INPUTS
    ]
    facts += _changes(change.parameters) + _changes(change.versions)
    return sentences(data, _("Changed: {changes}.", changes="; ".join(facts)) if facts else "")


def _changes(frame: pd.DataFrame) -> list[str]:
    parts = []
    for row in frame.head(MOST_NAMED).itertuples():
        key = str(row.key).removeprefix("methods.")
        if pd.isna(row.old):
            parts.append(_("{key} added", key=key))
        elif pd.isna(row.new):
            parts.append(_("{key} removed", key=key))
        else:
            values = (_("not said") if v == "null" else v.strip('"') for v in (row.old, row.new))
            parts.append(_change(key, *values))
    more = len(frame) - MOST_NAMED
    return [*parts, f"+ {more}"] if more > 0 else parts


def _change(what: str, old: str, new: str) -> str:
    return _("{what}: {old} to {new}", what=what, old=old, new=new)


def beyond_noise(change: Comparison) -> str:
    """Say how many figures changed by more than noise; empty on the same data."""
    both = change.figures.dropna(subset="difference")
    if both.empty or change.same_data:
        return ""
    return _(
        "Changed by more than noise: {far} of the {figures}.",
        far=f"{int(both['beyond'].sum()):,}",
        figures=count(len(both), "figure"),
    )


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
