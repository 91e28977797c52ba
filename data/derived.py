# ruff: noqa: S608 - the statements are put together from our own column names and numbers; no value of a matter enters them
"""What the mart adds to a matter, as SQL for DuckDB: dates of moments, deadlines by rule, end states, places in the tree.

The rules are those of `data.deadlines.matter_deadlines`, which reads them one matter at a time and is the oracle of the tests.
"""

from collections.abc import Iterable

from data.deadlines import Clock, DeadlineRules

# `returned` goes on elsewhere and `suspended` goes on later; `diverted` goes on under another procedure, but our clock has ended.
END_STATES = ("closed", "called_back", "evaluated", "archived", "duplicate", "rejected", "cancelled", "diverted")

OPEN_ENDED = "DATE '9999-12-31'"

# The rows of `mart_tables.grown_petition`.
GROWN_PETITIONS = """
SELECT origin.matter_no, origin.registered_on, origin.deadline_on, petition.registered_on AS petition_on
FROM main.matter petition JOIN main.matter origin ON origin.matter_no = petition.escalated_from
WHERE petition.kind = 'petition' AND origin.kind = 'dispute'
"""

# The calendar as lists, so that a working-day clock is two look-ups by position and needs no join.
CALENDAR_MACROS = """
SET VARIABLE calendar_first = (SELECT min(day) FROM calendar_day);
SET VARIABLE calendar_no = (
    SELECT list(c.workday_no ORDER BY d.day) FROM
    (SELECT CAST(unnest(generate_series(min(day), max(day), INTERVAL 1 DAY)) AS DATE) AS day FROM calendar_day) d
    LEFT JOIN calendar_day c USING (day));
SET VARIABLE calendar_works = (
    SELECT list(c.is_workday ORDER BY d.day) FROM
    (SELECT CAST(unnest(generate_series(min(day), max(day), INTERVAL 1 DAY)) AS DATE) AS day FROM calendar_day) d
    LEFT JOIN calendar_day c USING (day));
SET VARIABLE workdays = (
    SELECT list(c.day ORDER BY n.no) FROM
    (SELECT unnest(generate_series(1, max(workday_no))) AS no FROM calendar_day) n
    LEFT JOIN calendar_day c ON c.workday_no = n.no AND c.is_workday = 1);
CREATE OR REPLACE TEMP MACRO workday_no(d) AS
    CASE WHEN d >= getvariable('calendar_first') THEN getvariable('calendar_no')[d - getvariable('calendar_first') + 1] END;
CREATE OR REPLACE TEMP MACRO is_workday(d) AS
    CASE WHEN d >= getvariable('calendar_first') THEN getvariable('calendar_works')[d - getvariable('calendar_first') + 1] END;
CREATE OR REPLACE TEMP MACRO workday(n) AS CASE WHEN n >= 1 THEN getvariable('workdays')[n] END;
CREATE OR REPLACE TEMP MACRO rolled(d) AS CASE WHEN is_workday(d) = 1 THEN d ELSE workday(workday_no(d) + 1) END;
"""


def derive(relation: str, rules: DeadlineRules) -> str:
    """A select that adds the derived columns, all but `entered_on` and the two moments of knowledge, to a relation of matters.

    The relation has the contract's columns in the contract's types; `calendar_day`, `area_tree` and the macros must be there.
    """
    ended = f"(closed_at IS NOT NULL OR closed_in_time IS NOT NULL OR {_is_one_of('status', END_STATES)})"
    return f"""
    WITH dated AS (
        SELECT *, CAST(registered_at AS DATE) AS registered_on, CAST(accepted_at AS DATE) AS accepted_on,
            CAST(closed_at AS DATE) AS closed_on, CAST(rebounded_at AS DATE) AS rebounded_on,
            CAST(routed_at AS DATE) AS routed_on_
        FROM {relation}
    ), clocked AS (
        SELECT *, {_by_clock(rules)} AS by_clock_, {_has_clock(rules)} AS has_clock_ FROM dated
    ), original AS (
        SELECT *, coalesce(due_on, CASE WHEN diverted_to IS NULL AND has_clock_ THEN by_clock_ END) AS original_,
            CASE WHEN due_on IS NOT NULL THEN 'source' WHEN diverted_to IS NOT NULL THEN 'diverted'
                WHEN NOT has_clock_ THEN 'no_rule' WHEN kind IN ('petition', 'dispute') THEN 'statute' ELSE 'profile' END AS basis_
        FROM clocked
    ), extended AS (
        SELECT *, coalesce(extension_approved_on <= original_ AND extended_to > original_, false) AS is_extended_ FROM original
    ), dues AS (
        SELECT *, CASE WHEN is_extended_ THEN {_extended(rules)} ELSE original_ END AS strict_,
            CASE WHEN is_extended_ THEN 'extension' ELSE basis_ END AS ground_
        FROM extended
    ), settled AS (
        SELECT *, {_settled(rules)} AS deadline_on FROM dues
    )
    SELECT settled.*, CASE WHEN deadline_on IS NULL AND ground_ IN ('statute', 'profile', 'extension')
            THEN 'calendar_missing' ELSE ground_ END AS deadline_basis,
        {_petition_only(_due("registered_on", rules.petition["route"], rules))} AS route_due_on,
        {_petition_only(_due("coalesce(routed_on_, registered_on)", rules.petition["notify"], rules))} AS notify_due_on,
        {_petition_only(_review(rules))} AS review_due_on,
        CAST({ended} AS SMALLINT) AS is_ended,
        coalesce(closed_on, CASE WHEN {ended} THEN registered_on ELSE {OPEN_ENDED} END) AS standing_until,
        place.pos AS area_pos
    FROM settled LEFT JOIN area_tree place ON place.area_code = settled.area_code"""


