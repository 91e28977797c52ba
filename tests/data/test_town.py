"""The fictional city: one seed, the same rows; nothing later than its last day; what was planted can be found."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from data import operational
from data.errors import Refused
from data.intake.personal import find_personal, header_is_personal
from data.town import Town, build_town, write_town
from data.workdays import build_calendar, lunar_new_year
from tests.postgres_server import running_server

THROUGH = date(2026, 11, 20)
PROMISES = {"due_on", "extended_to", "agreement_due_on", "planned_on", "promised_on", "starts_on", "ends_on"}


def read_all(batches) -> pd.DataFrame:
    return pa.Table.from_batches(list(batches)).to_pandas()


@pytest.fixture(scope="module")
def city() -> Town:
    return build_town(seed=7, through=THROUGH, matters=30_000)


@pytest.fixture(scope="module")
def matters(city: Town) -> pd.DataFrame:
    frame = read_all(city.matter_batches())
    return frame.assign(day=frame["registered_at"].dt.date)


@pytest.fixture(scope="module")
def written(city: Town, tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    engine = empty_store(tmp_path_factory.mktemp("town"))
    write_town(city, engine)
    return engine


def empty_store(folder) -> sa.Engine:
    engine = operational.create_engine(f"sqlite:///{folder / 'operational.db'}")
    operational.contract.create_all(engine)
    return engine


def test_the_same_seed_gives_the_same_rows_and_another_seed_does_not():
    one, same = (build_town(seed=3, through=THROUGH, matters=2_000, years=1) for _ in range(2))
    other = build_town(seed=4, through=THROUGH, matters=2_000, years=1)
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, same.tables[name])
    pd.testing.assert_frame_equal(one.truth, same.truth)
    assert pa.Table.from_batches(one.matter_batches()).equals(pa.Table.from_batches(same.matter_batches()))
    assert not pa.Table.from_batches(one.matter_batches()).equals(pa.Table.from_batches(other.matter_batches()))


def test_a_stream_left_half_way_changes_nothing_for_the_next_one(city: Town):
    half = city.blocks()
    first = next(half)
    next(half)
    again = next(city.blocks())
    assert first.matter.equals(again.matter)
    assert first.matter_topic.equals(again.matter_topic)


def test_matters_come_in_order_of_registration_with_the_columns_of_the_contract(city: Town, matters: pd.DataFrame):
    assert next(city.matter_batches()).schema.names == operational.matter.columns.keys()
    assert matters["registered_at"].is_monotonic_increasing
    assert matters["matter_no"].is_unique


def test_as_many_matters_come_as_were_asked_for_but_for_those_not_yet_entered(city: Town, matters: pd.DataFrame):
    assert len(matters) == pytest.approx(city.matters, rel=0.002)
    small = build_town(seed=5, through=THROUGH, matters=1_000, years=1)
    assert sum(batch.num_rows for batch in small.matter_batches()) == pytest.approx(1_000, rel=0.02)


def test_the_three_kinds_have_their_shares(matters: pd.DataFrame):
    shares = matters["kind"].value_counts(normalize=True)
    assert shares["hotline"] == pytest.approx(0.68, abs=0.02)
    assert shares["dispute"] == pytest.approx(0.20, abs=0.02)
    assert shares["petition"] == pytest.approx(0.12, abs=0.02)


def test_nothing_that_happened_is_later_than_the_last_day(city: Town, matters: pd.DataFrame):
    frames = {**city.tables, "matter": matters, "leader_case": read_all(city.case_batches())}
    for name, frame in frames.items():
        for column in frame.columns.intersection(operational.contract.tables[name].columns.keys()):
            known = frame[column].dropna()
            if column.endswith("_at"):
                assert known.empty or pd.to_datetime(known).max() < city.moment, f"{name}.{column}"
            elif column.endswith("_on") and column not in PROMISES:
                assert known.empty or max(known) <= THROUGH, f"{name}.{column}"


def test_the_stamps_of_a_matter_follow_one_another(matters: pd.DataFrame):
    order = ["registered_at", "routed_at", "accepted_at", "closed_at", "called_back_at", "evaluated_at"]
    for at, earlier in enumerate(order):
        for later in order[at + 1 :]:
            assert not (matters[earlier] > matters[later]).any(), (earlier, later)
    for earlier in ("first_contact_at", "notified_at", "replied_at", "supervised_at"):
        assert not (matters[earlier] > matters["closed_at"]).any(), earlier
        assert not (matters["registered_at"] > matters[earlier]).any(), earlier
    assert (matters["entered_at"] >= matters["registered_at"]).all()
    stamps = matters[[*order, "entered_at", "supervised_at", "notified_at", "replied_at", "rebounded_at"]]
    assert (matters["updated_at"] >= stamps.max(axis=1)).all()


def test_an_open_matter_has_no_outcome_and_a_closed_one_has(matters: pd.DataFrame):
    is_open = matters["closed_at"].isna()
    ended = ["closed", "called_back", "evaluated", "archived", "cancelled", "rejected", "diverted"]
    assert (matters["status"].isin(ended) == ~is_open).all()
    assert matters.loc[is_open, ["outcome", "resolution_method", "evaluation", "is_solved"]].isna().all(axis=None)
    assert matters.loc[~is_open, "outcome"].notna().all()
    assert (matters["evaluation"].notna() == matters["evaluated_at"].notna()).all()


def test_hotline_deadlines_count_working_days_by_the_calendar(matters: pd.DataFrame):
    limits = {"enquiry": 3, "help": 3, "complaint": 13, "suggestion": 13}
    calendar = build_calendar()
    hotline = matters[(matters["kind"] == "hotline") & matters["purpose"].isin(limits)].iloc[::97]
    for row in hotline[["day", "purpose", "due_on"]].itertuples():
        assert row.due_on == calendar.add_working_days(row.day, limits[row.purpose])


def test_no_due_date_is_set_in_a_year_without_a_calendar():
    end = build_calendar().first.replace(year=2026, month=12, day=31)
    town = build_town(seed=2, through=end, matters=2_000, years=1)
    due = read_all(town.matter_batches()).query("kind == 'hotline'")["due_on"].dropna()
    assert max(due) <= end


def test_the_backlog_neither_grows_nor_melts_and_some_of_it_is_late(matters: pd.DataFrame):
    def backlog(day: str) -> pd.DataFrame:
        moment = pd.Timestamp(day)
        return matters[(matters["registered_at"] < moment) & ~(matters["closed_at"] < moment)]

    sizes = [len(backlog(day)) for day in ("2024-10-15", "2025-04-15", "2025-10-15", "2026-04-15", "2026-10-15")]
    assert max(sizes) < 1.35 * min(sizes)
    left = backlog("2026-11-21")
    assert 0.01 < len(left) / len(matters) < 0.06
    disputes = left[left["kind"] == "dispute"]
    late = disputes["accepted_at"] < pd.Timestamp("2026-10-18")
    assert 0.03 < late.mean() < 0.4


def test_weekdays_festivals_and_makeup_workdays_show(matters: pd.DataFrame):
    calendar = build_calendar()
    days = pd.date_range("2023-11-21", THROUGH).date
    counts = matters.groupby("day").size().reindex(days, fill_value=0)
    kinds = pd.Series([calendar.day_kind(day) for day in days], index=days)
    workday, weekend = counts[kinds == "workday"].mean(), counts[kinds == "weekend"].mean()
    makeup = counts[kinds == "makeup"].mean()
    assert weekend < 0.75 * workday
    assert makeup > 0.85 * workday
    for year in (2024, 2025, 2026):
        new_year = lunar_new_year(year)
        assert counts[[new_year + timedelta(days=n) for n in range(5)]].mean() < 0.6 * weekend
    labour = matters[matters["category_code"].isin(["H-05", "P-06"])]["registered_at"].dt.month
    assert (labour == 1).mean() > 1.4 / 12
    petitions = matters[matters["kind"] == "petition"].groupby("day").size().reindex(days, fill_value=0)
    assert petitions[kinds == "weekend"].mean() < 0.35 * petitions[kinds == "workday"].mean()


def test_some_sources_enter_late_and_the_last_days_are_still_filling(matters: pd.DataFrame):
    lag = (matters["entered_at"].dt.normalize() - matters["registered_at"].dt.normalize()).dt.days
    assert (lag == 0).mean() > 0.85
    paper = matters["channel"].isin(["mediation_committee", "public_report"])
    assert 0.3 < (lag[paper] > 0).mean() < 0.6
    assert lag.max() <= 4
    assert lag[paper & (matters["day"] < THROUGH - timedelta(days=4))].mean() > 0.7
    assert (lag[matters["day"] == THROUGH] == 0).all()  # what comes later is not in the database yet


def test_places_have_their_own_subjects(city: Town, matters: pd.DataFrame):
    types = city.tables["area"].set_index("area_code")["type_code"]
    kind_of_place = matters["area_code"].map(types)
    farming = matters["category_code"].isin(["H-11", "0901"])
    housing = matters["category_code"].isin(["H-02", "0402"])
    assert farming[kind_of_place == "rural"].mean() > 10 * farming[kind_of_place == "new_compound"].mean()
    assert housing[kind_of_place == "new_compound"].mean() > 3 * housing[kind_of_place == "rural"].mean()
    sensitive = matters["category_code"].astype(str).str.startswith("16")
    assert sensitive.mean() < 0.002


def test_repeats_and_escalations_point_to_earlier_matters_of_the_same_place(matters: pd.DataFrame):
    by_no = matters.set_index("matter_no")
    links = matters[matters["repeat_of"].notna()]
    earlier = by_no.loc[links["repeat_of"]].reset_index()
    assert (earlier["registered_at"].to_numpy() < links["registered_at"].to_numpy()).all()
    assert (earlier["kind"].to_numpy() == links["kind"].to_numpy()).all()
    assert (earlier["area_code"].to_numpy() == links["area_code"].to_numpy()).all()
    assert ((matters["is_repeat"] == 1) == matters["repeat_of"].notna()).all()
    grown = matters[matters["escalated_from"].notna()]
    source = by_no.loc[grown["escalated_from"]]
    assert set(grown["kind"]) == {"petition"}
    assert set(source["kind"]) == {"dispute"}
    assert (source["area_code"].to_numpy() == grown["area_code"].to_numpy()).all()
    assert 0.04 < len(grown) / (matters["kind"] == "petition").sum() < 0.12
    assert 0.06 < links["kind"].eq("petition").sum() / (matters["kind"] == "petition").sum() < 0.18


def test_reports_against_officials_are_a_number_and_never_a_matter(city: Town, matters: pd.DataFrame):
    assert "report" not in set(matters["purpose"].dropna())
    assert not matters["category_code"].isin(["1502", "P-19"]).any()
    reports = city.tables["report_count"]
    assert set(reports.columns) == {"month", "area_code", "reports"}
    assert reports["area_code"].str.len().max() == 9


# --- planted surges ---------------------------------------------------------------------------------------------------


def within(city: Town, area_code: str) -> set[str]:
    parents = city.tables["area"].set_index("area_code")["parent_code"]
    inside = {area_code}
    for code, parent in parents.items():  # parents come first
        if parent in inside:
            inside.add(code)
    return inside


def test_every_planted_matter_is_in_the_stream_in_its_place_subject_and_time(city: Town, matters: pd.DataFrame):
    planted = city.planted().merge(matters, on="matter_no", how="left").groupby("surge_no")
    assert 30 <= len(city.truth) <= 40
    for surge in city.truth.itertuples():
        rows = planted.get_group(surge.surge_no)
        assert len(rows) == surge.extra
        assert rows["area_code"].isin(within(city, surge.area_code)).all()
        assert (rows["category_code"] == surge.category_code).all()
        assert (rows["kind"] == surge.kind).all()
        assert rows["day"].between(surge.first_on, surge.last_on).all()


def test_a_surge_of_the_last_two_days_stands_out(city: Town, matters: pd.DataFrame):
    recent = city.truth[city.truth["last_on"] >= THROUGH - timedelta(days=9)]
    assert len(recent) == 3
    last = city.truth.iloc[-1]
    assert (last["first_on"], last["last_on"], last["level_code"]) == (
        THROUGH - timedelta(days=1),
        THROUGH,
        "community",
    )
    here = matters["area_code"].isin(within(city, last["area_code"])) & (
        matters["category_code"] == last["category_code"]
    )
    by_day = matters[here].groupby("day").size().reindex(pd.date_range("2023-11-21", THROUGH).date, fill_value=0)
    assert by_day.iloc[-2:].sum() >= last["extra"]
    assert by_day.iloc[-2:].sum() > 3 * by_day.iloc[:-2].rolling(2).sum().max()


# --- the store --------------------------------------------------------------------------------------------------------


def test_the_written_city_is_the_city_with_every_foreign_key_met(city: Town, written: sa.Engine, matters: pd.DataFrame):
    with written.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        for name in operational.TABLES:
            table = operational.contract.tables[name]
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) > 0, name
        table = operational.matter
        row = connection.execute(sa.select(table).where(table.c.matter_no == matters["matter_no"].iloc[-1])).one()
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == len(matters)
    assert row.registered_at == matters["registered_at"].iloc[-1].to_pydatetime()


def test_what_is_written_reads_like_what_sqlalchemy_writes(written: sa.Engine):
    with written.connect() as connection:
        text = connection.exec_driver_sql("SELECT registered_at, due_on FROM matter WHERE due_on IS NOT NULL").first()
    assert datetime.strptime(text.registered_at, "%Y-%m-%d %H:%M:%S.%f").microsecond == 0
    assert date.fromisoformat(text.due_on)


def test_a_database_that_holds_something_is_refused(written: sa.Engine, city: Town):
    with pytest.raises(Refused) as refusal:
        write_town(city, written)
    assert refusal.value.key == "town.not_empty"


def test_a_write_that_fails_leaves_the_database_empty(tmp_path):
    engine = empty_store(tmp_path)

    def stop(stage: str, part: float) -> None:
        if stage == "matters" and part > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_town(build_town(seed=1, through=THROUGH, matters=800, years=1), engine, stop)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(operational.area)) == 0


def test_progress_only_grows_to_one(tmp_path):
    told: list[tuple[str, float]] = []
    town = build_town(seed=1, through=THROUGH, matters=800, years=1)
    write_town(town, empty_store(tmp_path), lambda stage, part: told.append((stage, part)))
    assert [stage for stage, part in told if part == 1] == ["tables", "matters"]
    assert told == sorted(told, key=lambda step: (step[0] == "matters", step[1]))


@pytest.mark.postgres
def test_postgresql_gets_the_same_city():
    town = build_town(seed=1, through=THROUGH, matters=500, years=1)
    with running_server() as url:
        engine = operational.create_engine(url)
        operational.contract.create_all(engine)
        write_town(town, engine)
        with engine.connect() as connection:
            there = connection.execute(sa.select(operational.matter).order_by(operational.matter.c.matter_no)).all()
        with pytest.raises(Refused, match="not_empty"):
            write_town(town, engine)
        engine.dispose()
    rows = pa.Table.from_batches(town.matter_batches()).sort_by("matter_no").to_pylist()
    assert [dict(row._mapping) for row in there] == rows


def test_no_column_or_value_describes_a_person(city: Town, matters: pd.DataFrame):
    streams = {"matter": matters, "leader_case": read_all(city.case_batches())}
    for frame in [*city.tables.values(), *streams.values()]:
        names = [column for column in frame.columns if column != "name"]  # of places, organisations, events
        assert not [column for column in names if header_is_personal(column)]
        for column in frame.select_dtypes(["object", "str"]).columns:
            values = {value for value in frame[column].dropna().unique() if isinstance(value, str)}
            assert not [value for value in values if find_personal(value, header=column)]


def test_codes_lie_outside_the_official_range(city: Town):
    areas = city.tables["area"]
    assert areas["area_code"].str.startswith("99").all()
    lengths = areas.groupby("level_code")["area_code"].agg(lambda codes: set(codes.str.len()))
    assert lengths.to_dict() == {
        "city": {4}, "district": {6}, "street": {9}, "community": {12}, "grid": {15}, "compound": {15}, "hamlet": {15},
    }  # fmt: skip
    communities = areas.loc[areas["level_code"] == "community", "area_code"]
    assert communities.str[-3:].astype(int).between(901, 999).all()
    counts = areas["level_code"].value_counts()
    assert (counts["district"], counts["street"]) == (4, 24)
    assert 140 <= counts["community"] <= 180
    assert 700 <= counts["grid"] <= 1_100


def test_events_and_receptions_reach_into_the_coming_days(city: Town):
    tomorrow, horizon = THROUGH + timedelta(days=1), THROUGH + timedelta(days=14)
    events, receptions = city.tables["planned_event"], city.tables["leader_reception"]
    assert (events["starts_on"] == tomorrow).any()
    coming = receptions[receptions["planned_on"] > THROUGH]
    assert not coming.empty
    assert coming["held_on"].isna().all()
    assert max(coming["planned_on"]) <= horizon


def test_a_team_is_a_number_of_volunteers_and_satisfaction_never_exceeds_those_who_answered(city: Town):
    months = city.tables["team_month"]
    assert (months["satisfied"] <= months["evaluated"]).all()
    assert (months["evaluated"] <= months["evaluations_asked"]).all()
    assert (months["volunteers_sustained"] <= months["volunteers_active"]).all()
    ratings = city.tables["public_rating"]
    assert (ratings["answered"] <= ratings["sampled"]).all()
    assert np.isfinite(ratings["mean"]).all()


def test_a_town_without_matters_or_years_is_not_built():
    with pytest.raises(ValueError, match="at least one"):
        build_town(through=THROUGH, matters=0)
