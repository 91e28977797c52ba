"""The list of a day: what the detection found, narrowed to the reader, with what people did about each signal."""

import json
from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from analytics.figures import Line, Sentence
from analytics.signals.settings import LEVEL_CODES, LEVELS, SignalRules
from analytics.warnings import wording
from analytics.warnings.answer import Because, ClusterItem, Detection, RuleItem, SignalItem, SignalList
from analytics.warnings.stored import Stored, first_day_after, read_stored
from data import handling, queries
from data import results_tables as t
from data.desk import Desk
from data.mart import Mart
from data.results import results_of
from data.scope import Scope
from data.versions import last_attempt

TREND_WEEKS = 26
SETTLED = ("dismiss", "outcome")
NO_PLACES = pd.DataFrame(columns=["day", "level", "in_alert", "rising", "judged"])


def signal_list(
    mart: Mart, desk: Desk, scope: Scope, day: date, *, area_code: str | None = None, kind: str | None = None
) -> SignalList:
    """The warnings of `day` as one reader may see them: only what the last detection stored, and what the desk holds.

    Scope: a signal is shown where its whole place lies within the reader's areas and the chosen one. What is for the handling unit only
    (the rule `severe`, and a severe subject below the minimum count) is shown to the roles office and community, for places within their
    scope, and to no leader, auditor or administrator. Below the street counts of 1 to 4 are shown to these two roles alone.
    """
    stored = read_stored(mart, scope, day, area_code, kind)
    area = queries.names_of(mart).area(area_code) if area_code else None
    about = {
        "day": day,
        "area_code": area_code,
        "area_name": None if area is None else area["name"],
        "area_names": queries.names_of_scope(mart, scope, area_code),
        "kind": kind,
        "version": mart.version,
    }
    if stored is None:
        return SignalList(
            **about, detection=None, headline=(), notices=(), items=(), digest=0, digest_items=(), rules=(), clusters=(), coverage=(),
            alert_places=NO_PLACES, grey=(), places=(), overdue=(), record=(),
            first_day=first_day_after(results_of(mart), t.run, mart, day),
        )  # fmt: skip
    rules = rules_of(stored)
    detection = detection_of(stored, day)
    rows = [row for row in stored.rows("item", ordered="rank") if may_see(stored, row, rules)]
    found = items_of(stored, desk, rows, day, rules)
    shown = tuple(item for item in found if item.tier != "digest")
    digest = tuple(item for item in found if item.tier == "digest")
    overdue = tuple(item for item in (*shown, *_left_overdue(stored, desk, shown, day, rules)) if item.overdue_days)
    overdue = tuple(sorted(overdue, key=lambda item: -item.overdue_days))
    return SignalList(
        **about,
        detection=detection,
        headline=wording.headline(shown, overdue, len(digest)),
        notices=wording.notices(detection, stored.run, is_replayed=bool(stored.run["is_replayed"])),
        items=shown,
        digest=len(digest),
        digest_items=digest,
        rules=_rules(stored),
        clusters=_clusters(stored),
        coverage=tuple(
            Line({name: row[name] for name in ("level", "method", "state", "nodes")}) for row in stored.rows("coverage")
        ),
        alert_places=_alert_places(stored, day),
        grey=_grey(stored),
        places=_places(stored, shown),
        overdue=overdue,
        record=_record(desk, day, rules),
        levels=tuple(json.loads(stored.run["levels"])),
    )


def rules_of(stored: Stored) -> SignalRules:
    """The judgements that the run went by; one that this edition no longer knows is left out."""
    known = {field.name for field in fields(SignalRules)}
    return SignalRules(**{name: value for name, value in json.loads(stored.run["settings"]).items() if name in known})


def may_see(stored: Stored, row: dict, rules: SignalRules) -> bool:
    """A severe subject that bypassed the minimum count is for the handling unit only."""
    bypassed = bool(row["is_severe"]) and (row["observed"] or 0) < rules.minimum_count
    return stored.is_own_screen or not bypassed


def detection_of(stored: Stored, day: date) -> Detection:
    """The run that the answers rest on, and why there is no later one, if it failed."""
    run, mart = stored.run, stored.mart
    is_earlier = run["as_of"] < day or run["matters_version"] != mart.version
    return Detection(
        as_of=run["as_of"],
        judged_through=run["judged_through"],
        ran_at=_moment(run["ran_at"]),
        seconds=run["seconds"],
        version=mart.version,
        matters_version=run["matters_version"],
        settings=json.loads(run["settings"]),
        is_earlier=is_earlier,
        failure=_failure(mart) if is_earlier else None,
    )


def _failure(mart: Mart) -> Sentence | None:
    attempt = last_attempt(mart.folder) if mart.folder is not None else None
    if attempt is None or attempt.later_key is None or attempt.version != mart.version:
        return None
    return Sentence(f"errors.{attempt.later_key}", attempt.later_values)


def _moment(value: object) -> datetime:
    return pd.Timestamp(value).to_pydatetime()


# --- signals -----------------------------------------------------------------------------------------------------------------


