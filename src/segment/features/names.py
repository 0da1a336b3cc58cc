"""Columns under the names a reader knows, and how their numbers are written.

A column of the customers table that is not among them keeps the study's own name.
"""

from __future__ import annotations

from segment.features.recent import RECENT
from segment.language import N_, _

# Column: (what a reader calls it, how it is written). A name not ending in words is one of
# a frame that pages share; its heading begins with a capital letter.
COLUMNS: dict[str, tuple[str, str]] = {
    # Features
    "monetary_total": (N_("total spent"), "money"),
    "order_days": (N_("purchase days"), "count"),
    "days_since_last": (N_("days since last purchase"), "count"),
    "days_since_first": (N_("days since first purchase"), "count"),
    "monetary_mean": (N_("spent per purchase day"), "money"),
    "margin_total": (N_("total margin"), "money"),
    "margin_rate": (N_("margin rate"), "percent"),
    "products": (N_("different products"), "count"),
    "categories": (N_("different categories"), "count"),
    "growth": (N_("growth"), "decimal"),
    "monetary_repeat_mean": (N_("spent per later purchase day"), "money"),
    "monetary_year": (N_("spent in the last year"), "money"),
    "balance_month_mean": (N_("mean balance of the last full month"), "money"),
    # Attributes that methods, presets and the habits of customers bring along
    "satisfaction": (N_("satisfaction"), "number"),
    "complaints": (N_("complaints"), "number"),
    "referrals": (N_("referrals"), "number"),
    "referrals_since": (N_("referrals since the cut"), "number"),
    "arrears": (N_("arrears"), "money"),
    "credit_grade": (N_("credit_grade"), "text"),
    "days_late": (N_("days late"), "number"),
    "overdue_share": (N_("share overdue"), "percent"),
    "disputes": (N_("disputes"), "count"),
    "present_tier": (N_("present tier"), "tier"),
    "assets": (N_("assets"), "money"),
    "account_turnover": (N_("account turnover"), "decimal"),
    "account_return": (N_("account return"), "percent"),
    "risk_appetite": (N_("risk_appetite"), "text"),
    "usage": (N_("usage"), "number"),
    "contact_hours": (N_("contact_hours"), "number"),
    "first_contact": (N_("first_contact"), "text"),
    "industry": (N_("industry"), "text"),
    "size": (N_("size"), "text"),
    "province": (N_("province"), "text"),
    "region": (N_("region"), "text"),
    "gender": (N_("gender"), "text"),
    "age": (N_("age"), "number"),
    # What pages count and measure by tier
    "customers": (N_("Customers"), "people"),
    "tier": (N_("Tier"), "tier"),
    "rule": (N_("Rule"), "text"),
    "share": (N_("Share"), "tenths"),
    "value_share": (N_("Share of what came in"), "tenths"),
    "bought": (N_("Bought again"), "percent"),
    "past": (N_("Spent in the last year"), "money"),
    "past_share": (N_("Share of all"), "tenths"),
    "stage": (N_("Tier"), "tier"),
    "group": (N_("Group"), "text"),
    "lateness": (N_("Time since the last purchase, in usual gaps"), "number"),
    "next_value": (N_("Holdout value per customer"), "money"),
    # What one customer may bring
    "buys": (N_("Buy at all"), "percent"),
    "may": (N_("One may bring (80%)"), "money"),
    "held_range": (N_("It held for"), "percent"),
    # How long a purchase counts
    "half_life": (N_("Half-life (days)"), "text"),
    "concentration": (N_("Concentration"), "{:z.3f}"),
    # What a scorecard and the five kinds judge by
    "score": (N_("Score"), "decimal"),
    "indicator": (N_("Indicator"), "text"),
    "weight_share": (N_("Weight"), "percent"),
    "missing": (N_("Missing"), "percent"),
    "weight_moves": (N_("Change grade if it is 10 points off"), "tenths"),
    "kind": (N_("Tier"), "tier"),
    "total_share": (N_("Share of past amount"), "tenths"),
    "share_of_all": (N_("Share"), "percent"),
    # The parts of a credit brake
    "who": (N_("Who"), "text"),
    "best_allowed": (N_("Best tier allowed"), "tier"),
    "concerned": (N_("Customers"), "people"),
    "correlation": (N_("Rank correlation with the prediction"), "decimal"),
    # What a model predicts, and what sets the customers of a tier apart
    "predicted": (N_("Predicted value"), "money"),
    "apart": (N_("What sets them apart"), "text"),
    # Two groups of customers of the same tier
    "below": (N_("Just below"), "people"),
    "below_value": (N_("They brought each"), "money"),
    "above": (N_("Just above"), "people"),
    "above_value": (N_("Those brought each"), "money"),
    "others": (N_("Not held back"), "people"),
    "others_value": (N_("They brought each"), "money"),
    "held": (N_("Held back"), "people"),
    "held_value": (N_("Those brought each"), "money"),
    "value_difference": (N_("Difference"), "money"),
    # What became of the rows that were read, and what the columns hold
    "fate": (N_("What happened"), "word"),
    "rows": (N_("Rows"), "count"),
    "amount": (N_("Amount"), "money"),
    "finding": (N_("Finding"), "word"),
    "done": (N_("What was done"), "word"),
    "column": (N_("Column"), "text"),
    "known": (N_("Known"), "percent"),
    "tenth": (N_("10%"), "number"),
    "median": (N_("Median"), "number"),
    "nine_tenths": (N_("90%"), "number"),
    # How schemes fare
    "scheme": (N_("Scheme"), "text"),
    "tiers": (N_("Tiers"), "count"),
    "served": (N_("Would serve"), "people"),
    "gain": (N_("Finds more, points"), "points"),
    "gain_value": (N_("More than the plain sort"), "money"),
    "served_share": (N_("Served first"), "percent"),
    "says": (N_("In short"), "text"),
    "gini": (N_("Normalised Gini"), "{:z.3f}"),
    "skill": (N_("Skill"), "{:+z.3f}"),
    "capture": (N_("Capture"), "{:.3f}"),
    "kappa": (N_("Stability"), "{:z.2f}"),
    "auc_above_chance": (N_("2 AUC - 1"), "decimal"),
    "stability": (N_("Stability"), "decimal"),
    "simplicity": (N_("Simplicity"), "decimal"),
    "balance": (N_("Balance"), "decimal"),
    "leads": (N_("Leads"), "percent"),
    # Tiers when the customers are drawn anew
    "chance": (N_("Keep their tier"), "tenths"),
    "weakest_tier": (N_("Weakest tier"), "tier"),
    "weakest": (N_("Overlap"), "decimal"),
    "overlap": (N_("Overlap"), "decimal"),
    "borderline": (N_("At a border"), "people"),
    "borderline_value": (N_("What they brought"), "money"),
    "borderline_share": (N_("Share of all"), "tenths"),
    # An experiment on the service of each tier
    "held_out": (N_("Held out"), "people"),
    "held_out_share": (N_("Share"), "tenths"),
    "value_effect": (N_("Shows spending higher by"), "percent"),
    "active_effect": (N_("Shows more buyers by"), "tenths"),
    "treated": (N_("With the service"), "people"),
    "without": (N_("Held out"), "people"),
    "mean_others": (N_("Held out, brought each"), "money"),
    "effect": (N_("The service adds"), "money"),
    "effect_share": (N_("The service adds"), "percent"),
    "bought_effect": (N_("More buyers, points"), "points"),
    "planned": (N_("Was to show"), "tenths"),
    "shows": (N_("Shows now"), "tenths"),
    "cost_since": (N_("Cost since then"), "money"),
    "added": (N_("Margin that it adds"), "money"),
    "net": (N_("Less its cost"), "money"),
    # Pages of single families
    "customer_share": (N_("Share of customers, the best first"), "percent"),
    "contribution": (N_("Share of all"), "percent"),
    "sorted_share": (N_("Share of what is sorted by"), "tenths"),
    "recency_score": ("R", "number"),
    "fm_score": (N_("mean of F and M"), "number"),
    "variable": (N_("Indicator"), "text"),
    "rfm_score": (N_("Score"), "number"),
    "k": (N_("Clusters"), "number"),
    "weakest_overlap": (N_("Overlap"), "decimal"),
    "found_again": (N_("Overlap"), "decimal"),
    "trust": (N_("In short"), "text"),
    "next_total": (N_("Holdout value"), "money"),
    # The watch-lists
    "list": (N_("Watch-lists"), "text"),
    "stake": (N_("Money at stake"), "money"),
    "meet_rule": (N_("Customers"), "people"),
    "stake_all": (N_("Money at stake"), "money"),
    "first_calls": (N_("Among the first calls"), "people"),
    "next_step": (N_("Next step"), "text"),
    "intent": (N_("Intent"), "text"),
    "due": (N_("Due"), "text"),
    "counts_as": (N_("Counts as"), "tier"),
    "customer": (N_("Customer"), "text"),
    "reason": (N_("Reason"), "text"),
    "own": (N_("They buy"), "text"),
    "offer": (N_("Offer"), "text"),
    "both": (N_("Of its buyers, buy the offer as well"), "percent"),
    # Moves between two periods, and since the last report
    "move": (N_("Move"), "text"),
    "from": (N_("From"), "tier"),
    "to": (N_("To"), "tier"),
    "value_before": (N_("Amount before"), "money"),
    "value_after": (N_("Amount after"), "money"),
    "lost_share": (N_("Share"), "tenths"),
    "figure": (N_("Figure"), "text"),
    "old": (N_("Last report"), "number"),
    "new": (N_("This report"), "number"),
    "difference": (N_("Change"), "number"),
    "beyond": (N_("More than noise"), "text"),
    # The customer file
    "field": (N_("Field"), "text"),
    "complete": (N_("Filled"), "tenths"),
    "correct": (N_("No fault found"), "tenths"),
    "wrong": (N_("Cannot be right"), "count"),
    "to_repair": (N_("Records to repair"), "count"),
    "brought": (N_("What they brought"), "money"),
    "brought_share": (N_("Share of all"), "percent"),
    "because": (N_("Reason"), "text"),
    "pairs": (N_("Pairs"), "count"),
    # The service plan
    "service": (N_("Service"), "text"),
    "channel": (N_("Channel"), "text"),
    "feedback": (N_("Feedback"), "text"),
    "marketing": (N_("Marketing"), "text"),
    "offers": (N_("Benefits"), "text"),
    "hours": (N_("Hours a month"), "count"),
    "role": (N_("Role"), "word"),
    "kind_of_contact": (N_("Contact"), "word"),
    "contacts_planned": (N_("Planned a month"), "number"),
    "contacts_made": (N_("Made a month"), "number"),
    "overdue": (N_("Overdue"), "people"),
    "effort": (N_("Hours"), "count"),
    "effort_share": (N_("Share of the hours"), "tenths"),
    "value_effort": (N_("Past value per hour"), "money"),
    "needed": (N_("Hours needed"), "count"),
    "wished": (N_("As wished"), "count"),
    "available": (N_("Hours there"), "count"),
    "load": (N_("Load"), "percent"),
    "by_plan": (N_("As wished"), "text"),
    "cost": (N_("Cost a month"), "money"),
    "cost_year": (N_("Cost a year"), "money"),
    "margin": (N_("Margin to expect"), "money"),
    "per_hour": (N_("Money per hour of service"), "money"),
    "margin_hour": (N_("Margin"), "money"),
    "cost_hour": (N_("Cost per hour"), "money"),
    "uplift": (N_("Pays if it rises by"), "tenths"),
    "benefits": (N_("Benefits"), "money"),
    "must_keep": (N_("Or if it keeps, customers a year"), "number"),
    "response": (N_("Or if so many more buy"), "tenths"),
    "buyers": (N_("Buyers"), "people"),
    "per_buyer": (N_("Contacts per buyer"), "number"),
    "reached": (N_("Buyers so far"), "tenths"),
    "hours_so_far": (N_("Hours"), "count"),
    "customers_so_far": (N_("Customers"), "people"),
    "buyers_so_far": (N_("Buyers"), "people"),
}
FEATURES_AND_ATTRIBUTES = tuple(COLUMNS)[: tuple(COLUMNS).index("customers")]
FORMATS = {name: kind for name, (_words, kind) in COLUMNS.items()}
AXES = {
    "value": N_("Value"),
    "loyalty": N_("Loyalty"),
    "turnover": N_("Turnover"),
    "margin": N_("Margin"),
}


def column_name(column: str) -> str:
    """Return what a reader calls a column; one that only the study knows stays as it is."""
    if recent := RECENT.fullmatch(column):
        return _("recent margin") if recent["measure"] == "margin" else _("recent spend")
    return _(COLUMNS[column][0]) if column in COLUMNS else column


def in_words(column: str) -> str:
    """Return what a column is called in a sentence: ``my_points`` reads "my points"."""
    return column_name(column).replace("_", " ")


def names() -> dict[str, str]:
    """Return what a reader calls each feature and attribute."""
    return {column: column_name(column) for column in FEATURES_AND_ATTRIBUTES}


def axis_name(axis: str) -> str:
    """Return the name of an axis of two, as a heading begins; ``lower`` it in a sentence."""
    return _(AXES[axis]) if axis in AXES else axis.capitalize()
