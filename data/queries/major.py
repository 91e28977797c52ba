"""Which matters a weekly dispatch meeting looks at, what the law asks of each next, and what became of them a week later.

Conditions on one matter as of the close of a day; `selection` counts by them and `dispatch` lists by them, so that both agree.
"""

from datetime import date, timedelta

import sqlalchemy as sa

from data import mart_tables as t

m = t.matter.c

LARGER_PEOPLE = 10  # people; local reporting-up rules start at ten (DOMAIN 3.4), reviewed by the site
COLLECTIVE_PEOPLE = 5  # people; 集体访 is five or more
# A review asked for longer ago and still undecided, six times the limit, was lost and is not pending; and none is asked for so long
# after the end of a matter. Both bound what is read.
REVIEW_DAYS, ENDED_DAYS = 180, 400
REASONS = ("review", "supervised", "leader_case", "severe", "larger", "collective", "escalated")
UNDERWAY = (
    "accepted",
    "handling",
    "extended",
    "suspended",
    "called_back",
    "evaluated",
)  # states that follow a beginning
STEPS = ("close", "review", "notify", "route")
BECAME = ("rebounded", "passed", "unchanged", "moved", "closed_late", "closed_in_time", "closed", "reviewed")


def is_open(as_of: date, of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """Open at the close of `as_of`. A matter that ended on a day nobody wrote down is open at no time."""
    return sa.and_(of.registered_on <= as_of, of.standing_until > as_of)


def is_larger(of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """Ten people or more, a collective scale, or a severity above ordinary."""
    return sa.or_(
        of.people_involved >= LARGER_PEOPLE, of.scale_code.in_(("02", "03")), of.severity_code.in_(("01", "02", "03"))
    )


def is_collective(of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """Five people or more."""
    return sa.or_(of.is_collective == 1, of.people_involved >= COLLECTIVE_PEOPLE)


def is_unstarted(as_of: date, of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """Of high severity, open at the close of `as_of` and not begun by then.

    High severity is what is `is_larger`, or of a category that the site's table marks as severe. Begun is what was accepted, notified,
    answered or led to a first contact, or stands in a state that only follows these; forwarding alone begins nothing. Where a source
    wrote down none of these of any matter of the kind in a year, nobody knows, and nothing of it is said to wait.
    """
    category = t.others["category"].c
    severe = sa.select(category.category_code).where(category.is_severe == 1)
    other = t.matter.alias("other").c
    writes = (
        sa.select(other.source_system, other.kind)
        .where(
            other.registered_on.between(as_of - timedelta(days=365), as_of),
            sa.or_(*(other[name].is_not(None) for name in ("accepted_at", "notified_at", "first_contact_at"))),
        )
        .distinct()
    )
    begun = [_done(of[name], as_of) for name in ("accepted_at", "notified_at", "first_contact_at", "replied_at")]
    return sa.and_(
        is_open(as_of, of),
        sa.or_(is_larger(of), of.category_code.in_(severe)),
        sa.not_(sa.or_(*begun)),
        sa.or_(of.status.is_(None), of.status.not_in(UNDERWAY)),
        sa.tuple_(of.source_system, of.kind).in_(writes),
    )


def in_review(as_of: date, of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """Review or re-review requested and not decided at the close of `as_of` (regulation, articles 35 and 36)."""

    def pending(requested: sa.ColumnElement, decided: sa.ColumnElement) -> sa.ColumnElement:
        recent = requested.between(as_of - timedelta(days=REVIEW_DAYS - 1), as_of)
        return sa.func.coalesce(sa.and_(recent, sa.or_(decided.is_(None), decided > as_of)), sa.false())

    return sa.and_(
        of.registered_on <= as_of,
        of.standing_until > as_of - timedelta(days=ENDED_DAYS),
        sa.or_(
            pending(of.review_requested_on, of.review_decided_on),
            pending(of.re_review_requested_on, of.re_review_decided_on),
        ),
    )


def reasons(as_of: date, of: sa.ColumnCollection = m) -> dict[str, sa.ColumnElement]:
    """Why a matter is major, by `REASONS`: true for each that holds of it."""
    category = t.others["category"].c
    severe = sa.select(category.category_code).where(category.is_severe == 1)
    cases = _cases_open(as_of, t.others["leader_case"].c.matter_no)
    return {
        "review": in_review(as_of, of),
        "supervised": _done(of.supervised_at, as_of),
        "leader_case": sa.or_(of.leader_case_post.is_not(None), of.matter_no.in_(cases)),
        "severe": of.category_code.in_(severe),
        "larger": is_larger(of),
        "collective": is_collective(of),
        "escalated": of.escalated_from.is_not(None),
    }


def is_dispatched(as_of: date, of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """On the dispatch table of `as_of`: open then and major for any reason, or waiting for the decision of a review."""
    why = reasons(as_of, of)
    review = why.pop("review")
    alive = of.standing_until > as_of - timedelta(days=ENDED_DAYS)  # said once more, so that old blocks are skipped
    return sa.and_(alive, sa.or_(sa.and_(is_open(as_of, of), sa.or_(*why.values())), review))


def next_steps(as_of: date, of: sa.ColumnCollection = m) -> dict[str, sa.ColumnElement]:
    """Until when each step of `STEPS` is to be done that was not done at the close of `as_of`; empty for the others.

    A matter that was accepted was routed, whether or not the source wrote that down.
    """
    standing = is_open(as_of, of)
    accepted = _done(of.accepted_at, as_of)
    notified = sa.or_(accepted, _done(of.notified_at, as_of))
    routed = sa.or_(notified, _done(of.routed_at, as_of))
    return {
        "close": sa.case((standing, of.deadline_on)),
        "review": sa.case((in_review(as_of, of), of.review_due_on)),
        "notify": sa.case((sa.and_(standing, sa.not_(notified)), of.notify_due_on)),
        "route": sa.case((sa.and_(standing, sa.not_(routed)), of.route_due_on)),
    }


def has_step_due(as_of: date, first: date | None, last: date, of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """A step still to be done at `as_of`, one of a leader-assigned case included, was or is due in first..last (or by `last`)."""
    case = t.others["leader_case"].c

    def within(due: sa.ColumnElement) -> sa.ColumnElement:
        return due.between(first, last) if first else due <= last

    cases = _cases_open(as_of, case.matter_no).where(within(case.due_on))
    return sa.or_(*(within(due) for due in next_steps(as_of, of).values()), of.matter_no.in_(cases))


def became(since: date, as_of: date, of: sa.ColumnCollection = m) -> sa.ColumnElement:
    """What by the close of `as_of` became of a matter that was on the table of `since`: one of `BECAME`.

    It flared up again; it was closed late, in time, or without a deadline to judge by; its review was decided; a step fell overdue; some
    step was taken; or nothing changed.
    """
    day = timedelta(days=1)
    closed = sa.and_(is_open(since, of), of.closed_on.between(since + day, as_of))
    case = t.others["leader_case"].c
    reported = sa.select(case.matter_no).where(
        case.matter_no.is_not(None), case.reported_on.between(since + day, as_of)
    )
    moments = (of.routed_at, of.accepted_at, of.notified_at, of.first_contact_at, of.supervised_at, of.replied_at)
    days = (of.extension_approved_on, of.review_requested_on, of.review_decided_on, of.re_review_requested_on)
    stepped = [sa.cast(moment, sa.Date).between(since + day, as_of) for moment in moments]
    stepped += [one.between(since + day, as_of) for one in days]
    return sa.case(
        (of.rebounded_on.between(since + day, as_of), "rebounded"),
        (sa.and_(closed, of.closed_on > of.deadline_on), "closed_late"),
        (sa.and_(closed, of.closed_on <= of.deadline_on), "closed_in_time"),
        (closed, "closed"),
        (sa.not_(sa.or_(is_open(as_of, of), in_review(as_of, of))), "reviewed"),
        (has_step_due(as_of, since, as_of - day, of), "passed"),
        (sa.or_(*stepped, of.matter_no.in_(reported)), "moved"),
        else_="unchanged",
    )


def candidates(since: date) -> sa.Subquery:
    """Every matter that can be on the dispatch table of `since` or of a later day: the columns of `matter`.

    Narrow reads instead of one wide one: what ended after `since`, and the few before it that a review or re-review was asked for.
    """
    before = (m.standing_until <= since, m.standing_until > since - timedelta(days=ENDED_DAYS))
    earliest = since - timedelta(days=REVIEW_DAYS - 1)
    review, again = m.review_requested_on, m.re_review_requested_on
    parts = (
        (m.standing_until > since,),
        (*before, review >= earliest),
        (*before, again >= earliest, sa.or_(review.is_(None), review < earliest)),
    )
    return sa.union_all(*(sa.select(t.matter).where(*part) for part in parts)).subquery("candidate")


def _done(moment: sa.ColumnElement, as_of: date) -> sa.ColumnElement:
    """Done by the close of `as_of`; false, not unknown, for what is not recorded."""
    return sa.func.coalesce(moment < as_of + timedelta(days=1), sa.false())


def _cases_open(as_of: date, *columns: sa.ColumnElement) -> sa.Select:
    """Leader-assigned cases of one matter that are open at the close of `as_of`."""
    case = t.others["leader_case"].c
    return sa.select(*columns).where(
        case.matter_no.is_not(None), case.opened_on <= as_of, sa.or_(case.closed_on.is_(None), case.closed_on > as_of)
    )
