"""Five kinds of existing customers, from what is known of them; the dormant apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.language import N_, N_tier, _, tier_name
from segment.tiering import base, told
from segment.tiering.parameters import SHARE, distinct, number, optional, parameter, whole
from segment.tiering.rhythm import Lateness, lateness, newcomer, typical_gap
from segment.tiering.rule import NOBODY, AllOf, AnyOf, Condition, Conditions, Rule, Unless, is_empty
from segment.words import listed

KINDS = (
    N_tier("key"),
    N_tier("potential"),
    N_tier("fan"),
    N_tier("ordinary"),
    N_tier("marginal"),
    N_tier("dormant"),
)
NOTES = {
    N_("What to do"): (
        N_("A named account manager, a yearly plan, short ways to whoever decides"),
        N_("Find out what drives the growth; offer more of it before a competitor does"),
        N_("Thank for every recommendation; ask for references and invite to events"),
        N_("Good standard service at low cost; look again when something changes"),
        N_("Visit, hear the complaint, repair its cause, report back; sell nothing yet"),
        N_("One attempt to win back, then automated mail only"),
    ),
}
REASONS = ("referrals", "satisfaction", "complaints")


@dataclass(eq=False, repr=False)
class FiveKinds(base.Tiering):
    """Key, potential, fan, ordinary and marginal customers; dormant ones apart (五类客户).

    The first rule that holds gives the kind:

    1. Dormant: silent for too long; the five kinds are of existing customers.
    2. Key (重点): the largest past amounts among all others. An unhappy key customer
       stays one, because it is the first to be kept; ``unhappy`` names them.
    3. Marginal (边际): unhappy with the service. Comes before growth and word of
       mouth, because nothing else helps until the service is repaired.
    4. Potential (潜力): small so far, and growing.
    5. Fan (粉丝): small, and recommends the company to others.
    6. Ordinary (一般): everyone else.

    What is unknown of a customer never counts: not as unhappy, not as a referral.

    Parameters
    ----------
    key_share : float
        Share, in (0, 1), of the customers who are not dormant: the largest by
        ``monetary_total`` are key. Ties stay together, so the realised share can
        differ.
    growth_least : float
        Growth, in (-1, 1], from which a customer has potential: 0.2 is half as much
        again in the second half of the window as in the first.
    purchases_least : int
        Days with a purchase below which growth says nothing: whoever bought once,
        and lately, has grown from nothing.
    referrals_least, complaints_least : float
        Number from which a customer is a fan, or unhappy.
    satisfaction_most : float
        Satisfaction, in the unit of the customers table, at or below which a
        customer is unhappy.
    dormant_after : float
        Lateness, in the customer's own usual gaps (as in ``Lifecycle``), above which
        it is dormant.
    newcomer_days : int
        Who bought on one day only, at most so many days ago, is not dormant: a single
        purchase tells no rhythm.
    dormant_days : int, optional
        Days since the last purchase above which everyone is dormant, whatever the
        rhythm; takes the place of ``dormant_after`` and ``newcomer_days``.
    names : sequence of six str
        Names for key, potential, fan, ordinary, marginal and dormant.

    Attributes
    ----------
    tiers_ : tuple of str
        The kinds that the data can tell.
    untold_ : dict of str to str
        Kinds that they cannot tell, with the reason in words; not in ``tiers_``.
    known_ : dict of str to float
        Share of customers of whom referrals, satisfaction and complaints are known;
        columns that nobody has a value in are left out.
    key_limit_ : float
        Smallest past amount of a key customer.
    typical_gap_ : float
        Median of the customers' mean gaps, in days.
    """

    extras = gaps = REASONS  # what tells fans and unhappy customers; not everyone was asked

    key_share: float = parameter(0.2, SHARE)
    growth_least: float = parameter(0.2, number(above=-1, most=1))
    purchases_least: int = parameter(2, whole(1))
    referrals_least: float = parameter(1, number(above=0))
    satisfaction_most: float = parameter(2, number())
    complaints_least: float = parameter(2, number(above=0))
    dormant_after: float = parameter(4, number(above=0))
    newcomer_days: int = parameter(90, whole(0))
    dormant_days: int | None = parameter(None, optional(whole(0)))
    names: Sequence[str] = parameter(KINDS, distinct(6))

    @property
    def columns(self) -> tuple[str, ...]:
        """Value, recency, growth, number of purchases; the first purchase for the rhythm."""
        rhythm = () if self.dormant_days is not None else ("days_since_first",)
        return ("monetary_total", "days_since_last", "growth", "order_days", *rhythm)

    def _learn(self, values: pd.DataFrame) -> None:
        shares = {name: float(values[name].notna().mean()) for name in REASONS if name in values}
        self.known_ = {name: share for name, share in shares.items() if share}
        self.tiers_ = tuple(name for name in self.names if name not in self.untold_)
        if self.dormant_days is None:
            self.typical_gap_ = typical_gap(values)
        dormant = self._silent.holds(self._figures(values))
        total = values.loc[~dormant, "monetary_total"].to_numpy()
        places = base.places_by_share(total, [self.key_share])
        (self.key_limit_,) = base.limits_of(total, places, 2)

    @property
    def untold_(self) -> dict[str, str]:
        """Kinds that the data cannot tell, with the reason in words."""
        self.check_fitted("known_")
        lacking = {
            name: _("no value in '{name}'", name=name)
            for name in REASONS
            if name not in self.known_
        }
        fan, marginal = self.names[2], self.names[4]
        untold = {fan: lacking["referrals"]} if "referrals" in lacking else {}
        if {"satisfaction", "complaints"} <= set(lacking):
            untold[marginal] = listed([lacking["satisfaction"], lacking["complaints"]])
        return untold

    def unhappy(self, customers: pd.DataFrame) -> pd.Series:
        """Return who is known to be unhappy, whatever its kind, as booleans."""
        kinds = self._unhappy.holds(self._checked(customers))
        return pd.Series(kinds, index=customers.index, name="unhappy")

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return who is ``unhappy``, and the ``lateness`` where silence is told by the rhythm."""
        return super().details(customers).assign(unhappy=self.unhappy(customers))

    def _figures(self, values: pd.DataFrame) -> pd.DataFrame:
        if self.dormant_days is not None:
            return values
        return values.assign(lateness=lateness(values, self.typical_gap_))

    @property
    def _silent(self) -> Condition:
        if self.dormant_days is not None:
            return Rule("days_since_last", ">", self.dormant_days)
        late = Rule(Lateness(self.typical_gap_), ">", self.dormant_after)
        return Unless(late, newcomer(self.newcomer_days))

    @property
    def _unhappy(self) -> AnyOf:
        reasons = {
            "satisfaction": Rule("satisfaction", "<=", self.satisfaction_most),
            "complaints": Rule("complaints", ">=", self.complaints_least),
        }
        return AnyOf(*(rule for name, rule in reasons.items() if name in self.known_))

    def conditions(self) -> Conditions:
        """Return the rule of each kind but the ordinary, in the order of precedence."""
        key, potential, fan, _ordinary, marginal, dormant = self.names
        growing = Rule("growth", ">=", self.growth_least)
        often = Rule("order_days", ">=", self.purchases_least)
        largest = Rule("monetary_total", ">=", self.key_limit_, learned=True)
        kinds = (
            (dormant, self._silent),
            (key, largest if np.isfinite(self.key_limit_) else NOBODY),
            (marginal, self._unhappy),
            (potential, AllOf(growing, often)),
            (fan, Rule("referrals", ">=", self.referrals_least)),
        )
        return tuple((kind, rule) for kind, rule in kinds if kind in self.tiers_)

    def rules(self) -> pd.DataFrame:
        """Return one row per kind that the data can tell; each says which kinds come before it."""
        kinds = super().rules().set_index("tier")["rule"]
        before = []
        for kind, condition in self.conditions():
            if before and not is_empty(condition):
                others = listed([tier_name(tier) for tier in before], "or")
                kinds[kind] = _("{rule}; not {others}", rule=told.once(kinds[kind]), others=others)
            before.append(kind)
        return kinds.reset_index()

    def notes(self) -> pd.DataFrame:
        """Return what is to be done with each kind, and what to look out for."""
        texts = {kind: [_(text) for text in texts] for kind, texts in NOTES.items()}
        notes = pd.DataFrame(texts, index=pd.Index(self.names, name="tier"))
        return notes.loc[list(self.tiers_)]
