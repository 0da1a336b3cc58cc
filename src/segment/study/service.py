"""The service plan as a study writes it: levels, contacts, hours, team and costs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from segment.language import N_
from segment.study.section import Section

# How many of each there are in a month.
UNITS = (
    dict.fromkeys(("day", "天"), 365.25 / 12)
    | dict.fromkeys(("week", "周"), 365.25 / 84)
    | dict.fromkeys(("month", "月"), 1)
    | dict.fromkeys(("quarter", "季度"), 1 / 3)
    | dict.fromkeys(("half-year", "half year", "半年"), 1 / 6)
    | dict.fromkeys(("year", "年"), 1 / 12)
)
UNIT = f"(?P<unit>{'|'.join(UNITS)})"
NUMBER = r"(?P<first>\d+(?:\.\d+)?)(?: ?(?:-|–|~|to|至|到) ?(?P<last>\d+(?:\.\d+)?))?"
# What is said of a contact that nobody plans: "when needed", "on request", 必要时.
NOT_PLANNED = re.compile(r"(when|if|as|on|by) .+|never|none|.*时|按需|视情况")
OFTEN = [
    re.compile(rf"{NUMBER} ?(?:x|times?)? ?(?:a|per|each|/) ?{UNIT}s?"),
    re.compile(rf"每?{UNIT}{NUMBER}次"),
]
SELDOM = [
    re.compile(rf"(?:1 )?(?:every|each)(?: {NUMBER})? {UNIT}s?"),
    re.compile(rf"每{NUMBER}个?{UNIT}1?次"),
]
SPELLED = {"once": "1", "twice": "2", "一": "1", "两": "2", "二": "2", "三": "3", "个月": "月"}


def _rate(value: Any) -> Any:
    """Read how often a contact takes place: ``2-3 a month`` is (2, 3), ``every 2 months`` .5."""
    if isinstance(value, Rate):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return {"text": f"{value:g} a month", "low": value, "high": value}
    text = " ".join(value.split()) if isinstance(value, str) else ""
    plain = text.lower()
    for word, figure in SPELLED.items():
        plain = plain.replace(word, figure)
    if NOT_PLANNED.fullmatch(text.lower()):
        return {"text": text, "low": 0.0, "high": 0.0}
    if re.fullmatch(NUMBER, plain):
        plain = f"{plain} a month"
    for often, patterns in ((True, OFTEN), (False, SELDOM)):
        for match in filter(None, (pattern.fullmatch(plain) for pattern in patterns)):
            first = float(match["first"] or 1)
            last = float(match["last"] or first)
            a_month = UNITS[match["unit"]]
            if not often and 0 in (first, last):
                break
            rates = [a_month * n if often else a_month / n for n in (first, last)]
            return {"text": text, "low": min(rates), "high": max(rates)}
    raise ValueError(
        "write how often as '3 a month', '2-3 a month', 'every 1-2 months', 'once a year' or a "
        "number a month; 'when needed' plans nothing"
    )


class Rate(Section):
    """How often a contact takes place, in times a month; 0 where nothing is planned."""

    text: str = Field(description="as the study writes it")
    low: float = Field(description="times a month, the least")
    high: float = Field(description="times a month, the most")

    @property
    def mid(self) -> float:
        """Times a month, halfway between the least and the most."""
        return (self.low + self.high) / 2


HowOften = Annotated[Rate, BeforeValidator(_rate, json_schema_input_type=str | float)]


def _benefit(value: Any) -> Any:
    """Read what a benefit costs: ``50`` a customer and year, ``2%`` of what the customer spends."""
    if isinstance(value, str) and (share := re.fullmatch(r"(\d+(?:\.\d+)?) ?[%％]", value.strip())):
        return {"text": value, "share": float(share[1]) / 100}
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf:
        return {"text": f"{value:,g}", "amount": value}
    if isinstance(value, Cost):
        return value
    raise ValueError("write what a benefit costs a year as 50, or as a share of the spend as 2%")


class Cost(Section):
    """What a benefit costs a year."""

    text: str = Field(description="as the study writes it")
    amount: float = Field(0.0, description="a customer")
    share: float = Field(0.0, le=1, description="of what the customer spends")


Benefit = Annotated[Cost, BeforeValidator(_benefit, json_schema_input_type=str | float)]


class Level(Section):
    """One level of service: who is in touch how often, by which channel, and with what care."""

    name: str = Field(min_length=1, description="as tiers and pages call it")
    channel: str = Field("", description="how customers are reached, in words")
    feedback: str = Field("", description="how it is asked for; who answers complaints, how soon")
    marketing: str = Field("", description="what customers are sent, in words")
    contacts: dict[str, dict[str, HowOften]] = Field(
        default_factory=dict, description="role: kind of contact: how often"
    )
    benefits: dict[str, Benefit] = Field(
        default_factory=dict,
        description="points, gifts, discounts: what one costs a customer and year, in currency as "
        "50, or as a share of what the customer spends, as 2%",
    )
    weight: Annotated[float, Field(ge=0)] | None = Field(
        None, description="what a customer's value counts for at this level; 1 is in full"
    )


# Sales organisations: visits and calls by role for classes A, B and C, feedback and marketing.
DEFAULT_LEVELS: list[dict[str, Any]] = [
    {
        "name": N_("bespoke"),
        "channel": N_("In person, one contact for everything"),
        "feedback": N_(
            "Interview and questionnaire; complaints answered the same day, closed in person"
        ),
        "marketing": N_("Exclusive offers and recommendations made for the customer"),
        "contacts": {
            N_("sales"): {N_("visit"): "3 a month", N_("call"): "2-3 a month"},
            N_("manager"): {"visit": "every 1-2 months"},
            N_("director"): {"visit": "every 6 months"},
            N_("executive"): {"visit": "once a year"},
        },
    },
    {
        "name": N_("standard"),
        "channel": N_("In person and by phone"),
        "feedback": N_("Survey by phone and mail; complaints answered within two days"),
        "marketing": N_("Regular promotions"),
        "contacts": {
            "sales": {"visit": "2 a month", "call": "1-2 a month"},
            "manager": {"visit": "every 2-3 months"},
            "director": {"visit": "every 6-12 months"},
            "executive": {"visit": N_("when likely to rise")},
        },
    },
    {
        "name": N_("automated"),
        "channel": N_("Orders and news online, a visit and a call to keep in touch"),
        "feedback": N_("Online survey; complaints answered within three days"),
        "marketing": N_("Mail and social advertising"),
        "contacts": {
            "sales": {"visit": "1 a month", "call": "1 a month"},
        },
    },
]
# What a tier gets where no level of the plan pays, or the hours carry none.
SELF_SERVICE = Level(
    name=N_("self-service"), channel=N_("Orders and news online, no visit and no call")
)
# What customers get who bought once, but not in the newest window.
WIN_BACK = Level(name=N_("win-back"), channel=N_("One win-back e-mail, no visit and no call"))
# A visit takes its travel along.
DEFAULT_HOURS = {"visit": 2.0, "call": 0.25}


class Service(Section):
    """The service plan: levels, best first, and how long contacts take."""

    levels: tuple[Level, ...] = Field(
        default_factory=lambda: tuple(Level(**level) for level in DEFAULT_LEVELS),
        description="best first; a scheme's best tier gets the first, its last tier the last, "
        "those between are spread evenly; left out, a sales organisation's three",
    )
    tiers: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="label of a method: tier: level, where the even spread does not suit",
    )
    hours: dict[str, Any] = Field(
        default_factory=lambda: dict(DEFAULT_HOURS),
        description="hours per contact, as visit: 2, or of one role, as director: {visit: 3}",
    )
    floor: str | None = Field(
        None,
        description="the level below which no customer may fall, whatever it costs; else tiers "
        "that the hours do not reach, or that cost more than they bring, serve themselves",
    )
    lapsed: Level = Field(WIN_BACK, description="for customers without a purchase lately")

    @field_validator("levels")
    @classmethod
    def _some_level(cls, value: tuple[Level, ...]) -> tuple[Level, ...]:
        if not value:
            raise ValueError("there is no level; name at least one, or leave the key out")
        return value

    @field_validator("hours", mode="before")
    @classmethod
    def _positive_hours(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError("write the hours of a contact below it, as 'visit: 2'")
        for key, hours in value.items():
            parts = hours.items() if isinstance(hours, Mapping) else [(key, hours)]
            for kind, number in parts:
                is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
                if not (is_number and 0 <= number < 1000):
                    raise ValueError(f"the hours of a '{kind}' are a number such as 0.25")
        return DEFAULT_HOURS | dict(value)

    @property
    def names(self) -> list[str]:
        """Names of the levels, best first."""
        return [level.name for level in self.levels]

    @property
    def every(self) -> tuple[Level, ...]:
        """The levels, best first, then self-service, then that of the lapsed customers."""
        return (*self.levels, SELF_SERVICE, self.lapsed)

    @property
    def roles(self) -> list[str]:
        """Everybody who is in touch with customers, in the order of the levels."""
        return list(dict.fromkeys(role for level in self.every for role in level.contacts))

    def hours_of(self, role: str, kind: str) -> float | None:
        """Return the hours that a contact takes; None where nobody says so."""
        own = self.hours.get(role)
        hours = own.get(kind) if isinstance(own, Mapping) else None
        hours = self.hours.get(kind) if hours is None else hours
        return None if isinstance(hours, Mapping) or hours is None else float(hours)


class Member(Section):
    """A role of the team: how many, their hours a month with customers, cost per hour."""

    people: float = Field(ge=0, description="how many they are")
    hours: float = Field(gt=0, le=744, description="a month that each has for customers")
    cost: Annotated[float, Field(ge=0)] | None = Field(None, description="of an hour, in currency")


class Costs(Section):
    """What turns amounts into margins where the data hold no margin."""

    margin_rate: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="share of an amount that is earned; 0.3 is 30 %"
    )
    acquisition: Annotated[float, Field(gt=0)] | None = Field(
        None, description="of winning one new customer, in currency"
    )
    assumed: bool = Field(
        False, description="hours, team, costs and margin rate are guesses; every page says so"
    )
