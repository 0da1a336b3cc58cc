"""Settle in the terminal what a draft leaves open."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import yaml

from segment.reading.guess import Draft

# Takes a question and its answers; returns the number of the one that was chosen, 0 for none.
Chooser = Callable[[str, list[str]], int]


def settle(drafted: Draft, choose: Chooser, again: Callable[[dict[str, str]], Draft]) -> Draft:
    """Put the questions of a draft one after the other; return it with what was answered.

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
