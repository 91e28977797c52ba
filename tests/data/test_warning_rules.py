"""What the rules look at: each number agrees with a slow loop over the matters on both databases, and its selection opens just these."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import operational, queries
from data.mart import Mart
from data.queries import RULE_READS, Selection
from data.scope import Scope

DAY = date(2026, 3, 20)
AREAS = [
    # code, level, parent; B and everything below it is the decoy, A10 lies in it although its code begins like A1
    ("A", "district", None), ("A1", "street", "A"), ("A2", "street", "A"), ("A1x", "community", "A1"), ("A1y", "community", "A1"),
    ("A1xg", "grid", "A1x"), ("A1c", "compound", "A1"), ("Az", "community", "A"), ("B", "district", None), ("B1", "street", "B"),
    ("A10", "street", "B"), ("B1x", "community", "B1"),
]  # fmt: skip
PARENTS = {code: parent for code, _, parent in AREAS}
LEVELS = {code: level for code, level, _ in AREAS}
CATEGORIES = [
    # code, parent, sensitive, severe
    ("01", None, 0, 0), ("0101", "01", 0, 1), ("010101", "0101", 0, 0), ("02", None, 0, 0), ("0201", "02", 0, 0), ("020101", "0201", 1, 0),
    ("16", None, 1, 0), ("1601", "16", 1, 1), ("99", None, 0, 0),
]  # fmt: skip
ABOVE = {code: parent for code, parent, _, _ in CATEGORIES}
SENSITIVE = {code for code, _, hidden, _ in CATEGORIES if hidden}
SEVERE = {code for code, _, _, severe in CATEGORIES if severe}
SCOPES = {
    "city": (Scope(), None),
    "district": (Scope(("A",), "office"), None),
    "street": (Scope(), "A1"),
    "community": (Scope(("A1x",), "community"), None),
}


def matters(count: int = 900, seed: int = 11) -> list[dict]:
    """Matters around DAY with every state a source can bring, blanks and later ones included."""
    rng = np.random.default_rng(seed)
    areas, categories = [*(one[0] for one in AREAS), None], [*(one[0] for one in CATEGORIES), None]

    def some(share: float, *values: object) -> object:
        return values[int(rng.integers(len(values)))] if rng.random() < share else None

    rows = []
    for number in range(count):
        registered = datetime(2026, 3, 20) + timedelta(days=int(rng.integers(-40, 4)), minutes=int(rng.integers(1440)))
        closed = registered + timedelta(days=float(rng.exponential(12))) if rng.random() < 0.5 else None
        begun = registered + timedelta(days=float(rng.exponential(6)))
        rows.append(
            {
                "matter_no": f"M{number:04d}", "source_system": str(rng.choice(["x", "y", "silent"])),
                "kind": str(rng.choice(operational.KINDS)), "area_code": areas[int(rng.integers(len(areas)))],
                "category_code": categories[int(rng.integers(len(categories)))], "registered_at": registered, "closed_at": closed,
                "accepted_at": some(0.4, begun), "first_contact_at": some(0.3, begun), "routed_at": some(0.9, registered),
                "due_on": registered.date() + timedelta(days=int(rng.integers(1, 40))), "updated_at": registered,
                "status": "closed" if closed else some(0.8, "registered", "routed", "handling"),
                "people_involved": some(0.5, *range(1, 16)), "person_times": some(0.2, *range(1, 30)),
                "filings": some(0.2, 1, 2, 3, 4), "batches": some(0.2, 1, 2, 3), "is_collective": some(0.2, 0, 1),
                "scale_code": some(0.2, "01", "02"), "severity_code": some(0.2, "02", "03", "04"),
                "repeat_of": f"M{int(rng.integers(60)):04d}" if number >= 20 and rng.random() < 0.4 else None,
            }
        )  # fmt: skip
        if rows[-1]["source_system"] == "silent":  # a source that never writes down when work begins
            rows[-1] |= {"accepted_at": None, "first_contact_at": None}
    return rows


ROWS = matters()
BY_NUMBER = {row["matter_no"]: row for row in ROWS}
TOPICS = [(row["matter_no"], name) for place, row in enumerate(ROWS) for name in ("noise", "lift") if place % len(name)]


@pytest.fixture(scope="module")
def published(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    def fill(connection: sa.Connection) -> None:
        tables = {
            operational.area: [{"area_code": c, "name": f"place {c}", "level_code": lv, "parent_code": p} for c, lv, p in AREAS],
            operational.category: [
                {"category_code": c, "name": c, "parent_code": p, "is_sensitive": h, "is_severe": s} for c, p, h, s in CATEGORIES
            ],
            operational.topic_tag: [{"topic_code": "noise", "name": "Noise"}, {"topic_code": "lift", "name": "Lifts"}],
            operational.matter: ROWS,
            operational.matter_topic: [{"matter_no": number, "topic_code": topic} for number, topic in TOPICS],
        }  # fmt: skip
        for table, rows in tables.items():
            connection.execute(sa.insert(table), rows)

    return publish(tmp_path_factory.mktemp("warning_rules"), fill, now=datetime(2026, 3, 24, 6))


# --- the slow reading ------------------------------------------------------------------------------------------------------


def line(code: str | None, parents: dict) -> list[str]:
    """What a code lies in, itself first."""
    found = []
    while code is not None:
        found.append(code)
        code = parents[code]
    return found


def seen(name: str) -> list[dict]:
    """The matters a reader may see in a list: by climbing the tree, and nothing sensitive below a street."""
    scope, area = SCOPES[name]
    roots = [*(scope.areas or ()), *([area] if area else [])]
    rows = [row for row in ROWS if all(root in line(row["area_code"], PARENTS) for root in roots)]
    hides = any(LEVELS[root] == "community" for root in roots)
    return [row for row in rows if not (hides and row["category_code"] in SENSITIVE)]


def subject(code: str | None) -> str | None:
    path = line(code, ABOVE)
    return path[-2] if len(path) > 1 else code


HIDDEN_SUBJECTS = {subject(code) for code in SENSITIVE}


def place(row: dict, *, hides: bool) -> str | None:
    """Where a matter counts: its community or what is wider, and where it may not be told apart so finely its street or what is wider."""
    kept = ("street", "district") if hides else ("community", "street", "district")
    return next((code for code in line(row["area_code"], PARENTS) if LEVELS[code] in kept), None)


def node(row: dict) -> tuple:
    about = subject(row["category_code"])
    return place(row, hides=about in HIDDEN_SUBJECTS), row["kind"], about


def within(row: dict, days: int) -> bool:
    return DAY - timedelta(days=days - 1) <= row["registered_at"].date() <= DAY


def is_open(row: dict) -> bool:
    return row["registered_at"].date() <= DAY and (row["closed_at"] is None or row["closed_at"].date() > DAY)


def at_least(value: int | None, least: int) -> bool:
    return value is not None and value >= least


def first_filing(row: dict) -> str | None:
    """The matter that this one files again; through the one before it, where that was a re-filing itself."""
    return (BY_NUMBER[row["repeat_of"]]["repeat_of"] or row["repeat_of"]) if row["repeat_of"] else None


def is_refiled(row: dict, days: int, least: int) -> bool:
    first = first_filing(row)
    return (
        within(row, days)
        and first is not None
        and sum(first_filing(one) == first for one in ROWS if within(one, days)) >= least
    )


def is_unstarted(row: dict, days: int) -> bool:
    is_high = (
        at_least(row["people_involved"], 10)
        or row["scale_code"] == "02"
        or row["severity_code"] in ("02", "03")
        or row["category_code"] in SEVERE
    )
    begun = [row[name] for name in ("accepted_at", "first_contact_at") if row[name]]
    return (
        is_open(row)
        and row["registered_at"].date() <= DAY - timedelta(days=days)
        and is_high
        and not any(moment.date() <= DAY for moment in begun)
        and row["status"] != "handling"
        and row["source_system"] != "silent"
    )


def is_due(row: dict, days: int) -> bool:
    return is_open(row) and DAY < row["due_on"] <= DAY + timedelta(days=days)


SLOW: dict[str, tuple[dict, Callable[[dict], bool]]] = {
    "filed_times": (
        {"least": 3, "days": 20},
        lambda row: within(row, 20) and (at_least(row["filings"], 3) or at_least(row["batches"], 3)),
    ),
    "with_people": (
        {"least": 10, "days": 20},
        lambda row: within(row, 20) and (at_least(row["people_involved"], 10) or at_least(row["person_times"], 10)),
    ),
    "refiled": ({"least": 3, "days": 25}, lambda row: is_refiled(row, 25, 3)),
    "not_started": ({"days": 3}, lambda row: is_unstarted(row, 3)),
    "collective": (
        {"days": 7},
        lambda row: within(row, 7) and (row["is_collective"] == 1 or at_least(row["people_involved"], 5)),
    ),
}


def blank(value: object) -> object:
    return None if pd.isna(value) else value


def read(frame: pd.DataFrame, *columns: str) -> dict:
    return {tuple(blank(row[name]) for name in columns): int(row["observed"]) for row in frame.to_dict("records")}


def is_whole(name: str, area: str | None) -> bool:
    """Whether a place lies wholly within reach."""
    scope, chosen = SCOPES[name]
    roots = [*(scope.areas or ()), *([chosen] if chosen else [])]
    return all(area is not None and root in line(area, PARENTS) for root in roots)


def opens_what_it_counts(mart: Mart, scope: Scope, frame: pd.DataFrame) -> None:
    """The list behind each number and its count are the number."""
    for row in frame.to_dict("records"):
        chosen = row["selection"]
        assert len(queries.read_matters(mart, scope, chosen)) == row["observed"], chosen
        assert queries.read_counts(mart, scope, (chosen,)) == [row["observed"]], chosen
        assert queries.may_open(mart, scope, chosen)


# --- tests -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCOPES)
@pytest.mark.parametrize("rule", SLOW)
def test_matters_of_a_rule_agree_with_a_slow_loop(mart: Mart, rule: str, name: str) -> None:
    asked, holds = SLOW[rule]
    scope, area = SCOPES[name]
    found = RULE_READS[rule](mart, scope, DAY, area_code=area, **asked)
    slow = Counter(node(row) for row in seen(name) if holds(row))
    assert read(found, "area_code", "kind", "category_code") == {
        one: count for one, count in slow.items() if is_whole(name, one[0])
    }
    assert len(found) or name == "community"
    opens_what_it_counts(mart, scope, found)


@pytest.mark.parametrize("name", SCOPES)
def test_severe_matters_stand_under_their_very_category(mart: Mart, name: str) -> None:
    scope, area = SCOPES[name]
    found = RULE_READS["severe"](mart, scope, DAY, area_code=area, days=12)
    rows = [row for row in seen(name) if within(row, 12) and row["category_code"] in SEVERE]
    slow = Counter((node(row)[0], row["kind"], row["category_code"]) for row in rows)
    assert read(found, "area_code", "kind", "category_code") == {k: n for k, n in slow.items() if is_whole(name, k[0])}
    opens_what_it_counts(mart, scope, found)


@pytest.mark.parametrize("name", SCOPES)
def test_matters_due_soon_stand_by_street_and_kind(mart: Mart, name: str) -> None:
    scope, area = SCOPES[name]
    found = RULE_READS["due_soon"](mart, scope, DAY, area_code=area, days=7)
    rows = [row for row in seen(name) if is_due(row, 7)]
    slow = Counter((place(row, hides=name != "community"), row["kind"]) for row in rows)
    assert read(found, "area_code", "kind") == {one: count for one, count in slow.items() if is_whole(name, one[0])}
    assert found["category_code"].isna().all()
    opens_what_it_counts(mart, scope, found)
    soonest = min(row["due_on"] for row in rows if is_whole(name, place(row, hides=name != "community")))
    assert found["most"].min() == (soonest - DAY).days
    assert found["first_on"].min() == pd.Timestamp(soonest)


@pytest.mark.parametrize("name", SCOPES)
def test_topics_agree_with_a_slow_loop(mart: Mart, name: str) -> None:
    scope, area = SCOPES[name]
    asked = {"days": 7, "least": 3, "least_in_street": 6, "before_days": 14}
    found = RULE_READS["same_topic"](mart, scope, DAY, area_code=area, **asked)
    topics = defaultdict(list)
    for number, topic in TOPICS:
        topics[number].append(topic)
    new, before = Counter(), Counter()
    for row in seen(name):
        path = line(row["area_code"], PARENTS)
        for level in ("community", "street"):
            if level == "community" and row["category_code"] in SENSITIVE:
                continue
            for code in (one for one in path if LEVELS[one] == level):
                for topic in topics[row["matter_no"]]:
                    new[code, topic] += within(row, 7)
                    before[code, topic] += within(row, 21) and not within(row, 7)
    least = {"community": 3, "street": 6}
    slow = {one: n for one, n in new.items() if n >= least[LEVELS[one[0]]] and is_whole(name, one[0])}
    assert read(found, "area_code", "topic") == slow
    assert slow
    assert {(row.area_code, row.topic): row.before for row in found.itertuples()} == {one: before[one] for one in slow}
    assert found["level"].tolist() == [LEVELS[code] for code in found["area_code"]]
    assert set(found["name"]) <= {"Noise", "Lifts"}
    opens_what_it_counts(mart, scope, found)


@pytest.mark.parametrize("name", SCOPES)
def test_days_with_matters_agree_with_a_slow_loop(mart: Mart, name: str) -> None:
    scope, area = SCOPES[name]
    found = RULE_READS["m_of_n"](mart, scope, DAY, area_code=area, days=7, least=2, before_days=20)
    daily, before = defaultdict(lambda: [0] * 7), Counter()
    for row in seen(name):
        if row["area_code"] is None or row["category_code"] is None:
            continue
        if within(row, 7):
            daily[node(row)][6 - (DAY - row["registered_at"].date()).days] += 1
        elif within(row, 27):
            before[node(row)] += 1
    slow = {one: tuple(n) for one, n in daily.items() if sum(x > 0 for x in n) >= 2 and is_whole(name, one[0])}
    rows = found.to_dict("records")
    assert {(row["area_code"], row["kind"], row["category_code"]): row["daily"] for row in rows} == slow
    assert slow
    assert all(row["before"] == before[row["area_code"], row["kind"], row["category_code"]] for row in rows)
    opens_what_it_counts(mart, scope, found)


def test_the_oldest_unstarted_matter_says_how_long_it_has_waited(mart: Mart) -> None:
    found = RULE_READS["not_started"](mart, Scope(), DAY, days=3)
    oldest = min(row["registered_at"].date() for row in ROWS if is_unstarted(row, 3))
    assert found["most"].iloc[0] == (DAY - oldest).days
    assert found["first_on"].iloc[0] == pd.Timestamp(oldest)


def test_nothing_is_told_below_the_community_nor_of_a_sensitive_subject_below_the_street(mart: Mart) -> None:
    asked = {
        "same_topic": {"days": 30, "least": 1, "least_in_street": 1, "before_days": 7},
        "m_of_n": {"days": 7, "least": 1, "before_days": 7},
        **{rule: given for rule, (given, _) in SLOW.items()},
        "due_soon": {"days": 30},
        "severe": {"days": 30},
    }
    for rule, found in queries.read_rules(mart, Scope(), DAY, asked).items():
        told = zip(found["level"], found.get("category_code", pd.Series(np.nan, index=found.index)), strict=True)
        assert not any(level == "community" and subject(blank(code)) in HIDDEN_SUBJECTS for level, code in told), rule
        assert set(found["level"].dropna()) <= {"community", "street", "district"}, rule


def test_a_reader_of_a_grid_is_told_nothing_of_the_community_around_it(mart: Mart) -> None:
    asked = {"severe": {"days": 30}, "due_soon": {"days": 30}, "m_of_n": {"days": 7, "least": 1, "before_days": 7}}
    for found in queries.read_rules(mart, Scope(("A1xg",), "community"), DAY, asked).values():
        assert found.empty


def test_no_rule_finds_anything_before_the_first_matter(mart: Mart) -> None:
    asked = {rule: given for rule, (given, _) in SLOW.items()} | {
        "due_soon": {"days": 7},
        "severe": {"days": 3},
        "same_topic": {"days": 7, "least": 1, "least_in_street": 1, "before_days": 7},
        "m_of_n": {"days": 7, "least": 1, "before_days": 7},
    }
    for rule, found in queries.read_rules(mart, Scope(), date(2025, 1, 1), asked).items():
        assert found.empty, rule
        assert "selection" in found


@pytest.mark.parametrize(
    "given", [{"filed_times": "x"}, {"refiled": ""}, {"with_people": "-1"}, {"not_sensitive": "0"}]
)
def test_a_property_with_a_value_that_is_none_has_no_matters(mart: Mart, given: dict) -> None:
    chosen = Selection("new", DAY, date(2026, 2, 1), DAY).also(**given)
    assert queries.read_counts(mart, Scope(), (chosen,)) == [0]
