"""Pseudonyms: names that only the holder of a key can trace back to a customer.

A pseudonym is the beginning of HMAC-SHA256 of the customer id, in base32. The same key
gives the same pseudonym in every run; without the key nobody can try ids out.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from segment.errors import StudyError

VARIABLE, ENDING = "SEGMENT_KEY", ".key"
# 50 bits: among a million customers two meet in one of 2,000 companies.
LENGTH, GROUP = 10, 5
# A shorter key could be found by trying.
LEAST_KEY = 16


def file(study: Path) -> Path:
    """Return the file beside a study that may hold its key."""
    return study.with_suffix(ENDING)


def key(study: Path) -> bytes:
    """Return the key of a study: from the environment, else from the file beside the study.

    That is made at first use, and only its owner can read it. No message holds the key.
    """
    place, text = f"the environment variable {VARIABLE}", os.environ.get(VARIABLE, "").strip()
    if not text:
        beside = file(study)
        place, problem = f"{beside.name} beside the study", "be written to"
        try:
            with contextlib.suppress(FileExistsError):
                handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w", encoding="ascii") as stream:
                    stream.write(secrets.token_hex(32) + "\n")
            problem = "be read from"
            text = beside.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", "it holds no text")
            raise StudyError(
                f"The key for pseudonyms cannot {problem} {place} ({reason}); give access to it, "
                f"or set the environment variable {VARIABLE}."
            ) from None
    if len(text) < LEAST_KEY:
        raise StudyError(
            f"The key for pseudonyms in {place} has {len(text)} characters; it needs at least "
            f"{LEAST_KEY}, drawn at random."
        )
    return text.encode()


def pseudonyms(customers: Iterable[str], secret: bytes) -> pd.Series:
    """Return the pseudonym of every customer of a run, such as ``"K7Q2M-4XWPA"``; all differ.

    Where two would share one, both get longer ones; all others stay as they are.
    """
    index = pd.Index(customers, name="customer_id")
    digests = (hmac.digest(secret, who.encode("utf-8", "surrogatepass"), "sha256") for who in index)
    texts = [base64.b32encode(digest).decode().rstrip("=") for digest in digests]
    long = pd.Series(texts, index=index, dtype=object)
    short, length = long.str[:LENGTH], LENGTH
    while (twice := short.duplicated(keep=False)).any() and length < long.str.len().max():
        length += GROUP
        short = short.where(~twice, long.str[:length])
    return short.map(lambda text: "-".join(re.findall(f".{{1,{GROUP}}}", text)))
