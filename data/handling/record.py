"""How the detectors did: of the signals issued, how many were verified, how many were hits, and how early they came. Never by post."""

from datetime import date, timedelta

import pandas as pd

from data.desk import Desk
from data.handling.reads import list_episodes

BY = ("level", "level_code")
RECORD = [
    "detector", "channel", "by", "issued", "verified", "decided", "hits", "false_alarms", "known_events", "hit_rate_pct",
    "false_alarm_rate_pct", "leads", "lead_days", "verify_days",
]  # fmt: skip


def record_by_detector(desk: Desk, first: date, last: date, *, by: str = "level") -> pd.DataFrame:
    """The record of the signals opened in first … last, one row a detector (method), channel and level of the place, or, `by` level_code,
    work level; in `by` the level's code.

    issued; verified; decided (those with an outcome, a dismissal counted): hits, false_alarms, known_events, and hit_rate_pct and
    false_alarm_rate_pct of the decided, empty where none is; lead_days, the median over the leads (hits whose day is known) of the days
    from opening to what happened, negative where the signal came after; verify_days, the median days from the issue to the first
    verification. A place's posts are never told apart.
    """
    if by not in BY:
        raise ValueError(f"by is {by!r}, not one of {', '.join(BY)}")
    found = list_episodes(desk, first, last)
    if found.empty:
        return pd.DataFrame(columns=RECORD)
    grouped = found.assign(by=found[by], detector=found["method"].fillna(""), channel=found["channel"].fillna(""))
    rows = [
        {"detector": detector, "channel": channel, "by": code, **_record(own)}
        for (detector, channel, code), own in grouped.groupby(["detector", "channel", "by"])
    ]
    return pd.DataFrame(rows, columns=RECORD)


def rolling_record(desk: Desk, first: date, last: date, *, days: int, by: str = "level") -> pd.DataFrame:
    """`record_by_detector` for windows of so many days on end, each ending a week after the one before, the last on `last`: with
    window_first and window_last.
    """
    ends = [last - timedelta(weeks=week) for week in range((last - first).days // 7, -1, -1)]
    windows = [
        record_by_detector(desk, end - timedelta(days=days - 1), end, by=by).assign(
            window_first=end - timedelta(days=days - 1), window_last=end
        )
        for end in ends
    ]
    return (
        pd.concat(windows, ignore_index=True)
        if windows
        else pd.DataFrame(columns=[*RECORD, "window_first", "window_last"])
    )


def _record(own: pd.DataFrame) -> dict:
    outcomes = own["outcome"].value_counts()
    hits, wrong, known = (int(outcomes.get(name, 0)) for name in ("hit", "false_alarm", "known_event"))
    decided = hits + wrong + known
    leads = [
        (row["happened_on"] - row["opened_on"]).days
        for row in own[["outcome", "happened_on", "opened_on"]].to_dict("records")
        if row["outcome"] == "hit" and not pd.isna(row["happened_on"])
    ]
    waited = (pd.to_datetime(own["verified_at"]) - pd.to_datetime(own["issued_at"])).dropna().dt.total_seconds() / 86400
    return {
        "issued": len(own),
        "verified": int(own["verified_at"].notna().sum()),
        "decided": decided,
        "hits": hits,
        "false_alarms": wrong,
        "known_events": known,
        "hit_rate_pct": 100 * hits / decided if decided else None,
        "false_alarm_rate_pct": 100 * wrong / decided if decided else None,
        "leads": len(leads),
        "lead_days": float(pd.Series(leads).median()) if leads else None,
        "verify_days": float(waited.median()) if len(waited) else None,
    }
