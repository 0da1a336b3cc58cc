"""The list of an experiment as ``segment assign`` drew it, and what its customers did since.

Beside the list stands its record, with the ending ``.json``: the seed, the tiers, how many were
drawn, what was planned and when. Who was held out follows from seed and customer id, so a
customer who stands in another group by now is found, and counts where the lot put it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chisquare

from segment.action.experiment import HELD_OUT, SERVED, lot
from segment.errors import StudyError
from segment.features import customers as features
from segment.features.parts import parts
from segment.reading import working
from segment.reading.check import check_data
from segment.reading.formulas import as_it_was
from segment.reading.sources import engine
from segment.reading.table import stored
from segment.study import Study

COLUMNS, TREATED = ["customer_id", "tier", "group"], "treated"
# Words for "this customer got the service" in a column that the user adds to the list.
YES = {"1", "1.0", "x", "yes", "y", "true", "ja", "oui", "是", "有"}
# Groups that differ more than the lot would do one time in a thousand were not drawn so.
MISMATCH = 0.001
BEFORE, SINCE = "before", f"since.{features.JUDGING[0]}"


@dataclass(frozen=True)
class Drawn:
    """A list as it was drawn, and its ``record``.

    ``rows``, by customer: ``tier`` (ordered, best first), ``served`` (by lot), ``treated`` (1 where
    the service was given; missing where the list does not say). ``moved`` are the customers whom
    the list puts in another group than the lot did.
    """

    rows: pd.DataFrame
    record: Mapping[str, Any]
    moved: int

    @property
    def first_day(self) -> dt.date:
        """The day from which purchases are compared."""
        return dt.date.fromisoformat(self.record["first_day"])


def record_of(file: Path) -> Path:
    """Return where the record of a list stands."""
    return file.with_suffix(".json")


def record(
    drawn: pd.DataFrame, seed: int, first_day: dt.date, tiers: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what is kept of a list: ``tiers`` holds what is known of each tier's plan."""
    last = drawn["customer_id"].map(lambda who: lot(seed, who))
    kept = {}
    for tier in drawn["tier"].cat.categories:
        inside = drawn["tier"] == tier
        held = inside & (drawn["group"] == HELD_OUT)
        sizes = {"customers": int(inside.sum()), "held_out": int(held.sum())}
        kept[tier] = sizes | {"last": max(last[held], default="")} | dict(tiers.get(tier, {}))
    day, order = first_day.isoformat(), [*kept]  # saved JSON keeps no order of keys
    return {"seed": seed, "first_day": day, "order": order, "tiers": kept}


def read(file: Path) -> Drawn:
    """Read a list that ``segment assign`` wrote; refuse another, or one with somebody twice."""
    if not file.is_file():
        raise StudyError(f"There is no list '{file}'.")
    kept = _kept(file)
    rows = _rows(file)
    if missing := [name for name in COLUMNS if name not in rows]:
        raise StudyError(
            f"'{file}' has no column '{missing[0]}', so it is no list of an experiment."
        )
    rows = rows.assign(**{name: rows[name].map(as_it_was) for name in ("customer_id", "tier")})
    rows = rows[rows["customer_id"] != ""]
    if again := int(rows["customer_id"].duplicated().sum()):
        raise StudyError(
            f"'{file}': {again:,} customers stand on the list again; each was drawn once. Take the "
            "list as 'segment assign' wrote it."
        )
    for name, known in (("tier", [*kept["tiers"]]), ("group", [HELD_OUT, SERVED])):
        strange = rows.loc[~rows[name].isin(known), name]
        if len(strange):
            raise StudyError(
                f"'{file}': {len(strange):,} rows have a {name} that was not drawn, for example "
                f"'{strange.iloc[0]}'; known are {', '.join(known)}."
            )
    limits = {tier: each["last"] for tier, each in kept["tiers"].items()}
    lots = rows["customer_id"].map(lambda who: lot(kept["seed"], who))
    served = lots > rows["tier"].map(limits)
    moved = int((served != (rows["group"] == SERVED)).sum())
    treated = np.nan
    if TREATED in rows:
        treated = rows[TREATED].str.strip().str.lower().isin(YES).astype("float64")
    tier = pd.Categorical(rows["tier"], [*kept["tiers"]], ordered=True)
    rows = rows.assign(tier=tier, served=served, treated=treated).set_index("customer_id")
    return Drawn(rows[["tier", "served", "treated"]], kept, moved)


