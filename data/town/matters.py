"""The fictional city's matters as a stream: block after block of days, each one Arrow batch, however many there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from data import operational
from data.town.arrivals import DAY, DISPUTE, HOTLINE, PETITION, Arrivals, Plan, draw_block, planted_matters
from data.town.codes import CODES, MOMENTS, NONE, NUMBERS, PAST_DAYS, PROMISED_DAYS
from data.town.lives import live
from data.town.subjects import TOPICS

LETTERS = np.array(["H", "D", "P"])  # first letter of a number by kind
REPEATS = np.array([0.05, 0.025, 0.12])  # share of matters that take up an earlier one again
ESCALATIONS = 0.09  # share of petitions that grew out of a dispute
REPEAT_DAYS, ESCALATION_DAYS = (10, 150), (5, 90)
REMEMBERED = 150_000  # earlier matters of a kind that later ones may go back to
PROJECTS = 24
UNCLASSIFIED = 0.004  # share of matters without a category
_TYPES = {
    sa.String: pa.string(), sa.SmallInteger: pa.int16(), sa.Integer: pa.int32(), sa.Float: pa.float64(),
    sa.Date: pa.date32(),
    sa.DateTime: pa.timestamp("us"),
}  # fmt: skip


def arrow_schema(table: sa.Table) -> pa.Schema:
    """A table of the contract as an Arrow schema, columns in the contract's order."""
    return pa.schema([(column.name, _TYPES[type(column.type)]) for column in table.columns])


@dataclass(frozen=True)
class Block:
    """The rows of one block of days: matters, their topics, and the leader cases they led to."""

    matter: pa.RecordBatch
    matter_topic: pa.RecordBatch
    leader_case: pa.RecordBatch


class _Memory:
    """The latest matters of one kind, in order of registration; what later ones may repeat or grow out of."""

    FIELDS = ("time", "community", "area", "subject", "kind", "day", "serial")

    def __init__(self) -> None:
        self.kept = {name: np.empty(0, dtype=np.int64) for name in self.FIELDS}

    def remember(self, rows: Arrivals, chosen: np.ndarray) -> None:
        for name in self.FIELDS:
            self.kept[name] = np.concatenate([self.kept[name], getattr(rows, name)[chosen]])[-REMEMBERED:]

    def look_back(self, rng: np.random.Generator, time: np.ndarray, days: tuple[int, int]) -> np.ndarray:
        """A position in memory for each moment, so many days before it; -1 where there is none."""
        low = np.searchsorted(self.kept["time"], time - days[1] * DAY)
        high = np.searchsorted(self.kept["time"], time - days[0] * DAY)
        return np.where(high > low, low + (rng.random(len(time)) * (high - low)).astype(np.int64), -1)


def stream_blocks(plan: Plan) -> Iterator[Block]:
    """All blocks in order; nothing but the bounded memory is carried from one to the next."""
    memories = [_Memory() for _ in LETTERS]
    troubled = _Memory()
    cases = 0
    for number in range(plan.blocks):
        rows = draw_block(plan, number)
        rng = plan.random(5, number)
        links = _link(plan, rows, memories, troubled, rng)
        out = live(plan, rows, rng)
        out["is_repeat"] = (links["repeat_of"] != "").astype(np.int64)
        out["subject"] = np.where((rows.surge == 0) & (rng.random(len(rows)) < UNCLASSIFIED), -1, rows.subject)
        petition_again = (out["is_repeat"] == 1) & (rows.kind == PETITION)
        out["filings"] = np.where(petition_again, out["filings"] + 1, out["filings"])
        known = out["entered_at"] < (plan.days.last + 1) * DAY
        for kind, memory in enumerate(memories):
            memory.remember(rows, known & (rows.kind == kind) & (rows.community >= 0))
        troubled.remember(rows, known & _is_troubled(rows, out, rng))
        projects = _projects(plan, rows, rng)
        matter = _matter_batch(plan, rows, out, links, projects).filter(pa.array(known))
        topic = _topic_batch(plan, rows, known, rng)
        case = _case_batch(plan, rows, out, np.flatnonzero(known & (out["leader_case_post"] >= 0)), cases, rng)
        cases += case.num_rows
        yield Block(matter, topic, case)


def list_planted(plan: Plan) -> pd.DataFrame:
    """The matters of the planted surges: `surge_no`, `matter_no`."""
    parts = [
        pd.DataFrame({"surge_no": rows.surge[own], "matter_no": _numbers(rows.kind, rows.day, rows.serial)[own]})
        for _, rows in planted_matters(plan)
        for own in [rows.surge > 0]
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"surge_no": [], "matter_no": []})


