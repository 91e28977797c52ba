"""The schemas of the two stores we own, brought up to date step by step: the embedded operational store and the desk.

Each folder beside this file holds one store's steps, named `<revision>_<what>.py`; a step, once released, is never
edited. A store that is up to date is recognised by its version table alone, without loading Alembic.
"""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

FOLDER = Path(__file__).parent
WRITERS_LOCK = 7_240_001  # any number that only these upgrades use


def upgrade_operational(url: str) -> bool:
    """Bring the embedded operational store to the current schema; True when something was changed."""
    from data.operational import create_engine

    return _upgrade("operational", create_engine(url))


def upgrade_desk(url: str) -> bool:
    """Bring the desk to the current schema; True when something was changed."""
    from data.desk import create_engine

    return _upgrade("desk", create_engine(url))


def head(store: str) -> str:
    """The revision of a store's last step."""
    return max(step.stem.split("_")[0] for step in (FOLDER / store).glob("[0-9]*.py"))


def version_table(store: str) -> str:
    """The table that holds a store's revision; one a store, since both may live in one database."""
    return f"xianshou_{store}_version"


def _upgrade(store: str, engine: sa.Engine) -> bool:
    try:
        if _revision(store, engine) == head(store):
            return False
        return _locked(engine, lambda connection: _run_steps(store, connection))
    finally:
        engine.dispose()


def _revision(store: str, engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(version_table(store)):
            return None
        return connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(version_table(store))))


def _locked(engine: sa.Engine, work: Callable[[sa.Connection], bool]) -> bool:
    """Run `work` in one transaction that no other upgrade can share: all steps, or none."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS_LOCK)))
            return work(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver itself begins no transaction before CREATE TABLE
        try:
            changed = work(connection)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
        return changed


def _run_steps(store: str, connection: sa.Connection) -> bool:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER / store).replace("%", "%%"))
    config.set_main_option("version_locations", str(FOLDER / store).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    steps = ScriptDirectory.from_config(config)
    changed = []

    def remaining(revision: object, _context: object) -> list:
        changed.extend(steps._upgrade_revs("head", revision))
        return changed

    with EnvironmentContext(config, steps, fn=remaining) as environment:
        environment.configure(connection=connection, version_table=version_table(store), transactional_ddl=True)
        environment.run_migrations()
    return bool(changed)
