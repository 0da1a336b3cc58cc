"""What each watch-list is called, why it matters, what is at stake and what to do."""

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
WHY = {
    "silent": N_("They brought most last year, and their next order is overdue"),
    "complaints": N_("Much money with somebody who has reason to leave"),
    "falling": N_("They still buy, but less: the loss can still be stopped"),
    "rising": N_("A little attention now brings them into a better tier"),
    "narrow": N_("They know one or two of the things that are sold, and pay for them"),
    "dormant": N_("They were large once, and somebody remembers why they left"),
    "borderline": N_("The figures do not say which tier is right; a person can"),
}
NEXT = {
    "silent": N_("Call this week: ask what changed, and offer to take the order"),
    "complaints": N_("Visit, hear the complaint, repair its cause, report back; sell nothing yet"),
    "falling": N_("Ask what they buy elsewhere now, and why; agree on one step"),
    "rising": N_("Tell them what the next tier offers, and make the next order easy"),
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
LACKS = {
    "no mood": N_(
        "This list cannot be made: the data lack complaints and satisfaction. Add one of them as "
        "`complaints` or `satisfaction` to the columns of the customers table in the study."
    ),
    "no items": N_(
        "This list cannot be made: the data lack what was bought. Map `category` or `product` "
        "under `columns` in the study."
    ),
    "few items": N_(
        "This list cannot be made: with fewer than three different products or categories there "
        "is no next one to offer."
    ),
    "short history": N_(
        "This list cannot be made: the data are not longer than the time after which a customer "
        "counts as dormant."
    ),
}
SHORT = {
    "no mood": N_("Cannot be made: nothing is known of complaints or satisfaction"),
    "no items": N_("Cannot be made: the data do not say what was bought"),
    "few items": N_("Cannot be made: fewer than three products or categories"),
    "short history": N_("Cannot be made: the history is too short"),
}
