"""What is recorded of a signal from the screen: steps and the answers afterwards. Each act carries the configured post, unverified."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from data import handling, queries
from pages.ui import load

OUTCOMES = {"dismiss": handling.DISMISSED_AS, "outcome": handling.OUTCOMES}  # the steps that say what it was
QUESTIONS = ("not_foreseen", "not_warned", "not_prevented")
VERDICTS = ("hit", "false_alarm")  # of a signal that was there; a miss had none


@dataclass(frozen=True)
class Standing:
    """Where people are with a signal: the number of the last step seen, and the steps that this reader may record next."""

    seen: int
    steps: tuple[str, ...]


@dataclass(frozen=True)
class KnownEvent:
    """A known event as the page offers it, what it is called there, and the place of the signal it explains."""

    values: Mapping[str, object]
    name: str
    area_code: str


def _note_of(event: KnownEvent) -> int:
    """The number of the note that stands for a known event: a planned event or a festival is noted the first time it explains something."""
    values, site, desk = event.values, load.site(), load.desk()
    if str(values["event_id"]).isdigit():
        return int(values["event_id"])
    is_festival = values["kind"] == "festival"
    about = {"area": None if is_festival else event.area_code, "kind": "festival" if is_festival else "other"}
    noted = desk.notes(values["first_on"], values["last_on"], about["area"])
    same = noted[(noted["text"] == event.name) & (noted["first_on"] == values["first_on"])]
    if len(same):
        return int(same["note_id"].iloc[0])
    return desk.add_note(values["first_on"], values["last_on"], event.name, site.actor, site.now(), **about)


def standing(episode: str) -> Standing:
    """Where people are with it now, read anew each time."""
    row = handling.handling(load.desk(), [episode]).iloc[0]
    role = load.site().role
    return Standing(int(row["step_id"]), tuple(step for step in row["next_steps"] if handling.may(role, step)))


def may_review() -> bool:
    """Whether this reader may answer the three questions."""
    return handling.may(load.site().role, "review")


def take_step(
    episode: str,
    step: str,
    reason: str,
    *,
    outcome: str | None,
    event: KnownEvent | None,
    due_on: date | None,
    happened_on: date | None,
    seen: int,
) -> None:
    """Record a step, linked to a known event where there is one; refused where another step came since."""
    site = load.site()
    note_id = None if event is None else _note_of(event)
    more = {"outcome": outcome, "note_id": note_id, "due_on": due_on, "happened_on": happened_on, "seen": seen}
    handling.take_step(load.desk(), episode, step, reason, site.actor, site.now(), **more)


def save_review(
    episode: str, answers: Mapping[str, str], *, happened_on: date, verdict: str, was_acted_on: bool
) -> None:
    """Record the three answers on a signal; place and subject are those of the ledger."""
    site, desk = load.site(), load.desk()
    opened = handling.episode_history(desk, episode)[0]
    handling.save_review(
        desk,
        site.actor,
        site.now(),
        path=tuple(opened.state["path"]),
        kind=opened.kind,
        category_code=opened.category_code,
        happened_on=happened_on,
        verdict=verdict,
        episode=episode,
        was_acted_on=was_acted_on,
        **answers,
    )


def missed() -> tuple[handling.Review, ...]:
    """Events that no warning met, as far as the reader sees their places."""
    scope = load.site().actor.scope
    seen = None if scope.sees_all else set(queries.read_areas(load.mart(), scope)["area_code"])
    found = (one for one in handling.reviews(load.desk()) if one.verdict == "miss")
    return tuple(one for one in found if seen is None or one.area_code in seen)


def named(area_code: str, category_code: str | None) -> tuple[str, str | None]:
    """The names of a place and a subject; a code without a name stands for itself."""
    names = queries.names_of(load.mart())
    area = names.area(area_code)
    return area_code if area is None else str(area["name"]), names.by_code["category"].get(category_code)


def save_missed(
    area_code: str, kind: str, category_code: str, answers: Mapping[str, str], *, happened_on: date
) -> None:
    """Record an event that no warning met, under the subject by which it is judged."""
    site, mart = load.site(), load.mart()
    handling.save_review(
        load.desk(),
        site.actor,
        site.now(),
        path=queries.names_of(mart).path(area_code)[::-1],
        kind=kind,
        category_code=queries.subjects_of(mart).of.get(category_code, category_code),
        happened_on=happened_on,
        verdict="miss",
        **answers,
    )
