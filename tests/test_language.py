"""Every text of a report is translated, its places and marks intact."""

import ast
import re

import catalogue
import pytest
import shop
from nbconvert.filters import markdown2html

from segment import language, words
from segment.errors import StudyError
from segment.evidence.backtest import ORACLE, shown
from segment.language import _, _n, tier_name
from segment.pages import (
    _words,
    backtest,
    data,
    experiment,
    profiles,
    recommendation,
    stability,
)
from segment.reading.findings import in_words
from segment.run import Run, prepare
from segment.study import read

PLACE = re.compile(r"\{(\w+)")
# Latin words that a Chinese text keeps: names of measures, methods, files and settings.
LATIN = {"ABC", "RFM", "SQL", "AUC", "kappa", "Hennig", "oracle", "customers", "monetary_total"}
LATIN |= {"segment", "assign", "evaluate"}  # commands

TEXTS: dict[str, list] = {}
for text, context, where in catalogue.texts():
    TEXTS.setdefault(where, []).append((text, context))
CHINESE = catalogue.catalogue("zh")


@pytest.fixture(autouse=True)
def _english_again():
    language.use("en")
    yield
    language.use("en")


def translation(text, context: str | None) -> str:
    """Return the Chinese text; empty if there is none."""
    found = CHINESE.get(text if isinstance(text, str) else text[0], context)
    string = found.string if found is not None else ""
    return string if isinstance(string, str) else string[0]


def forms(text) -> tuple[str, ...]:
    """Return the singular and the plural of a text, or the text alone."""
    return (text,) if isinstance(text, str) else text


@pytest.fixture(params=sorted(TEXTS))
def pairs(request) -> list[tuple[tuple[str, ...], str]]:
    """The texts of one file, with their translations where they have one."""
    found = [(forms(text), translation(text, context)) for text, context in TEXTS[request.param]]
    return [(texts, chinese) for texts, chinese in found if chinese]


@pytest.mark.parametrize("file", sorted(TEXTS))
def test_every_text_has_a_chinese_translation(file):
    missing = [text for text, context in TEXTS[file] if not translation(text, context).strip()]
    assert not missing, f"{len(missing)} of {file}: {missing[:5]}"


def test_translations_fill_the_same_places(pairs):
    for texts, chinese in pairs:
        places = set(PLACE.findall(texts[-1]))
        assert set(PLACE.findall(chinese)) == places, texts
        assert set(PLACE.findall(texts[0])) <= places, texts


def test_translations_keep_the_markdown_and_it_is_rendered(pairs):
    """A mark after a full stop and before a Chinese letter would stay as it is."""
    for texts, chinese in pairs:
        for mark in ("*", "`", "\n#"):
            assert f"\n{chinese}".count(mark) == f"\n{texts[-1]}".count(mark), texts
        pages = [markdown2html(PLACE.sub("x", t).replace("}", "")) for t in (texts[-1], chinese)]
        assert pages[0].count("*") == pages[1].count("*"), chinese


def test_a_place_without_a_value_is_an_error():
    with pytest.raises(KeyError):
        _("It brought {share} of {total}.", share="3%")
    with pytest.raises(KeyError):
        _n("{n} of {total}", "{n} of {total}", 2, share="3%")


def test_a_text_without_a_translation_stays_english():
    language.use("zh")
    assert _("A text that nobody wrote: {figure}.", figure=3) == "A text that nobody wrote: 3."
    assert tier_name("a tier of the study's own") == "a tier of the study's own"