def _kept(file: Path) -> dict[str, Any]:
    beside = record_of(file)
    try:
        kept = json.loads(beside.read_text(encoding="utf-8"))
        dt.date.fromisoformat(kept["first_day"])
        kept["tiers"] = {tier: kept["tiers"][tier] for tier in kept["order"]}
        sizes = [(t["customers"], t["held_out"], t["last"]) for t in kept["tiers"].values()]
        usable = bool(sizes) and isinstance(kept["seed"], int)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        usable = False
    if not usable:
        raise StudyError(
            f"'{file}' has no record '{beside.name}' beside it, which 'segment assign' writes with "
            "the list. Who was not drawn by lot cannot be compared."
        )
    return kept


def _rows(file: Path) -> pd.DataFrame:
    """Read a list, also as a spreadsheet saves it again."""
    content = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            heading = content.decode(encoding).partition("\n")[0]
        except UnicodeDecodeError:
            continue
        delimiter = max(",;\t", key=heading.count)
        settings = {"sep": delimiter, "encoding": encoding, "dtype": str, "keep_default_na": False}
        try:
            return pd.read_csv(file, **settings)
        except (pd.errors.ParserError, pd.errors.EmptyDataError):
            break
    raise StudyError(
        f"'{file}' is no table that can be read; take it as 'segment assign' wrote it."
    )


@dataclass(frozen=True)
class Since:
    """What the customers of a list did since it was drawn; ``end`` is the day after the last.

    ``customers``: ``Drawn.rows`` with ``before`` (what each had brought in the time that the list
    was drawn from), ``value`` (what it brought since, losses as losses), ``bought`` (a purchase
    since) and ``known`` (whether the data still hold it; who is gone brought 0).
    """

    customers: pd.DataFrame
    end: dt.date


def since(study: Study, drawn: Drawn) -> Since:
    """Return what the customers of a list did since it was drawn, by the study's data.

    Raises
    ------
    StudyError
        If the data know none of the customers.
    """
    first = drawn.first_day
    with working.temporary() as folder:
        con = engine(study, folder)
        try:
            checked = check_data(study, con, folder)
            end = min(checked.periods.end, checked.facts["last"] + dt.timedelta(1))
            start = first - dt.timedelta(int(drawn.record.get("days", 365)))
            windows = {BEFORE: (start, first), SINCE: (first, max(first, end))}
            rows = con.read_parquet(checked.transactions)
            days = stored(features.customer_days(rows), folder / "days.parquet")
            wide = pd.concat(
                features.compute(some(rows), windows, days=some(days)) for some in parts(days)
            )
        finally:
            con.disconnect()
    wide = wide.assign(customer_id=wide["customer_id"].astype(str)).set_index("customer_id")
    known = drawn.rows.index.isin(wide.index)
    if not known.any():
        raise StudyError(
            f"{study.file.name}: no customer of the list stands in the data (there, for example, "
            f"'{wide.index.min()}'; on the list '{drawn.rows.index.min()}'); are the ids written "
            "the same?"
        )
    wide = wide.reindex(drawn.rows.index)
    found = {window: features.of_window(wide, window) for window in windows}
    customers = drawn.rows.assign(
        before=features.brought(found[BEFORE]),
        value=features.brought(found[SINCE]),
        bought=found[SINCE]["order_days"].fillna(0) > 0,
        known=known,
    )
    return Since(customers, end)


def sizes(drawn: Drawn, known: pd.Series) -> tuple[pd.DataFrame, float]:
    """Return how many customers of each group are there and were drawn, and a p value.

    By tier: ``served``, ``held_out``, ``served_drawn``, ``held_out_drawn``. The p value says how
    often a lot leaves groups as far from the shares that were drawn (sample ratio mismatch).
    """
    kept = pd.DataFrame(drawn.record["tiers"]).T[["customers", "held_out"]].astype(int)
    plan = pd.DataFrame(
        {"served": kept["customers"] - kept["held_out"], "held_out": kept["held_out"]}
    )
    there = drawn.rows[known].groupby(["tier", "served"], observed=False).size().unstack()
    there = there.reindex(columns=[True, False], fill_value=0).set_axis([*plan], axis=1)
    share = plan.div(plan.sum(axis=1), axis=0).to_numpy()
    expected = share * there.sum(axis=1).to_numpy()[:, None]
    counted = expected.min(axis=1) > 0
    p = 1.0
    if counted.any():
        observed, lost = there.to_numpy()[counted], int(counted.sum()) - 1
        p = float(chisquare(observed.ravel(), expected[counted].ravel(), ddof=lost).pvalue)
    return there.join(plan.add_suffix("_drawn")), p
