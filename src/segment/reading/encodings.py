"""The encoding of a text file, judged by what its bytes give as letters of a language."""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from pathlib import Path

from segment.errors import StudyError

BLOCK = 1 << 20
LINES = 2000  # with signs beyond ASCII, enough to judge
WESTERN = ("cp1252", "mac_roman", "cp850")
CENTRAL = ("cp1250", "iso8859-2", "cp852")
CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac_cyrillic")
# Letters beyond ASCII in the names of a group of languages, and the encodings that its files
# come in; of two that fit alike, the first. A mixture fits a little worse than one language.
LATIN = (
    ("äöüßé", 1, WESTERN),
    ("éèêëàâçîïôûùüœæ", 1, WESTERN),
    ("áéíóúüñçãõâêôà", 1, WESTERN),
    ("åäöæøé", 1, WESTERN),
    ("áæéíðóþúýö", 0.98, ("cp1252",)),
    ("äöüßéèêëàâçñóíúáãõåøæœïîôûùìò", 0.97, WESTERN),
    ("ąćęłńóśźż", 1, CENTRAL),
    ("áčďéěíňóřšťúůýžäôľĺŕ", 1, CENTRAL),
    ("áéíóöőúüű", 1, CENTRAL),
    ("ăâîşţ", 1, ("cp1250",)),
    ("čćđšž", 1, CENTRAL),
    ("çğıİöşüâîû", 1, ("cp1254", "cp857")),
    ("āčēģīķļņšūž", 1, ("cp1257",)),
    ("ąčęėįšųūž", 1, ("cp1257",)),
)
# The same of other scripts, of which the frequent letters tell one reading from another.
OTHER = (
    ("оеаинтсрвлкмдпуяьыгзбіїє", CYRILLIC),
    ("ατοειησνρκπμλςυγδάίόέήθω", ("cp1253",)),
    ("יוהלאמרתנבשםדחקעפןזגצכט", ("cp1255",)),
    ("المنويرتبسهعدكحأفجةقشطصخ", ("cp1256",)),
    ("านรกอมเลวงสทดตยคปบหะัี่้ิไแพ์ขใ็ุูช", ("cp874",)),
)
# Encodings of two bytes, and the first bytes of the characters that are in daily use.
IDEOGRAMS = {
    "gb18030": ("gb2312", range(0xB0, 0xD8)),
    "big5": ("big5", range(0xA4, 0xC7)),
    "shift_jis": ("shift_jis", range(0x88, 0x98)),
    "euc_jp": ("shift_jis", range(0x88, 0x98)),
    "euc_kr": ("euc_kr", range(0xB0, 0xC9)),
}
KANA = {chr(code) for code in range(0x3041, 0x30FF)}
SIGNS = "€£¥†°–—’‘“”«»…·¿¡ºª、。·，：（）￥\u3000\xa0"
WORD = re.compile(r"[A-Za-z]*(?:[^\x00-\x7f]+[A-Za-z]*)+")


def detect(file: Path) -> str:
    """Return the encoding of a text file: UTF-8 if all of it decodes, else the likeliest.

    The whole file is read, in blocks: one Chinese name in the last row decides
    as much as one in the first.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as stream:
        start = stream.read(200)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        # Texts of a western language hold a zero in every sign, any other one in line ends.
        if start.count(0) > len(start) // 10:
            return _without_mark(start)
        block = start
        while block:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return likeliest(block + stream.readline())
            block = stream.read(BLOCK)
    return "utf-8"


def _without_mark(start: bytes) -> str:
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"


def codec(encoding: str, file: Path) -> str:
    """Return Python's name of an encoding that a study gives for a file."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name).decode(name)
    except (LookupError, AttributeError):
        raise StudyError(
            f"'{encoding}' is no known encoding for {file.name}; try utf-8 or gb18030."
        ) from None
    if name == "utf-16":
        with file.open("rb") as stream:
            start = stream.read(200)
        if not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            if b"\0" not in start:
                raise wrong(file, encoding)
            return _without_mark(start)
    return "utf-8" if name in ("utf-8-sig", "ascii") else name


def wrong(file: Path, encoding: str) -> StudyError:
    """Return the refusal of a file that does not hold text in an encoding."""
    return StudyError(
        f"{file.name} is not {encoding.upper()} text throughout; set 'encoding' under "
        "'source' (gb18030 for most Chinese exports, else utf-8 or cp1252)."
    )


def likeliest(block: bytes) -> str:
    """Choose an encoding for text that is not, or not all, UTF-8."""
    replaced = block.decode("utf-8", errors="replace")
    bad = replaced.count("\ufffd")
    if sum(ord(sign) > 127 for sign in replaced) - bad > 10 * bad:
        return "utf-8"  # a few broken signs; their lines are rejected and counted
    lines = [line for line in block.splitlines() if any(byte > 127 for byte in line)]
    sample = b"\n".join(lines[:LINES])
    scores = {"cp1252": 0.0}
    for letters, weight, encodings in LATIN:
        for encoding in encodings:
            score = weight * _fit(sample, encoding, letters, latin=True)
            scores[encoding] = max(scores.get(encoding, 0.0), score)
    for letters, encodings in OTHER:
        scores |= {encoding: _fit(sample, encoding, letters) for encoding in encodings}
    scores |= {encoding: _daily(sample, encoding) for encoding in IDEOGRAMS}
    return max(scores, key=scores.__getitem__)


def example(text: str) -> str:
    """Return the first word of a text that holds a letter beyond ASCII, to be judged by eye."""
    return next(iter(re.findall(r"\w*[^\W\x00-\x7f]\w*", text)), "")


def _words(sample: bytes, encoding: str) -> list[str]:
    """Return the words with signs beyond ASCII, without what stands around words; none if unfit."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return []
    return [word.strip(SIGNS) for word in WORD.findall(text)]


def _fit(sample: bytes, encoding: str, letters: str, latin: bool = False) -> float:
    """Return the share of signs beyond ASCII that are letters of an alphabet in a fit place.

    No word turns to capitals in its middle. Latin words have plain letters between those with
    marks, words of other scripts hold none.
    """
    alphabet, fit, total = {*letters, *letters.upper()} - {"S"}, 0, 0
    for word in _words(sample, encoding):
        runs = [len(run) for run in re.findall(r"[^\x00-\x7f]+", word)]
        total += sum(runs)
        turns = any(a.islower() and b.isupper() for a, b in pairwise(word))
        mixed = sum(runs) < len(word)
        alone = len(word) == 1  # as the sign of a currency stands
        if not turns and not alone and not (max(runs, default=0) > 3 if latin else mixed):
            fit += sum(sign in alphabet for sign in word)
    return fit / total if total else 0.0


def _daily(sample: bytes, encoding: str) -> float:
    """Return the share of signs that are ideograms in daily use, kana or Korean syllables."""
    base, first = IDEOGRAMS[encoding]
    kana = KANA if base == "shift_jis" else set()
    fit, total, seen = 0.0, 0, set()
    for word in _words(sample, encoding):
        signs = [sign for sign in word if sign > "\x7f"]
        seen |= {*signs}
        total += len(signs)
        codes = [sign.encode(base, errors="replace") for sign in signs]
        daily = sum(
            sign in kana or (len(code) == 2 and code[0] in first)
            for sign, code in zip(signs, codes, strict=True)
        )
        fit += daily * (0.5 if len(signs) < len(word) else 1.0)  # next to plain letters
    share = fit / total if total else 0.0
    # A few Korean syllables may as well be Chinese headings, many of them not.
    if encoding == "euc_kr":
        share *= 1.01 if len(seen) > 12 else 0.95
    return share
