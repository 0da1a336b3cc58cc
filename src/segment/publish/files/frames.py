"""Tiers and watch-lists as people and programs read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from segment.action import watchlists
from segment.language import _, tier_name
from segment.pages import views
from segment.pages.narrate.watchlist_words import NAMES, NEXT
from segment.pages.narrate.watchlists import reason
from segment.run import Run
from segment.words import listed


@dataclass(frozen=True)
class Standing:
    """Where every customer who ever bought stands, in the words of the code.

    Attributes
    ----------
    at_cut, now : DataFrame
        Indexed by ``customer_id``, a column per scheme: the tier at the cut, missing for
        who came later; and in the newest window, missing without a purchase there.
    about : DataFrame
        ``chance`` (to keep the tier of the cut under the scheme that counts), ``action``
        (what its tier, or else the first of its watch-lists, asks for), ``lists`` (names of
        the watch-lists, joined by ``;``), ``pseudonym`` where pages use them.
    """

    at_cut: pd.DataFrame
    now: pd.DataFrame
    about: pd.DataFrame


def standing(a: Run, label: str, lists: Mapping[str, watchlists.WatchList]) -> Standing:
    """Return where every customer stands under every scheme, and what one scheme asks for."""
    everybody, customers = views.watchlists.everybody(a), a.snapshot(watchlists.NOW)
    now = {name: watchlists.newest_tiers(m, customers) for name, m in a.methods.items()}
    now, at_cut = (
        pd.DataFrame({name: t.astype(object).reindex(everybody) for name, t in tiers.items()})
        for tiers in (now, a.tiers)
    )
    about = pd.DataFrame({"chance": watchlists.chance(a, label)}, index=everybody)
    on = watchlists.membership(list(lists.values()))
    actions = now[label].map(todo(a, label))
    steps = on.map(lambda names: NEXT[names[0]])
    about["action"] = actions.where(actions.notna() & (actions != ""), steps)
    about["lists"] = on.map(";".join)
    if a.study.identifiers == "pseudonym":
        about["pseudonym"] = views.watchlists.names(a)
    return Standing(at_cut, now, about)


def todo(a: Run, label: str) -> dict[str, str]:
    """Return what is to be done for each tier: the study's service words, else the first note."""
    notes = a.notes(label)
    columns = [name for name in ("Service", *notes.columns) if name in notes]
    return notes[columns[0]].fillna("").to_dict() if columns else {}


def plain(found: Standing) -> pd.DataFrame:
    """Return one frame for programs: per scheme the tier at the cut and ``<scheme> (now)``."""
    parts: dict[str, pd.Series] = {}
    for columns, ending in ((found.at_cut, ""), (found.now, " (now)"), (found.about, "")):
        for name, column in columns.items():
            parts[_free(f"{name}{ending}", parts)] = column
    return pd.DataFrame(parts)


def headed(label: str, found: Standing) -> pd.DataFrame:
    """Return tiers with headings, tiers and actions in the study's language."""
    none, about = _("no purchase lately"), found.about
    parts = {
        **_ids(about),
        _("Tier now ({scheme})", scheme=label): _names(found.now[label], none),
        _("Tier at the cut"): _names(found.at_cut[label], ""),
        _("Chance to keep it"): about["chance"].round(3),
        _("Next action"): about["action"].map(_, na_action="ignore").fillna(""),
        _("Watch-lists"): about["lists"].fillna("").map(_listed),
    }
    for name, tiers in found.now.items():
        parts[_free(name, parts)] = _names(tiers, none)
    return pd.DataFrame({name: list(column) for name, column in parts.items()})


def watch_list(a: Run, label: str, one: watchlists.WatchList, found: Standing) -> pd.DataFrame:
    """Return a watch-list as people read it, the most money at stake first."""
    rows, about = one.rows, found.about.reindex(one.rows.index)
    tiers, own = found.now[label].reindex(rows.index), a.methods[label].tiers_
    others = [";".join(n for n in names.split(";") if n != one.name) for names in about["lists"]]
    parts = {
        **_ids(about),
        _("Tier"): _names(tiers, _("no purchase lately")),
        _("Money at stake"): rows["stake"].round(2),
        _("Reason"): [reason(one, row, own) for row in rows.to_dict("records")],
        _("Next step"): [_(NEXT[one.name])] * len(rows),
        _("Also on"): map(_listed, others),
    }
    return pd.DataFrame({name: list(column) for name, column in parts.items()})


def _ids(about: pd.DataFrame) -> dict[str, Any]:
    found = {_("Customer"): about.index}
    return found | ({_("Pseudonym"): about["pseudonym"]} if "pseudonym" in about else {})


def _listed(names: str) -> str:
    return listed([_(NAMES[name]) for name in names.split(";")]) if names else ""


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """Return a heading that no other column has: a scheme may be called like one."""
    return name if name not in taken else _free(f"{name} *", taken)


def _names(column: pd.Series, missing: str) -> pd.Series:
    return column.map(tier_name, na_action="ignore").fillna(missing)
