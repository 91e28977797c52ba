"""`python -m tests.benchmarks.paper HOME`: how long the daily brief of a site takes as a file, first and warm, each form in its own process."""

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

LIMITS = {"docx": 2.0, "pdf": 3.0}  # seconds warm, on the demo city


def measure(home: Path, day: date, form: str) -> dict[str, float]:
    """Seconds of the first and of the best later rendering in a fresh process; the brief itself is computed before."""
    from analytics.briefs import daily_brief
    from data.mart import open_mart
    from data.scope import Scope
    from data.workdays import build_calendar

    brief = daily_brief(open_mart(home / "mart"), Scope(None, "office"), day, calendar=build_calendar())
    taken = []
    for _ in range(4):
        begun = time.perf_counter()
        from pages.paper import render
        from pages.paper.daily import daily_document

        size = len(render(daily_document(brief, "zh"), form))
        taken.append(time.perf_counter() - begun)
    return {"first": taken[0], "warm": min(taken[1:]), "kB": size / 1000}


def main(home: str, day: str = "2026-11-20") -> None:
    """Print one line a form."""
    print(f"{'form':6}{'first, s':>10}{'warm, s':>10}{'limit':>8}{'kB':>8}")
    for form in ("docx", "pdf", "xlsx", "html", "md", "json"):
        command = [sys.executable, "-m", "tests.benchmarks.paper", home, day, form]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        limit = f"{LIMITS[form]:.1f}" if form in LIMITS else ""
        print(f"{form:6}{found['first']:10.2f}{found['warm']:10.2f}{limit:>8}{found['kB']:8.0f}")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(measure(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), sys.argv[3])))
    elif len(sys.argv) in (2, 3):
        main(*sys.argv[1:])
    else:
        raise SystemExit(__doc__)
