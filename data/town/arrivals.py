"""What is filed in the fictional city, when, where and about what: the plan, and one block of days at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.town.days import KIND_SHARES, KINDS, NOISE_SHAPE, Days, as_date, expect_days
from data.town.organisations import Organisations
from data.town.places import TYPES, Places
from data.town.subjects import Subjects

HOTLINE, DISPUTE, PETITION = range(3)
DAY = 86_400
BLOCK_ROWS, LONGEST_BLOCK = 40_000, 14  # a block holds about so many matters, and never more than so many days
UNKNOWN_PLACE = 0.004

# Registrations by hour of the day: the hotline never sleeps, the petition office has counters and a web page.
HOURS = np.array(
    [
        (2, 1, 1, 1, 1, 2, 5, 12, 34, 44, 42, 34, 20, 22, 36, 38, 34, 28, 20, 17, 15, 12, 7, 4),
        (0, 0, 0, 0, 0, 1, 3, 10, 40, 52, 48, 34, 12, 18, 40, 42, 36, 22, 14, 12, 8, 3, 1, 0),
        (1, 0, 0, 0, 0, 0, 1, 4, 52, 78, 70, 40, 6, 10, 56, 60, 44, 16, 4, 5, 6, 4, 2, 1),
    ],
    dtype=float,
)
PLACE_FACTORS = np.array([(1.1, 1.0, 1.15, 0.6), (1.15, 0.8, 1.2, 1.0), (1.1, 0.8, 1.3, 1.0)])  # kind x place type
# Where in the community: itself, one of its grids, one of its compounds or hamlets; the rest is known by street only.
DEPTHS = np.array([(0.58, 0.06, 0.30), (0.34, 0.42, 0.21), (0.56, 0.0, 0.14)])


@dataclass(frozen=True)
class Plan:
    """All that is drawn before the first matter; every block follows from it and its own number.

    `counts` is (day, kind) without the planted surges; `place_cum` (kind, community) and `subject_cum` (kind, type x
    month, subject) are cumulative shares; `lateness` and `liking` run beside the communities. `surges` has one row a
    planted surge.
    """

    seed: int
    days: Days
    places: Places
    organisations: Organisations
    subjects: Subjects
    counts: np.ndarray
    place_cum: np.ndarray
    subject_cum: np.ndarray
    lateness: np.ndarray
    liking: np.ndarray
    surges: pd.DataFrame
    block_days: int

    @property
    def blocks(self) -> int:
        return -(-self.days.count // self.block_days)

    def random(self, *key: int) -> np.random.Generator:
        """The random stream of one purpose; streams of different keys are independent."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


