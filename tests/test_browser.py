"""The pages in a real browser: no network, nothing in the console, nothing cut off."""

import math
import shutil

import hostile
import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import html_pages
from test_workbook import Sheet, at

from segment.publish.render import TEMPLATES

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed; .ci/run installs it"),
]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(params=[1280, 320], ids=["desktop", "phone"])
def page(browser, request):
    context = browser.new_context(viewport={"width": request.param, "height": 800}, offline=True)
    yield context.new_page()
    context.close()


@pytest.fixture(params=["made", "made_hostile"])
def report(request):
    """An English report, and a Chinese one with names that try to break out."""
    return request.getfixturevalue(request.param)


# The texts of a page's figures that leave their figure, and the pairs that lie on each other.
# A letter's box is higher than the letter.
AMISS = """() => [...document.querySelectorAll("figure svg")].flatMap(svg => {
    const frame = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll("text")].filter(t => t.textContent.trim()).map(t => {
        const box = t.getBoundingClientRect(), down = t.getAttribute("transform") ? 0 : 4
        return [t.textContent, box.left + 1, box.right - 1, box.top + down, box.bottom - down]
    })
    const out = texts.filter(([, left, right, top, bottom]) => left < frame.left - 1
        || right > frame.right + 1 || top < frame.top - 3 || bottom > frame.bottom + 3)
    const pairs = texts.flatMap((a, i) => texts.slice(i + 1).filter(b =>
        a[1] < b[2] && b[1] < a[2] && a[3] < b[4] && b[3] < a[4]).map(b => [a[0], b[0]]))
    return [...out.map(text => text[0]), ...pairs]
})"""

# Texts of figures under nine pixels, and figures wider than their place.
SMALL = """() => [...document.querySelectorAll("figure svg")].flatMap(svg => {
    const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width
    const small = [...svg.querySelectorAll("text")].filter(text => box.width
        && parseFloat(getComputedStyle(text).fontSize) * scale < 9).map(text => text.textContent)
    return box.width > svg.parentElement.clientWidth + 1 ? [...small, "wide"] : small
})"""


def test_every_page_loads_offline_fits_and_no_text_of_a_figure_lies_on_another(report, page):
    said, asked, texts = [], [], 0
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for path in html_pages(report):
        page.goto(path.as_uri())
        assert page.locator("h1").count() == 1
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], f"{path.name} is {width} pixels wide"
        page.evaluate("document.querySelectorAll('details:not(.code)').forEach(d => d.open = true)")
        texts += page.locator("figure svg text:visible").count()
        assert page.evaluate(AMISS) == [], path.name
        assert page.evaluate(SMALL) == [], path.name
    assert said == [] and texts > 200
    assert all(address.startswith(("file:", "data:")) for address in asked)


def test_arrow_keys_tell_the_marks_of_a_figure_and_each_is_one_tab_stop(made, page):
    page.goto((made / "04_rfm.html").as_uri())
    figure = page.locator("figure").first
    drawing = figure.locator("svg:visible")
    marks = drawing.locator("[data-value]").evaluate_all("all => all.map(m => m.dataset.value)")
    assert len(marks) > 3 and figure.locator("title").count() == 0
    assert figure.locator("svg [tabindex]").count() == 0
    drawing.focus()
    for key, told in [("ArrowRight", 0), ("ArrowDown", 1), ("ArrowLeft", 0), ("End", -1)]:
        page.keyboard.press(key)
        assert figure.get_by_role("status").inner_text() == marks[told]
    page.keyboard.press("Escape")
    assert not figure.get_by_role("status").is_visible()
    drawing.locator("[data-value]").nth(1).hover(force=True)  # its number lies on it
    assert figure.get_by_role("status").inner_text() == marks[1]


