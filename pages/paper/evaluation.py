"""An evaluation of the detectors as plain text for the terminal: one table a trial, wide letters counted as two."""

import unicodedata
from collections.abc import Iterator, Sequence

from analytics.evaluating import Evaluation
from analytics.signals.evaluation import NOMINAL, Calibration, Evaluated, Scored
from pages.ui import words


def evaluation_text(evaluation: Evaluation, language: str) -> str:
    """Every trial with its detectors: found at fixed rates, waits, calibration, alarms, budgets."""
    return "\n".join(line for trial in evaluation.trials for line in (*_trial(trial, language), ""))


def _trial(trial: Evaluated, language: str) -> Iterator[str]:
    counts = {"series": trial.series, "points": trial.points, "surges": trial.surges}
    yield "## " + words.say("cli.evaluate.trial", language, trial=words.name("trial", trial.name, language), **counts)
    if trial.source:
        yield words.say("track_record.source", language, file=trial.source)
    if not trial.detectors:
        yield from _budget(trial, language)
        return
    if trial.surges:
        heads = ["detector", "found_1", "found_2", "found_5", "wait", "own_false", "own_found", "seconds"]
    else:
        heads = ["detector", "own_false", "seconds"]
    yield from _table([_row(one, heads, language) for one in trial.detectors], heads, language)
    yield ""
    yield words.say("cli.evaluate.calibration", language)
    groups = list(dict.fromkeys((row.by, row.group) for one in trial.detectors for row in one.calibration))
    rows = [
        [
            words.name("detector", one.detector, language),
            words.name("trial_group", group, language),
            *_shares(one, by, group, language),
        ]
        for one in trial.detectors
        for by, group in groups
    ]
    yield from _table(rows, ["detector", "group", "share_01", "verdict", "share_001", "verdict", "points"], language)
    if trial.detectors[0].alerts_mean is not None:
        yield ""
        yield words.say("cli.evaluate.alerts", language, unit=words.name("trial_unit", trial.unit, language))
        rows = [
            [
                words.name("detector", one.detector, language),
                *(words.number(value, language, 1) for value in (one.alerts_mean, one.alerts_p95)),
            ]
            for one in trial.detectors
        ]
        yield from _table(rows, ["detector", "alerts_mean", "alerts_p95"], language)
    if trial.spent:
        yield ""
        yield words.say("cli.evaluate.budget", language)
        yield from _budget(trial, language)


def _row(one: Scored, heads: Sequence[str], language: str) -> list[str]:
    at = {rate.rate_pct: rate for rate in one.at}
    found = {
        "detector": words.name("detector", one.detector, language),
        "own_false": words.pct(one.own_false_pct, language, 2),
        "own_found": words.pct(one.own_found_pct, language),
        "seconds": words.number(one.seconds, language, 1),
    }
    if at:
        found |= {f"found_{rate:g}": words.pct(at[rate].found_pct, language) for rate in at}
        found["wait"] = words.number(at[2.0].wait, language, 2)
    return [found.get(head, words.NOTHING) for head in heads]


def _shares(one: Scored, by: str, group: str, language: str) -> list[str]:
    own: dict[float, Calibration] = {row.nominal: row for row in one.calibration if (row.by, row.group) == (by, group)}
    cells = []
    for nominal in NOMINAL:
        row = own.get(nominal)
        cells += (
            [words.NOTHING, words.NOTHING]
            if row is None
            else [words.pct(100 * row.share, language, 2), words.name("calibration", row.verdict or "unsaid", language)]
        )
    return [*cells, words.number(next((row.points for row in own.values()), None), language)]


def _budget(trial: Evaluated, language: str) -> Iterator[str]:
    groups = list(dict.fromkeys(group for one in trial.spent for group in one.found_pct))
    heads = ["detector", "budget", f"sent_{trial.unit}", "sent_p95", f"false_{trial.unit}"]
    rows = [
        [
            words.name("detector", one.detector, language),
            words.number(one.per_point, language),
            *(words.number(value, language, 1) for value in (one.alerts_mean, one.alerts_p95, one.false_mean)),
            *(words.pct(one.found_pct.get(group), language, 0) for group in groups),
        ]
        for one in trial.spent
    ]
    yield from _table(rows, heads, language, [words.name("trial_group", group, language) for group in groups])


def _table(
    rows: Sequence[Sequence[str]], heads: Sequence[str], language: str, more: Sequence[str] = ()
) -> Iterator[str]:
    lines = [[*(words.say(f"column.track.{head}", language) for head in heads), *more], *rows]
    yield from aligned(lines, [head in ("detector", "group", "verdict") for head in heads] + [False] * len(more))


def aligned(lines: Sequence[Sequence[str]], is_text: Sequence[bool]) -> Iterator[str]:
    """Rows of a table as lines of even columns: words from the left, numbers from the right."""
    widths = [max(_wide(line[place]) for line in lines) for place in range(len(lines[0]))]
    for line in lines:
        cells = (_padded(cell, width, left) for cell, width, left in zip(line, widths, is_text, strict=True))
        yield "  ".join(cells).rstrip()


def _wide(text: str) -> int:
    """How many columns of a terminal a text takes.

    >>> _wide("周a")
    3
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int, left: bool) -> str:
    gap = " " * (width - _wide(text))
    return text + gap if left else gap + text