def _numbers(kind: np.ndarray, day: np.ndarray, serial: np.ndarray) -> np.ndarray:
    """Numbers such as `H-20260302-000017`: kind, day, serial of the day; hyphens keep the runs of digits short."""
    if not len(kind):
        return np.empty(0, dtype=object)
    first, where = np.unique(day, return_inverse=True)
    stamps = pa.array([str(one).replace("-", "") for one in first.astype("datetime64[D]")])
    parts = (
        pa.array(LETTERS.tolist()).take(pa.array(kind)),
        stamps.take(pa.array(where)),
        pc.utf8_lpad(pc.cast(pa.array(serial), pa.string()), 6, "0"),
    )
    return pc.binary_join_element_wise(*parts, "-").to_numpy(zero_copy_only=False)


# --- links to earlier matters -----------------------------------------------------------------------------------------


def _link(
    plan: Plan, rows: Arrivals, memories: list[_Memory], troubled: _Memory, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Some matters take up an earlier one: its place and subject become theirs. Planted matters stay as they are."""
    repeat_of, escalated_from = np.full(len(rows), "", dtype=object), np.full(len(rows), "", dtype=object)
    free = rows.surge == 0
    grows = free & (rows.kind == PETITION) & (rng.random(len(rows)) < ESCALATIONS)
    again = free & ~grows & (rng.random(len(rows)) < REPEATS[rows.kind])
    for kind in (HOTLINE, DISPUTE, PETITION):
        own = np.flatnonzero(again & (rows.kind == kind))
        _take_up(rows, own, memories[kind], rng, REPEAT_DAYS, repeat_of)
    grown = _take_up(rows, np.flatnonzero(grows), troubled, rng, ESCALATION_DAYS, escalated_from)
    rows.subject[grown] = plan.subjects.grows_into[rows.subject[grown]]
    return {"repeat_of": repeat_of, "escalated_from": escalated_from}


def _take_up(
    rows: Arrivals, own: np.ndarray, memory: _Memory, rng, days: tuple[int, int], target: np.ndarray
) -> np.ndarray:
    found = memory.look_back(rng, rows.time[own], days)
    own, found = own[found >= 0], found[found >= 0]
    kept = {name: values[found] for name, values in memory.kept.items()}
    rows.community[own], rows.area[own], rows.subject[own] = kept["community"], kept["area"], kept["subject"]
    target[own] = _numbers(kept["kind"], kept["day"], kept["serial"])
    return own


def _is_troubled(rows: Arrivals, out: dict, rng: np.random.Generator) -> np.ndarray:
    """Disputes that may grow into a petition: settled badly, slowly, or (a few) for no visible reason."""
    badly = np.isin(out["outcome"], (1, 3)) | (out["closed_at"] == NONE) | (out["closed_at"] - rows.time > 25 * DAY)
    return (rows.kind == DISPUTE) & (rows.community >= 0) & (badly | (rng.random(len(rows)) < 0.06))


# --- batches ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _words(words: tuple[str, ...]) -> pa.Array:
    return pa.array(words, pa.string())


def _take(words: pa.Array, positions: np.ndarray) -> pa.Array:
    return words.take(pa.array(positions, mask=positions < 0))


def _moments(seconds: np.ndarray) -> pa.Array:
    return pa.array(np.where(seconds == NONE, 0, seconds) * 1_000_000, mask=seconds == NONE).cast(pa.timestamp("us"))


def _dates(numbers: np.ndarray) -> pa.Array:
    return pa.array(np.where(numbers == NONE, 0, numbers).astype(np.int32), mask=numbers == NONE).cast(pa.date32())


def _texts(values: np.ndarray) -> pa.Array:
    return pa.array(values, pa.string(), mask=values == "")


def _matter_batch(plan: Plan, rows: Arrivals, out: dict, links: dict, projects: pa.Array) -> pa.RecordBatch:
    schema = arrow_schema(operational.matter)
    ids = _words(tuple(plan.organisations.ids))
    columns = {
        "matter_no": pa.array(_numbers(rows.kind, rows.day, rows.serial), pa.string()),
        "area_code": _take(_words(tuple(plan.places.codes)), rows.area),
        "category_code": _take(_words(tuple(plan.subjects.codes)), out["subject"]),
        "responsible_org_id": _take(ids, out["responsible_org_id"]),
        "committee_code": _take(ids, out["committee_code"]),
        "repeat_of": _texts(links["repeat_of"]),
        "escalated_from": _texts(links["escalated_from"]),
        "project_code": projects,
        "updated_at": _moments(out["updated_at"]),
    }
    for name, words in CODES.items():
        columns[name] = _take(_words(words), out[name])
    for name in MOMENTS:
        columns[name] = _moments(out[name])
    for name in (*PAST_DAYS, *PROMISED_DAYS):
        columns[name] = _dates(out[name])
    for name in NUMBERS:
        columns[name] = pa.array(out[name], mask=out[name] < 0).cast(schema.field(name).type)
    arrays = [columns.get(field.name) for field in schema]
    arrays = [
        pa.nulls(len(rows), field.type) if array is None else array for field, array in zip(schema, arrays, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _projects(plan: Plan, rows: Arrivals, rng: np.random.Generator) -> pa.Array:
    """The building or relocation project that a matter of that subject is linked to, for some of them."""
    codes = [f"project-{number:02d}" for number in range(1, PROJECTS + 1)]
    built = np.array([key.startswith("11") or key == "城乡建设" for key in plan.subjects.keys])
    linked = built[rows.subject] & (rng.random(len(rows)) < 0.2) & (rows.community >= 0)
    number = plan.organisations.street_no[np.maximum(rows.community, 0)] % PROJECTS
    return _take(_words(tuple(codes)), np.where(linked, number, -1))


def _topic_batch(plan: Plan, rows: Arrivals, known: np.ndarray, rng: np.random.Generator) -> pa.RecordBatch:
    tagged = [
        np.flatnonzero((rng.random(len(rows)) < chances[rows.subject]) & known) for chances in plan.subjects.topics
    ]
    where = np.concatenate(tagged)
    topic = np.repeat(np.arange(len(TOPICS)), [len(own) for own in tagged])
    order = np.argsort(where, kind="stable")
    where, topic = where[order], topic[order]
    numbers = pa.array(_numbers(rows.kind[where], rows.day[where], rows.serial[where]), pa.string())
    return pa.RecordBatch.from_arrays(
        [numbers, _take(_words(tuple(TOPICS)), topic)], schema=arrow_schema(operational.matter_topic)
    )


def _case_batch(
    plan: Plan, rows: Arrivals, out: dict, own: np.ndarray, before: int, rng: np.random.Generator
) -> pa.RecordBatch:
    """A leader case for each matter that a leading post took charge of; the post is a level, never a name."""
    n, last = len(own), plan.days.last
    opened = out["leader_day"][own]
    done = out["closed_at"][own] != NONE
    closed = np.where(done, out["closed_at"][own] // DAY, NONE)
    reported = np.minimum(np.where(done, closed, last), np.maximum(opened, last - rng.integers(0, 12, n)))
    steps = ("visit", "mediate", "hearing", "joint_meeting", "legal_route", "hardship_help")
    results = ("success", "partial", "failed", "transferred_legal")
    district = plan.organisations.district_no[np.maximum(rows.community[own], 0)]
    lead = plan.organisations.department[district, plan.subjects.line_no[rows.subject[own]]]
    columns = {
        "case_id": pa.array([f"case-{before + at:06d}" for at in range(1, n + 1)], pa.string()),
        "matter_no": pa.array(_numbers(rows.kind[own], rows.day[own], rows.serial[own]), pa.string()),
        "area_code": _take(_words(tuple(plan.places.codes)), rows.area[own]),
        "category_code": _take(_words(tuple(plan.subjects.codes)), rows.subject[own]),
        "post_level": _take(_words(CODES["leader_case_post"]), out["leader_case_post"][own]),
        "lead_org_id": _take(_words(tuple(plan.organisations.ids)), lead),
        "opened_on": _dates(opened),
        "due_on": _dates(opened + rng.choice([30, 60, 90], n)),
        "progress_pct": pa.array(np.where(done, 100, 10 * rng.integers(1, 10, n)).astype(np.int32)),
        "next_step": _take(_words(steps), np.where(done, -1, rng.integers(0, len(steps), n))),
        "reported_on": _dates(reported),
        "closed_on": _dates(closed),
        "outcome": _take(_words(results), np.where(done, rng.choice(4, n, p=(0.78, 0.12, 0.04, 0.06)), -1)),
        "updated_at": _moments(reported * DAY + 63_000),
    }
    schema = arrow_schema(operational.leader_case)
    return pa.RecordBatch.from_arrays([columns[field.name] for field in schema], schema=schema)
