"""Settings of a study: how schemes are judged, what the data must carry, who is on a list."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from segment.study.section import Section

Share = Annotated[float, Field(gt=0, lt=1)]
Weight = Annotated[float, Field(ge=0)]


class Backtest(Section):
    """How schemes are judged; the definitions stand in ``segment.evidence.comparison``."""

    served_share: Share = Field(0.20, description="share of the customers that can be served")
    practical_margin: Annotated[float, Field(ge=0, lt=100)] = Field(
        0.5, description="gains up to this do not matter; points of the next period's value"
    )
    origins: Annotated[int, Field(ge=1)] = Field(
        5, description="cut dates, the study's own the last; fewer where the history is short"
    )
    hiatus_days: Annotated[int, Field(ge=1)] = Field(182, description="of the recency yardstick")
    replicates: Annotated[int, Field(ge=100)] = Field(
        1000, description="resamples of the customers, for intervals"
    )
    limits: Literal["fixed", "refitted"] = Field(
        "fixed", description="refitted: limits are learned anew in every resample; slow"
    )
    seed: Annotated[int, Field(ge=0)] = Field(1, description="of the resamples")
    most_resampled: Annotated[int, Field(ge=1)] = Field(
        100_000, description="customers up to which draws are resamples, not approximations"
    )


class Weights(Section):
    """Weights of the secondary score; they are scaled to add up to 1.

    The score is that of the main cut; it never overrules the verdict.
    """

    gini: Weight = Field(0.35, description="how well the tiers sort by later value")
    capture: Weight = Field(0.20, description="later value in the best tiers")
    auc: Weight = Field(0.10, description="how well the tiers tell who buys again")
    stability: Weight = Field(0.15, description="agreement of tiers between periods")
    simplicity: Weight = Field(0.15, description="few variables and cells in the rule")
    balance: Weight = Field(0.05, description="tiers of similar size")

    @model_validator(mode="after")
    def _some_weight(self) -> Weights:
        if sum(weight for _, weight in self) <= 0:
            raise ValueError("the weights add up to 0; give at least one a positive value")
        return self


class Readiness(Section):
    """What the data must carry.

    Below the first three the run is refused; below the last two the report ranks
    the schemes and gives no verdict.
    """

    customers: Annotated[int, Field(ge=2)] = Field(
        20,
        description="who bought before the cut; 20 fill four tiers with five each, with fewer a "
        "tier is a list of names",
    )
    history_days: Annotated[int, Field(ge=2)] = Field(
        56,
        description="before the cut; eight weeks hold two purchases of a monthly buyer, so that "
        "recency and frequency can differ at all",
    )
    holdout_days: Annotated[int, Field(ge=1)] = Field(
        14,
        description="after the cut; two weeks hold every day of the week twice, whether they also "
        "hold a purchase cycle is said as a caution",
    )
    verdict_customers: Annotated[int, Field(ge=2)] = Field(
        100, description="who bought before the cut; of 100 the best tenth is ten people"
    )
    verdict_active: Annotated[int, Field(ge=1)] = Field(
        50,
        description="who bought again; a share among 50 has a standard error of .07, with fewer no "
        "gap would show",
    )


class Watchlists(Section):
    """Who stands on which watch-list."""

    most: Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="customers a list holds at most; else all who meet its rule, of whom the call "
        "list holds as many as the hours allow",
    )
    large: Share = Field(
        0.10,
        description="share of the last year's customers, the largest, who count as large: the "
        "share that the service budget covers in the back-test",
    )
    late: Annotated[float, Field(ge=1)] = Field(
        2.0,
        description="usual intervals after which a customer is overdue; who buys at random "
        "moments is silent for two of them one time in seven, for one every third time",
    )
    silent_days: Annotated[int, Field(ge=1)] = Field(
        14, description="nobody is overdue sooner: a fortnight bridges a holiday"
    )
    complaints_least: Annotated[float, Field(gt=0)] = Field(
        2,
        description="complaints from which a large customer is unhappy: a single one may have been "
        "settled",
    )
    satisfaction_most: float = Field(
        2, description="satisfaction up to which one is unhappy, in the customers table's unit"
    )
    high: Share = Field(
        0.30, description="the best tiers that together hold at most this share are high"
    )
    near: Share = Field(
        0.10, description="a customer is close below a limit if so much more money reaches it"
    )
    growth: Annotated[float, Field(gt=0)] = Field(
        0.5,
        description="growth from which a customer rises fast, against the equally long time "
        "before the cut; where the two times overlap, growth looks smaller than it is",
    )
    both_least: Annotated[int, Field(ge=1)] = Field(
        5, description="customers who bought two items, for one to be offered for the other"
    )
    dormant_days: Annotated[int, Field(ge=1)] = Field(
        365, description="days without a purchase until dormant: a year holds every season"
    )