def items_of(stored: Stored, desk: Desk, rows: list[dict], day: date, rules: SignalRules) -> tuple[SignalItem, ...]:
    """Rows of the table `item` as signals, with where people are with each."""
    issued = [row["episode"] for row in rows if row["episode"] and row["episode"].startswith("E-")]
    steps = {one["episode"]: one for one in handling.handling(desk, issued, rules.verify_days).to_dict("records")}
    notes = _notes(desk, {one["note_id"] for one in steps.values() if pd.notna(one["note_id"])})
    return tuple(_item(stored, row, steps.get(row["episode"], {}), notes, day) for row in rows)


def _item(stored: Stored, row: dict, step: dict, notes: dict[int, str], day: date) -> SignalItem:
    node = stored.node(row)
    hidden = stored.is_small(row["level"], row["observed"])
    because = json.loads(row["because"])
    due_on, next_step = _next(step)
    late = (day - due_on).days if due_on is not None else 0
    numbers = {name: None if hidden else row[name] for name in ("observed", "expected", "lower", "upper")}
    note = step.get("note_id")
    return SignalItem(
        key=row["episode"] or f"C-{node.key}",
        node=node,
        tier=row["tier"],
        level_code=row["level_code"],
        because=Because(
            because["surprise"], None if hidden else because["scale"], because["persistence"], because["points"]
        ),
        **{
            name: row[name]
            for name in ("channel", "window_days", "first_on", "last_on", "p", "method", "persistence_weeks", "rank")
        },
        **numbers,
        correction=row["correction"] or "complete",
        confidence=row["confidence"] or "normal",
        reason=row["reason"],
        sources=row["sources"],
        highest_since=row["highest_since"],
        watched_since=row["watched_since"],
        opened_on=row["opened_on"],
        state=row["state"] or "open",
        origin=row["origin"],
        handling=step.get("handling", "none"),
        next_step=next_step,
        due_on=due_on,
        overdue_days=late if late > 0 else None,
        selection=stored.selection(row["selection"], hidden=hidden),
        said=wording.reason_of(row, hidden=hidden),
        explained_by=None if note is None or pd.isna(note) else notes.get(int(note)),
        outcome=step.get("outcome") if isinstance(step.get("outcome"), str) else None,
        is_new=row["opened_on"] == stored.run["as_of"] and row["origin"] == "issued",
        is_suppressed=hidden,
    )


def _next(step: dict) -> tuple[date | None, str | None]:
    """What comes next for a signal of the ledger, and by when."""
    if not step:
        return None, None
    if step["needs_verifying"]:
        return step["verify_due_on"], "verify"
    if step["handling"] in SETTLED:
        return None, None
    due_on = step["due_on"] if isinstance(step["due_on"], date) else None
    return due_on, next(iter(step["next_steps"]), None)


def _notes(desk: Desk, wanted: set) -> dict[int, str]:
    if not wanted:
        return {}
    notes = desk.notes(date.min, date.max)
    return {int(row["note_id"]): row["text"] for row in notes.to_dict("records") if row["note_id"] in wanted}


def _left_overdue(
    stored: Stored, desk: Desk, shown: tuple[SignalItem, ...], day: date, rules: SignalRules
) -> tuple[SignalItem, ...]:
    """Signals whose verification is late although they are no longer listed: as they were listed last."""
    listed = {item.key for item in shown}
    late = handling.overdue_verifications(desk, day, rules.verify_days)
    keys = [key for key in late["episode"] if key not in listed]
    rows = [row for row in last_rows(stored, keys) if may_see(stored, row, rules)]
    return tuple(replace(item, state="closed") for item in items_of(stored, desk, rows, day, rules))


def last_rows(stored: Stored, keys: list[str]) -> list[dict]:
    """The last rows in which these episodes were listed up to this run, those that may be shown."""
    if not keys:
        return []
    item = t.item
    wanted = (
        sa.select(item).where(item.c.episode.in_(keys), item.c.run_no <= stored.run["run_no"]).order_by(item.c.run_no)
    )
    last = {row["episode"]: row for row in stored.plain(stored.results.read(wanted))}
    fits = [row for row in last.values() if stored.kind is None or row["kind"] == stored.kind]
    return [row for row in fits if stored.sees(row["area_code"])]


# --- beside the signals ------------------------------------------------------------------------------------------------------


def _rules(stored: Stored) -> tuple[RuleItem, ...]:
    found = []
    for row in stored.rows("rule_match"):
        only = bool(row["handling_unit_only"])
        if only and not stored.is_own_screen:
            continue
        hidden = stored.is_small(row["level"], row["observed"])
        found.append(
            RuleItem(
                rule=row["rule"],
                node=stored.node(row),
                topic=row["topic_name"] or row["topic"],
                first_on=row["first_on"],
                last_on=row["last_on"],
                observed=None if hidden else row["observed"],
                threshold=row["threshold"],
                handling_unit_only=only,
                selection=stored.selection(row["selection"], hidden=hidden),
                said=wording.rule_said(row, hidden=hidden),
                is_suppressed=hidden,
            )
        )
    return tuple(found)


