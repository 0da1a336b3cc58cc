"""The words that a reader of the report may not know, and links to what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4 import BeautifulSoup, NavigableString, Tag

from segment.language import N_, _
from segment.pages.recommendation import RANGE
from segment.words import capital

# Where a term is explained to readers, and where a link would be in the way.
PROSE, NOT_IN = ("p", "li", "td", "caption"), ("a", "code", "pre", "button", "dl", "strong")


@dataclass(frozen=True)
class Term:
    """A word: part of its address, how texts write it (ways separated by "|"), its meaning."""

    key: str
    written: str
    meaning: str

    @property
    def word(self) -> str:
        """The first of the ways to write it, as a heading."""
        return capital(_(self.written).split("|")[0])


TERMS = (
    Term("scheme", N_("scheme|schemes|tier|tiers"),
         N_("A scheme is a rule that puts every customer into one tier, best tier first.")),
    Term("holdout", N_("holdout|calibration|cut date|cut dates|the cut"),
         N_("A scheme learns from the calibration period, up to the cut date. The holdout is the "
            "time after it, which no scheme has seen; it decides who was right.")),
    Term("value", N_("holdout value"),
         N_("What a customer brought in the holdout: margin where the data name it, else revenue, "
            "net of returns; never below 0.")),
    Term("gini", N_("normalised Gini|Normalised Gini"),
         N_("How well a scheme sorts customers by what they later brought: 0 is random order, 1 is "
            "perfect foresight.")),
    Term("plain-sort", N_("plain sort|list by past spend|list by past margin"),
         N_("All customers by what they had brought before the cut: the list that everybody has.")),
    Term("skill", N_("skill|Skill"),
         N_("What a scheme's order adds over the plain sort at the same tier sizes.")),
    Term("capture", N_("capture|Capture"),
         N_("The share of the holdout value that the first customers by a scheme brought.")),
    Term("auc", N_("AUC"),
         N_("The chance that a customer who bought again stands in a better tier than one who did "
            "not; one half is chance.")),
    Term("stability", N_("stability|Stability|kappa"),
         N_("Agreement of tiers between two periods: 0 is chance, 1 is every customer in the same "
            "tier; larger moves count more.")),
    Term("overlap", N_("overlap|Overlap|Jaccard"),
         N_("Customers in both of two groups as a share of those in either: 1 is the same group.")),
    Term("interval", N_("95% interval|95% intervals|interval|intervals"),
         RANGE),
    Term("bootstrap", N_("resample|resamples|resampled|bootstrap"),
         N_("The same customers drawn again at random, with repeats, many times: how much a "
            "figure moves tells how unsure it is.")),
    Term("rfm", N_("RFM"),
         N_("Scores for how recently (R), how often (F) and for how much money (M) a customer "
            "bought.")),
    Term("abc", N_("ABC"),
         N_("Customers sorted by what they bring and cut where they add up to shares of the "
            "total, often 80% and 95%.")),
)  # fmt: skip


def address(term: Term) -> str:
    """Return the id of a term on its page."""
    return f"term-{term.key}"


def link_terms(page: BeautifulSoup | Tag, to: str = "") -> None:
    """Link the first use of every term in the prose and the tables of a page, in place.

    ``to`` is the file that holds the glossary; empty if the page itself does.
    """
    waiting = {term: re.compile(_ways(term)) for term in TERMS}
    for text in page.find_all(string=True):
        if not waiting:
            return
        within = [parent.name for parent in text.parents]
        if type(text) is NavigableString and not {*within} & {*NOT_IN} and {*within} & {*PROSE}:
            _link(text, waiting, to)


def _ways(term: Term) -> str:
    ways = sorted(_(term.written).split("|"), key=len, reverse=True)
    either = "|".join(map(re.escape, ways))
    # Latin words end where letters end; Chinese has no gaps between words.
    return rf"(?<![A-Za-z-])(?:{either})(?![A-Za-z-])"


def _link(text: NavigableString, waiting: dict[Term, re.Pattern], to: str) -> None:
    """Link the terms of one piece of text, the first and longest first."""
    rest: NavigableString | None = text
    while rest is not None:
        hits = {term: found for term, way in waiting.items() if (found := way.search(rest))}
        if not hits:
            return
        # Of two terms at one place the longer comes first.
        term, found = min(hits.items(), key=lambda hit: (hit[1].start(), -len(hit[1][0])))
        del waiting[term]
        link = Tag(name="a", attrs={"class": "term", "href": f"{to}#{address(term)}"})
        link.string = found[0]
        before, after = str(rest)[: found.start()], str(rest)[found.end() :]
        rest.replace_with(link)
        if before:
            link.insert_before(before)
        rest = NavigableString(after) if after else None
        if rest is not None:
            link.insert_after(rest)
