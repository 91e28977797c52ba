"""One signal opened: its past, what is around it, what was done about others like it, and every step and event of its own."""

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from analytics.figures import Line
from analytics.small_cells import MINIMUM_CELL
from analytics.warnings.answer import SignalDetail, SignalItem
from analytics.warnings.listing import detection_of, items_of, last_rows, may_see, rules_of
from analytics.warnings.stored import BELOW_STREET, Stored, read_stored
from data import handling, mart_tables, queries
from data import results_tables as t
from data.desk import Desk
from data.handling import Event, Step
from data.mart import Mart
from data.scope import Actor, Scope

SIMILAR_YEARS = 3
SIMILAR = 10  # past episodes shown
NEAR_DAYS = 14  # around the window in which a known event may explain it
COURSE = ["on", "observed", "expected", "lower", "upper"]


def signal_detail(mart: Mart, desk: Desk, scope: Scope, key: str, day: date) -> SignalDetail | None:
    """One signal by its key, as one reader may see it on `day`; None where there is none, or none that this reader may see.

    A key is an episode's, of the ledger or of a replay, or `C-` and the node of a candidate. A signal that is no longer listed is told
    as it was listed last; courses and neighbours are kept of the last night only.
    """
    stored = read_stored(mart, scope, day, None, None)
    if stored is None:
        return None
    rules = rules_of(stored)
    row = next((row for row in _rows_of(stored, key) if may_see(stored, row, rules)), None)
    if row is None:
        return None
    (item,) = items_of(stored, desk, [row], day, rules)
    episode = row["episode"]
    is_issued = bool(episode) and episode.startswith("E-")
    path = stored.names.path(item.node.area_code)
    course = _course(stored, row)
    near = _near(stored, row)
    return SignalDetail(
        item=item,
        daily=_of_unit(course, "day"),
        weekly=_of_unit(course, "week"),
        parents=tuple(line for relation, line in near if relation == "parent"),
        neighbours=tuple(line for relation, line in near if relation == "neighbour"),
        channels=_channels(stored, row, item),
        similar=_similar(stored, desk, item, day),
        steps=tuple(_step(one) for one in handling.steps_of(desk, episode)) if is_issued else (),
        events=tuple(_event(one, item) for one in handling.episode_history(desk, episode)) if is_issued else (),
        known_events=_known_events(stored, desk, item),
        post_event=tuple(_review(one) for one in handling.reviews(desk, episode)) if is_issued else (),
        detection=detection_of(stored, day),
        may_handle=is_issued and handling.may_handle(Actor("", scope), path),
    )


def _rows_of(stored: Stored, key: str) -> list[dict]:
    """The row of a key: in this run, else where the episode was listed last."""
    rows = stored.rows("item", ordered="rank")
    if key.startswith("C-"):
        return [row for row in rows if f"C-{stored.node(row).key}" == key]
    return [row for row in rows if row["episode"] == key] or last_rows(stored, [key])


# --- its past and what is around it --------------------------------------------------------------------------------------------


def _of_node(table: sa.Table, stored: Stored, row: Mapping[str, object]) -> sa.ColumnElement:
    own = [table.c[name] == row[name] for name in ("level", "area_code", "kind", "category_code")]
    return sa.and_(table.c.run_no == stored.run["run_no"], *own)


def _course(stored: Stored, row: dict) -> pd.DataFrame:
    """The course of a node by day and week; counts of 1 to 4 below the street are blanks on another's screen."""
    table = t.series
    found = stored.results.read(
        sa.select(table).where(_of_node(table, stored, row)).order_by(table.c.unit, table.c.on_day)
    )
    found = found.rename(columns={"on_day": "on"}).astype(dict.fromkeys(COURSE[1:], "float64"))
    found["on"] = pd.to_datetime(found["on"]).dt.date
    if not stored.is_own_screen and row["level"] in BELOW_STREET:
        found["observed"] = found["observed"].mask(found["observed"].between(1, MINIMUM_CELL - 1))
    return found


def _of_unit(course: pd.DataFrame, unit: str) -> pd.DataFrame:
    return course.loc[course["unit"] == unit, COURSE].reset_index(drop=True)


def _near(stored: Stored, row: dict) -> list[tuple[str, Line]]:
    """The same subject in the areas above and beside, those that the reader sees."""
    table, lines = t.near, []
    found = stored.plain(stored.results.read(sa.select(table).where(_of_node(table, stored, row))))
    chance = _chances(stored, row)
    for one in found:
        if not stored.sees(one["near_area"]):
            continue
        hidden = stored.is_small(one["near_level"], one["observed"])
        numbers = {name: None if hidden else one[name] for name in ("observed", "expected", "lower", "upper")}
        node = stored.node({**row, "level": one["near_level"], "area_code": one["near_area"]})
        above = one["upper"] is not None and (one["observed"] or 0) > one["upper"]
        values = {
            "area_code": node.area_code, "area": node.area, "level": node.level, "window_days": one["window_days"], **numbers,
            "p": None if hidden else chance.get((node.level, node.area_code)), "state": "above" if above else "within",
        }  # fmt: skip
        lines.append((one["relation"], Line(values, None if hidden else _selection(stored, row, one))))
    return lines


def _selection(stored: Stored, row: dict, one: dict) -> queries.Selection | None:
    """The matters of a neighbour's window: those of the signal's own, elsewhere."""
    own = stored.selection(row["selection"])
    if own is None:
        return None
    first = row["last_on"] - timedelta(days=one["window_days"] - 1)
    chosen = own.narrowed(area_code=one["near_area"], first=first)
    return chosen if queries.may_open(stored.mart, stored.scope, chosen) else None