# What a report shows at once: words of the first screen besides its picture, and screens, words,
# tables and tab stops of all.
MEASURES = """() => {
    const words = text => (text.match(/\\S+/g) || []).length
    const cells = [...document.querySelectorAll("main > .cell")].slice(0, -1)
    const picture = document.querySelector("figure").innerText
    const stops = document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")
    return {
        first: words(cells.map(cell => cell.innerText).join(" ")) - words(picture),
        screens: document.documentElement.scrollHeight / 800,
        words: words(document.body.innerText),
        tables: [...document.querySelectorAll("table")].filter(t => t.checkVisibility()).length,
        stops: [...stops].filter(stop => stop.checkVisibility()).length,
        figure: document.querySelector("figure").getBoundingClientRect().bottom,
    }
}"""
LIMITS = {"first": 150, "screens": 10, "words": 2500, "tables": 9, "stops": 60, "figure": 800}


def test_the_report_is_short_and_opens_with_a_picture(made, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((made / "report.html").as_uri())
    found = page.evaluate(MEASURES)
    page.close()
    assert {name: limit for name, limit in LIMITS.items() if found[name] > limit} == {}, found
    assert (made / "report.html").stat().st_size <= 1_200_000


def test_the_plan_follows_what_is_typed_as_the_workbook_does(made, page):
    sheet, saved = (
        openpyxl.load_workbook(next(made.rglob("service-plan.xlsx")), data_only=kept)[
            "Service plan"
        ]
        for kept in (False, True)
    )
    page.goto((made / "19_service_plan.html").as_uri())
    field, workbook = page.locator("form.plan"), Sheet(sheet)

    def shown(name: str) -> str:
        return field.locator(f"output[name={name}]").inner_text().strip("€%").replace(",", "")

    names = [line[0].value for line in saved.iter_rows(min_row=12, max_row=14)]
    assert field.locator("tbody tr").first.locator("th").inner_text().startswith(names[0])
    heads = {"hours": "Hours a month", "cost": "Cost a month", "uplift": "Pays if it rises by"}
    for hours in ("2", "5"):  # of a visit
        field.locator("input[name=e0]").fill(hours)
        workbook.changed = {"D9": float(hours)}
        for row, tier in enumerate(names):
            for name, head in heads.items():
                value = float(workbook.cell(at(sheet, head, tier)))
                value = math.ceil(1000 * value - 1e-6) / 10 if name == "uplift" else value
                near = 0.51 if value >= 10 else 0.06
                assert float(shown(f"{name}{row}")) == pytest.approx(value, abs=near)
        load = float(workbook.cell(at(sheet, "Load", "sales")))
        assert shown("load0") == f"{100 * load:.0f}"
    field.locator("input[name=g0]").fill("30")
    field.locator("input[name=won]").fill("50")
    benefits = at(sheet, "Benefits each, a year", names[0])
    workbook.changed |= {benefits: 30.0, "B6": 50.0}
    for name, head in (heads | {"kept": "Or if it keeps, customers a year"}).items():
        value = float(workbook.cell(at(sheet, head, names[0])))
        value = math.ceil(1000 * value - 1e-6) / 10 if name == "uplift" else value
        assert float(shown(f"{name}0")) == pytest.approx(value, abs=0.51 if value >= 10 else 0.06)
    field.locator("input[name=e0]").press("Tab")
    assert page.evaluate("document.activeElement.name") == "e1"


def test_links_lead_to_every_page_and_back(made, page):
    page.goto((made / "report.html").as_uri())
    page.locator("nav.contents").get_by_role("link", name="Words used here").click()
    assert page.locator("#words").is_visible() and "#words" in page.url
    assert page.locator("main a:not([href^='#'])").count() == 0  # it travels alone
    page.goto((made / "02_abc.html").as_uri())
    for name in ("Back-test", "Recommendation"):
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        assert page.get_by_role("navigation").locator("[aria-current]").inner_text() == name
    page.get_by_role("navigation").get_by_role("link", name="Report", exact=True).click()
    assert page.locator(".question").inner_text() == "Which customer tiers should we use?"


def test_one_button_shows_and_folds_all_code_with_the_keyboard(made, page):
    page.goto((made / "report.html").as_uri())
    code = page.locator("details.code pre")
    assert not any(part.is_visible() for part in code.all())
    button = page.get_by_role("button", name="Show the code")
    button.focus()
    page.keyboard.press("Enter")
    assert code.count() > 10 and all(part.is_visible() for part in code.all())
    page.get_by_role("button", name="Hide the code").click()
    assert not any(part.is_visible() for part in code.all())


def test_tables_sort_up_down_and_back_by_number_and_by_word(made, page):
    page.goto((made / "16_backtest.html").as_uri())
    table = page.locator("table.data").first
    before = table.locator("tbody tr td:nth-child(1)").all_inner_texts()

    def column(number: int) -> list[str]:
        return table.locator(f"tbody tr td:nth-child({number})").all_inner_texts()

    head = table.locator("thead th").nth(4)  # normalised Gini with its interval
    head.get_by_role("button").click()
    gini = [float(text.split()[0]) for text in column(5)]
    assert gini == sorted(gini) and len(set(gini)) > 3
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    assert [float(text.split()[0]) for text in column(5)] == sorted(gini, reverse=True)
    head.get_by_role("button").click()
    assert column(1) == before and head.get_attribute("aria-sort") is None
    table.locator("thead th").nth(0).get_by_role("button").press("Enter")
    assert [text.lower() for text in column(1)] == sorted(text.lower() for text in before)


def test_sorting_reads_money_shares_and_missing_figures(page):
    cells = ["$1,234", "–", "-$5.50", "12%", "¥900", "under 1%"]
    rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in cells)
    script = (TEMPLATES / "segment" / "script.js").read_text()
    page.set_content(
        f"<table class=data><thead><tr><th>n</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<script>{script}</script>"
    )
    page.get_by_role("button").click()
    found = page.locator("tbody td").all_inner_texts()
    assert found == ["-$5.50", "under 1%", "12%", "¥900", "$1,234", "–"]


