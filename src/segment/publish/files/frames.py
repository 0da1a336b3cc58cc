"""Tiers and watch-lists as people and programs read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from segment.action import retiering, service, watchlists
from segment.action.watchlists.lists import NAMES, NEXT
from segment.features import ids
from segment.language import _, tier_name
from segment.pages import _plan, watch_lists
from segment.run import Run
from segment.words import listed

AT_ONCE = 250_000  # customers that are put into words


@dataclass(frozen=True)
class Standing:
    """Where every customer who ever bought stands, in the words of the code.

    ``at_cut`` and ``now`` hold the tier under every scheme at the cut and in the newest window,
    missing without a purchase there. ``about``: ``sure`` (share of the resamples that give the tier
    of today under the scheme that counts) and ``chance`` (to be in one of its best two tiers a
    period later), ``action`` (what its tier, or else the first of its watch-lists, asks for),
    ``lists`` (names of the watch-lists, joined by ``;``), ``pseudonym`` where pages use them.
    ``history`` is what they did, as a ``Run`` knows it.
    ``level`` is the position of the customer's level of service in the plan that can be done;
    None without a plan.
    """

    at_cut: pd.DataFrame
    now: pd.DataFrame
    about: pd.DataFrame
    history: pd.DataFrame
    level: pd.Series | None

    def parts(self, order: np.ndarray | None = None) -> Iterator[Standing]:
        """Yield some customers after others, in the order of their places if it is given."""
        number = len(self.about)
        order = np.arange(number) if order is None else order
        for start in range(0, max(1, number), AT_ONCE):
            yield self._at(order[start : start + AT_ONCE])

    def of(self, customers: pd.Index) -> Standing:
        """Return some of the customers, found once for all frames."""
        return self._at(ids.places(customers, self.about.index))

    def _at(self, places: np.ndarray) -> Standing:
        frames = (self.at_cut, self.now, self.about, self.history, self.level)
        return Standing(*(None if frame is None else frame.iloc[places] for frame in frames))


def standing(run: Run, label: str, lists: Mapping[str, watchlists.WatchList]) -> Standing:
    """Return where every customer stands under every scheme, and what one scheme asks for."""
    newest, everybody = run.today, run.history.index

    def of_everybody(tiers: Mapping[str, pd.Series], known: pd.Index) -> pd.DataFrame:
        place = ids.places(everybody, known)
        return pd.DataFrame(
            {n: t.array.take(place, allow_fill=True) for n, t in tiers.items()}, everybody
        )

    now = {name: watchlists.newest_tiers(m, newest) for name, m in run.methods.items()}
    now, at_cut = of_everybody(now, newest.index), of_everybody(run.tiers, run.customers.index)
    on = watchlists.lists_of(lists.values())
    actions = _by_tier(now[label], todo(run, label).get)
    chances = retiering.chances(at_cut[label].dropna(), now[label], run.methods[label].tiers_)
    about = pd.DataFrame({"sure": ids.of(run.sure(label, newest=True), everybody)})
    about["chance"] = _by_tier(now[label], chances.get).astype("float64")
    on = ids.of(on, everybody)
    steps = on.map(lambda names: NEXT[names[0]], na_action="ignore")
    about["action"] = actions.where(actions.notna() & (actions != ""), steps)
    about["lists"] = on.map(";".join, na_action="ignore").astype(object)
    if run.study.identifiers == "pseudonym":
        about["pseudonym"] = watch_lists.names(run)
    return Standing(at_cut, now, about, run.history, _levels(run, label, now))


def untested(run: Run, label: str) -> Standing:
    """Return where the customers of a study of totals stand, and what one scheme asks for."""
    tiers = pd.DataFrame(dict(run.tiers))
    about = pd.DataFrame(
        {"action": _by_tier(tiers[label], todo(run, label).get)}, index=tiers.index
    )
    if run.study.identifiers == "pseudonym":
        about["pseudonym"] = watch_lists.names(run)
    none = pd.DataFrame(index=tiers.index)
    return Standing(none, tiers, about, run.history, _levels(run, label, tiers))


def todo(run: Run, label: str) -> dict[str, str]:
    """Return what is to be done for each tier: its service words, else the method's first note."""
    notes = run.schemes[label].notes.replace("", None)
    if notes.empty:
        return {}
    own = notes.get("Service", notes.iloc[:, 0])
    return own.fillna(notes.iloc[:, 0]).fillna("").to_dict()


