"""An alarm budget in words and rows, for the terminal and the screen: what each threshold brings, and which one is proposed."""

from datetime import date

from analytics.signals.budget import Budget
from pages.ui import words

HEADS = ("budget_threshold", "budget_mean", "budget_p95", "budget_most", "budget_missed")


def budget_said(found: Budget, as_of: date, language: str) -> list[str]:
    """What was replayed, which threshold is proposed, and what remains to be known."""

    def say(key: str, **values: object) -> str:
        return words.say(f"signal_budget.{key}", language, **values)

    said = [say("lead", as_of=as_of, weeks=found.weeks, nights=found.nights)]
    if found.nights < 7 * found.weeks:
        said.append(say("understated"))
    if found.watch_p is None:
        said.append(say("none_fits", count=found.budget_a_week))
    else:
        key = "proposal" if found.watch_p else "proposal_found_only"
        said.append(say(key, count=found.budget_a_week, watch_p=f"{found.watch_p:g}"))
    if found.over_weeks:
        said.append(say("over", share=words.pct(100 * found.over_weeks, language)))
    if found.table["missed"].isna().all():
        said.append(say("unmarked"))
    return said


def budget_rows(found: Budget, language: str) -> list[dict[str, str]]:
    """A row a threshold, by `HEADS`, as it is written."""
    return [
        {
            "budget_threshold": f"{row['watch_p']:g}"
            if row["watch_p"]
            else words.say("signal_budget.found_only", language),
            "budget_mean": words.number(row["alarms_a_week"], language, 1),
            "budget_p95": words.number(row["p95_a_week"], language, 1),
            "budget_most": words.number(row["most_a_week"], language),
            "budget_missed": words.NOTHING
            if row["missed"] is None or row["missed"] != row["missed"]
            else words.say("signal_budget.missed_of", language, missed=int(row["missed"]), marked=int(row["marked"])),
        }
        for row in found.table.to_dict("records")
    ]


def budget_text(found: Budget, as_of: date, language: str) -> str:
    """The same as plain text."""
    heads = [words.say(f"column.{head}", language) for head in HEADS]
    lines = [heads, ["---"] * len(heads), *([row[head] for head in HEADS] for row in budget_rows(found, language))]
    return "\n".join([*budget_said(found, as_of, language), "", *(f"| {' | '.join(line)} |" for line in lines)])
