"""The comparison of schemes for a data frame in a notebook."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import yaml

from segment.errors import StudyError, nearest
from segment.language import using
from segment.pages import recommendation
from segment.reading import working
from segment.run import Run, prepare
from segment.study import read


@dataclass(frozen=True, repr=False)
class Comparison:
    """Schemes compared on a data frame; shows itself in a notebook.

    Attributes
    ----------
    study : Run
        All that ``segment.open`` gives: ``study.scheme("RFM").customers``, ``study.show(...)``.
    """

    study: Run

    @property
    def recommended(self) -> str | None:
        """Label of the scheme to use; None where the data carry no verdict."""
        return self.study.verdict.recommended

    @cached_property
    def verdict(self) -> str:
        """What to use, why, how sure that is, and what it does not say, in Markdown."""
        with using(self.study.study.language):
            paragraphs = recommendation.answer(self.study, self.study.scheme())
        return "\n\n".join(filter(None, paragraphs))

    @cached_property
    def schemes(self) -> pd.DataFrame:
        """One row per scheme, the highest gain first.

        ``scheme``, ``tiers`` (how many), ``share`` of the customers and ``value_share`` of later
        value in the best tier; ``gain_value``, what the customers served by it brought more than
        as many of the biggest spenders, in the currency, with the ends of its 95 % interval;
        ``says``, what that makes of the scheme.
        """
        with using(self.study.study.language):
            return recommendation.comparison(self.study)

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """The tier of each customer at the cut, a column per scheme."""
        return pd.DataFrame(self.study.tiers)

    def __repr__(self) -> str:
        return f"{self.verdict.replace('**', '')}\n\n{self.schemes}"

    def _repr_html_(self) -> str:
        from nbconvert.filters import markdown2html

        return markdown2html(self.verdict) + self.study.table(self.schemes).data


def compare(
    frame: pd.DataFrame,
    *,
    customer_id: str,
    date: str,
    amount: str,
    cut: str | dt.date | None = None,
    methods: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Comparison:
    """Compare tiering schemes on a data frame of purchases, as a report does.

    Parameters
    ----------
    frame : DataFrame
        One row per purchase, or per line of one.
    customer_id, date, amount : str
        The columns that say who bought, when (days, or texts of them), and for how much, in one
        currency; returns are below 0.
    cut : str or date, optional
        Schemes learn before it, and are judged by what customers did from then on. Default: two
        thirds into the data.
    methods : mapping, optional
        Label: name of a method, or a mapping with ``method`` and parameters. Default: eleven
        schemes.
    **keys
        Any other key of a study, for example ``currency="EUR"``, ``columns={"margin": "profit"}``
        for more columns, or ``backtest={"served_share": 0.1}``.

    Returns
    -------
    Comparison
        With ``recommended``, ``verdict``, ``schemes``, ``tiers`` and ``study``.

    Raises
    ------
    StudyError
        If the frame has no such column, or its rows cannot be used; the message says what to do.

    Examples
    --------
    ``segment example .`` wrote the file.

    >>> import pandas as pd, segment
    >>> orders = pd.read_csv("shop.csv").query("status == 'paid'")
    >>> found = segment.compare(
    ...     orders, customer_id="customer", date="date", amount="amount", cut="2024-07-01",
    ...     methods={"RFM": {"method": "rfm", "form": "segments"}, "Recent spend": "recent_spend"},
    ... )
    >>> found.recommended
    'Recent spend'
    >>> found.schemes[["scheme", "tiers", "says"]]
                      scheme  tiers                     says
    0           Recent spend      4              recommended
    1                    RFM     10   not shown to find more
    2  Revenue tiers 5/20/50      4  a cut of the plain sort
    """
    columns = {"customer_id": customer_id, "date": date, "amount": amount}
    columns |= keys.pop("columns", {})
    for column in columns.values():
        if column not in frame:
            raise StudyError(f"the frame has no column {column!r}{nearest(column, frame.columns)}")
    periods = {"cut": cut} if cut is not None else {}
    study = {"title": "Data frame", "source": "frame.parquet", "columns": columns} | keys
    study["periods"] = periods | keys.get("periods", {})
    study |= {} if methods is None else {"methods": dict(methods)}
    with working.temporary() as folder:
        try:
            used = list(dict.fromkeys(columns.values()))
            frame[used].to_parquet(folder / "frame.parquet", index=False)
        except (ValueError, TypeError) as error:  # pyarrow's are of these kinds
            raise StudyError(f"the frame cannot be written as a table: {error}") from None
        file = folder / "frame.yaml"
        file.write_text(yaml.safe_dump(study, allow_unicode=True, sort_keys=False), "utf-8")
        try:
            return Comparison(prepare(read(file)))
        except StudyError as error:  # nobody has seen the file
            raise StudyError(re.sub(r"^frame\.yaml(, line \d+)?: ", "", str(error))) from None
