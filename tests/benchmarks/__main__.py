"""`python -m tests.benchmarks`: detectors, full and incremental refresh, detection of a night, each page's data, a replay, papers, grouped reads, memory and file sizes, in one table."""

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.reads import geometric_mean

SIZES = "100000,1000000,10000000"
BACKTEST_UP_TO = 100_000  # it costs the same with more matters: the series are as many
MB = 1_000_000
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PAGES = {
    "brief": "daily brief", "weekly": "weekly brief", "monthly": "monthly brief", "annual": "annual report", "trends": "petition trends",
    "signals": "warnings", "risk": "risk outlook", "record": "track record of the forecasts",
}  # fmt: skip


def measure(size: int) -> dict:
    """All figures of one size; the city lives in a temporary folder and goes with it."""
    home = Path(tempfile.mkdtemp(prefix=f"xianshou-bench-{size}-"))
    try:
        found = {"build": step("build", home, size), "full": step("full", home, 0)}
        found["incremental"] = step("incremental", home, 1)
        found["rebuild"] = step("full", home, 2)
        found["detect"] = step("detect", home)
        found["forecast"] = step("forecast", home)
        found["forecast_backtest"] = step("forecast_backtest", home) if size <= BACKTEST_UP_TO else None
        for page in (*PAGES, "replay", "papers"):
            found[page] = step(page, home)
        found["reads"] = step("reads", home)["reads"]
        return found
    finally:
        shutil.rmtree(home, ignore_errors=True)


def step(name: str, home: Path, *arguments: object, environment: dict[str, str] | None = None) -> dict:
    """Run one step in a process of its own."""
    print(f"  {name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "tests.benchmarks.steps", name, str(home), *(json.dumps(one) for one in arguments)]
    own = {**os.environ, **(environment or {})}
    root = Path(__file__).parents[2]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root, env=own)
    return json.loads(done.stdout.splitlines()[-1])


def detection() -> list[tuple[str, ...]]:
    """The table of the detectors: what one core does, beside the target where there is one."""
    with tempfile.TemporaryDirectory(prefix="xianshou-bench-") as home:
        rates = step("detectors", Path(home), environment=ONE_CORE)
        night = step("night", Path(home), environment=ONE_CORE)
    return [
        ("detectors, one core", "measured", "target"),
        ("improved Farrington, 10 seasonal periods, series/s", f"{rates['farrington']:,.0f}", "≥ 10,000"),
        ("weekly detector, series/s", f"{rates['weekly']:,.0f}", ""),
        ("daily detector, series/s", f"{rates['daily']:,.0f}", ""),
        (f"a night, 1,000 communities × 40 subjects ({night['nodes']:,} nodes), s", f"{night['night']:.1f}", "< 60"),
        ("  every node judged, s", f"{night['judge']:.1f}", ""),
        ("  scan over neighbours, s", f"{night['scan']:.1f}", ""),
        ("  short list and episodes, s", f"{night['listing']:.1f}", ""),
        ("  peak memory, MB", f"{night['peak_mb']:,}", ""),
    ]


def lines(found: dict[int, dict]) -> list[tuple[str, ...]]:
    """The table: one column a size."""

    def row(title: str, cell: object) -> tuple[str, ...]:
        return (title, *(cell(figures) for figures in found.values()))

    def seconds(part: str, key: str) -> object:
        return lambda figures: f"{figures[part][key]:.2f}"

    def peak(part: str) -> object:
        return lambda figures: f"{figures[part]['peak_mb']:,}"

    table = [
        ("matters", *(f"{figures['build']['matters']:,}" for figures in found.values())),
        row("city written, s", seconds("build", "seconds")),
        row("full refresh, s", seconds("full", "refresh")),
        row("  peak memory, MB", peak("full")),
        row("incremental refresh of 1,000 changes, s", seconds("incremental", "refresh")),
        row("  peak memory, MB", peak("incremental")),
        row("weekly rebuild beside a version, s", seconds("rebuild", "refresh")),
        row("  peak memory, MB", peak("rebuild")),
        row("first detection with eight weeks replayed, s", seconds("detect", "first")),
        row("detection of a night, s", seconds("detect", "again")),
        row("  peak memory, MB", peak("detect")),
        row("forecasts of a night, s (target < 300)", seconds("forecast", "forecast")),
        row("  processor time, s", seconds("forecast", "processor")),
        row("  peak memory, MB", peak("forecast")),
        row("forecasts with a backtest, s (target < 1,800)", _backtest("forecast")),
        row("  processor time, s", _backtest("processor")),
        *(
            line
            for name, title in PAGES.items()
            for line in (
                row(f"{title}, first in a process, s", seconds(name, "cold")),
                row(f"{title}, warm, s", seconds(name, "warm")),
                row("  peak memory, MB", peak(name)),
            )
        ),
        row("daily brief as known two refreshes ago, opened, s", seconds("replay", "open")),
        row("daily brief as known two refreshes ago, warm, s", seconds("replay", "warm")),
        *(
            line
            for form, title in (("docx", "Word"), ("pdf", "PDF"))
            for line in (
                row(f"daily brief as {title}, first in a process, s", seconds("papers", f"{form}_cold")),
                row(f"daily brief as {title}, warm, s", seconds("papers", f"{form}_warm")),
            )
        ),
        row("operational SQLite file, MB", lambda figures: f"{figures['build']['bytes'] / MB:,.0f}"),
        row("mart file, MB", lambda figures: f"{figures['full']['bytes'] / MB:,.0f}"),
    ]
    for number, read in enumerate(next(iter(found.values()))["reads"]):
        table.append(row(f"read: {read['read']}, ms (SQLite ms)", lambda figures, n=number: _read(figures["reads"][n])))
    ratios = {size: geometric_mean([read["ratio"] for read in figures["reads"]]) for size, figures in found.items()}
    return [*table, ("SQLite / DuckDB, geometric mean", *(f"{ratio:.1f} ×" for ratio in ratios.values()))]


def _backtest(key: str) -> object:
    return lambda figures: f"{figures['forecast_backtest'][key]:.0f}" if figures["forecast_backtest"] else ""


def _read(read: dict) -> str:
    return f"{read['duckdb'] * 1000:.1f} ({read['sqlite'] * 1000:,.0f})"


def show(table: list[tuple[str, ...]]) -> None:
    widths = [max(len(line[place]) for line in table) for place in range(len(table[0]))]
    for line in table:
        print(
            "  ".join(
                [
                    line[0].ljust(widths[0]),
                    *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
                ]
            )
        )


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    arguments.add_argument(
        "--sizes", default=SIZES, help="how many matters, commas between; empty for the detectors alone"
    )
    arguments.add_argument("--skip-browser", action="store_true", help="leave out what needs Chromium")
    chosen = arguments.parse_args()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {tempfile.gettempdir()}")
    show(detection())
    print()
    found = {}
    for size in (int(part) for part in chosen.sizes.split(",") if part):
        print(f"{size:,} matters", file=sys.stderr)
        found[size] = measure(size)
    if found:
        show(lines(found))
    if not chosen.skip_browser and importlib.util.find_spec("tests.benchmarks.browser"):
        subprocess.run([sys.executable, "-m", "tests.benchmarks.browser"], check=True)


if __name__ == "__main__":
    main()