def plain(customers: Standing) -> pd.DataFrame:
    """Return one frame for programs: per scheme the tier at the cut and ``<scheme> (now)``."""
    parts: dict[str, pd.Series] = {}
    now = customers.now.add_suffix(" (now)") if len(customers.at_cut.columns) else customers.now
    for frame in (customers.at_cut, now, customers.about):
        for name, column in frame.items():
            if isinstance(column.dtype, pd.CategoricalDtype):
                column = _by_tier(column, str, kind="str")
            elif not pd.api.types.is_numeric_dtype(column):
                column = column.astype("str")
            parts[_free(name, parts)] = column
    return pd.DataFrame(parts)


def surely(run: Run, label: str, about: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the columns that say how sure the tier of today is, and what the next may be."""
    best = listed([tier_name(t) for t in retiering.best_two(run.methods[label].tiers_)], "or")
    return {
        _("How sure the tier is"): about["sure"].round(3),
        _("Chance to be in {tiers} next period", tiers=best): about["chance"].round(3),
    }


def headed(run: Run, label: str, customers: Standing) -> pd.DataFrame:
    """Return what is to be done with every customer, in words.

    Heads, tiers and actions are in the study's language.
    """
    about, none = customers.about, tier_name(_plan.LAPSED)
    plan = _service(run, label, customers)
    asked = about["action"].astype(object).map(_, na_action="ignore").replace("", None)
    parts = {
        **_ids(about),
        _("{what} ({why})", what=_("Tier now"), why=label): _shown(customers.now[label], none),
        **plan.drop(columns="channel"),
    }
    if run.study.untested:
        parts |= {_("What they brought"): run.outcome["net"].reindex(about.index).round(2)}
        parts |= {_("Next step"): asked.fillna(plan["channel"])}
        return in_columns(parts)
    parts |= {
        _("Spent in the last year"): customers.history["year"].round(2),
        _("Last order"): _day(run, customers.history["days_since_last"]),
        _("Next step"): asked.fillna(plan["channel"]),
        _("Watch-lists"): _joined(about["lists"].fillna("")),
        _("Tier at the cut"): _shown(customers.at_cut[label], ""),
        **surely(run, label, about),
    }
    return in_columns(parts)


def schemes(customers: Standing) -> pd.DataFrame:
    """Return every customer's tier of today under every scheme, in words."""
    parts: dict[str, Any] = {_("Customer"): customers.about.index}
    for name, tiers in customers.now.items():
        parts[_free(name, parts)] = _shown(tiers, tier_name(_plan.LAPSED))
    return in_columns(parts)


def most_first(run: Run, customers: Standing) -> np.ndarray:
    """Return the places of customers by what they brought of late, the most first."""
    money = run.outcome["net"] if run.study.untested else run.history["year"]
    return np.argsort(-ids.of(money, customers.about.index).to_numpy(), kind="stable")


def _service(run: Run, label: str, customers: Standing) -> pd.DataFrame:
    """Return the service of each customer, its contacts a year, and its ``channel`` in words.

    Without a plan there is no service and no channel.
    """
    policy, level = run.study.service, customers.level
    if level is None:
        return pd.DataFrame({"channel": ""}, index=customers.about.index)
    often = service.contacts(policy).groupby("level")["mid"].sum() * 12
    part = _plan.served(run.schemes[label])["part"].reindex(level.index).fillna(1.0)
    return pd.DataFrame(
        {
            _("Service"): level.map({n: _(each.name) for n, each in enumerate(policy.every)}),
            _("Contacts a year"): (level.map(often).fillna(0.0) * part).round(1),
            "channel": level.map({n: _(each.channel) for n, each in enumerate(policy.every)}),
        }
    )


def _levels(run: Run, label: str, now: pd.DataFrame) -> pd.Series | None:
    scheme = run.schemes[label]
    if _plan.why_no_plan(scheme):
        return None
    return _plan.levels(run, scheme, now[label].astype(object).fillna(_plan.LAPSED))


def watch_list(
    run: Run, label: str, watched: watchlists.WatchList, customers: Standing
) -> pd.DataFrame:
    """Return a watch-list as people read it, the most money at stake first.

    The next step is the one of the customer, who may stand on a more urgent list.
    """
    rows, customers = watched.rows, customers.of(watched.rows.index)
    on = customers.about["lists"].str.split(";")
    parts = {
        **_ids(customers.about),
        _("Tier"): _shown(customers.now[label], tier_name(_plan.LAPSED)),
        _("Reason"): watch_lists.reasons(run, label, {watched.name: watched})[watched.name],
        **last_orders(run, customers.history),
        _("Money at stake"): rows["stake"].round(2),
        _("Next step"): [_(NEXT[names[0]]) for names in on],
        _("Also on"): _joined(";".join(n for n in names if n != watched.name) for names in on),
    }
    return in_columns(parts)


def call_list(
    run: Run,
    label: str,
    due: pd.DataFrame,
    lists: Mapping[str, watchlists.WatchList],
    customers: Standing,
) -> pd.DataFrame:
    """Return whom of those ``due`` to call first: as many as the hours allow, with room for notes.

    ``due`` is the ``watchlists.call_list`` of the lists.
    """
    table = watchlists.first(due, watch_lists.number_of_calls(run, label))
    called = {
        name: replace(each, rows=each.rows[ids.places(each.rows.index, table.index) >= 0])
        for name, each in lists.items()
    }
    told = watch_lists.reasons(run, label, called)
    reasons = []
    for who, (name, *others) in table["lists"].items():
        also = [_("{what} ({why})", what=_(NAMES[n]), why=told[n][who]) for n in others]
        reasons.append(_("; ").join([told[name][who], *also]))
    empty, customers = [""] * len(table), customers.of(table.index)
    parts = {
        _("Watch-lists"): [_(NAMES[names[0]]) for names in table["lists"]],
        **_ids(customers.about),
        _("Reason"): reasons,
        **last_orders(run, customers.history),
        _("Money at stake"): table["stake"].round(2),
        _("Next step"): [_(NEXT[names[0]]) for names in table["lists"]],
        _("Owner"): empty,
        _("Date"): empty,
        _("Result"): empty,
    }
    return in_columns(parts)


def last_orders(run: Run, known: pd.DataFrame) -> dict[str, pd.Series]:
    """Return when customers of a history bought last, and what they bring on a purchase day."""
    return {
        _("Last order"): _day(run, known["days_since_last"]),
        _("Usual amount"): (known["total"] / known["order_days"]).round(2),
    }


def _day(run: Run, ago: pd.Series) -> pd.Series:
    return pd.Timestamp(run.windows.newest_day) - pd.to_timedelta(ago, unit="D")


def in_columns(parts: Mapping[str, Iterable[Any]]) -> pd.DataFrame:
    """Return columns as a frame, whatever their indexes."""
    bare = (pd.Series, pd.Index)
    return pd.DataFrame({n: c.array if isinstance(c, bare) else list(c) for n, c in parts.items()})


def _ids(about: pd.DataFrame) -> dict[str, Any]:
    named = {_("Customer"): about.index}
    return named | ({_("Pseudonym"): about["pseudonym"]} if "pseudonym" in about else {})


def _joined(lists: Iterable[str]) -> list[str]:
    lists = [*lists]
    words = {ns: listed([_(NAMES[name]) for name in ns.split(";")]) for ns in {*lists} if ns}
    return [words.get(ns, "") for ns in lists]


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """Return a heading that no other column has: a scheme may be called like one."""
    return name if name not in taken else _free(f"{name} *", taken)


def _shown(tiers: pd.Series, missing: str) -> pd.Series:
    return _by_tier(tiers, tier_name, missing)


def _by_tier(
    tiers: pd.Series, what: Callable[[str], Any], missing: Any = None, kind: str = "object"
) -> pd.Series:
    """Return what there is for each customer's tier; asked for once for each tier."""
    each = pd.Series([*map(what, tiers.cat.categories), missing], dtype=kind)
    return each.iloc[tiers.cat.codes].set_axis(tiers.index)
