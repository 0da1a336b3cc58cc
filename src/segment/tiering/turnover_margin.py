"""Turnover by margin: classes A to D, each with a work focus and the skills it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from segment.errors import StudyError
from segment.language import N_, _
from segment.tiering import base
from segment.tiering.parameters import distinct, optional, parameter
from segment.tiering.two_axes import Cut, TwoAxes

CLASSES = ("A", "B", "C", "D")
# In the order of CLASSES: high/high, turnover only, neither, margin only. The words are ours, for
# a company that keeps the margin; those of the source, for a securities house whose customers
# keep the return, stand in the preset "brokerage".
FOCUS = (
    N_("Keep and deepen: plan the year together, let executives meet, answer before a rival asks."),
    N_(
        "Raise the margin: sell a richer mix, give discounts only for something in return, and "
        "bring down what it costs to serve them."
    ),
    N_("Serve at low cost by standard steps; develop only the few who show room to grow."),
    N_("Raise the frequency: win back who has paused, offer bundles, agree on a rhythm of supply."),
)
SKILLS = (
    N_(
        "A senior strategic account manager, who knows the customer's business and is heard by its "
        "management."
    ),
    N_("A negotiator who reads costs: at home in price structures, contracts and logistics."),
    N_("Inside sales who work fast and reliably by standard processes, on the phone and online."),
    N_("An active developer who finds occasions, calls often and follows up."),
)


def _four_texts(name: str, value: object) -> None:
    listed = isinstance(value, (list, tuple)) and len(value) == 4
    if not listed or not all(isinstance(text, str) and text.strip() for text in value):
        raise StudyError(
            f"{name} must be a list of four texts, for A, B, C and D, found {value!r}."
        )


@dataclass(eq=False, repr=False)
class TurnoverMargin(TwoAxes):
    """Classes A to D by how often a customer turns over and what is left of it.

    A is high in both, B turns over often at a low margin, C is low in both, D turns
    over seldom at a high margin. The tiers stand in the order A, B, D, C. A and C
    are the ends, since what a customer leaves is turnover times margin rate. B
    stands above D because turnover is the habit that carries on: who ordered often
    will order again, while a good rate on an order that does not come is nothing. A
    business where it is otherwise sees so in the holdout figures of its tiers.

    Parameters
    ----------
    turnover, margin : str or sequence of str
        A column, or several whose percentiles are averaged. By default the number of
        days with a purchase, and the margin as a share of the amount.
    turnover_cut, margin_cut : float, "median", "mean" or mapping
        Where high begins; see ``TwoAxes``.
    names, focus, skills : sequence of four str
        Names, work focus and account manager's skills of A, B, C and D, in this order.
    seats : sequence of four str, optional
        With whom customers of A, B, C and D sit at events.
    less_is_better : sequence of str
        Columns in which a low value counts as high.

    Attributes
    ----------
    axes_ : tuple of two Axis
        Turnover and margin, with their limits.
    """

    axes = ("turnover", "margin")

    turnover: str | Sequence[str] = "order_days"
    margin: str | Sequence[str] = "margin_rate"
    turnover_cut: Cut = 0.5
    margin_cut: Cut = 0.5
    names: Sequence[str] = parameter(CLASSES, distinct(4))
    focus: Sequence[str] = parameter(FOCUS, _four_texts)
    skills: Sequence[str] = parameter(SKILLS, _four_texts)
    seats: Sequence[str] | None = parameter(None, optional(_four_texts))
    less_is_better: Sequence[str] = parameter(base.LESS_IS_BETTER, distinct(least=0))

    def _best_first(self) -> tuple[str, ...]:
        a, b, c, d = self.names
        return (a, b, d, c)

    def notes(self) -> pd.DataFrame:
        """Return the work focus of each class, its account manager's skills and its seats."""
        tiers = super().notes().index
        texts = {
            N_("Work focus"): [_(text) for text in self.focus],
            N_("Account manager"): [_(text) for text in self.skills],
        }
        if self.seats is not None:
            texts[N_("Seat them")] = [_(text) for text in self.seats]
        return pd.DataFrame(texts, index=pd.Index(self.names, name="tier")).reindex(tiers)
