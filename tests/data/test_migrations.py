"""The steps of the two stores make exactly their tables."""

import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from data import migrations, operational
from data.migrations import head, upgrade_desk, upgrade_operational, version_table
from data.migrations.draft import differences, draft, tables_of

UPGRADES = {"operational": upgrade_operational, "desk": upgrade_desk}


@pytest.fixture(params=sorted(UPGRADES))
def store(request):
    return request.param


def columns(engine: sa.Engine, table: str) -> list[tuple]:
    return [
        (column["name"], str(column["type"]), column["nullable"], bool(column["primary_key"]))
        for column in sa.inspect(engine).get_columns(table)
    ]


def test_a_migrated_store_has_exactly_its_tables(store, tmp_path):
    url, wanted = f"sqlite:///{tmp_path / 'store.db'}", sa.create_engine("sqlite://")
    UPGRADES[store](url)
    made = operational.create_engine(url)
    tables_of(store).create_all(wanted)
    assert set(sa.inspect(made).get_table_names()) == {*tables_of(store).tables, version_table(store)}
    for table in tables_of(store).tables:
        assert columns(made, table) == columns(wanted, table), table
        inspected = [sa.inspect(engine) for engine in (made, wanted)]
        assert inspected[0].get_pk_constraint(table) == inspected[1].get_pk_constraint(table)
        foreign = [sorted(map(str, one.get_foreign_keys(table))) for one in inspected]
        assert foreign[0] == foreign[1], table
        indexes = [sorted(map(str, one.get_indexes(table))) for one in inspected]
        assert indexes[0] == indexes[1], table
    with made.connect() as connection:
        assert differences(store, connection).is_empty()


def test_the_operational_store_holds_the_contract_whole():
    assert set(operational.TABLES) <= set(tables_of("operational").tables)


def test_a_second_upgrade_changes_nothing_and_keeps_the_rows(tmp_path):
    url = f"sqlite:///{tmp_path / 'deep' / 'operational.db'}"
    assert upgrade_operational(url)
    engine = operational.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.insert(operational.area).values(area_code="99"))
    assert not upgrade_operational(url)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(operational.area)) == 1


def test_a_store_that_is_up_to_date_is_recognised_without_alembic(store, tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    UPGRADES[store](url)
    code = (
        f"import sys; from data import migrations; migrations.upgrade_{store}({url!r}); "
        "sys.exit('alembic was loaded' if 'alembic' in sys.modules else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_upgrades_at_the_same_moment_wait_for_each_other(store, tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    operational.create_engine(url).connect().close()
    command = [sys.executable, "-c", f"from data import migrations; print(migrations.upgrade_{store}({url!r}))"]
    done: list[str] = []

    def run() -> None:
        done.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["False", "False", "True"]


def test_a_step_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    from alembic import op

    url = f"sqlite:///{tmp_path / 'desk.db'}"
    real = op.create_index

    def broken(*_args, **_kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr(op, "create_index", broken)
    with pytest.raises(RuntimeError):
        upgrade_desk(url)
    assert sa.inspect(operational.create_engine(url)).get_table_names() == []
    monkeypatch.setattr(op, "create_index", real)
    assert upgrade_desk(url)


def test_the_draft_of_a_complete_store_is_empty(store):
    text = draft(store)
    assert f'down_revision = "{head(store)}"' in text
    assert "create_table" not in text
    assert "pass" in text


def test_a_desk_of_the_edition_before_keeps_its_rows_and_gains_the_tables_of_signals(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    monkeypatch.setattr(migrations, "head", lambda store: "0002")
    monkeypatch.setattr(ScriptDirectory, "_upgrade_revs", _only_to("0002", ScriptDirectory._upgrade_revs))
    assert upgrade_desk(url)
    engine = sa.create_engine(url)
    assert "signal_issued" not in sa.inspect(engine).get_table_names()
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO event_note (first_on, last_on, kind, text, recorded_at, post, role, verified) "
            "VALUES ('2026-11-01', '2026-11-02', 'other', 'rain', '2026-11-01 08:00:00', 'desk', 'office', 0)"
        )
    monkeypatch.undo()
    assert upgrade_desk(url)
    tables = set(sa.inspect(engine).get_table_names())
    assert {"signal_issued", "signal_step", "signal_review"} <= tables
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT text FROM event_note").scalars().all() == ["rain"]
        assert differences("desk", connection).is_empty()
    engine.dispose()


def _only_to(revision: str, steps):
    """The steps up to a revision, where all were asked for."""
    return lambda self, wanted, current: steps(self, revision if wanted == "head" else wanted, current)
