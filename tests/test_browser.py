"""The pages in a real browser: no network, nothing in the console, nothing cut off."""

import re
import shutil

import pytest
from conftest import html_pages

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


@pytest.fixture(params=[1280, 360], ids=["desktop", "phone"])
def page(browser, request):
    context = browser.new_context(viewport={"width": request.param, "height": 800}, offline=True)
    yield context.new_page()
    context.close()


def test_every_page_loads_offline_with_an_empty_console_and_fits(made, page):
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for path in html_pages(made):
        page.goto(path.as_uri())
        assert page.locator("h1").count() == 1
        shown = page.locator("img").evaluate_all(
            "all => all.map(i => [i.complete, i.naturalWidth])"
        )
        assert all(complete and width > 100 for complete, width in shown), path.name
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], f"{path.name} is {width} pixels wide"
    assert said == []
    assert all(address.startswith(("file:", "data:")) for address in asked)


def test_links_lead_to_every_page(made, page):
    page.goto((made / "index.html").as_uri())
    for name in ("ABC", "Back-test", "Recommendation"):
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        assert page.get_by_role("navigation").locator("[aria-current]").inner_text() == name


def test_code_opens_with_the_keyboard(made, page):
    page.goto((made / "16_backtest.html").as_uri())
    code = page.locator("details.code").first
    assert not code.locator("pre").is_visible()
    code.locator("summary").focus()
    page.keyboard.press("Enter")
    assert code.locator("pre").is_visible()


def test_wide_tables_can_be_reached_and_scrolled(made, page):
    page.goto((made / "16_backtest.html").as_uri())
    region = page.get_by_role("region", name=re.compile("All schemes"))
    region.focus()
    assert region.evaluate("e => document.activeElement === e")


def test_the_report_prints(made, browser, tmp_path):
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((made / "index.html").as_uri())
    pdf = page.pdf(format="A4")
    context.close()
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
