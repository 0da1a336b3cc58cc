"""What changed since the last saved report."""

from __future__ import annotations

import pandas as pd

from segment.action.previous import ROUNDING, Comparison
from segment.language import N_, _, _n
from segment.pages.views.retiering import compared, sorting
from segment.run import Run
from segment.words import count, decimal, listed, percent

FIGURES = {"gini": N_("normalised Gini"), "capture": N_("capture"), "skill": N_("skill"),
           "kappa": N_("stability")}  # fmt: skip
INPUTS = {"rows": N_("rows"), "customers": N_("customers"), "first": N_("first day of the data"),
          "last": N_("last day of the data"), "start": N_("start of the learning period"),
          "cut": N_("cut date"), "end": N_("end of the holdout")}  # fmt: skip
MOST_NAMED = 5


def since_last(a: Run) -> list[str]:
    """Say what changed since the last report of this study, or that there is none."""
    if a.previous is None:
        return [_("This is the first report of this study, so there is nothing to compare with; "
                  "the next one will be compared with it.")]  # fmt: skip
    if a.previous.problem == "broken":
        return [_("The last report cannot be read (its results are damaged), so there is nothing "
                  "to compare with.")]  # fmt: skip
    if a.previous.problem:
        return [_("The last report holds no results that can be compared.")]
    return answer(compared(a))


def answer(c: Comparison) -> list[str]:
    """Say what changed between two runs: inputs, verdict, figures and tiers."""
    if c.nothing:
        return [f"{_('**Nothing changed**: same data, same parameters, same figures.')} {made(c)}"]
    return [part for part in (f"{verdict(c)} {made(c)}".strip(), why(c), inputs(c), figures(c),
                              tiers(c)) if part]  # fmt: skip


def made(c: Comparison) -> str:
    """Say when the last report was made."""
    if not c.made:
        return _("The last report does not say when it was made.")
    return _("The last report was made on {day}.", day=c.made)


def verdict(c: Comparison) -> str:
    """Say whether the recommendation is still the same."""
    old, new = c.old["recommended"], c.new["recommended"]
    if not c.old["best"]:
        return _("**The last report holds no verdict to compare with.**")
    if old == new:
        if new is None:
            return _("**As before, no scheme is recommended.**")
        return _("**The recommendation is still {label}.**", label=new)
    if new is None:
        return _("**The last report recommended {old}; this one recommends nothing:** {reason}.",
                 old=old, reason=c.new["refused"])  # fmt: skip
    if old is None:
        return _("**The last report recommended nothing; this one recommends {new}.**", new=new)
    return _("**The recommendation changed from {old} to {new}.**", old=old, new=new)


def why(c: Comparison) -> str:
    """Say why the recommendation or its candidates changed."""
    old, new, parts = c.old, c.new, []
    if not old["best"]:
        return ""
    left = [label for label in old["candidates"] if label not in new["candidates"]]
    joined = [label for label in new["candidates"] if label not in old["candidates"]]
    known = set(c.figures.loc[c.figures["new"].notna(), "label"])
    if (before := old["recommended"]) and before != new["recommended"] and new["recommended"]:
        if before not in known:
            parts.append(_("{label} is no longer in the study.", label=before))
        elif before in left:
            parts.append(_("{label} is now clearly worse than the best scheme{behind}.",
                           label=before, behind=_behind(new, before)))  # fmt: skip
        elif new["recommended"] in joined:
            parts.append(_(
                "{label} is now a candidate as well, and simpler than {old}.",
                label=new["recommended"], old=before,
            ))  # fmt: skip
        else:
            parts.append(_("Both are candidates in both reports; their order changed."))
    if left:
        parts.append(_("No longer candidates: {labels}.", labels=_named(left)))
    if joined:
        parts.append(_("New candidates: {labels}.", labels=_named(joined)))
    if old["best"] != new["best"]:
        parts.append(_("The highest normalised Gini passed from {old} to {new}.",
                       old=old["best"], new=new["best"]))  # fmt: skip
    if abs(old["margin"] - new["margin"]) > 0:
        parts.append(_("The margin that matters went from {old} to {new}.",
                       old=f"{old['margin']:g}", new=f"{new['margin']:g}"))  # fmt: skip
    return " ".join(parts)


def _behind(new: dict, label: str) -> str:
    rows = [row for row in new["pairs"] if row.get("worse") == label and row.get("separable")]
    far = [row["difference"] for row in rows if isinstance(row.get("difference"), float)]
    if not far:
        return ""
    return _(" (its normalised Gini is {difference} behind)", difference=decimal(max(far), 3))