@pytest.mark.parametrize(
    ("report", "theme", "pages"),
    [("made", "light", "every"), ("made", "dark", "one"), ("made_hostile", "light", "one")],
    indirect=["report"],
)
def test_axe_finds_no_violation(report, browser, theme, pages):
    context = browser.new_context(offline=True, color_scheme=theme)
    page = context.new_page()
    # Colours and the words around are the same on all pages: the one with everything will do.
    everything = [report / "report.html", report.parent / "index.html"]
    for path in html_pages(report) if pages == "every" else everything:
        page.goto(path.as_uri())
        if page.locator("button.code").is_visible():
            page.locator("button.code").click()
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path.name}: {found.generate_report()}"
    context.close()


def test_the_report_prints_without_cut_tables(report, browser):
    context = browser.new_context(offline=True, viewport={"width": 688, "height": 900})
    page = context.new_page()  # A4 less its margins, in CSS pixels
    page.goto((report / "report.html").as_uri())
    page.emulate_media(media="print")
    wide = page.locator("table, figure, pre").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.innerText.slice(0, 60))"
    )
    assert wide == []
    # A button would not be painted again in a head that is repeated.
    style = "parts => parts.map(part => getComputedStyle(part).display)"
    assert {*page.locator("th button").evaluate_all(style)} == {"contents"}
    assert not page.locator("details.code").first.is_visible()
    pdf = page.pdf(format="A4")
    context.close()
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000


def test_the_chinese_report_says_so_and_names_shown_are_plain_text(made_hostile, page):
    page.goto((made_hostile / "report.html").as_uri())
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator(".question").inner_text() == "我们应该采用哪种客户分级？"
    assert page.get_by_role("button", name="显示代码").is_visible()
    shown = {*page.locator("td").all_text_contents()}
    assert len(shown & {*hostile.IDS}) >= 2
    assert page.locator("td b, td i, td script").count() == 0
