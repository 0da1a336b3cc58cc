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
    """Return the pairs of records that may be one customer, surest first.

    Parameters
    ----------
    contacts : DataFrame
        Indexed by id, each once; any of ``name``, ``person``, ``phone``, ``email``,
        ``address``.

    Returns
    -------
    pairs : DataFrame
        ``one``, ``other`` (ids), ``similarity`` of the names (0 to 100; missing without
        names), ``same`` ("phone, email": the fields in which they agree) and ``sure``:
        "certain" (near-identical names and the same phone or e-mail), "likely"
        (near-identical names and the same person or address, or the same phone and e-mail
        where a name is missing), "possible" (the same name and nothing against it, or the
        same phone or e-mail under different names).
    shared : int
        Records whose phone or e-mail stands in more than ten records; that alone makes no
        pair of them.
    """
    keys, firm = _keys(contacts)
    first, second, shared = _candidates(keys)
    if not len(first):
        return pd.DataFrame(columns=COLUMNS), shared
    same = {k: _agree(v, first, second) for k, v in keys.items() if k != "name"}
    none = np.zeros(len(first), dtype=bool)
    similarity = np.full(len(first), np.nan)
    if "name" in keys:
        name = keys["name"]
        known = (name[first] != "") & (name[second] != "")
        similarity[known] = process.cpdist(
            list(name[first][known]), list(name[second][known]), scorer=fuzz.ratio, workers=2
        )
    near, unnamed = similarity >= NEAR, np.isnan(similarity)
    if "name" in keys:
        # Branch 12 and branch 13 are two, however long the rest of the name.
        number = np.array([DIGITS.sub("", text) for text in keys["name"]], dtype=object)
        near &= number[first] == number[second]
    exact = similarity == 100
    reach = same.get("phone", none) | same.get("email", none)
    around = same.get("person", none) | same.get("address", none)
    against = none.copy()
    for kind in ("phone", "email"):
        if kind in keys:
            v = keys[kind]
            against |= (v[first] != "") & (v[second] != "") & (v[first] != v[second])
    both = same.get("phone", none) & same.get("email", none)
    crowded = _crowded(keys, first)
    alone = (near & ~against) | (exact & firm[first] & firm[second])
    sure = np.select(
        [near & reach, (near & around & ~against) | (unnamed & both),
         alone | (reach & ~crowded)], SURENESS, "")  # fmt: skip
    kept = sure != ""
    ids = contacts.index.to_numpy()
    found = pd.DataFrame({
        "one": ids[first[kept]], "other": ids[second[kept]], "similarity": similarity[kept],
        "same": _named({"name": exact, **same}, kept), "sure": sure[kept],
    })  # fmt: skip
    found["place"] = found["sure"].map(SURENESS.index)
    found = found.sort_values(["place", "similarity", "one", "other"],
                              ascending=[True, False, True, True])  # fmt: skip
    return found[COLUMNS].reset_index(drop=True), shared


def _keys(contacts: pd.DataFrame) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the normalised contacts as arrays of text, and who has a company form."""
    keys, firm = {}, np.zeros(len(contacts), dtype=bool)
    for kind in contacts:
        values = contacts[kind].astype(object)
        if kind == "name":
            told = [normal_name(value) for value in values]
            keys[kind] = np.array([name for name, _ in told], dtype=object)
            firm = np.array([form for _, form in told], dtype=bool)
        elif kind == "phone":
            keys[kind] = np.array([normal_phone(value) for value in values], dtype=object)
        else:
            keys[kind] = np.array([_plain(value) for value in values], dtype=object)
    return keys, firm


def _plain(value: object) -> str:
    if value is None or value != value:
        return ""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value)).casefold())


def _candidates(keys: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the places of the pairs to compare, each once, and how many share a contact."""
    blocks, crowd = [], np.zeros(0, dtype=int)
    n = max((len(values) for values in keys.values()), default=0)
    for kind in ("phone", "email", "name"):
        if kind not in keys:
            continue
        values = keys[kind]
        place = np.flatnonzero(values != "")
        order = place[np.argsort(values[place], kind="stable")]
        if kind != "name":
            size = pd.Series(values[order]).groupby(values[order]).transform("size").to_numpy()
            crowd = np.union1d(crowd, order[size > MOST_SHARED])
        reach = WINDOW if kind == "name" else MOST_SHARED
        for step in range(1, reach + 1):
            one, other = order[:-step], order[step:]
            if kind != "name":
                same = values[one] == values[other]
                one, other = one[same], other[same]
            blocks.append((one, other))
        if kind == "name":
            backwards = np.array([name[::-1] for name in values[place]], dtype=object)
            order = place[np.argsort(backwards, kind="stable")]
            blocks += [(order[:-step], order[step:]) for step in range(1, WINDOW + 1)]
    if not blocks:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), 0
    one, other = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    code = np.unique(np.minimum(one, other).astype("int64") * n + np.maximum(one, other))
    return code // n, code % n, len(crowd)


def _crowded(keys: dict[str, np.ndarray], first: np.ndarray) -> np.ndarray:
    """Return which pairs have a phone or e-mail that too many records share."""
    crowded = np.zeros(len(first), dtype=bool)
    for kind in ("phone", "email"):
        if kind in keys:
            size = pd.Series(keys[kind]).map(pd.Series(keys[kind]).value_counts()).to_numpy()
            crowded |= (keys[kind][first] != "") & (size[first] > MOST_SHARED)
    return crowded


def _agree(values: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (values[first] != "") & (values[first] == values[second])


def _named(same: dict[str, np.ndarray], kept: np.ndarray) -> list[str]:
    return [", ".join(kind for kind, mask in same.items() if mask[i])
            for i in np.flatnonzero(kept)]  # fmt: skip


def groups(found: pd.DataFrame, sure: tuple[str, ...] = (CERTAIN, LIKELY)) -> pd.Series:
    """Return the number of the customer behind each record of the surer pairs, by id.

    Records that pairs link are one customer, also by way of a third record.
    """
    used = found[found["sure"].isin(sure)]
    codes, ids = pd.factorize(np.concatenate([used["one"], used["other"]]))
    half = len(used)
    links = coo_array((np.ones(half), (codes[:half], codes[half:])), (len(ids), len(ids)))
    number = csgraph.connected_components(links, directed=False)[1] if len(ids) else []
    return pd.Series(number, index=pd.Index(ids, name="customer_id"), dtype="int64")