def _chances(stored: Stored, row: dict) -> dict[tuple[str, str], float]:
    """p of the same subject and window at other places, where the night kept one."""
    table = t.node
    same = [table.c[name] == row[name] for name in ("kind", "category_code", "channel")]
    wanted = sa.select(table.c.level, table.c.area_code, table.c.p).where(table.c.run_no == stored.run["run_no"], *same)
    return {(one.level, one.area_code): float(one.p) for one in stored.results.read(wanted).itertuples()}


def _channels(stored: Stored, row: dict, item: SignalItem) -> tuple[Line, ...]:
    """What the node's other windows say."""
    if item.is_suppressed:
        return ()
    table = t.node
    found = stored.plain(
        stored.results.read(sa.select(table).where(_of_node(table, stored, row)).order_by(table.c.window_days))
    )
    shown = ("channel", "window_days", "observed", "expected", "lower", "upper", "p", "method")
    others = [one for one in found if (one["channel"], one["window_days"]) != (item.channel, item.window_days)]
    return tuple(
        Line({name: one[name] for name in shown})
        for one in others
        if not stored.is_small(row["level"], one["observed"])
    )


# --- what people did and know ----------------------------------------------------------------------------------------------------


def _similar(stored: Stored, desk: Desk, item: SignalItem, day: date) -> tuple[Line, ...]:
    """Past episodes of the same subject, elsewhere or before, those that the reader may see, the newest first, and what was done."""
    first = day - timedelta(days=366 * SIMILAR_YEARS)
    found = handling.list_episodes(desk, first, day, kind=item.node.kind, category_code=item.node.category_code)
    lines = []
    for one in found.to_dict("records"):
        if one["episode"] == item.key or not stored.sees(one["area_code"]) or len(lines) >= SIMILAR:
            continue
        steps = tuple({"step": step.step, "reason": step.reason} for step in handling.steps_of(desk, one["episode"]))
        end = one["closed_on"] if isinstance(one["closed_on"], date) else None
        area = stored.names.area(one["area_code"])
        values = {
            "key": one["episode"], "area_code": one["area_code"], "area": area["name"], "level": one["level"],
            "opened_on": one["opened_on"], "closed_on": end, "level_code": one["level_code"],
            "outcome": one["outcome"] if isinstance(one["outcome"], str) else None, "steps": steps,
            "weeks": ((end or day) - one["opened_on"]).days // 7 + 1,
        }  # fmt: skip
        lines.append(Line(values))
    return tuple(lines)


def _known_events(stored: Stored, desk: Desk, item: SignalItem) -> tuple[Line, ...]:
    """Notes of the desk and planned events near in time and place, and festivals within the window."""
    first, last = item.first_on - timedelta(days=NEAR_DAYS), item.last_on + timedelta(days=NEAR_DAYS)
    around = queries.areas_around(stored.mart, stored.scope, item.node.area_code)
    notes = [
        {
            "event_id": str(one["note_id"]), "name": one["text"], "first_on": one["first_on"], "last_on": one["last_on"],
            "area": stored.names.area(one["area_code"])["name"] if _is_known(stored, one["area_code"]) else None, "kind": "note",
        }
        for one in desk.notes(first, last, around).to_dict("records")
    ]  # fmt: skip
    planned = [
        {
            "event_id": f"event {one['event_id']}", "name": one["name"], "first_on": one["starts_on"],
            "last_on": one["ends_on"] or one["starts_on"], "area": one["area"], "kind": "planned",
        }
        for one in stored.plain(queries.read_events(stored.mart, stored.scope, first, last, area_code=item.node.area_code))
    ]  # fmt: skip
    festivals = _festivals(stored, first, last)
    return tuple(Line(one) for one in sorted([*notes, *planned, *festivals], key=lambda one: one["first_on"]))


def _festivals(stored: Stored, first: date, last: date) -> list[dict]:
    """The festivals of the calendar that touch first..last, by their days off."""
    days = mart_tables.calendar_day.c
    found = stored.plain(
        stored.mart.read(
            sa.select(days.name, sa.func.min(days.day).label("first_on"), sa.func.max(days.day).label("last_on"))
            .where(days.day.between(first, last), days.is_workday == 0, days.name.is_not(None))
            .group_by(days.name)
        )
    )
    return [
        {**one, "event_id": f"festival {one['name']} {one['first_on']}", "area": None, "kind": "festival"}
        for one in found
    ]


def _is_known(stored: Stored, code: object) -> bool:
    return isinstance(code, str) and code in stored.names.places


def _step(step: Step) -> Line:
    shown = ("step_id", "step", "post", "verified", "reason", "due_on", "outcome", "note_id", "happened_on")
    return Line({"at": step.recorded_at, **{name: getattr(step, name) for name in shown}})


def _event(event: Event, item: SignalItem) -> Line:
    numbers = {name: None if item.is_suppressed else event.numbers.get(name) for name in ("observed", "expected", "p")}
    return Line(
        {
            "event": event.event,
            "as_of": event.as_of,
            "known_at": event.known_at,
            "level_code": event.level_code,
            **numbers,
        }
    )


def _review(review: handling.Review) -> Line:
    shown = (
        "review_id",
        "happened_on",
        "verdict",
        "was_acted_on",
        "not_foreseen",
        "not_warned",
        "not_prevented",
        "post",
        "verified",
    )
    return Line({"at": review.recorded_at, **{name: getattr(review, name) for name in shown}})
