"""What may leave the handling unit's own screen of a list of matters: weeks for days, bands for people, streets for places."""

import pandas as pd

from analytics.errors import require_columns

PEOPLE_BANDS = ((1, 1, "1"), (2, 4, "2-4"), (5, 9, "5-9"), (10, 29, "10-29"), (30, 99, "30-99"))
PEOPLE_ABOVE = "100+"


def exportable(matters: pd.DataFrame) -> pd.DataFrame:
    """A list of matters as it may be exported, printed or mailed.

    A row is a matter. Requires `area, street, community_code, registered_on, closed_on, people_involved`. The place becomes the street
    where there is one. Adds `registered_week, closed_week` (their Mondays) and `people_band`; drops the exact days of registration
    and closing, the number of people and the community. Deadlines stay: they are the work itself. Raises MissingColumns.

    >>> rows = {"area": ["North"], "street": ["Hill"], "community_code": ["c1"], "people_involved": [7]}
    >>> rows |= {"registered_on": [pd.Timestamp("2026-11-19")], "closed_on": [pd.NaT]}
    >>> out = exportable(pd.DataFrame(rows))
    >>> out["area"][0], str(out["registered_week"][0].date()), out["people_band"][0]
    ('Hill', '2026-11-16', '5-9')
    """
    require_columns(matters, "area", "street", "community_code", "registered_on", "closed_on", "people_involved")
    out = matters.copy()
    out["area"] = out["street"].fillna(out["area"])
    out["registered_week"] = _monday(out["registered_on"])
    out["closed_week"] = _monday(out["closed_on"])
    out["people_band"] = out["people_involved"].map(people_band, na_action="ignore")
    return out.drop(columns=["registered_on", "closed_on", "people_involved", "community_code"])


def _monday(days: pd.Series) -> pd.Series:
    stamps = pd.to_datetime(days)
    return stamps - pd.to_timedelta(stamps.dt.day_of_week, unit="D")


def people_band(people: float | None) -> str | None:
    """The band a number of people lies in; None for none known.

    >>> people_band(7), people_band(250), people_band(None)
    ('5-9', '100+', None)
    """
    if people is None:
        return None
    for low, high, name in PEOPLE_BANDS:
        if low <= people <= high:
            return name
    return PEOPLE_ABOVE if people > PEOPLE_BANDS[-1][1] else None