def build_plan(
    seed: int, matters: int, days: Days, places: Places, organisations: Organisations, subjects: Subjects
) -> Plan:
    """Draw the counts of all days, the shares of places and the planted surges, so that `matters` come out in all."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2,)))
    community = places.community
    types = community["type_no"].to_numpy()
    size = community["households"].to_numpy() * PLACE_FACTORS[:, types]
    share = size * rng.lognormal(0, 0.3, size=size.shape)
    share /= share.sum(axis=1, keepdims=True)
    expected = expect_days(days)
    expected *= matters * np.array(KIND_SHARES) / expected.sum(axis=0)
    surges = plant_surges(rng, matters, days, places, subjects, expected, share)
    noisy = expected * rng.gamma(NOISE_SHAPE, 1 / np.array(NOISE_SHAPE), size=expected.shape)
    rest = max(0, matters - int(surges["extra"].sum()))
    counts = rng.multinomial(rest, (noisy / noisy.sum()).ravel()).reshape(noisy.shape)
    weights = subjects.weights.reshape(len(KINDS), len(TYPES) * 12, -1)
    return Plan(
        seed=seed,
        days=days,
        places=places,
        organisations=organisations,
        subjects=subjects,
        counts=counts,
        place_cum=np.cumsum(share, axis=1),
        subject_cum=np.cumsum(weights / weights.sum(axis=2, keepdims=True), axis=2),
        lateness=rng.lognormal(0, 0.35, len(community)),
        liking=rng.normal(0, 0.05, len(community)),
        surges=surges,
        block_days=int(np.clip(BLOCK_ROWS * days.count // max(matters, 1), 1, LONGEST_BLOCK)),
    )


# --- planted surges ---------------------------------------------------------------------------------------------------

SURGE_SUBJECTS = (
    (HOTLINE, "房产物业", (0, 1)), (HOTLINE, "城乡建设与管理", (0, 2, 3)), (HOTLINE, "生态环境", (0, 1, 2)),
    (HOTLINE, "交通运输", (0, 1)), (HOTLINE, "劳动和社会保障", (2,)), (HOTLINE, "市场监管与消费", (1,)),
    (HOTLINE, "农业农村", (3,)), (DISPUTE, "0402", (0, 1)), (DISPUTE, "0203", (0, 2)), (DISPUTE, "0701", (2,)),
    (DISPUTE, "1102", (3,)), (DISPUTE, "0901", (3,)), (PETITION, "房产物业", (1,)), (PETITION, "城乡建设", (0, 2)),
    (PETITION, "劳动和社会保障", (2,)), (PETITION, "自然资源", (3,)),
)  # fmt: skip
# Level: least extra matters, most, times the expected on top, share of surges.
SURGE_SIZES = {
    "community": (9, 16, 2.0, 0.55), "street": (14, 28, 1.5, 0.30), "district": (30, 55, 1.0, 0.15),
}  # fmt: skip
QUIET_START, QUIET_BEFORE_END = 60, 14  # days at either end without a chance surge
SURGES_A_YEAR = 10.5


def plant_surges(
    rng: np.random.Generator,
    matters: int,
    days: Days,
    places: Places,
    subjects: Subjects,
    expected: np.ndarray,
    share: np.ndarray,
) -> pd.DataFrame:
    """Where and when more is filed than usual: some 30 surges in three years, and three in the last ten days.

    A row is a surge: `surge_no`, `kind`, `area_code`, `level_code`, `category_code`, `first_on`, `last_on`,
    `expected` (without the surge, in that place, subject and time), `extra` (matters planted on top, every one of
    them in the database).
    """
    room = max(days.count - QUIET_START - QUIET_BEFORE_END - 14, 1)
    chance = [
        (int(QUIET_START + at), int(rng.integers(2, 15)), None)
        for at in sorted(rng.integers(0, room, min(round(SURGES_A_YEAR * days.count / 365), matters // 1000)))
        if days.count > QUIET_START + QUIET_BEFORE_END + 14
    ]
    recent = [(days.count - 9, 5, "street"), (days.count - 5, 4, "community"), (days.count - 2, 2, "community")]
    rows, taken = [], set()
    for surge_no, (first, length, level) in enumerate([*chance, *(row for row in recent if row[0] >= 0)], start=1):
        is_last = first == days.count - 2
        row = _plant(rng, days, places, subjects, expected, share, (first, length, level), taken, is_last)
        rows.append({"surge_no": surge_no, **row})
        least = min(1.0, matters / 10_000)  # a small town has small surges, a tiny one none
        rows[-1]["extra"] = min(max(3, round(row["extra"] * least + row["times"] * row["expected"])), matters // 20)
    frame = pd.DataFrame(rows)
    return frame[frame["extra"] > 0].reset_index(drop=True)


def _plant(rng, days, places, subjects, expected, share, when, taken, is_last) -> dict:
    first, length, level = when
    level = level or str(rng.choice(list(SURGE_SIZES), p=[size[3] for size in SURGE_SIZES.values()]))
    kind, key, types = SURGE_SUBJECTS[0 if is_last else int(rng.integers(len(SURGE_SUBJECTS)))]
    community = places.community
    column = "pos" if level == "community" else f"{level}_pos"
    candidates = rng.permutation(np.flatnonzero(community["type_no"].isin(types)))
    positions = community[column].to_numpy()[candidates]
    free = [int(pos) for pos in positions if pos not in taken] or [int(positions[0])]
    pos = free[0]
    if level != "district":
        taken.add(pos)
    within = np.flatnonzero(community[column] == pos)
    subject = subjects.find(kind, key)
    least, most, times, _ = SURGE_SIZES[level]
    span = slice(first, first + length)
    month = days.month[first]
    weights = subjects.weights[kind, community["type_no"].to_numpy()[within], month]
    normal = expected[span, kind].sum() * (share[kind, within] * weights[:, subject] / weights.sum(axis=1)).sum()
    return {
        "kind": KINDS[kind], "area_code": places.codes[pos], "level_code": level,
        "category_code": subjects.codes[subject],
        "first_on": as_date(days.first + first), "last_on": as_date(days.first + first + length - 1),
        "expected": round(float(normal), 2), "extra": int(rng.integers(least, most + 1)) + 4 * is_last, "times": times,
        "first": first, "length": length, "kind_no": kind, "subject": subject, "pos": pos,
    }  # fmt: skip


# --- one block of days ------------------------------------------------------------------------------------------------


@dataclass
class Arrivals:
    """Matters of one block in order of registration: arrays side by side.

    `time` is seconds since 1970; `community` and `area` are positions (-1: unknown); `serial` counts a kind's matters
    of a day; `surge` is the number of the planted surge, 0 for none.
    """

    time: np.ndarray
    kind: np.ndarray
    community: np.ndarray
    area: np.ndarray
    subject: np.ndarray
    surge: np.ndarray
    serial: np.ndarray

    @property
    def day(self) -> np.ndarray:
        return self.time // DAY

    def __len__(self) -> int:
        return len(self.time)


def draw_block(plan: Plan, block: int) -> Arrivals:
    """The matters of one block of days; the same whoever asks, in whatever order."""
    rng = plan.random(3, block)
    first, last = block * plan.block_days, min((block + 1) * plan.block_days, plan.days.count)
    counts = plan.counts[first:last]
    day = np.repeat(np.arange(first, last), counts.sum(axis=1))
    kind = np.concatenate([np.repeat(np.arange(len(KINDS)), row) for row in counts])
    community = np.empty(len(day), dtype=np.int64)
    for number in range(len(KINDS)):
        own = kind == number
        cum = plan.place_cum[number]
        community[own] = np.searchsorted(cum, rng.random(own.sum()) * cum[-1], side="right")
    np.minimum(community, len(plan.lateness) - 1, out=community)
    surge_day, surge_community, surge_no = _surge_rows(plan, first, last)
    day = np.concatenate([day, surge_day])
    surge = np.concatenate([np.zeros(len(community), dtype=np.int64), surge_no])
    community = np.concatenate([community, surge_community])
    extra = plan.surges.iloc[surge_no - 1]
    kind = np.concatenate([kind, extra["kind_no"].to_numpy(np.int64)])
    subject = _draw_subjects(plan, rng, day, kind, community)
    subject[surge > 0] = extra["subject"]
    time = (plan.days.first + day) * DAY + _draw_seconds(rng, kind)
    order = np.argsort(time, kind="stable")
    rows = Arrivals(time, kind, community, np.empty(0), subject, surge, np.empty(0))
    rows = Arrivals(*(column[order] if len(column) else column for column in vars(rows).values()))
    rows.area = _draw_areas(plan, rng, rows)
    rows.community = np.where(rows.area < 0, -1, rows.community)
    rows.serial = _serials(rows)
    return rows


def planted_matters(plan: Plan) -> Iterator[tuple[int, Arrivals]]:
    """Block by block, only those that hold a surge: the block's number and its arrivals."""
    touched = set()
    for surge in plan.surges.itertuples():
        touched.update(range(surge.first // plan.block_days, (surge.first + surge.length - 1) // plan.block_days + 1))
    for block in sorted(touched):
        yield block, draw_block(plan, block)


def _surge_rows(plan: Plan, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Day, community and surge number of each planted matter within the days."""
    days, communities, numbers = [], [], []
    community = plan.places.community
    for surge in plan.surges.itertuples():
        if surge.first >= last or surge.first + surge.length <= first:
            continue
        rng = plan.random(4, surge.surge_no)
        day = surge.first + np.sort(rng.integers(0, surge.length, surge.extra))
        column = "pos" if surge.level_code == "community" else f"{surge.level_code}_pos"
        within = np.flatnonzero(community[column] == surge.pos)
        weight = community["households"].to_numpy()[within]
        where = rng.choice(within, surge.extra, p=weight / weight.sum())
        inside = (day >= first) & (day < last)
        days.append(day[inside])
        communities.append(where[inside])
        numbers.append(np.full(inside.sum(), surge.surge_no))
    empty = [np.empty(0, dtype=np.int64)]
    return tuple(np.concatenate(empty + parts) for parts in (days, communities, numbers))


def _draw_subjects(plan: Plan, rng, day: np.ndarray, kind: np.ndarray, community: np.ndarray) -> np.ndarray:
    line = plan.places.community["type_no"].to_numpy()[community] * 12 + plan.days.month[day]
    chance = rng.random(len(day))
    subject = np.empty(len(day), dtype=np.int64)
    for number in range(len(KINDS)):
        own = kind == number
        cum = plan.subject_cum[number]
        flat = (cum / cum[:, -1:] + np.arange(len(cum))[:, None]).ravel()
        subject[own] = np.searchsorted(flat, chance[own] + line[own], side="right") - line[own] * cum.shape[1]
    return subject


def _draw_seconds(rng, kind: np.ndarray) -> np.ndarray:
    cum = np.cumsum(HOURS, axis=1)
    cum = (cum / cum[:, -1:] + np.arange(len(KINDS))[:, None]).ravel()
    hour = np.searchsorted(cum, rng.random(len(kind)) + kind, side="right") - kind * 24
    return hour * 3600 + rng.integers(0, 3600, len(kind))


def _draw_areas(plan: Plan, rng, rows: Arrivals) -> np.ndarray:
    community = plan.places.community
    depth = (rng.random(len(rows))[:, None] > np.cumsum(DEPTHS, axis=1)[rows.kind]).sum(axis=1)
    within = rng.random(len(rows))
    places = {name: community[name].to_numpy()[rows.community] for name in community.columns if name != "households"}
    grid = places["grid_first"] + (within * places["grids"]).astype(np.int64)
    nook = places["nook_first"] + (within * places["nooks"]).astype(np.int64)
    depth = np.where((rows.surge > 0) & (depth == 3), 0, depth)  # a surge's matters all lie in its place
    area = np.choose(depth, [places["pos"], grid, nook, places["street_pos"]])
    return np.where((rng.random(len(rows)) < UNKNOWN_PLACE) & (rows.surge == 0), -1, area)


def _serials(rows: Arrivals) -> np.ndarray:
    group = rows.day * len(KINDS) + rows.kind
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(rows) else np.empty(0, int)
    serial = np.empty(len(rows), dtype=np.int64)
    serial[order] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows)))) + 1
    return serial
