"""`python -m tests.benchmarks.browser`: the daily brief in a fresh Chromium beside a bare Streamlit page, against its targets.

Each round opens three fresh browsers with empty profiles: the brief that is ready, as every morning, a brief of a day that nobody
asked for yet, and the bare page. The page itself takes the times, frame by frame, from the start of the navigation.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

from data.operational import KINDS
from data.site import read_site
from pages.ui import words

Row = tuple[str, str, str, str, str, str]

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "pages" / "ui" / "frame.py"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
MATTERS = 60_000
ROUNDS = 5
PATIENCE = 60  # seconds
LANGUAGE = "zh"

BARE = """
import plotly.graph_objects as go
import streamlit as st

st.set_page_config(page_title="bare")
st.plotly_chart(go.Figure(go.Bar(x=list(range(56)), y=list(range(56)))))
"""

# Marks are milliseconds since the navigation began, and since the press for what follows a choice. Texts are read without a layout
# (`innerText` would ask for one in every frame, of our page only, and be timed with it).
WATCH = """
window.marks = {}
const shown = (node) => node && node.textContent.trim() && node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
const where = () => document.querySelector(".xs-where")?.textContent
const idle = () => document.querySelector('[data-test-script-state="notRunning"]')
const tests = {
  headline: () => shown(document.querySelector(".xs-headline .xs-first")),
  figures: () => [...document.querySelectorAll(".xs-figures:not(.xs-small) .xs-value")].filter(shown).length >= 4,
  chart: () => document.querySelector(".js-plotly-plot .main-svg .barlayer path"),
  changed: () => pressed !== null && before !== where() && tests.figures(),
  settled: () => window.marks.changed && idle(),
}
let pressed = null, before = null
document.addEventListener("pointerdown", () => {
  pressed = performance.now()
  before = where()
  delete window.marks.changed
  delete window.marks.settled
}, true)
const look = () => {
  for (const name in tests) if (!(name in window.marks) && tests[name]()) window.marks[name] = performance.now() - (pressed ?? 0)
  requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""
AWAIT = """
([names, patience]) => new Promise((done, fail) => {
  const late = setTimeout(() => fail(new Error("never seen: " + names.filter((name) => !window.marks[name]))), patience)
  const look = () => {
    if (!names.every((name) => window.marks[name])) return requestAnimationFrame(look)
    clearTimeout(late)
    done(window.marks)
  }
  look()
})
"""


def measure(home: Path, rounds: int = ROUNDS) -> list[Row]:
    """The table for the city in this home: a title line, then what was measured; empty where there is no browser."""
    reason = missing()
    if reason:
        print(f"browser: skipped, {reason}")
        return []
    with ExitStack() as stack:
        brief, bare = stack.enter_context(serve_brief(home)), stack.enter_context(serve_bare())
        found = visit(brief, bare, read_site(home).now().date() - timedelta(days=1), rounds)
    found |= run_script(home)
    return table(found)


def missing() -> str | None:
    """Why nothing can be measured here."""
    if CHROMIUM is None:
        return "there is no Chromium on this machine"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return None


def build_city(home: Path) -> None:
    command = [sys.executable, "-m", "cli", "--home", str(home), "demo", "--matters", str(MATTERS)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def serve_brief(home: Path) -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, "-m", "cli", "--home", str(home), "--lang", LANGUAGE, "serve", "--port", str(port)]
    with _served(command, ROOT, port) as address:
        yield address


@contextmanager
def serve_bare() -> Iterator[str]:
    """One page with one chart and no configuration: what Streamlit and Plotly cost by themselves."""
    with tempfile.TemporaryDirectory(prefix="xianshou-bare-") as folder:
        Path(folder, "bare.py").write_text(BARE, encoding="utf-8")
        port = _free_port()
        options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
        command = [sys.executable, "-m", "streamlit", "run", "bare.py", *options, "--browser.gatherUsageStats=false"]
        with _served(command, Path(folder), port) as address:
            yield address


@contextmanager
def _served(command: list[str], folder: Path, port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _await_health(server, address)
            yield address
        finally:
            server.terminate()


def _await_health(server: subprocess.Popen, address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no server at {address}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def visit(brief: str, bare: str, last: date, rounds: int) -> dict[str, list[float]]:
    """Seconds by name, one of each a round; the order turns every round, so that no page always follows the other."""
    from playwright.sync_api import sync_playwright

    found = defaultdict(list)
    with sync_playwright() as driver:

        def ready() -> None:
            with opened(driver, f"{brief}/daily_brief") as page:
                marks = seen(page, "headline", "figures", "chart")
                _note(found, "ready", marks, "headline", "figures", "chart")

        def computed() -> None:
            day = last - timedelta(days=1 + number)  # of which no brief was asked for so far
            with opened(driver, f"{brief}/daily_brief?day={day}") as page:
                _note(found, "computed", seen(page, "headline", "figures", "chart"), "figures", "chart")
                page.wait_for_selector('[data-test-script-state="notRunning"]')
                _note(found, "filter", choose(page, KINDS[number % len(KINDS)]), "changed", "settled")
                _note(found, "filter again", choose(page, ""), "changed", "settled")

        def plain() -> None:
            with opened(driver, bare) as page:
                _note(found, "bare", seen(page, "chart"), "chart")

        number = rounds
        for one in (ready, computed, plain):  # both servers warm
            one()
        found.clear()
        for number in range(rounds):
            for one in (ready, plain, computed) if number % 2 else (plain, ready, computed):
                one()
    return found


@contextmanager
def opened(driver: object, address: str) -> Iterator[object]:
    """This page in a browser of its own, with nothing kept from before."""
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(WATCH)
        page.goto(address, wait_until="commit")
        yield page
    finally:
        browser.close()


def seen(page: object, *names: str) -> dict[str, float]:
    return page.evaluate(AWAIT, [list(names), PATIENCE * 1000])


def choose(page: object, kind: str) -> dict[str, float]:
    """Press a kind in the sidebar and wait for its numbers."""
    label = words.say(f"names.kind.{kind or 'all'}", LANGUAGE)
    page.locator("[data-testid=stSidebar] .xs-choice a").get_by_text(label, exact=True).click()
    return seen(page, "changed", "settled")


def _note(found: dict[str, list[float]], visit_: str, marks: dict[str, float], *names: str) -> None:
    for name in names:
        found[f"{visit_} {name}"].append(marks[name] / 1000)


def run_script(home: Path, times: int = 10) -> dict[str, list[float]]:
    """Runs of the frame and the daily brief without server or browser: a brief kept in memory, and one computed for each run."""
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    last, found = read_site(home).now().date() - timedelta(days=1), defaultdict(list)
    with mock.patch.dict(os.environ, {"XIANSHOU_HOME": str(home), "XIANSHOU_LANG": LANGUAGE}):
        at = AppTest.from_file(str(FRAME), default_timeout=PATIENCE)
        at._page_hash = calc_hash("daily_brief")
        for name, days in (
            ("kept", [last] * (times + 1)),
            ("computed", [last - timedelta(30 + n) for n in range(times)]),
        ):
            for day in days:
                at.query_params["day"] = day.isoformat()
                began = time.perf_counter()
                at.run()
                found[f"script {name}"].append(time.perf_counter() - began)
    found["script kept"].pop(0)  # the first run of a session imports and computes
    return found


def table(found: dict[str, list[float]]) -> list[Row]:
    """Seconds beside their targets; the chart of each round over the bare chart of the same round."""

    def pairs(name: str) -> list[float]:
        return [ours / bare for ours, bare in zip(found[name], found["bare chart"], strict=True)]

    return [
        ("", "min", "median", "max", "target", ""),
        _row("headline shown, s", found["ready headline"], 3),
        _row("four figures shown, s", found["ready figures"], 3),
        _row("chart drawn, s", found["ready chart"]),
        _row("  bare page's chart, s", found["bare chart"]),
        _row("  chart / bare chart, pair by pair", pairs("ready chart"), 1.2, "≤"),
        _row("a day not asked for yet: four figures, s", found["computed figures"], 3),
        _row("a day not asked for yet: chart, s", found["computed chart"]),
        _row("  chart / bare chart, pair by pair", pairs("computed chart")),  # the target is for a brief that is ready
        _row("another kind, computed: new numbers, s", found["filter changed"], 0.7),
        _row("  page at rest again, s", found["filter settled"]),
        _row("another kind, kept: new numbers, s", found["filter again changed"], 0.7),
        _row("  page at rest again, s", found["filter again settled"]),
        _row("script run, brief kept, s", found["script kept"], 0.2),
        _row("script run, brief computed, s", found["script computed"]),
    ]


def _row(title: str, values: list[float], target: float | None = None, sign: str = "<") -> Row:
    middle = statistics.median(values)
    numbers = (f"{value:.2f}" for value in (min(values), middle, max(values)))
    if target is None:
        return (title, *numbers, "", "")
    met = middle <= target if sign == "≤" else middle < target
    return (title, *numbers, f"{sign} {target}", "met" if met else "MISSED")


def show(rows: list[Row]) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(6)] if rows else []
    for title, *cells in rows:
        print("  ".join([title.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip())


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.browser", description=__doc__)
    arguments.add_argument("--home", type=Path, help="a city that is there; otherwise one is built and removed again")
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = arguments.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="xianshou-bench-browser-") as folder:
        home = chosen.home or Path(folder)
        if chosen.home is None and missing() is None:
            build_city(home)
        rows = measure(home, chosen.rounds)
    if rows:
        print(
            f"{chosen.rounds} rounds, {os.cpu_count()} cores, load average {before:.1f} before, {os.getloadavg()[0]:.1f} after"
        )
    show(rows)


if __name__ == "__main__":
    main()