@pytest.mark.parametrize(
    ("say", "english", "chinese"),
    [
        (lambda: words.count(1, "customer"), "1 customer", "1 位客户"),
        (lambda: words.count(23570, "customer"), "23,570 customers", "23,570 位客户"),
        (lambda: words.few(0), "no", "0"),
        (lambda: words.few(4), "four", "4"),
        (lambda: words.listed(["a", "b", "c"]), "a, b and c", "a、b和c"),
        (lambda: words.between("0.00", "0.70"), "between 0.00 and 0.70", "0.00至0.70"),
        (lambda: words.percent(0.001), "under 1%", "不足1%"),
        (lambda: words.money(float("nan")), "n/a", "无"),
        (lambda: _words.span(273), "9 months", "9 个月"),
        (lambda: _words.span(28), "4 weeks", "4 周"),
        (lambda: _words.sentences("a.", "", "b."), "a. b.", "a.b."),
        (lambda: shown(ORACLE), "Perfect foresight", "完美预测"),
        (lambda: shown("Bought within 182 days"), "Bought within 182 days", "182 天内有购买"),
        (lambda: shown("My own 182 days"), "My own 182 days", "My own 182 days"),
    ],
)
def test_words_in_both_languages(say, english, chinese):
    assert say() == english
    language.use("zh")
    assert say() == chinese


@pytest.fixture(scope="module")
def chinese_shop(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("chinese")
    rows = shop.rows()
    rows.loc[rows.index[:3], "customer"] = None
    try:
        a = prepare(read(shop.write(folder, rows, f"{shop.YAML}\nlanguage: zh\n")))
        assert a.verdict.best in a.methods
    finally:
        language.use("en")
    return a


def prose(a: Run) -> str:
    """Return what the core of a report says of a study."""
    scheme, schemes = a.scheme(), list(a.schemes.values())
    strengths = profiles.strengths(scheme, profiles.traits(a))
    parts = [*data.answer(a), data.timeline_title(a)]
    parts += [*profiles.answer(scheme, strengths)]
    parts += [profiles.title(strengths), *stability.answer(a, scheme)]
    parts += [*backtest.answer(a)]
    parts += [stability.moves_title(stability.migration(a, scheme.label)), *backtest.over_dates(a)]
    parts += [backtest.gains_title(a), *backtest.gains(a)["scheme"].unique()]
    parts += [*recommendation.answer(a, scheme), recommendation.gains_title(a)]
    parts += experiment.answer(scheme)
    parts += [*in_words(a.findings)[["finding", "done"]].stack()]
    parts += [_(fate) for fate in a.accounts["fate"]]
    for each in schemes:
        parts += [_words.gain(each), recommendation.beside(a, each)]
    text = "\n".join(filter(None, parts))
    for scheme in sorted(a.methods, key=len, reverse=True):
        text = text.replace(scheme, "")
    return text


def test_chinese_prose_holds_no_english_and_the_study_speaks_english_again(chinese_shop):
    language.use("zh")
    text = prose(chinese_shop)
    assert "建议采用" in text
    assert "缺少客户编号" in text
    assert set(re.findall(r"[A-Za-z]{2,}", text)) <= LATIN
    gap = re.search(r"\bnan\b|[{}]|-0\.0+(?!\d)|[,.;:] [^\d]|。。|Kunde", text)
    assert gap is None, text[gap.start() - 40 : gap.end() + 20]
    found = in_words(chinese_shop.findings).set_index("finding")
    row = found.loc["缺少客户编号", ["rows", "done", "weight"]]
    assert row.tolist() == [3, "已剔除", "warning"]
    assert set(found["weight"]) == {"fine", "warning"}
    language.use("en")
    text = prose(chinese_shop)
    scheme = chinese_shop.scheme()
    assert f"**Use {scheme.label}.**" in recommendation.answer(chinese_shop, scheme)[0]
    assert "stays, for nothing beat it beyond doubt" in text


def test_an_error_in_a_chinese_study_is_told_in_english(tmp_path):
    text = f"{shop.YAML}\nlanguage: zh\n".replace("quadrants", "turnover_margin")
    with pytest.raises(StudyError, match="the data lack 'margin_rate': map 'margin'"):
        prepare(read(shop.write(tmp_path, shop.rows(), text)))
    assert language.current() == "en"


def test_no_module_that_translates_uses_the_underscore_for_something_else():
    for path in catalogue.PACKAGE.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        names = {a.name for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}
        used = [n for n in nodes if isinstance(n, ast.Name) and n.id == "_"]
        stored = [n.lineno for n in used if isinstance(n.ctx, ast.Store)]
        assert "_" not in names or not stored, f"{path.name}, line {stored[0]}"
