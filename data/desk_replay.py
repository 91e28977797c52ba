"""The desk as it was at a moment: what people had recorded by then, and nothing they recorded since."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from data.desk import Desk, desk, event_note
from data.forecast_ledger.tables import forecast_issued
from data.issuing import tables

LEFT_OUT = (tables.issued_file, tables.brief_opening)  # files and openings are no part of what a brief says
FORECAST_DAYS = 100  # forecasts issued before are no part of it either: a monthly brief looks back at the month before


def desk_as_known(kept: Desk, at: datetime) -> Desk:
    """A copy in memory of what the desk held at a moment, to be read like the desk.

    Every row carries when it was recorded, and what changes is a new row; only the site's calendar days were replaced in place, so that of
    these the copy has those that still stand (replays take the calendar from the mart). Files of issued copies are left out, and forecasts
    issued more than `FORECAST_DAYS` before.
    """
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    desk.create_all(engine)
    with kept.engine.connect() as source, engine.begin() as copy:
        for table in desk.sorted_tables:
            if table not in LEFT_OUT:
                wanted = table.c.recorded_at <= at
                if table is forecast_issued:
                    wanted &= table.c.as_of >= at.date() - timedelta(days=FORECAST_DAYS)
                rows = source.execute(sa.select(table).where(wanted)).mappings().all()
                if rows:
                    copy.execute(sa.insert(table), [dict(row) for row in rows])
        copy.execute(sa.update(event_note).where(event_note.c.removed_at > at).values(removed_at=None))
    return Desk(engine)
