"""Columns under the names a reader knows, and how their numbers are written.

A column of the customers table that is not among them keeps the study's own name.
"""

from __future__ import annotations

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
    "balance_month_mean": (N_("mean balance of the month"), "money"),
    # Attributes that methods, presets and the habits of customers bring along
    "satisfaction": (N_("satisfaction"), "number"),
    "complaints": (N_("complaints"), "number"),
    "referrals": (N_("referrals"), "number"),
    "arrears": (N_("arrears"), "money"),
    "credit_grade": (N_("credit_grade"), "text"),
    "assets": (N_("assets"), "money"),
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
    "main_channel": (N_("main_channel"), "text"),
    "main_region": (N_("main_region"), "text"),
    "main_category": (N_("main_category"), "text"),
    # What pages count and measure by tier
    "customers": (N_("Customers"), "count"),
    "tier": (N_("Tier"), "tier"),
    "rule": (N_("Rule"), "text"),
    "share": (N_("Share"), "tenths"),
    "value_share": (N_("Share of holdout value"), "tenths"),
    "bought": (N_("Bought again"), "percent"),
    "past": (N_("Amount of the last year"), "money"),
    "past_share": (N_("Share of it"), "tenths"),
    "stage": (N_("Stage"), "tier"),
    "group": (N_("Group"), "text"),
    "lateness": (N_("Time since the last purchase, in usual gaps"), "number"),
    "next_value": (N_("Holdout value per customer"), "money"),
    # What a scorecard and the five kinds judge by
    "score": (N_("Score"), "decimal"),
    "indicator": (N_("Indicator"), "text"),
    "better": (N_("Better"), "text"),
    "weight_share": (N_("Weight"), "percent"),
    "missing": (N_("Missing"), "percent"),
    "up": (N_("Weight 10 points up"), "tenths"),
    "down": (N_("Weight 10 points down"), "tenths"),
    "grade_changes": (N_("Share of customers who change grade"), "percent"),
    "kind": (N_("Kind"), "tier"),
    "total_share": (N_("Share of past amount"), "tenths"),
    "share_of_all": (N_("Share"), "percent"),
    "unhappy": (N_("Unhappy"), "count"),
    "value_class": (N_("Past amount"), "text"),
    "growth_class": (N_("Growth from the first to the second half before the cut"), "text"),
    # The parts of a credit brake
    "who": (N_("Who"), "text"),
    "best_allowed": (N_("Best tier allowed"), "tier"),
    "concerned": (N_("Customers"), "count"),
    "held_median": (N_("Their median"), "number"),
    "held_total": (N_("Their sum"), "money"),
    # What a model predicts, and what sets the customers of a tier apart
    "predicted": (N_("Predicted value"), "money"),
    "apart": (N_("What sets them apart"), "text"),
    # Two groups of customers of the same tier
    "below": (N_("Just below"), "count"),
    "below_value": (N_("They brought each"), "money"),
    "above": (N_("Just above"), "count"),
    "above_value": (N_("Those brought each"), "money"),
    "earned": (N_("Earned it"), "count"),
    "earned_value": (N_("They brought each"), "money"),
    "kept": (N_("Keep it by grace"), "count"),
    "kept_value": (N_("Those brought each"), "money"),
    "others": (N_("Not held back"), "count"),
    "others_value": (N_("They brought each"), "money"),
    "held": (N_("Held back"), "count"),
    "held_value": (N_("Those brought each"), "money"),
    "value_difference": (N_("Difference"), "money"),
    # What became of the rows that were read, and what the columns hold
    "fate": (N_("What happened"), "word"),
    "rows": (N_("Rows"), "count"),
    "amount": (N_("Amount"), "money"),
    "weight": (N_("Severity"), "word"),
    "finding": (N_("Finding"), "word"),
    "done": (N_("What was done"), "word"),
    "column": (N_("Column"), "text"),
    "meaning": (N_("Meaning"), "text"),
    "unit": (N_("Unit"), "text"),
    "known": (N_("Known"), "percent"),
    "tenth": (N_("10 %"), "number"),
    "median": (N_("Median"), "number"),
    "nine_tenths": (N_("90 %"), "number"),
    "top_hundredth": (N_("99 %"), "number"),
    # How schemes fare
    "scheme": (N_("Scheme"), "text"),
    "tiers": (N_("Tiers"), "count"),
    "gini": (N_("Normalised Gini"), "{:z.3f}"),
    "gini_without_largest": (N_("Without the largest"), "{:z.3f}"),
    "skill": (N_("Skill"), "{:+z.3f}"),
    "capture": (N_("Capture"), "{:.3f}"),
    "auc": (N_("AUC"), "{:.3f}"),
    "kappa": (N_("Stability"), "{:z.2f}"),
    "origins": (N_("Cut dates"), "count"),
    "lowest": (N_("Lowest"), "{:z.3f}"),
    "highest": (N_("Highest"), "{:z.3f}"),
    "wins": (N_("Best scheme at"), "count"),
    "auc_above_chance": (N_("2 AUC - 1"), "decimal"),
    "stability": (N_("Stability"), "decimal"),
    "simplicity": (N_("Simplicity"), "decimal"),
    "balance": (N_("Balance"), "decimal"),
    "leads": (N_("Leads"), "percent"),
    # Tiers when the customers are drawn anew
    "chance": (N_("Keep their tier"), "tenths"),
    "weakest_tier": (N_("Weakest tier"), "tier"),
    "weakest": (N_("Its overlap"), "decimal"),
    "overlap": (N_("Overlap"), "decimal"),
    "borderline": (N_("At a border"), "count"),
    "borderline_value": (N_("They brought"), "money"),
    "borderline_share": (N_("Share of all"), "tenths"),
    # An experiment on the service of each tier
    "held_out": (N_("Hold out"), "count"),
    "held_out_share": (N_("Share"), "tenths"),
    "value_effect": (N_("Shows spending higher by"), "percent"),
    "active_then": (N_("Shows a step to"), "tenths"),
    "measure": (N_("Compared"), "word"),
    "smallest_effect": (N_("Smallest effect, up to half held out"), "tenths"),
    # Pages of single families
    "group": (N_("Group"), "text"),
    "customer_share": (N_("Share of customers, largest first"), "percent"),
    "contribution": (N_("Share of the total, cumulative"), "percent"),
    "sorted_share": (N_("Share of what is sorted by"), "tenths"),
    "recency_score": (N_("Recency score"), "number"),
    "fm_score": (N_("Mean of F and M score"), "number"),
    "variable": (N_("Variable"), "text"),
    "rfm_score": (N_("Score"), "number"),
    "axis": (N_("Axis"), "text"),
    "cut_percentile": (N_("Percentile of the cut"), "percent"),
    "moved_up": (N_("If the cut is higher"), "tenths"),
    "moved_down": (N_("If the cut is lower"), "tenths"),
    "k": (N_("Number of clusters k"), "number"),
    "weakest_overlap": (N_("Overlap of the weakest cluster, on a sample"), "decimal"),
    "silhouette": (N_("Silhouette"), "decimal"),
    "smallest_share": (N_("Smallest cluster"), "tenths"),
    "plain_rules": (N_("Told by plain rules"), "percent"),
    "found_again": (N_("Found again"), "decimal"),
    "trust": (N_("Which means"), "text"),
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


# Until every page is written anew.
NAMES = {
    name: COLUMNS[name][0]
    for name in FEATURES_AND_ATTRIBUTES[: FEATURES_AND_ATTRIBUTES.index("satisfaction")]
}
ATTRIBUTES = FEATURES_AND_ATTRIBUTES[FEATURES_AND_ATTRIBUTES.index("satisfaction") :]
