"""Records of a customer file that may be one customer, found without comparing all pairs.

Compared are only records that share a normalised phone number, e-mail address or name, or
stand within a few places of each other when names are sorted, forwards and backwards
(sorted neighbourhood, Hernández and Stolfo 1995, SIGMOD 127-138).
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from scipy.sparse import coo_array, csgraph

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"
SURENESS = [CERTAIN, LIKELY, POSSIBLE]
# Names are near-identical from this similarity on (0 to 100): one letter of ten is off.
NEAR = 90.0
# Neighbours that each record is compared with, in either order of the names.
WINDOW = 5
# A phone in more records than this is a switchboard, not a customer.
MOST_SHARED = 10
FORMS = re.compile(
    r"(股份有限责任公司|股份有限公司|有限责任公司|集团有限公司|有限公司|分公司|总公司|公司|集团"
    r"|[,\s]+(co\.?,?\s*ltd|company limited|pte\.?\s*ltd|limited|ltd|inc|llc|llp|plc|corp"
    r"|corporation|company|co|gmbh\s*&\s*co\.?\s*kg|gmbh|ag|kg|ohg|ug|s\.?a\.?r?\.?l|s\.?r\.?l|s\.?p\.?a"
    r"|s\.?a|b\.?v|n\.?v|oy|ab|a/s))[.\s]*$"
)
DIGITS = re.compile(r"\D+")
NOISE = re.compile(r"[\W_]+")
EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*\d+\s*$", re.IGNORECASE)
KINDS, REACHED = ["name", "person", "phone", "email", "address"], ("phone", "email")
COLUMNS = ["one", "other", "similarity", "same", "sure"]


def normal_name(name: object) -> tuple[str, bool]:
    """Return a name without case, width, blanks, signs and company form; whether it had one.

    ``"合成华兴 有限责任公司"`` and ``"合成华兴有限公司"`` are one, ``"Lotus Trading Co., Ltd."``
    and ``"LOTUS TRADING"`` as well.
    """
    if name is None or name != name:
        return "", False
    text = unicodedata.normalize("NFKC", str(name)).casefold().strip()
    stem = text
    while (shorter := FORMS.sub("", stem).strip()) and shorter != stem:
        stem = shorter
    return NOISE.sub("", stem) or NOISE.sub("", text), stem != text


def normal_phone(phone: object) -> str:
    """Return the digits of a phone number without country code 86 and extension."""
    if phone is None or phone != phone:
        return ""
    if isinstance(phone, float) and phone.is_integer():
        phone = int(phone)
    text = unicodedata.normalize("NFKC", str(phone)).strip()
    text = EXTENSION.sub("", re.sub(r"^(\d+)\.0+$", r"\1", text))
    digits = re.sub(r"\D", "", text)
    plus = text.startswith("+")
    if digits.startswith("0086") or (digits.startswith("86") and (plus or len(digits) == 13)):
        digits = digits.removeprefix("00").removeprefix("86")
    return digits


def pairs(contacts: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the pairs of records that may be one customer, surest first; how many share a contact.

    ``contacts``, by id, hold any of ``name``, ``person``, ``phone``, ``email``, ``address``. The
    pairs are ``one``, ``other`` (ids), ``similarity`` of the names (0 to 100; missing without
    names), ``same`` ("phone, email": the fields in which they agree) and ``sure``: "certain"
    (near-identical names and the same phone or e-mail), "likely" (near-identical names and the same
    person or address, or the same phone and e-mail where a name is missing), "possible" (the same
    name and nothing against it, or the same phone or e-mail under different names).
    """
    keys, firm = _keys(contacts)
    crowd = _crowd(keys, len(contacts))
    first, second = _candidates(keys, len(contacts))
    if not len(first):
        return pd.DataFrame(columns=COLUMNS), int(crowd.sum())
    written = {kind: (values[first], values[second]) for kind, values in keys.items()}
    agree = pd.DataFrame({kind: (a != "") & (a == b) for kind, (a, b) in written.items()})
    agree = agree.reindex(columns=KINDS, fill_value=False)
    differ = [(a != "") & (b != "") & (a != b) for k, (a, b) in written.items() if k in REACHED]
    against = np.any(differ, axis=0) if differ else np.zeros(len(first), dtype=bool)
    similarity, near = np.full(len(first), np.nan), np.zeros(len(first), dtype=bool)
    if "name" in keys:
        names = written["name"]
        known = (names[0] != "") & (names[1] != "")
        similarity[known] = process.cpdist(
            *(list(side[known]) for side in names), scorer=fuzz.ratio, workers=2
        )
        # Branch 12 and branch 13 are two, however long the rest of the name.
        number = np.array([DIGITS.sub("", text) for text in keys["name"]], dtype=object)
        near = (similarity >= NEAR) & (number[first] == number[second])
    agree["name"] = exact = similarity == 100
    reached = (agree["phone"] | agree["email"]).to_numpy()
    around = (agree["person"] | agree["address"]).to_numpy()
    both = np.isnan(similarity) & agree["phone"] & agree["email"]
    same_firm = exact & firm[first] & firm[second]
    possible = (near & ~against) | same_firm | (reached & ~crowd[first])
    rules = [near & reached, (near & around & ~against) | both, possible]
    ids = contacts.index.to_numpy()
    matches = pd.DataFrame({"one": ids[first], "other": ids[second], "similarity": similarity})
    matches["same"] = agree.dot(agree.columns + ", ").str.removesuffix(", ")
    matches["place"] = np.select(rules, [0, 1, 2], -1)
    matches = matches[matches["place"] >= 0].sort_values(
        ["place", "similarity", "one", "other"], ascending=[True, False, True, True]
    )
    matches["sure"] = matches["place"].map(dict(enumerate(SURENESS)))
    return matches[COLUMNS].reset_index(drop=True), int(crowd.sum())