def _by_clock(rules: DeadlineRules) -> str:
    """The day by which the matter's own clock ends it; empty where there is no clock, no start or no calendar."""
    limits = "".join(
        f" WHEN '{purpose}' THEN {_strict('registered_on', clock)}"
        for purpose, clock in sorted(rules.hotline.limits.items())
    )
    return (
        f"CASE WHEN kind = 'petition' THEN {_strict('accepted_on', rules.petition['close'])} "
        f"WHEN kind = 'dispute' THEN {_strict('coalesce(accepted_on, registered_on)', rules.mediation)} "
        f"ELSE {f'CASE purpose{limits} END' if limits else 'CAST(NULL AS DATE)'} END"
    )


def _has_clock(rules: DeadlineRules) -> str:
    return (
        f"CASE WHEN kind = 'petition' THEN accepted_on IS NOT NULL AND NOT {_is_one_of('purpose', rules.close_clock_not_for)} "
        f"WHEN kind = 'dispute' THEN true ELSE {_is_one_of('purpose', sorted(rules.hotline.limits))} END"
    )


def _extended(rules: DeadlineRules) -> str:
    """The extended date; that of a petition reaches no further than the one extension the regulation allows."""
    cap = _strict("original_", rules.petition["extension"])
    capped = f"CASE WHEN {cap} < extended_to THEN {cap} WHEN {cap} IS NOT NULL THEN extended_to END"
    return f"CASE WHEN kind = 'petition' THEN {capped} ELSE extended_to END"


def _settled(rules: DeadlineRules) -> str:
    strict = "CASE WHEN ground_ NOT IN ('diverted', 'no_rule') THEN strict_ END"
    return (
        f"CASE WHEN ground_ = 'source' THEN strict_ ELSE rolled({strict}) END"
        if rules.roll_due_to_working_day
        else strict
    )


def _review(rules: DeadlineRules) -> str:
    again = _due("re_review_requested_on", rules.petition["re_review"], rules)
    first = _due("review_requested_on", rules.petition["review"], rules)
    return (
        f"CASE WHEN re_review_requested_on IS NOT NULL THEN CASE WHEN re_review_decided_on IS NULL THEN {again} END "
        f"WHEN review_decided_on IS NULL THEN {first} END"
    )


def _petition_only(expression: str) -> str:
    return f"CASE WHEN kind = 'petition' THEN {expression} END"


def _due(start: str, clock: Clock, rules: DeadlineRules) -> str:
    strict = _strict(start, clock)
    return f"rolled({strict})" if rules.roll_due_to_working_day and clock.unit != "working_day" else strict


def _strict(start: str, clock: Clock) -> str:
    """The last day on time by the clock alone, the start not counted; a month ends on the corresponding day, or on its last."""
    if clock.unit == "day":
        return f"({start} + {clock.amount})"
    if clock.unit == "month":
        return f"CAST({start} + INTERVAL {clock.amount} MONTH AS DATE)"
    if clock.amount == 0:
        return f"CASE WHEN workday_no({start}) IS NOT NULL THEN {start} END"
    return f"workday(workday_no({start}) + {clock.amount})"


def _is_one_of(column: str, words: Iterable[str]) -> str:
    """True or false, never NULL."""
    quoted = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"coalesce({column} IN ({quoted}), false)" if quoted else "false"
