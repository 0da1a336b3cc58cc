"""A run as data: what ``results.json`` holds, and the next run compares itself with."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import pandas as pd

import segment
from segment.action import previous
from segment.evidence.caution_words import in_words
from segment.language import N_, _
from segment.pages._words import held_back, too_few
from segment.run import Run


def results_of(run: Run) -> dict[str, Any]:
    """Return a run as data: figures, parameters, fingerprint and versions.

    Holds no customer, so that it can be shared like the pages.
    """
    if run.study.untested:
        return _about(run) | _untested(run)
    verdict, over = run.verdict, run.rolling
    return _about(run) | {
        "periods": {name: str(day) for name, day in asdict(run.windows).items()},
        "figures": _records(_figures(run)),
        "tiers": _records(_tiers(run)),
        "origins": {
            "dates": _records(over.origins),
            "figures": _records(over.figures),
            "summary": _records(over.summary.rename_axis("label").reset_index()),
            "absent": _records(over.absent),
            "skipped": {str(cut): reason for cut, reason in over.skipped.items()},
        },
        "cautions": _records(in_words(run.cautions, run.known(None), run.study.currency)),
        "stability": _records(_stability(run)),
        "verdict": {
            "recommended": verdict.recommended,
            "best": verdict.best,
            "candidates": verdict.candidates,
            "refused": verdict.refused,
            "margin": verdict.margin,
            "plain": verdict.plain,
            "schemes": _records(verdict.schemes.rename_axis("label").reset_index()),
            "score": _records(verdict.score.rename_axis("label").reset_index()),
        },
        "watchlists": [
            {
                "list": one.name,
                "found": one.found,
                "stake": None if too_few(run.study, one.found) else one.stake,
                "listed": len(one.rows),
                "listed_stake": None if too_few(run.study, len(one.rows)) else one.listed,
                "lacks": one.lacks,
            }
            for one in run.watchlists.values()
        ],
    }


def _about(run: Run) -> dict[str, Any]:
    """Return what a run is of, and by which software."""
    packages = ("ibis-framework", "duckdb", "pandas", "numpy", "scikit-learn")
    return {
        "schema": previous.SCHEMA,
        "study": run.study.name,
        "title": run.study.title,
        "parameters": run.study.model_dump(mode="json"),
        "fingerprint": run.fingerprint,
        "facts": {k: str(v) if isinstance(v, dt.date) else v for k, v in run.facts.items()},
        "versions": {
            "segment": segment.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
    }


def _tiers(run: Run) -> pd.DataFrame:
    """Return the back-test's tiers; of few customers, not even how many they are."""
    table = run.backtest.tiers.copy()
    told = table.columns.difference(["label", "tier"])
    table[told] = table[told].astype("float64").mask(_of_few(run))
    return table.astype({"customers": "Int64"})


def _of_few(run: Run) -> pd.Series:
    """Return which of the back-test's tiers are held back."""
    customers = run.backtest.tiers.groupby("label")["customers"]
    return customers.transform(lambda sizes: held_back(run.study, sizes))


def _figures(run: Run) -> pd.DataFrame:
    """Return the back-test's figures, of a scheme with few customers in a tier less exactly.

    What such a tier brought could be computed from them.
    """
    table = run.backtest.figures.copy()
    few = table.index.isin(run.backtest.tiers["label"][_of_few(run)])
    exact = [c for c in table if c.startswith(("gini", "capture", "skill", "granularity"))]
    table.loc[few, exact] = table.loc[few, exact].astype("float64").round(2)
    table.loc[few, ["lead", "lead_low", "lead_high"]] = float("nan")
    table.loc[too_few(run.study, table["served"]), ["served", "served_value"]] = float("nan")
    return table.rename_axis("label").reset_index()


def _stability(run: Run) -> pd.DataFrame:
    """Return how stable each scheme is, without what few borderline customers brought."""
    table = run.stability.figures.copy()
    told = ["borderline", "borderline_value"]
    table[told] = table[told].mask(too_few(run.study, table["borderline"]))
    return table.rename_axis("label").reset_index()


def _untested(run: Run) -> dict[str, Any]:
    """Return the tiers of a study of totals, and that nothing was tested."""
    sizes = {label: scheme.tiers.assign(label=label) for label, scheme in run.schemes.items()}
    tiers = pd.concat(sizes.values())[["label", "tier", "customers", "share"]]
    verdict = {"recommended": None, "best": run.known(None), "candidates": []}
    why = N_("nothing was tested, for there are no dated purchases")
    return {"tiers": _records(tiers), "verdict": verdict | {"refused": _(why)}}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain Python values; missing numbers as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{key: _plain(value) for key, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