def _keys(contacts: pd.DataFrame) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the normalised contacts as arrays of text, and who has a company form."""
    keys, firm = {}, np.zeros(len(contacts), dtype=bool)
    for kind in contacts:
        values = contacts[kind].astype(object)
        if kind == "name":
            names = [normal_name(value) for value in values]
            keys[kind] = np.array([name for name, _ in names], dtype=object)
            firm = np.array([form for _, form in names], dtype=bool)
        else:
            normal = normal_phone if kind == "phone" else folded
            keys[kind] = np.array([normal(value) for value in values], dtype=object)
    return keys, firm


def folded(value: object) -> str:
    """Return a text without case, width and blanks."""
    if value is None or value != value:
        return ""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value)).casefold())


def _crowd(keys: dict[str, np.ndarray], n: int) -> np.ndarray:
    """Return which records have a phone or e-mail that too many records share."""
    crowd = np.zeros(n, dtype=bool)
    for values in (keys[kind] for kind in REACHED if kind in keys):
        sizes = pd.Series(values).groupby(values).transform("size").to_numpy()
        crowd |= (values != "") & (sizes > MOST_SHARED)
    return crowd


def _candidates(keys: dict[str, np.ndarray], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the pairs to compare, each once."""
    blocks = []
    for values in (keys[kind] for kind in REACHED if kind in keys):
        for first, second in _neighbours(values, values, MOST_SHARED):
            same = values[first] == values[second]
            blocks.append((first[same], second[same]))
    if "name" in keys:
        backwards = np.array([name[::-1] for name in keys["name"]], dtype=object)
        for sorted_by in (keys["name"], backwards):
            blocks += _neighbours(keys["name"], sorted_by, WINDOW)
    if not blocks:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    first, second = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    code = np.unique(np.minimum(first, second).astype("int64") * n + np.maximum(first, second))
    return code // n, code % n


def _neighbours(
    values: np.ndarray, sorted_by: np.ndarray, reach: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return who stand within ``reach`` places of each other, blank values left out."""
    place = np.flatnonzero(values != "")
    order = place[np.argsort(sorted_by[place], kind="stable")]
    return [(order[:-step], order[step:]) for step in range(1, reach + 1)]


def groups(matches: pd.DataFrame, sure: tuple[str, ...] = (CERTAIN, LIKELY)) -> pd.Series:
    """Return the number of the customer behind each record of the surer pairs, by id.

    Records that pairs link are one customer, also by way of a third record.
    """
    used = matches[matches["sure"].isin(sure)]
    codes, ids = pd.factorize(np.concatenate([used["one"], used["other"]]))
    half = len(used)
    links = coo_array((np.ones(half), (codes[:half], codes[half:])), (len(ids), len(ids)))
    number = csgraph.connected_components(links, directed=False)[1] if len(ids) else []
    return pd.Series(number, index=pd.Index(ids, name="customer_id"), dtype="int64")
