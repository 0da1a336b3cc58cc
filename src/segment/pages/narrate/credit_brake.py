"""The sentences of the credit brake page."""

from __future__ import annotations

from functools import partial

from segment.evidence.profiles import FEWEST
from segment.features.names import column_name
from segment.language import _, tier_name
from segment.pages import views
from segment.pages.narrate.common import holdout_span
from segment.pages.views.credit_brake import reads_money
from segment.run import Run
from segment.words import count, listed, money, percent


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the credit brake notebook for its first scheme."""
    label = labels[0]
    if a.methods[label].braked_.empty:
        return [f"{held(a, label)} {parts(a, label)}".strip(), caution(a, label)]
    return [held(a, label), f"{parts(a, label)} {right(a, label)}".strip(), caution(a, label)]


def held(a: Run, label: str) -> str:
    """Say how many customers are held back, and from which tier to which."""
    method = a.methods[label]
    moved = method.braked_
    if moved.empty:
        return _("**{label} holds nobody back:** its tiers are those of the scheme without a "
                 "brake.", label=label)  # fmt: skip
    each = moved.astype(str).value_counts().head(2)
    ways = [
        _("from {before} to {after} ({number})", before=tier_name(before), after=tier_name(after),
          number=f"{number:,}")
        for (before, after), number in each.items()
    ]  # fmt: skip
    said = {
        "customers": count(len(moved), "customer"), "ways": listed(ways),
        "share": percent(len(moved) / len(a.customers)),
    }  # fmt: skip
    if len(moved) > each.sum():
        text = _("**The brake holds back {customers} ({share}), most of them {ways}.**", **said)
    else:
        text = _("**The brake holds back {customers} ({share}), {ways}.**", **said)
    return f"{text} {_of_best(a, label)}"


def _of_best(a: Run, label: str) -> str:
    method = a.methods[label]
    best = method.tiers_[0]
    first = int((method.braked_["before"] == best).sum())
    if not first:
        return _("None of them would have been in {tier}.", tier=tier_name(best))
    of_best = int((method.of_.labels_ == best).sum())
    return _(
        "Of the {customers} that the scheme itself would put in {tier}, the brake takes out "
        "{share}.",
        customers=count(of_best, "customer"), tier=tier_name(best), share=percent(first / of_best),
    )  # fmt: skip


def parts(a: Run, label: str) -> str:
    """Say what arrears those held back have, or how many have no value to judge by."""
    method = a.methods[label]
    column = a.customers[method.indicator]
    name, unknown, text = _name(a, label), column.isna().mean(), []
    write = partial(money, currency=a.study.currency) if reads_money(a, label) else "{:,.0f}".format
    if method.grades is None and len(method.braked_):
        owed = column.reindex(method.braked_.index).astype(float).dropna()
        if len(owed) >= FEWEST:
            text.append(
                _("Half of those held back have {name} of {median} or more.", name=name,
                  median=write(owed.median()))
            )  # fmt: skip
    if unknown:
        said = {"share": percent(unknown), "name": name}
        if method.missing == "free":
            text.append(_("For {share} of the customers {name} is unknown; they are not held back.",
                          **said))  # fmt: skip
        else:
            text.append(_("For {share} of the customers {name} is unknown; they are capped as the "
                          "rules say.", **said))  # fmt: skip
    return " ".join(text)


def right(a: Run, label: str) -> str:
    """Say whether those held back brought less than the others of their tier."""
    frame = views.credit_brake.against(a, label)
    if frame.empty:
        return _("Too few are held back in any tier to compare what they brought.")
    row, currency = frame.iloc[-1], a.study.currency
    said = {
        "span": holdout_span(a), "held": money(row["held_mean"], currency),
        "others": money(row["others_mean"], currency),
        "difference": money(row["difference"], currency),
        "low": money(row["difference_low"], currency),
        "high": money(row["difference_high"], currency),
    }  # fmt: skip
    if row["difference_high"] < 0:
        return _(
            "In the next {span} those held back brought {held} each, the others of the same tiers "
            "{others}: clearly less (difference {difference}, 95 % interval {low} to {high}). The "
            "brake was right about what they would bring.",
            **said,
        )
    if row["difference_low"] > 0:
        return _(
            "In the next {span} those held back brought {held} each, the others of the same tiers "
            "{others}: clearly more (difference {difference}, 95 % interval {low} to {high}). By "
            "what they bought the brake was wrong; only the risk of not being paid can justify it.",
            **said,
        )
    return _(
        "In the next {span} those held back brought {held} each, the others of the same tiers "
        "{others}: no difference that can be told from chance (difference {difference}, 95 % "
        "interval {low} to {high}). What they bought speaks neither for the brake nor against it.",
        **said,
    )


def undrawn(a: Run, label: str) -> str:
    """Say why there is no picture of what those held back brought."""
    return _("**{label}.** {reason}", label=label, reason=right(a, label))


def caution(a: Run, label: str) -> str:
    """Say what the figures do not show, and of which day the brake's column is."""
    table, indicator = a.study.customers, a.methods[label].indicator
    paid = _(
        "Amounts here are what was bought, not what was paid: the brake is there for the risk of "
        "not being paid, which these figures do not show."
    )
    if table is None or indicator not in table.columns:
        return paid
    name, day = _name(a, label), table.known_on
    if day is None:
        known = _("The customers table has {name} of one day only; if that day lies after the cut, "
                  "the brake knew more than it could.", name=name)  # fmt: skip
    elif day > a.windows.cut:
        known = _("The customers table has {name} as of {day}, after the cut: the brake knew more "
                  "than it could have known.", name=name, day=day)  # fmt: skip
    else:
        known = _("The customers table has {name} as of {day}, so the brake knew nothing of what "
                  "came after the cut.", name=name, day=day)  # fmt: skip
    return f"{paid} {known}"


def _name(a: Run, label: str) -> str:
    return column_name(a.methods[label].indicator).replace("_", " ")


def title(a: Run, label: str) -> str:
    """Say whether those held back brought less."""
    row = views.credit_brake.against(a, label).iloc[-1]
    if row["difference_high"] < 0:
        return _("{label}: those held back brought less than others of their tier", label=label)
    if row["difference_low"] > 0:
        return _("{label}: those held back brought more than others of their tier", label=label)
    return _("{label}: no clear difference between those held back and the others", label=label)
