"""Five kinds of existing customers, from what is known of them; the dormant apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from segment.errors import StudyError
from segment.language import N_, N_tier, _, tier_name
from segment.tiering import base
from segment.tiering.lifecycle import (
    gap_in_words,
    lateness,
    lateness_sql,
    newcomer_rule,
    newcomer_sql,
    newcomers,
    typical_gap,
)
from segment.words import listed

KINDS = (N_tier("key"), N_tier("potential"), N_tier("fan"), N_tier("ordinary"), N_tier("marginal"),
         N_tier("dormant"))  # fmt: skip
NOTES = {
    N_("What to do"): (
        N_("A named account manager, a yearly plan, short ways to whoever decides"),
        N_("Find out what drives the growth; offer more of it before a competitor does"),
        N_("Thank for every recommendation; ask for references and invite to events"),
        N_("Good standard service at low cost; look again when something changes"),
        N_("Repair first: hear the complaint, fix its cause, report back; sell nothing before"),
        N_("One attempt to win back, then automated mail only"),
    ),
    N_("Look out for"): (
        N_("An unhappy key customer: visit this week, before any other kind"),
        N_("Growth that comes from one large order, or from one season"),
        N_("Small orders that cost more to serve than the recommendations bring"),
        N_("Customers whom nobody has asked: some of them are unhappy in silence"),
        N_("The same cause behind several complaints: it drives others away as well"),
        N_("Large customers among them: ask why they stopped"),
    ),
}
REASONS = ("referrals", "satisfaction", "complaints")


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

    def __init__(
        self, key_share=0.2, growth_least=0.2, purchases_least=2, referrals_least=1,
        satisfaction_most=2, complaints_least=2, dormant_after=4, newcomer_days=90,
        dormant_days=None, names=KINDS,
    ):  # fmt: skip
        self.key_share = key_share
        self.growth_least = growth_least
        self.purchases_least = purchases_least
        self.referrals_least = referrals_least
        self.satisfaction_most = satisfaction_most
        self.complaints_least = complaints_least
        self.dormant_after = dormant_after
        self.newcomer_days = newcomer_days
        self.dormant_days = dormant_days
        self.names = names

    @property
    def columns(self) -> tuple[str, ...]:
        """Value, recency, growth, number of purchases; the first purchase for the rhythm."""
        rhythm = () if self.dormant_days is not None else ("days_since_first",)
        return ("monetary_total", "days_since_last", "growth", "order_days", *rhythm)

    @property
    def extras(self) -> tuple[str, ...]:
        """What tells fans and unhappy customers, where the customers table has it."""
        return REASONS

    @property
    def gaps(self) -> tuple[str, ...]:
        """Not every customer has been asked."""
        return REASONS

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        base.check_limits("FiveKinds: 'key_share'", [self.key_share], 0, 1)
        for name, low, high in (
            ("growth_least", -1, 1), ("referrals_least", 0, np.inf),
            ("satisfaction_most", -np.inf, np.inf), ("complaints_least", 0, np.inf),
            ("dormant_after", 0, np.inf),
        ):  # fmt: skip
            _check_number(name, getattr(self, name), low, high)
        base.check_whole("FiveKinds: 'purchases_least'", self.purchases_least, 1)
        base.check_whole("FiveKinds: 'newcomer_days'", self.newcomer_days, 0)
        if self.dormant_days is not None:
            base.check_whole("FiveKinds: 'dormant_days'", self.dormant_days, 0)
        base.check_names("FiveKinds: 'names'", self.names, 6)

    def _learn(self, values: pd.DataFrame) -> None:
        shares = {name: float(values[name].notna().mean()) for name in REASONS if name in values}
        self.known_ = {name: share for name, share in shares.items() if share}
        self.tiers_ = tuple(name for name in self.names if name not in self.untold_)
        if self.dormant_days is None:
            self.typical_gap_ = typical_gap(values)
        total = values.loc[~self._dormant(values), "monetary_total"].to_numpy()
        largest = base.places_by_share(total, np.array([self.key_share])) == 0
        self.key_limit_ = float(total[largest].min()) if largest.any() else np.inf

    @property
    def untold_(self) -> dict[str, str]:
        """Kinds that the data cannot tell, with the reason in words."""
        check_is_fitted(self, "known_")
        lacking = {
            name: _("no value in '{name}'", name=name) if name in self.read_
            else _("no column '{name}'", name=name)
            for name in REASONS if name not in self.known_
        }  # fmt: skip
        fan, marginal = self.names[2], self.names[4]
        untold = {fan: lacking["referrals"]} if "referrals" in lacking else {}
        if {"satisfaction", "complaints"} <= set(lacking):
            untold[marginal] = _("{first} and {second}", first=lacking["satisfaction"],
                                 second=lacking["complaints"])  # fmt: skip
        return untold

    def unhappy(self, customers: pd.DataFrame) -> pd.Series:
        """Return who is known to be unhappy, whatever its kind, as booleans."""
        return self._unhappy(self._checked(customers))

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return who is ``unhappy``, and the ``lateness`` where silence is told by the rhythm."""
        values = self._checked(customers)
        found = pd.DataFrame({"unhappy": self._unhappy(values)})
        if self.dormant_days is not None:
            return found
        return found.assign(lateness=lateness(values, self.typical_gap_))

    def _unhappy(self, values: pd.DataFrame) -> pd.Series:
        found = pd.Series(False, index=values.index)
        # A missing value compares as False, here as in the SQL.
        if "satisfaction" in self.known_:
            found |= values["satisfaction"] <= self.satisfaction_most
        if "complaints" in self.known_:
            found |= values["complaints"] >= self.complaints_least
        return found

    def _dormant(self, values: pd.DataFrame) -> pd.Series:
        if self.dormant_days is not None:
            return values["days_since_last"] > self.dormant_days
        late = lateness(values, self.typical_gap_) > self.dormant_after
        return late & ~newcomers(values, self.newcomer_days)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        key, potential, fan, ordinary, marginal, dormant = self.names
        growing = values["growth"] >= self.growth_least
        rules = {
            dormant: self._dormant(values),
            key: values["monetary_total"] >= self.key_limit_,
            marginal: self._unhappy(values),
            potential: growing & (values["order_days"] >= self.purchases_least),
        }
        if fan in self.tiers_:
            rules[fan] = values["referrals"] >= self.referrals_least
        rules = {name: rule for name, rule in rules.items() if name in self.tiers_}
        places = [self.tiers_.index(name) for name in rules]
        return np.select(list(rules.values()), places, self.tiers_.index(ordinary))

    def _conditions(self) -> dict[str, tuple[str, str]]:
        """Return words and SQL of each kind but the ordinary, in the order of precedence."""
        key, potential, fan, _ordinary, marginal, dormant = self.names
        unhappy = {"satisfaction": _condition("satisfaction", "<=", self.satisfaction_most),
                   "complaints": _condition("complaints", ">=", self.complaints_least)}  # fmt: skip
        growing = _condition("growth", ">=", self.growth_least)
        often = _condition("order_days", ">=", self.purchases_least)
        found = {
            dormant: self._silence(),
            key: _condition("monetary_total", ">=", self.key_limit_)
            if np.isfinite(self.key_limit_) else (base.nobody(), "1 = 0"),
            marginal: _joined(" OR ", *(unhappy[n] for n in unhappy if n in self.known_)),
            potential: _joined(" AND ", growing, often),
            fan: _condition("referrals", ">=", self.referrals_least),
        }  # fmt: skip
        return {name: text for name, text in found.items() if name in self.tiers_}

    def _silence(self) -> tuple[str, str]:
        if self.dormant_days is not None:
            return _condition("days_since_last", ">", self.dormant_days)
        limit, gap, days = self.dormant_after, self.typical_gap_, self.newcomer_days
        return (
            _(
                "{name} above {limit} usual gaps ({gap}), unless {exception}",
                name="days_since_last",
                limit=base.number(limit),
                gap=gap_in_words(gap),
                exception=newcomer_rule(days),
            ),
            f"{lateness_sql(gap)} > {base.sql_number(limit)} AND NOT ({newcomer_sql(days)})",
        )

    def rules(self) -> pd.DataFrame:
        """One row per kind that the data can tell; each says which kinds come before it."""
        found, texts = self._conditions(), {}
        for place, (name, (words, _sql)) in enumerate(found.items()):
            before = [tier_name(tier) for tier in list(found)[:place]]
            texts[name] = words
            if before and words != base.nobody():
                texts[name] = _("{rule}; not {others}", rule=words, others=listed(before, "or"))
        rules = [texts.get(name, base.everyone_else()) for name in self.tiers_]
        return pd.DataFrame({"tier": self.tiers_, "rule": rules})

    def notes(self) -> pd.DataFrame:
        """Return what is to be done with each kind, and what to look out for."""
        texts = {kind: [_(text) for text in texts] for kind, texts in NOTES.items()}
        notes = pd.DataFrame(texts, index=pd.Index(self.names, name="tier"))
        return notes.loc[list(self.tiers_)]

    def _sql(self) -> str:
        # A missing value makes a condition null, and CASE goes on to the next.
        found = self._conditions()
        return base.case([sql for __, sql in found.values()], [*found, self.names[3]])


def _condition(column: str, sign: str, limit: float) -> tuple[str, str]:
    figures = {"name": column, "limit": base.number(limit)}
    if sign == ">=":
        words = _("{name} at least {limit}", **figures)
    elif sign == "<=":
        words = _("{name} at most {limit}", **figures)
    else:
        words = _("{name} above {limit}", **figures)
    return words, f"{base.column(column)} {sign} {base.sql_number(limit)}"


def _joined(joint: str, *conditions: tuple[str, str]) -> tuple[str, str]:
    in_words = _(" or ") if joint == " OR " else _(" and ")
    return (
        in_words.join(words for words, _sql in conditions),
        joint.join(sql for _words, sql in conditions),
    )


def _check_number(name: str, value: object, low: float, high: float) -> None:
    if not base.is_number(value) or not low < value <= high or not np.isfinite(value):
        within = {
            (-1, 1): "a number above -1 and at most 1", (0, np.inf): "a number above 0",
        }.get((low, high), "a number")  # fmt: skip
        raise StudyError(f"FiveKinds: '{name}' must be {within}, found {value!r}.")
