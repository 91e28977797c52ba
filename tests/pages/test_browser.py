"""In a real browser: every page stands, nothing leaves the host, the console stays quiet, a number opens without a reload."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from data.intake.personal import find_personal
from data.site import Site
from pages.ui import words
from pages.ui.bridge import FIXED
from pages.ui.frame import PAGES

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(
    (
        path
        for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        if Path(path).exists()
    ),
    None,
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDER = "document.querySelector('[data-testid=stMain]').scrollWidth - document.querySelector('[data-testid=stMain]').clientWidth"
NAMES = [module.__name__.rpartition(".")[2] for module in PAGES]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def address(town_site: Site) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    environment = {**os.environ, "XIANSHOU_HOME": str(town_site.home), "TZ": "Asia/Shanghai"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{base}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield base
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: object, address: str) -> Iterator[object]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.complaints, opened.strangers = [], []
    opened.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    opened.on("request", lambda request: None if request.url.startswith(own) else opened.strangers.append(request.url))
    yield opened
    context.close()
    assert opened.complaints == []
    assert opened.strangers == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_brief_stands_in_both_languages_and_widths(
    page: object, address: str, language: str, width: int, as_of: object
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/daily_brief?day={as_of}&lang={language}")
    page.wait_for_selector(".xs-headline")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert page.evaluate(WIDER) <= 0
    assert not [line for line in page.inner_text("body").splitlines() if find_personal(line)]


def test_a_number_opens_in_the_session_and_back_leads_back(page: object, address: str, as_of: object) -> None:
    page.goto(f"{address}/daily_brief?day={as_of}")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.evaluate("window.sameDocument = true")
    page.click(".xs-figure a.xs-open >> nth=0")
    page.wait_for_selector("text=返回每日研判")
    assert "behind=new" in page.url
    page.go_back()
    page.wait_for_selector(".xs-headline")
    assert page.evaluate("window.sameDocument") is True


def test_a_link_to_another_page_stays_in_the_session(page: object, address: str, as_of: object) -> None:
    page.goto(f"{address}/daily_brief?day={as_of}&lang=en")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.evaluate("window.sameDocument = true")
    link = page.locator(".xs-figure a.xs-open").first  # led as those of a brief with warnings are
    link.evaluate("(one, query) => one.setAttribute('href', `signals?${query}`)", f"lang=en&day={as_of}")
    link.click()
    page.wait_for_selector("h1:has-text('Warnings')")
    assert f"/signals?lang=en&day={as_of}" in page.url
    page.go_back()
    page.wait_for_selector("h1:has-text('Daily brief')")
    assert page.evaluate("window.sameDocument") is True


def test_a_day_is_typed_or_picked_and_everything_else_stays(page: object, address: str, as_of: date) -> None:
    page.goto(f"{address}/daily_brief?day={as_of}&lang=en&kind=petition")
    page.wait_for_selector(".xs-headline")
    field, (picked, typed) = page.locator(".xs-day-field"), (as_of - timedelta(days=days) for days in (9, 30))
    field.fill(picked.isoformat())
    page.wait_for_url(f"**/daily_brief?**day={picked}**")
    page.wait_for_selector(f".xs-day-field[value='{picked}']")
    field.press("Tab")  # by hand: nothing happens before the day is finished
    field.evaluate(
        "(one, day) => { one.value = day; one.dispatchEvent(new Event('change', {bubbles: true})) }", str(typed)
    )
    assert f"day={picked}" in page.url
    field.press("Enter")
    page.wait_for_url(f"**/daily_brief?**day={typed}**")
    assert "kind=petition" in page.url
    assert "lang=en" in page.url


def test_a_day_without_records_is_not_gone_to(page: object, address: str, as_of: date) -> None:
    page.goto(f"{address}/daily_brief?day={as_of}")
    page.wait_for_selector(".xs-headline")
    page.fill(".xs-day-field", "1999-01-01")
    page.locator(".xs-day-field").blur()
    assert page.evaluate("document.querySelector('.xs-day-field').matches(':invalid')")
    assert f"day={as_of}" in page.url


def test_a_list_is_reached_by_its_link_alone(page: object, address: str, as_of: object) -> None:
    page.goto(f"{address}/daily_brief?lang=en&day={as_of}&behind=open&as_of={as_of}")
    page.wait_for_selector("table.xs-table")
    assert page.inner_text("h2").startswith("Open:")


@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("en", 390)])
def test_every_page_stands_without_a_stranger_and_within_its_width(
    page: object, address: str, as_of: object, language: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name in NAMES:
        page.goto(f"{address}/{name}?lang={language}&day={as_of}")
        page.wait_for_selector(".xs-foot" if name != "data_quality" else ".xs-section")
        page.wait_for_function(f"{WIDER} <= 0")  # a chart is drawn wide and then fitted
        assert not [line for line in page.inner_text("body").splitlines() if find_personal(line)], name
        assert page.title().endswith(words.say("frame.product", language))


def test_nothing_that_streamlit_says_itself_is_left_in_its_words(page: object, address: str) -> None:
    page.goto(f"{address}/data_quality?part=settings")
    page.wait_for_selector(".xs-section")
    page.wait_for_selector(f"[aria-label='{words.say('frame.fixed.sidebar', 'zh')}']")
    left = """(fixed) => [...document.querySelectorAll("[aria-label], [placeholder]")].flatMap((one) =>
        [one.getAttribute("aria-label"), one.getAttribute("placeholder")]).filter((text) => fixed.includes(text))"""
    assert page.evaluate(left, list(FIXED)) == []
    page.click(".xs-choice a:has-text('English')")
    page.wait_for_selector(f"[aria-label='{words.say('frame.fixed.sidebar', 'en')}']")
    assert page.query_selector(f"[aria-label='{words.say('frame.fixed.sidebar', 'zh')}']") is None


def test_a_lost_connection_is_said_in_the_readers_words(page: object, address: str) -> None:
    page.goto(f"{address}/data_quality?part=settings")
    page.wait_for_selector(".xs-section")
    page.evaluate("""() => {
        const dialog = document.createElement("div")
        dialog.innerHTML = "<h2>Connection error</h2>"
        document.body.append(dialog)
    }""")
    page.wait_for_selector(f"h2:has-text('{words.say('frame.fixed.lost', 'zh')}')")


@pytest.mark.parametrize("part", ["records", "intake", "repeats", "calendar", "settings", "versions"])
def test_every_part_of_data_quality_stands(page: object, address: str, part: str) -> None:
    page.goto(f"{address}/data_quality?part={part}")
    page.wait_for_selector(".xs-section")
    page.wait_for_timeout(300)


def test_language_and_range_survive_the_way_to_the_other_page(page: object, address: str, as_of: object) -> None:
    page.goto(f"{address}/daily_brief?day={as_of}&lang=en&kind=petition")
    page.wait_for_selector(".xs-headline")
    page.click("[data-testid=stSidebarNav] a:has-text('Data quality')")
    page.wait_for_selector("h1:has-text('Data quality')")
    page.click("[data-testid=stSidebarNav] a:has-text('Daily brief')")
    page.wait_for_selector(".xs-headline")
    assert "kind=petition" in page.url