def inputs(c: Comparison) -> str:
    """Say whether data, periods, parameters or software changed."""
    parts = []
    if c.same_files is None:
        parts.append(_("The last report does not say on which data it was made."))
    elif c.same_data:
        parts.append(_("The data are the same, so that every difference comes from the study or "
                       "the software, and none from chance."))  # fmt: skip
    elif c.same_files:
        parts.append(_("The files are the same, but another part of them was used."))
    else:
        parts.append(_("The data changed."))
    changed = c.inputs[c.inputs["changed"]]
    if len(changed):
        told = [_("{what}: {old} to {new}", what=_(INPUTS[row.what]), old=_plain(row.old),
                  new=_plain(row.new)) for row in changed.itertuples()]  # fmt: skip
        parts.append(_("Changed: {changes}.", changes="; ".join(told)))
    if len(c.parameters):
        parts.append(_("Parameters: {changes}.", changes=_changes(c.parameters)))
    if len(c.versions):
        parts.append(_("Software: {changes}.", changes=_changes(c.versions)))
    return " ".join(parts)


def _changes(frame: pd.DataFrame) -> str:
    told = []
    for row in frame.head(MOST_NAMED).itertuples():
        key = str(row.key).removeprefix("methods.")
        if row.old is None or pd.isna(row.old):
            told.append(_("{key} added", key=key))
        elif row.new is None or pd.isna(row.new):
            told.append(_("{key} removed", key=key))
        else:
            told.append(_("{key} from {old} to {new}", key=key, old=_bare(row.old),
                          new=_bare(row.new)))  # fmt: skip
    more = len(frame) - len(told)
    if more > 0:
        told.append(_n("{n} more", "{n} more", more))
    return "; ".join(told)


def figures(c: Comparison) -> str:
    """Say which figures changed by more than noise."""
    both = c.figures.dropna(subset="difference")
    missing = c.figures.loc[c.figures["old"].isna() & c.figures["new"].notna(), "label"].unique()
    parts = []
    if len(missing):
        parts.append(_("Not in the last report, or without its figures there: {labels}.",
                       labels=_named(list(missing))))  # fmt: skip
    if both.empty:
        return " ".join(parts)
    moved = both[both["difference"].abs() > ROUNDING]
    if moved.empty:
        parts.append(_("Every figure that both reports hold is the same."))
    elif c.same_data:
        parts.append(_n("{n} figure differs.", "{n} figures differ.", len(moved)))
    else:
        parts.append(_beyond(both))
    return " ".join(parts)


def _beyond(both: pd.DataFrame) -> str:
    far = both[both["beyond"]]
    compared = count(len(both), "figure")
    caution = _(
        "The test takes both reports as independent samples; where the data merely grew, they "
        "share customers, and it rather misses a change than invents one."
    )
    if far.empty:
        said = _("None of the {figures} of the schemes changed by more than noise.",
                 figures=compared)  # fmt: skip
        return f"{said} {caution}"
    order = (far["difference"].abs() / far["noise"]).sort_values(ascending=False).index
    told = [
        _("{figure} of {label} from {old} to {new}", figure=_(FIGURES[row.figure]),
          label=row.label, old=decimal(row.old, 3), new=decimal(row.new, 3))
        for row in far.loc[order].head(MOST_NAMED).itertuples()
    ]  # fmt: skip
    more = len(far) - len(told)
    if more > 0:
        told.append(_n("{n} more", "{n} more", more))
    said = _(
        "More than noise changed {far} of the {figures} of the schemes: {told}.",
        far=f"{len(far):,}", figures=compared, told="; ".join(told),
    )  # fmt: skip
    return f"{said} {caution}"


def tiers(c: Comparison) -> str:
    """Say what became of the tier sizes of the recommended scheme."""
    label = c.new["recommended"] or c.new["best"]
    of = c.tiers[c.tiers["label"] == label]
    if of.empty:
        return ""
    if (of["old"] == of["new"]).all():
        return _("The tiers of {label} are as large as before.", label=label)
    row = of.loc[(of["new_share"] - of["old_share"]).abs().idxmax()]
    size = {"label": label, "tier": row["tier"], "old": f"{row['old']:,.0f}",
            "new": f"{row['new']:,.0f}", "old_share": percent(row["old_share"], 1),
            "new_share": percent(row["new_share"], 1)}  # fmt: skip
    if row["beyond"] and not c.same_data:
        return _(
            "Of the tiers of {label}, {tier} changed most: from {old} customers ({old_share}) to "
            "{new} ({new_share}), more than noise.",
            **size,
        )
    return _(
        "Of the tiers of {label}, {tier} changed most: from {old} customers ({old_share}) to {new} "
        "({new_share}).",
        **size,
    )


def figures_title(c: Comparison) -> str:
    """Say how many schemes sort customers better or worse than in the last report."""
    far = int(sorting(c)["beyond"].sum())
    if c.same_data or far == 0:
        return _("No scheme sorts customers better or worse than last time, beyond noise")
    return _n(
        "{n} scheme sorts customers better or worse than last time, beyond noise",
        "{n} schemes sort customers better or worse than last time, beyond noise", far,
    )  # fmt: skip


def _named(labels: list[str]) -> str:
    more = len(labels) - MOST_NAMED
    if more <= 0:
        return listed(labels)
    return listed([*labels[:MOST_NAMED], _n("{n} more", "{n} more", more)])


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _bare(text: str) -> str:
    return _("not set") if text == "null" else text.strip('"')