def _clusters(stored: Stored) -> tuple[ClusterItem, ...]:
    found = []
    for row in stored.rows("cluster"):
        codes = json.loads(row["places"])
        if not all(stored.sees(code) for code in codes):
            continue
        hidden = stored.is_small(row["level"], row["observed"])
        nodes = tuple(stored.node(row | {"area_code": code}) for code in codes)
        item = ClusterItem(
            **{
                name: row[name]
                for name in ("kind", "category_code", "window_days", "first_on", "last_on", "score", "p")
            },
            category=nodes[0].category if nodes else None,
            places=nodes,
            observed=None if hidden else row["observed"],
            expected=None if hidden else row["expected"],
            is_suppressed=hidden,
        )
        found.append(replace(item, said=wording.cluster_said(item)))
    return tuple(sorted(found, key=lambda item: item.p))


def _grey(stored: Stored) -> tuple[Line, ...]:
    return tuple(
        Line(
            {
                **{name: row[name] for name in ("level", "area_code", "kind", "reason")},
                "area": stored.area_names.get(row["area_code"]),
            }
        )
        for row in stored.rows("grey")
    )


def _places(stored: Stored, items: tuple[SignalItem, ...]) -> tuple[Line, ...]:
    """Every judged place the reader sees, in the order of the tree: in alert where a signal stands there or below it, else rising, without
    data, or normal.
    """
    places = queries.judged_places(stored.mart)
    places = places[stored.seen[places["pos"].to_numpy()]]
    state = {row["area_code"]: row["state"] for row in stored.rows("place")}
    kinds = {stored.kind} if stored.kind else set(json.loads(stored.run["kinds"]))
    blind: dict[str, set] = {}
    for row in stored.rows("grey", everywhere=True):
        blind.setdefault(row["area_code"], set()).add(row["kind"])
    pos = {item.key: stored.names.places[item.node.area_code] for item in items}
    alerts = [item for item in items if item.state != "recovered" and item.origin != "candidate"]
    lines = []
    for row in places.itertuples():
        own = [item for item in items if row.pos <= pos[item.key] <= row.last_pos]
        standing = [item for item in alerts if row.pos <= pos[item.key] <= row.last_pos]
        name, parent = stored.area_names[row.area_code], stored.names.parents[row.area_code]
        grave = min((item.level_code for item in standing), key=LEVEL_CODES.index, default=None)
        unseen = set().union(*(blind.get(code, set()) for code in stored.names.path(row.area_code)))
        is_blind = bool(kinds) and unseen >= kinds
        told = "rising" if state.get(row.area_code) == "rising" else "normal"
        told = "alert" if standing else "no_data" if is_blind else told
        lines.append(
            Line(
                {
                    "area_code": row.area_code, "area": name, "level": row.level, "state": told, "level_code": grave,
                    "parent_code": parent, "items": len(own),
                }
            )
        )  # fmt: skip
    return tuple(lines)


def _alert_places(stored: Stored, day: date) -> pd.DataFrame:
    """How many places the reader sees were in alert, and how many others rising, by judged day and level over half a year."""
    run, place = t.run, t.place
    first = day - timedelta(weeks=TREND_WEEKS)
    runs = stored.results.read(
        sa.select(run.c.as_of, sa.func.max(run.c.run_no).label("run_no"))
        .where(run.c.as_of.between(first, day), run.c.run_no <= stored.run["run_no"])
        .group_by(run.c.as_of)
        .order_by(run.c.as_of)
    )
    wanted = [int(one) for one in runs["run_no"]]
    found = pd.DataFrame(stored.plain(stored.results.read(sa.select(place).where(place.c.run_no.in_(wanted)))))
    if not found.empty:
        found = found[[stored.sees(code) for code in found["area_code"]]]
    judged = queries.judged_places(stored.mart)
    judged = judged[stored.seen[judged["pos"].to_numpy()]]["level"].value_counts()
    levels = [level for level in LEVELS if judged.get(level, 0)]
    counted = {} if found.empty else found.groupby(["run_no", "level", "state"]).size().to_dict()
    rows = [
        {
            "day": one.as_of.date(),
            "level": level,
            "in_alert": int(counted.get((one.run_no, level, "alert"), 0)),
            "rising": int(counted.get((one.run_no, level, "rising"), 0)),
            "judged": int(judged[level]),
        }
        for one in runs.itertuples()
        for level in levels
    ]
    return pd.DataFrame(rows, columns=list(NO_PLACES.columns))


def _record(desk: Desk, day: date, rules: SignalRules) -> tuple[Line, ...]:
    """How the detectors did over the last year, by detector and work level; of the whole city, and never by post."""
    found = handling.record_by_detector(desk, day - timedelta(days=rules.record_days - 1), day, by="level_code")
    found = found.astype(object).where(found.notna(), None)
    return tuple(Line({**row, "level": row["by"]}) for row in found.to_dict("records"))
