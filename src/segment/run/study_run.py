"""A study with its data and evidence, each step computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from html import escape
from typing import Any

import pandas as pd

from segment import forks, tiering
from segment.action import customer_file, previous, prospects, watchlists
from segment.action.service import refuse_unknown_tiers
from segment.errors import StudyError, nearest
from segment.evidence import backtest, cautions, origins, recommend, refit, rolling, stability
from segment.features import customers as features
from segment.features.kept import Kept
from segment.features.windows import CALIBRATION, HOLDOUT, Windows
from segment.run.newest import OnNewestDay
from segment.run.on_page import OnPage
from segment.run.scheme import Scheme
from segment.study import Study

# Features that describe a customer rather than rank one.
TRAITS = ("days_since_first", "products", "categories", "present_tier", "credit_grade")
# Attributes that say what is to be done with somebody, not who it is; an owner is of the staff.
NO_TRAITS = "owner", "contacts_wished", "birthday", *prospects.COLUMNS
# What came of a customer besides purchases: no scheme reads it, profiles compare it.
REFERRED = "referrals_since"


@dataclass
class Run(OnPage, OnNewestDay):
    """A study with its data.

    Attributes
    ----------
    study : Study
    windows : Windows
        Start, cut and true end, and the windows that features are computed for.
    facts, accounts, findings
        What ``reading.check`` found; ``findings`` are told by ``findings.in_words``.
    timeline : DataFrame
        ``month``, ``amount``, ``customers``, ``purchases``.
    wide : Kept
        Features of every customer in every window; of a study of totals their frame.
    fingerprint : str
        SHA-256 of the source files.
    attributes : DataFrame or None
        The customers table, indexed by ``customer_id``.
    habits : DataFrame
        Main channel, region and category of the calibration's customers.
    file : customer_file.File or None
        What was found in the customers table: counts, and the ids of records to repair.
    baskets : Baskets or None
        What is bought by the same customers, where the data have categories or products.
    contacts : DataFrame or None
        ``customer_id``, ``date``, ``role``, ``kind``, ``hours``: who was in touch with whom.
    cohorts : DataFrame or None
        Who came back, by quarter of the first purchase: ``features.cohorts.returns``.
    groups : DataFrame or None
        ``group`` of each customer who is in one, where the study tiers groups as one customer.
    """

    study: Study
    windows: Windows
    facts: dict[str, Any]
    accounts: pd.DataFrame
    findings: pd.DataFrame
    timeline: pd.DataFrame
    fingerprint: str
    wide: Kept | pd.DataFrame = field(repr=False)
    attributes: pd.DataFrame | None = field(repr=False)
    habits: pd.DataFrame = field(repr=False)
    file: customer_file.File | None = field(repr=False, default=None)
    baskets: watchlists.Baskets | None = field(default=None, repr=False)
    contacts: pd.DataFrame | None = field(default=None, repr=False)
    cohorts: pd.DataFrame | None = field(default=None, repr=False)
    groups: pd.DataFrame | None = field(default=None, repr=False)
    computed: dict[tuple, pd.DataFrame] = field(default_factory=dict, repr=False)

    @cached_property
    def schemes(self) -> dict[str, Scheme]:
        """Every scheme of the study, fitted and judged, by its label."""
        judge = partial(getattr, self, "backtest")
        return {label: self._scheme(label, m, judge) for label, m in self.methods.items()}

    def scheme(self, label: str | None = None, **parameters: Any) -> Scheme:
        """Return one scheme, or the same with other parameters.

        Parameters
        ----------
        label : str, optional
            Default: the recommended scheme, else the one that sorts best.
        **parameters
            Of the method, for example ``bins=4``; None stands for the study's own value.

        Raises
        ------
        StudyError
            If the study has no such scheme, or the method no such parameter.
        """
        label = self.known(label)
        changed = {name: value for name, value in parameters.items() if value is not None}
        if not changed:
            return self.schemes[label]
        spec = self.study.methods[label]
        method = tiering.named(
            spec.method, spec.parameters() | changed, self.study.file.parent
        ).fit(self.customers)
        label = ", ".join([label, *(f"{name} {value}" for name, value in changed.items())])
        return self._scheme(label, method, lambda: self._judge({label: method}))

    def of(self, *families: str, **parameters: Any) -> list[Scheme]:
        """Return the study's schemes of some families, for example ``of("rfm")``.

        Parameters
        ----------
        *families : str
            Registered names of methods.
        **parameters
            As in ``scheme``, for all of them.

        Raises
        ------
        StudyError
            If the study has none.
        """
        labels = [n for n in self.methods if self.study.methods[n].method in families]
        if not labels:
            raise StudyError(f"{self.study.file.name} has no '{families[0]}' method; add one.")
        return [self.scheme(label, **parameters) for label in labels]

    def _scheme(
        self, label: str, method: tiering.Tiering, judge: Callable[[], backtest.Backtest]
    ) -> Scheme:
        known = self.study, self.windows, self.customers, self.outcome
        return Scheme(label, method, *known, judge, self.prospects, self.today, len(self.history))

    def _repr_html_(self) -> str:
        rows = {
            "Data": f"{self.facts['rows']:,} rows of {self.facts['customers']:,} customers",
            "Schemes learn from": f"{self.windows.start} to the day before {self.windows.cut}",
            "and are judged until": f"{self.windows.newest_day}",
            "Schemes": ", ".join(self.methods),
        }
        lines = "".join(f"<tr><th>{escape(k)}<td>{escape(v)}" for k, v in rows.items())
        return f"<b>{escape(self.study.title)}</b><table>{lines}</table>"

    @cached_property
    def customers(self) -> pd.DataFrame:
        """Calibration features and attributes, one row per customer."""
        return self.snapshot(CALIBRATION)

    @cached_property
    def previous(self) -> previous.Previous | None:
        """The last saved report of this study; None if this is the first."""
        return None

    def snapshot(self, window: str, learning: bool = True) -> pd.DataFrame:
        """Return features and attributes of the customers who bought in a window.

        What methods learn from is among them if somebody is ``learning``.
        """
        customers = features.at(self.wide, window, learning)
        return customers if self.readable is None else customers.join(self.readable)

    @cached_property
    def readable(self) -> pd.DataFrame | None:
        """The attributes that schemes may read: sensitive ones where the study names them there."""
        if self.attributes is None:
            return None
        named = {word for spec in self.study.methods.values() for word in spec.words()}
        kept = {*self.study.customers.sensitive} - named | {REFERRED}
        return self.attributes.drop(columns=[name for name in self.attributes if name in kept])

    @cached_property
    def traits(self) -> pd.DataFrame:
        """What profiles compare: tenure, breadth, habits and attributes of each customer."""
        known = [name for name in TRAITS if name in self.customers]
        traits = self.customers[[name for name in known if name not in NO_TRAITS]]
        if self.attributes is not None:
            traits = traits.join(
                self.attributes.drop(columns=[*known, *NO_TRAITS], errors="ignore")
            )
        return traits.join(self.habits)

    @cached_property
    def prospects(self) -> pd.DataFrame | None:
        """Rows of the customers table without a purchase before the cut.

        Their attributes, and what they did after the cut: ``next_value`` and ``bought``.
        """
        if self.attributes is None:
            return None
        before = features.of_window(self.wide, CALIBRATION, ["order_days"])["order_days"] > 0
        without = self.attributes[~self.attributes.index.isin(before.index[before])]
        return without.join(
            features.outcome(self.wide, without.index)[["net", "active"]].set_axis(
                ["next_value", "bought"], axis=1
            )
        )

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """Holdout value and activity of the same customers."""
        return features.outcome(self.wide, self.customers.index)

    @cached_property
    def newcomers(self) -> int:
        """Customers first seen after the cut; counted and left out."""
        bought = features.of_window(self.wide, HOLDOUT, ["order_days"])["order_days"] > 0
        return len(bought.index[bought].difference(self.customers.index))

    @cached_property
    def came_in(self) -> float:
        """What everybody brought in the holdout, newcomers included, losses as losses."""
        return float(
            features.brought(features.of_window(self.wide, HOLDOUT, features.MONEY_TOTALS)).sum()
        )

    @property
    def left_out(self) -> dict[str, str]:
        """Optional methods that the data cannot carry, with the reason in the language in use."""
        return tiering.left_out(self.study)

    @cached_property
    def methods(self) -> dict[str, tiering.Tiering]:
        """The study's methods, fitted on calibration alone."""
        absent = self.left_out
        built = {n: method for n, method in tiering.build(self.study).items() if n not in absent}

        def fitted(label: str) -> tiering.Tiering:
            try:
                method = built[label].fit(self.customers)
            except StudyError as error:
                place = f"{self.study.where('methods', label)}, '{label}'"
                raise StudyError(f"{place}: {error}") from None
            refuse_unknown_tiers(self.study, label, method)
            if isinstance(method, tiering.Tiering):  # a fork would send the index with each
                method.labels_ = method.labels_.reset_index(drop=True)
            return method

        each = refit.each_of(built, self.customers)
        methods = dict(zip(built, each(fitted, [*built]), strict=True))
        for method in methods.values():
            if isinstance(method, tiering.Tiering):
                method.labels_ = method.labels_.set_axis(self.customers.index)
        return methods

    @cached_property
    def tiers(self) -> dict[str, pd.Series]:
        """The tier of every customer at the cut, by method."""
        return {label: method.labels_ for label, method in self.methods.items()}

    @cached_property
    def backtest(self) -> backtest.Backtest:
        """Every method and yardstick against the holdout."""
        judged, settings = self._judge(self.methods), self.study.backtest
        if not self.refits:
            return judged
        given = self.methods, self.customers, self.outcome, settings.replicates, settings.seed
        draws = refit.refitted_draws(*given, served_share=settings.served_share)
        return refit.with_refits(judged, draws)

    @property
    def refits(self) -> bool:
        """Whether the back-test refits limits in its resamples; refuses where there are none."""
        settings = self.study.backtest
        if settings.limits == "fixed":
            return False
        if len(self.customers) > settings.most_resampled:
            place = self.study.where("backtest", "limits")
            raise StudyError(
                f"{place}: 'limits: refitted' needs resamples, which end at 'most_resampled' "
                f"({settings.most_resampled:,}) customers; there are {len(self.customers):,}."
            )
        return True

    def _judge(self, methods: Mapping[str, tiering.Tiering]) -> backtest.Backtest:
        settings = self.study.backtest
        return backtest.judge(
            {label: method.predict(self.customers) for label, method in methods.items()},
            self.customers,
            self.outcome,
            came_in=self.came_in,
            served_share=settings.served_share,
            hiatus_days=settings.hiatus_days,
            replicates=settings.replicates,
            seed=settings.seed,
            most_resampled=settings.most_resampled,
        )

    @cached_property
    def rolling(self) -> rolling.Rolling:
        """Every method at several cut dates."""
        return rolling.judge_at_dates(
            self.methods,
            self.backtest,
            origins.Origin(self.windows.cut, self.windows.end, self.customers, self.outcome),
            origins.earlier(
                self.wide,
                origins.earlier_windows(self.study, self.windows),
                self.readable,
                self.study.customers and self.study.customers.known_on,
            ),
            least_customers=self.study.readiness.customers,
            seed=self.study.backtest.seed,
            most_resampled=self.study.backtest.most_resampled,
        )

    def beside(self, work: Callable[[], Any]) -> Callable[[], Any]:
        """Begin work beside what comes, if it can be; return what waits for its result."""
        return forks.beside(work) if refit.are_ours(self.methods) else work

    @cached_property
    def inner(self) -> origins.Origin:
        """What was known on a cut before the cut, and what came between the two."""
        known_on = self.study.customers and self.study.customers.known_on
        return next(origins.earlier(self.wide, self.windows.inner, self.readable, known_on))

    @cached_property
    def stability(self) -> stability.Stability:
        """Every method on two adjacent, equally long windows."""
        windows = (self.snapshot("earlier"), self.snapshot("later"), self.customers, self.today)
        return stability.measure_stability(
            self.methods,
            *windows,
            replicates=self.study.backtest.replicates,
            seed=self.study.backtest.seed,
            most_resampled=self.study.backtest.most_resampled,
        )

    @cached_property
    def verdict(self) -> recommend.Verdict:
        """The recommendation."""
        return recommend.recommend(
            self.backtest,
            self.stability,
            self.methods,
            rolling=self.rolling,
            margin=self.study.backtest.practical_margin / 100,
            weights=dict(self.study.weights),
            seed=self.study.backtest.seed,
            refused=recommend.refusal(self.outcome["active"], self.study.readiness),
        )

    @cached_property
    def cautions(self) -> list[cautions.Caution]:
        """What weakens the evidence on the recommended scheme, or its reading; worst first."""
        label = self.known(None)
        return cautions.find_cautions(
            self.customers,
            self.outcome,
            self.methods[label].labels_,
            self.backtest.figures.loc[label],
            self.windows,
            self.timeline,
            self.rolling.origins["cut"],
            self.accounts,
        )

    def known(self, label: str | None) -> str:
        """Return a label, or that of the recommended scheme (else the best) if none is given.

        Raises
        ------
        StudyError
            If the study has no such method.
        """
        if label is None:
            return self.verdict.recommended or self.verdict.best
        if label not in self.methods:
            raise StudyError(
                f"{self.study.file.name} has no method '{label}'{nearest(label, self.methods)}"
            )
        return label
