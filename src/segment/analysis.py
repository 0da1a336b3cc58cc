"""The whole way from a study file to the verdict, each step done once.

``prepare`` reads and checks the data and computes the features; everything
after that is computed when first asked for. ``save`` and ``load`` keep a run in
a folder, so that notebooks read it instead of computing it again.
"""

from __future__ import annotations

import datetime as dt
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

import segment
from segment import backtest, check, features, load, recommend, tiering
from segment.errors import StudyError
from segment.study import Periods, Study, read

STATE, EVIDENCE = "state.joblib", "evidence.joblib"
FEATURES, TIERS = "features.parquet", "tiers.parquet"
EVIDENCE_PARTS = ("methods", "backtest", "stability", "verdict")


@dataclass
class Analysis:
    """A study with its data.

    Attributes
    ----------
    study : Study
    periods : Periods
        Start, cut and end, all set.
    facts, accounts, findings
        What ``segment.check`` found.
    timeline : DataFrame
        ``month``, ``amount``, ``customers``, ``purchases``.
    wide : DataFrame
        Features of every customer in every window.
    fingerprint : str
        SHA-256 of the source files.
    """

    study: Study
    periods: Periods
    facts: dict[str, Any]
    accounts: pd.DataFrame
    findings: pd.DataFrame
    timeline: pd.DataFrame
    fingerprint: str
    wide: pd.DataFrame = field(repr=False)

    @property
    def windows(self) -> dict[str, tuple[dt.date, dt.date]]:
        """Named windows: calibration, holdout, and the pair for stability."""
        return windows(self.periods)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """Calibration features, one row per customer."""
        return features.at(self.wide, "calibration")

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """Holdout value and activity of the same customers."""
        return features.outcome(self.wide, self.customers.index)

    @cached_property
    def newcomers(self) -> int:
        """Customers first seen after the cut; counted and left out."""
        holdout = features.at(self.wide, "holdout").index
        return len(holdout.difference(self.customers.index))

    @cached_property
    def methods(self) -> dict[str, tiering.Tiering]:
        """The study's methods, fitted on calibration alone."""
        fitted = {}
        for label, method in tiering.build(self.study).items():
            try:
                fitted[label] = method.fit(self.customers)
            except StudyError as error:
                place = self.study.where("methods", label)
                raise StudyError(f"{place}, '{label}': {error}") from None
        return fitted

    @cached_property
    def backtest(self) -> backtest.Backtest:
        """Every method and yardstick against the holdout."""
        settings = self.study.backtest
        return backtest.backtest(
            {label: method.predict(self.customers) for label, method in self.methods.items()},
            self.customers,
            self.outcome,
            by_construction={
                label: getattr(method, "orders_by_revenue", False)
                for label, method in self.methods.items()
            },
            capture_share=settings.capture_share,
            hiatus_days=settings.hiatus_days,
            replicates=settings.replicates,
            seed=settings.seed,
        )

    @cached_property
    def stability(self) -> backtest.Stability:
        """Every method on two adjacent, equally long windows."""
        return backtest.stability(
            self.methods,
            features.at(self.wide, "earlier"),
            features.at(self.wide, "later"),
            replicates=self.study.backtest.replicates,
            seed=self.study.backtest.seed,
        )

    @cached_property
    def verdict(self) -> recommend.Verdict:
        """The recommendation."""
        return recommend.recommend(
            self.backtest,
            self.stability,
            self.methods,
            margin=self.study.backtest.margin,
            weights=dict(self.study.weights),
            seed=self.study.backtest.seed,
            refused=self._refusal(),
        )

    def labels(self, kind: type[tiering.Tiering]) -> list[str]:
        """Return the labels of the study's methods of one class.

        Raises
        ------
        StudyError
            If the study has none.
        """
        found = [label for label, m in self.methods.items() if isinstance(m, kind)]
        if not found:
            raise StudyError(f"{self.study.file.name} has no {kind.__name__} method; add one.")
        return found

    def concentration_curves(self, label: str) -> dict[str, pd.DataFrame]:
        """Return the ABC curve of calibration, and of the holdout in the same order.

        Returns
        -------
        dict of str to DataFrame
            Cumulative shares of customers and of the amount, by period.
        """
        later = self.backtest.curves.query("label == @backtest.REVENUE_SORT")
        return {"before the cut": self.methods[label].curve_,
                "after the cut": later[["customers", "value"]]}  # fmt: skip

    def score_cells(self, label: str) -> dict[str, pd.DataFrame]:
        """Return customers and mean holdout value by recency and by mean F and M score.

        Parameters
        ----------
        label : str
            An RFM method.

        Returns
        -------
        dict of str to DataFrame
            ``customers`` and ``value``; rows are recency scores, best first,
            columns the mean of frequency and monetary score, halves rounded up.
        """
        method = self.methods[label]
        scores = method.scores(self.customers)
        cell = [scores["r"], (scores["f"] + scores["m"] + 1) // 2]
        levels = range(1, method.bins + 1)
        value = self.outcome["value"].groupby(cell)
        grid = {"customers": value.size(), "value": value.mean()}
        cells = {
            name: grid[name].unstack().reindex(index=list(levels)[::-1], columns=levels)
            for name in grid
        }
        return cells | {"customers": cells["customers"].fillna(0)}

    def quadrant_view(self, label: str) -> dict[str, Any]:
        """Return what ``segment.plots.quadrants`` draws of a value by loyalty scheme."""
        method = self.methods[label]
        return {
            "customers": self.customers,
            "value_limit": method.value_limit_,
            "loyalty": method.loyalty(self.customers),
            "loyalty_cut": method.loyalty_cut,
            "shares": method.labels_.value_counts(normalize=True, sort=False).to_dict(),
            "currency": self.study.currency,
        }

    def migration(self, label: str) -> pd.DataFrame:
        """Return where each tier of the earlier window went, as shares of that tier.

        Returns
        -------
        DataFrame
            Rows: tiers of the earlier window, best first; columns: tiers of the
            later one and "no purchase".
        """
        moves = self.stability.moves.query("label == @label")
        counts = moves.pivot_table("customers", "earlier", "later", "sum", fill_value=0)
        tiers = [t for t in self.methods[label].tiers_ if t in {*counts.index, *counts.columns}]
        counts = counts.reindex(index=[t for t in tiers if t in counts.index],
                                columns=[*tiers, backtest.NO_PURCHASE], fill_value=0)  # fmt: skip
        return counts.div(counts.sum(axis=1), axis=0)

    def tier_table(self, label: str) -> pd.DataFrame:
        """Return one row per tier of a method: its rule, size and holdout figures."""
        found = self.backtest.tiers.query("label == @label").drop(columns="label")
        method = self.methods[label]
        if hasattr(method, "rules"):
            found = method.rules().merge(found, on="tier")
        return found.reset_index(drop=True)

    def _refusal(self) -> str:
        need, active = self.study.readiness, int(self.outcome["active"].sum())
        if len(self.customers) < need.verdict_customers:
            return (
                f"{len(self.customers):,} customers are too few to tell schemes apart "
                f"(at least {need.verdict_customers} are needed)"
            )
        if active < need.verdict_active:
            return (
                f"only {active:,} customers bought again after the cut "
                f"(at least {need.verdict_active} are needed to tell schemes apart)"
            )
        return ""

    def results(self) -> dict[str, Any]:
        """Return the run as data: figures, parameters, fingerprint and versions.

        Holds no customer, so that it can be shared like the pages.
        """
        packages = ("ibis-framework", "duckdb", "pandas", "numpy", "scikit-learn")
        verdict, figures = self.verdict, self.backtest.figures
        return {
            "study": self.study.name,
            "title": self.study.title,
            "parameters": self.study.model_dump(mode="json"),
            "periods": self.periods.model_dump(mode="json"),
            "fingerprint": self.fingerprint,
            "facts": {k: str(v) if isinstance(v, dt.date) else v for k, v in self.facts.items()},
            "figures": _records(figures.rename_axis("label").reset_index()),
            "tiers": _records(self.backtest.tiers),
            "stability": _records(self.stability.figures.rename_axis("label").reset_index()),
            "verdict": {
                "recommended": verdict.recommended,
                "best": verdict.best,
                "candidates": verdict.candidates,
                "refused": verdict.refused,
                "margin": verdict.margin,
                "pairs": _records(verdict.pairs),
                "score": _records(verdict.score.rename_axis("label").reset_index()),
            },
            "versions": {
                "segment": segment.__version__,
                "python": platform.python_version(),
                **{name: version(name) for name in packages},
            },
        }

    def save(self, folder: Path) -> None:
        """Write the prepared data and the evidence; they hold customer ids."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "wide"}
        self.wide.to_parquet(folder / FEATURES, index=False)
        tiers = {label: m.predict(self.customers) for label, m in self.methods.items()}
        pd.DataFrame(tiers, index=self.customers.index).astype(str).to_parquet(folder / TIERS)
        joblib.dump({name: getattr(self, name) for name in EVIDENCE_PARTS}, folder / EVIDENCE)
        joblib.dump(state, folder / STATE)

    @classmethod
    def load(cls, folder: Path) -> Analysis:
        """Read what ``save`` wrote in a run of this machine and version."""
        found = cls(**joblib.load(folder / STATE), wide=pd.read_parquet(folder / FEATURES))
        tiering.import_from(found.study.file.parent)
        found.__dict__.update(joblib.load(folder / EVIDENCE))
        return found


def prepare(study: Study) -> Analysis:
    """Read, check and roll up the data of a study.

    Raises
    ------
    StudyError
        If the study or its data cannot be used; the message says what to do.
    """
    tiering.build(study)
    with tempfile.TemporaryDirectory(prefix="segment-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        con = load.connect(study.memory_limit, folder)
        try:
            checked = check.check(study, con, folder)
            transactions = con.read_parquet(checked.transactions)
            wide = features.compute(transactions, windows(checked.periods))
            timeline = features.timeline(transactions).to_pandas()
        finally:
            con.disconnect()
    wide["customer_id"] = wide["customer_id"].astype(str)
    return Analysis(
        study=study,
        periods=checked.periods,
        facts=checked.facts,
        accounts=checked.accounts,
        findings=checked.findings,
        timeline=timeline,
        fingerprint=checked.fingerprint,
        wide=wide.sort_values("customer_id", ignore_index=True),
    )


def windows(periods: Periods) -> dict[str, tuple[dt.date, dt.date]]:
    """Return calibration, holdout, and two adjacent windows of equal length.

    The pair meets at the cut and is as long as the shorter of the two periods.
    Its later half is used to see whether tiers last, never to learn any.
    """
    start, cut, end = periods.start, periods.cut, periods.end
    length = min(cut - start, end - cut)
    return {
        "calibration": (start, cut),
        "holdout": (cut, end),
        "earlier": (cut - length, cut),
        "later": (cut, cut + length),
    }


def open_analysis(
    study: str | Path, run: str | Path | None = None, overrides: Mapping[str, Any] | None = None
) -> Analysis:
    """Open a study: from a prepared run if there is one, else from its data.

    Parameters
    ----------
    study : str or Path
        The study's YAML file.
    run : str or Path, optional
        Folder that ``Analysis.save`` wrote. Not used where ``overrides`` change
        the study.
    overrides : mapping, optional
        As in ``segment.study.read``.
    """
    if run is not None and not any(value is not None for value in (overrides or {}).values()):
        return Analysis.load(Path(run))
    return prepare(read(study, overrides))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain Python values; missing numbers as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in plain.to_dict("records")
    ]
