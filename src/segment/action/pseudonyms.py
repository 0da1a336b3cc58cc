"""Pseudonyms: names that only the holder of a key can trace back to a customer.

A pseudonym is the beginning of HMAC-SHA256 of the customer id, in base32. The same key
gives the same pseudonym in every run; without the key nobody can try ids out.
"""

from __future__ import annotations

import base64
import hmac
import os
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


def key(study: Path) -> bytes:
    """Return the key of a study: from the environment, else from the file beside the study.

    Parameters
    ----------
    study : Path
        The study's YAML file; ``shop.yaml`` has its key in ``shop.key``, which is made
        at first use and which only its owner can read.

    Raises
    ------
    StudyError
        If the key is too short, or its file can be neither read nor made. The message
        never holds the key.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        return _long_enough(given, f"The key in the environment variable {VARIABLE}")
    file = study.with_suffix(ENDING)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise StudyError(
            f"The key for pseudonyms cannot be written to {file.name} beside the study "
            f"({error.strerror}); set the environment variable {VARIABLE}."
        ) from None
    else:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32) + "\n")
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise StudyError(
            f"The key for pseudonyms in {file.name} cannot be read; make it readable, or set the "
            f"environment variable {VARIABLE}."
        ) from None
    return _long_enough(text, f"The key for pseudonyms in {file.name}")


def _long_enough(text: str, what: str) -> bytes:
    if len(text) < LEAST_KEY:
        raise StudyError(
            f"{what} has {len(text)} characters; it needs at least {LEAST_KEY}, drawn at random."
        )
    return text.encode()


def pseudonyms(customers: Iterable[str], secret: bytes) -> pd.Series:
    """Return the pseudonym of every customer; no two customers share one.

    Where two would, both get longer ones; all others stay as they are.

    Parameters
    ----------
    customers : iterable of str
        Different ids, all those of a run.
    secret : bytes

    Returns
    -------
    Series of str
        Indexed by customer: ``"K7Q2M-4XWPA"``.
    """
    index = pd.Index(customers, name="customer_id")
    whole = [
        base64.b32encode(hmac.digest(secret, who.encode("utf-8", "surrogatepass"), "sha256"))
        for who in index
    ]
    long = pd.Series([text.decode().rstrip("=") for text in whole], index=index, dtype=object)
    short, length = long.str[:LENGTH], LENGTH
    while (twice := short.duplicated(keep=False)).any() and length < long.str.len().max():
        length += GROUP
        short = short.where(~twice, long.str[:length])
    return short.map(_grouped)


def _grouped(text: str) -> str:
    return "-".join(text[place : place + GROUP] for place in range(0, len(text), GROUP))
