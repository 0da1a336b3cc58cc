"""A drafted study: what headings suggest, how it is written as YAML, and how it is settled."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pandas as pd
import yaml

from segment.reading.cells import BLANKS

# Months without a day, which counts as the first one.
MONTHS = ("%Y-%m", "%Y/%m", "%Y.%m", "%Y%m", "%Y年%m月", "%m/%Y", "%b-%y", "%b %Y")


@dataclass
class Draft:
    """A drafted study."""

    preview: pd.DataFrame  # first rows of the file
    text: str = ""  # the YAML
    guessed: list[str] = field(default_factory=list)  # what, and why
    open_questions: list[str] = field(default_factory=list)  # what the user must decide
    columns: dict[str, str] = field(default_factory=dict)  # by role, as are the comments
    comments: dict[str, str] = field(default_factory=dict)  # what stands behind it in the YAML
    choices: dict[str, list[str]] = field(default_factory=dict)  # columns that fit a role
    date_format: str = ""
    keep: str = ""
    answers: str = ""  # lines of the study, each to be uncommented
    options: dict[str, list[str]] = field(default_factory=dict)  # by question, lines that answer it

    def ask_column(self, role: str, question: str, columns: Iterable[str]) -> None:
        """Ask which column has a role."""
        self.open_questions.append(question)
        self.options[question] = [f"{role}: {name}" for name in columns]

    def ask(self, question: str, *lines: str) -> None:
        """Ask a question, and note the lines of a study that answer it."""
        self.open_questions.append(question)
        if lines := [line for line in lines if line]:
            self.options[question] = lines
            self.answers += f"\n# TO DECIDE: {printable(question)}\n"
            self.answers += "".join(f"# {printable(line)}\n" for line in lines)


def words_of(heading: str) -> str:
    """Return a heading with blanks between its words: OrderDate is Order Date."""
    return re.sub("_|(?<=[a-z])(?=[A-Z])", " ", heading)


def named_as(rows: pd.DataFrame, words: str) -> list[str]:
    """Return the columns whose heading holds one of the words, the best match first."""
    ranked = []
    for place, name in enumerate(rows):
        heading = re.sub(r"[\W_]+", "_", words_of(str(name)).lower()).strip("_")
        for rank, word in enumerate(words.split()):
            same = heading.replace("_", "") == word.replace("_", "")
            telling = len(word) > 4 or not word.isascii() or word in heading.split("_")
            if same or (telling and word in heading):
                ranked.append((not same, rank, place, name))
                break
    return [name for *_, name in sorted(ranked)]


def texts_of(column: pd.Series) -> pd.Series:
    """Return the cells that hold something, as texts."""
    texts = column.dropna().astype(str).str.strip()
    return texts[~texts.str.lower().isin(BLANKS)]


def months(column: pd.Series) -> str:
    """Return the format of a column of months without days, "" if it is none."""
    texts = texts_of(column)
    days = {f: pd.to_datetime(texts, format=f, errors="coerce") for f in MONTHS if len(texts)}
    return next((f for f, read in days.items() if read.between("1990", "2100").all()), "")


def printable(text: str) -> str:
    """Return a text on one line, for a comment, without signs that YAML does not take."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def yaml_text(value: str) -> str:
    """Return a YAML string: bare where it reads the same, else quoted."""
    plain = re.fullmatch(r"[\w./-]+( [\w./-]+)*", value) and not re.fullmatch(r"[\d.+-]+", value)
    words = {"yes", "no", "true", "false", "null", "on", "off"}
    if plain and value.lower() not in words:
        return value
    # Single quotation marks need no backslash before the double ones of an expression.
    simple = '"' in value and "'" not in value and value.isprintable()
    return f"'{value}'" if simple else json.dumps(value, ensure_ascii=not value.isprintable())


def settle(
    drafted: Draft,
    choose: Callable[[str, list[str]], int],
    again: Callable[[dict[str, str]], Draft],
) -> Draft:
    """Put the questions of a draft one after the other; return it with what was answered.

    ``choose`` takes a question and its answers, and returns the number of one, 0 for none.
    What a column is comes first: ``again`` drafts anew with it, and asks about the rows.
    """
    settled = {}
    for question, lines in drafted.options.items():
        keys = {line.partition(":")[0] for line in lines}
        if len(keys) == 1 and keys <= {*drafted.columns, "date_format"}:
            values = [line.partition(":")[2].strip() for line in lines]
            if number := choose(question, values):
                settled[keys.pop()] = values[number - 1]
    if settled:
        drafted = again(settled)
    chosen = []
    for question, lines in drafted.options.items():
        keys = {line.partition(":")[0] for line in lines}
        if not keys & {*drafted.columns, "date_format"} and (number := choose(question, lines)):
            chosen.append(lines[number - 1])
            drafted.open_questions.remove(question)
    drafted.text = uncommented(drafted.text, chosen)
    return drafted


def uncommented(text: str, chosen: list[str]) -> str:
    """Return a drafted study in which the chosen lines count; several of a key are joined."""
    by_key: dict[str, list[str]] = {}
    for line in chosen:
        key, _, value = line.partition(":")
        by_key.setdefault(key, []).append(value.strip())
    for key, values in by_key.items():
        line = f"{key}: {values[0]}"
        if len(values) > 1:
            joint = " and " if key == "keep" else " or "
            plain = [yaml.safe_load(value) for value in values]
            line = f"{key}: {json.dumps(joint.join(f'({v})' for v in plain), ensure_ascii=False)}"
        for value in values[1:]:
            text = text.replace(f"# {key}: {value}\n", "", 1)
        before = re.escape(f"# {key}: {values[0]}")
        text = re.sub(rf"^{before}$", lambda _found, line=line: line, text, count=1, flags=re.M)
    return text
