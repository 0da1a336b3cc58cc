"""What each watch-list is called, what is at stake and what to do."""

from __future__ import annotations

from segment.language import N_

NAMES = {
    "silent": N_("Large, no reorder"),
    "complaints": N_("Large, unhappy"),
    "falling": N_("Falling"),
    "rising": N_("About to rise"),
    "narrow": N_("One or two products"),
    "dormant": N_("Once large, dormant"),
    "borderline": N_("Tier uncertain"),
}
NEXT = {
    "silent": N_("Call: ask what changed, and offer to take the order"),
    "complaints": N_("Visit, hear the complaint, repair its cause, report back; sell nothing yet"),
    "falling": N_("Ask what they buy elsewhere now, and why; agree on one step"),
    "rising": N_("Call: tell them what the next tier offers, make the next order easy"),
    "narrow": N_("Offer the item that buyers of theirs most often add"),
    "dormant": N_("One well-prepared attempt to win back, by someone who can decide on terms"),
    "borderline": N_("Let the account manager decide on the tier before service changes"),
}
STAKE = {
    "silent": N_("At stake is what they brought in the last 365 days."),
    "complaints": N_("At stake is what they brought in the last 365 days."),
    "falling": N_("At stake is what they now bring less in a year than before the cut."),
    "rising": N_(
        "At stake is, for a year, their growth so far, or the raise that reaches the next tier."
    ),
    "narrow": N_(
        "At stake is what their items brought on average in the last 365 days, times the share of "
        "their buyers who also buy the next one."
    ),
    "dormant": N_("At stake is what they brought in a year while they bought."),
    "borderline": N_("At stake is what they brought in the last 365 days."),
}
