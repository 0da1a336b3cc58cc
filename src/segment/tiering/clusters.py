"""Clusters: customers alike in several features at once, ordered by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from segment.errors import StudyError
from segment.language import N_, N_tier, _
from segment.tiering import base, rule, told
from segment.tiering.centres import SAME, Nearest
from segment.tiering.cluster_order import VALUE, tells_worth, worth
from segment.tiering.encoding import Encoding, commonest
from segment.tiering.parameters import SEED, ascending, choice, distinct, parameter, whole

MODELS = ("kmeans", "mixture", "ward", "hdbscan")
STABLE, SMALLEST_SHARE = 0.75, 0.02
FEATURES = ("days_since_last", "order_days", "monetary_total")
NAME = N_tier("Cluster {n}")


@dataclass(eq=False, repr=False)
class Clusters(base.Tiering):
    """k-means, Gaussian mixture, Ward or HDBSCAN clusters as tiers.

    Numbers enter as log(1 + x), mirrored for negative x (amounts below 0 count as 0), and
    standardised; a category
    as indicator columns that together weigh as much as one number (``Encoding``).

    Parameters
    ----------
    model : {"kmeans", "mixture", "ward", "hdbscan"}
        k-means is fitted on at most 100 000 customers, Ward on 5 000, a mixture on 10 000 and
        HDBSCAN on 20 000; everyone is then assigned, also those whom HDBSCAN calls noise.
        HDBSCAN looks for dense groups of 2 % of the customers or more, 20 at least,
        and finds their number by itself; no group is one cluster. With categories every
        frequent combination of them is dense, and so a group.
    k : int or "auto"
        Number of clusters. ``"auto"`` takes the largest of ``k_choices`` whose
        clusters are all stable (bootstrap Jaccard of .75 or more) and hold at
        least 2 % of the customers; if none qualifies, the most stable. HDBSCAN
        takes no other value.
    features : sequence of str
        Columns to cluster on.
    categories : sequence of str
        Which of them are categories: text, or codes such as 1, 2 and 3 that are no
        amounts; a column named here only is clustered on as well. No category counts
        as a category of its own.
    missing : {"refuse", "mean"}
        What a missing number is: an error, or the mean of the others, which pulls
        the customer neither way.
    less_is_better : sequence of str
        Features for which a low value is good, for the order of the clusters.
    k_choices : sequence of int
        What ``"auto"`` chooses from.
    seed : int
        For starts and samples.

    Attributes
    ----------
    k_ : int
        Number of clusters found; fewer than asked if there are fewer different
        customers.
    k_evidence_ : DataFrame or None
        For ``k="auto"``: one row per k with ``silhouette``, ``stability`` (mean
        bootstrap Jaccard of the least stable cluster; Hennig 2007, Computational
        Statistics & Data Analysis 52), ``smallest_share``, and
        ``plain_rules`` (share of customers that a tree with k leaves puts in
        the right cluster), on a sample. None for HDBSCAN.
    profile_ : DataFrame
        By tier: the median of every feature, the commonest value of every category
        with its share, and ``customers``.

    Notes
    -----
    Clusters come best first: by the sum of the centre's standardised features, less
    counted better where it is. Mixtures, and clusters of features of which none tells worth
    (purchase days, money, margin, balances), by the mean ``monetary_total`` of their customers,
    if they have it.
    """

    native_rule = False

    model: str = parameter("kmeans", choice(*MODELS))
    k: int | str = "auto"
    features: Sequence[str] = parameter(FEATURES, distinct(least=0))
    k_choices: Sequence[int] = parameter((3, 4, 5, 6, 7, 8), ascending(1))
    seed: int = parameter(1, SEED)
    categories: Sequence[str] = parameter((), distinct(least=0))
    missing: str = parameter("refuse", choice("refuse", "mean"))
    less_is_better: Sequence[str] = parameter(base.LESS_IS_BETTER, distinct(least=0))

    @property
    def columns(self) -> tuple[str, ...]:
        """The numbers and categories that are clustered on."""
        return (*self.numbers, *self.categories)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The features that are no categories."""
        return tuple(name for name in self.features if name not in self.categories)

    @property
    def extras(self) -> tuple[str, ...]:
        """The past amount, where the order follows it."""
        return (VALUE,) if self._by_value and VALUE not in self.columns else ()

    @property
    def _by_value(self) -> bool:
        """Whether no centre tells a cluster's worth; a wide bell curve is like none of its own."""
        return self.model == "mixture" or not tells_worth(self.numbers)

    @property
    def gaps(self) -> tuple[str, ...]:
        """The categories; the features too, unless missing numbers are refused."""
        return self.columns if self.missing == "mean" else tuple(self.categories)

    @property
    def texts(self) -> tuple[str, ...]:
        """The categories."""
        return tuple(self.categories)

    @property
    def complexity(self) -> tuple[int, int]:
        """As many variables as are clustered on; as many cells as clusters."""
        return len(self.columns), len(self.tiers_)

    def anew(self) -> Clusters:
        """Return the same scheme, ready to learn from other customers, with the same k."""
        k = self.k if self.model == "hdbscan" else self.k_
        return type(self)(**self.get_params() | {"k": k})

    def _learn(self, values: pd.DataFrame) -> None:
        self.encoding_ = Encoding(values, self.numbers, self.categories)
        points = self.encoding_.points(values)
        # Sorted, so that neither starts nor samples depend on row order.
        order = np.lexsort(points.T)
        points = points[order]
        # Loaded here, as it takes longer than many a command that fits nothing; and before the
        # limit, which holds for the threads of what is loaded.
        from segment.tiering import cluster_models as models

        with threadpool_limits(1):
            self._assign, centres = self._fitted(models, points)
            places = self._assign(points)
        rows, less = values.iloc[order], self.less_is_better
        good = worth(centres, places, rows, self.numbers, less, self._by_value)
        best_first = np.argsort(-good, kind="stable")
        self.centres_ = centres[best_first]
        self.k_ = len(centres)
        self._place = np.argsort(best_first)
        if isinstance(self._assign, Nearest):
            self._assign, self._place = Nearest(self.centres_), np.arange(self.k_)
        self.tiers_ = tuple(NAME.format(n=i) for i in range(1, self.k_ + 1))
        self.profile_ = self._profile(values, self._codes(values))

    def _fitted(self, models: ModuleType, points: np.ndarray):
        different, k = models.different(points), self.k
        self.k_evidence_ = None
        if self.model == "hdbscan":
            k = 1
        elif k == "auto":
            choices = [int(k) for k in self.k_choices if k < different]
            k = 1
            if choices:
                table = self.k_evidence_ = models.evidence(self.model, points, choices, self.seed)
                enough = table["smallest_share"] >= SMALLEST_SHARE
                fit = table[(table["stability"] >= STABLE) & enough]
                k = fit.index.max() if len(fit) else table["stability"].idxmax()
        k = min(int(k), different)
        return models.fits(self.model, points, [k], self.seed)[k]

    def _profile(self, values: pd.DataFrame, codes: np.ndarray) -> pd.DataFrame:
        groups = values.groupby(codes)
        profile = groups[list(self.numbers)].median()
        for name in self.categories:
            profile[name] = groups[name].agg(commonest)
        profile = profile.reindex(range(len(self.tiers_))).set_axis(list(self.tiers_))
        return profile.assign(customers=np.bincount(codes, minlength=len(self.tiers_)))

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        with threadpool_limits(1):
            return self._place[self._assign(self.encoding_.points(values))]

    def rules(self) -> pd.DataFrame:
        """One row per cluster: its centre in the units of the features."""
        centres = [_(", ").join(self.encoding_.in_words(c)) for c in self.centres_]
        centres = [told.lately(centre, *self.columns) for centre in centres]
        texts = [_("nearest to {centre}", centre=centre) for centre in centres]
        return pd.DataFrame({"tier": self.tiers_, "rule": texts})

    def _sql(self) -> str:
        if self.model == "mixture":
            # The page on the recommendation shows this sentence.
            raise StudyError(
                N_(
                    "Gaussian mixture clusters cannot be written as one SQL expression; "
                    "use model: kmeans or ward for a scheme that must run in the warehouse."
                )
            )
        # Nearest centre = largest linear score: c.x - |c|^2 / 2.
        weights = self.centres_ / self.encoding_.scale
        offsets = -Nearest(self.centres_).halves - weights @ self.encoding_.mean
        scores = [self.encoding_.sql(w, b) for w, b in zip(weights, offsets, strict=True)]
        largest = f"GREATEST({', '.join(scores)})" if len(scores) > 1 else scores[0]
        nearly = f"{largest} - CAST('{SAME!r}' AS DOUBLE)"
        return rule.case_of([f"{score} >= {nearly}" for score in scores[:-1]], self.tiers_)

    def _checked(self, customers: pd.DataFrame) -> pd.DataFrame:
        for name in self.numbers:
            dtype = customers[name].dtype if name in customers and len(customers) else np.dtype(int)
            if not pd.api.types.is_numeric_dtype(dtype):
                raise StudyError(
                    f"Clusters: '{name}' must hold numbers, found {dtype} values; "
                    "name a column of categories under 'categories'."
                )
        return super()._checked(customers)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        kind = choice("auto", "a whole number")
        (kind if isinstance(self.k, str) else whole(1))("Clusters: 'k'", self.k)
        if self.model == "hdbscan" and self.k != "auto":
            raise StudyError("Clusters: hdbscan finds the number by itself; leave out 'k'.")
        if any(k != int(k) for k in self.k_choices):
            raise StudyError(
                f"Clusters: 'k_choices' must be whole numbers, found {self.k_choices!r}."
            )
        if not self.columns:
            raise StudyError("Clusters: 'features' and 'categories' are empty; name a column.")
        for name in self.less_is_better:
            if name not in self.numbers and name not in base.LESS_IS_BETTER:
                raise StudyError(
                    f"Clusters: 'less_is_better' names '{name}', which is no number among the "
                    "features."
                )
        if self.model == "mixture" and self.categories:
            raise StudyError(
                "Clusters: a Gaussian mixture is made of bell curves, which categories have none "
                "of; use kmeans, ward or hdbscan with 'categories'."
            )
