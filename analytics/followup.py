"""Looking back: what the last brief warned of, what came of it, what was done; and the directives that are still open."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from analytics import periods
from analytics.briefs.answer import Concern, Line
from analytics.briefs.outlook import Outlook, brief_outlook
from analytics.figures import Period, Sentence
from analytics.late_changes import late_changes
from analytics.looking_back import VERDICTS, Brief, LookedBack, item_key, label_of, look_back
from analytics.small_cells import MINIMUM_CELL
from analytics.warnings.in_briefs import brief_warnings
from data import issuing, queries
from data.desk import Desk
from data.issuing import BriefKey, Directive, Issued, Step, Words
from data.mart import Mart
from data.scope import Scope

LOOKED_BACK = 12  # concerns followed up, in the order the last brief had them
UNIT_OF = {"daily": "day", "weekly": "week", "monthly": "month", "annual": "year"}
# Days after which an issued brief is no longer "the last one".
OLDEST = {"daily": 14, "weekly": 56, "monthly": 190, "annual": 740}
OUTLOOK = {"weekly": "W", "monthly": "M"}  # briefs that say what is expected next, and in which periods
_MATTERS = ("whole", "done", "standing")


@dataclass(frozen=True)
class FollowUp:
    """Everything the desk adds to a brief.

    `source` says what was looked back at: issued (the last issued brief, `previous`), computed (the brief of the period before) or none.
    `said` are one to three lines to stand under the headline. `directives` are open ones: directive_id, label, text, unit, org_id,
    post_level, given_on, due_on, age_days, days_left, brief, post, verified; `settled` those settled since the last brief, with outcome
    and closed_on. `warnings` are those that stand or came in the period (see `analytics.warnings.in_briefs`). `items` are what a directive can be given on: key, label (a Sentence), area_code, category_code. `late_changes` are empty
    unless the brief is issued. `outlook` is what the forecasts issued by its close expect next; None for a brief that says nothing of it. `is_shared` is False where the reader sees only parts of what the brief covers; then nothing of the desk is
    shown and nothing can be recorded.
    """

    key: BriefKey
    as_of: date
    is_shared: bool
    source: str
    previous: Issued | None
    previous_period: Period | None
    looked_back: tuple[LookedBack, ...]
    said: tuple[Sentence, ...]
    directives: tuple[Line, ...]
    settled: tuple[Line, ...]
    warnings: tuple[Line, ...]
    items: tuple[Line, ...]
    state: str
    steps: tuple[Step, ...]
    words: Mapping[str, Words]
    issued: tuple[Issued, ...]
    late_changes: tuple[Line, ...]
    outlook: Outlook | None = None

    @property
    def standing_issue(self) -> Issued | None:
        """The issued copy of this very brief that is in force."""
        return next((one for one in self.issued if one.key == self.key and not one.is_withdrawn), None)


def key_of(brief: Brief) -> BriefKey:
    """Under which key the desk keeps what belongs to a brief."""
    return BriefKey(brief.kind_of_brief, brief.period.first, brief.area_code, brief.kind)


def follow_up(
    desk: Desk,
    mart: Mart,
    scope: Scope,
    brief: Brief,
    *,
    previous: Callable[[], Brief | None] | None = None,
    record: Callable[[], Mapping] | None = None,
) -> FollowUp:
    """Look back from a brief at the last issued one of its kind, area and kind of matter, else at `previous` (asked only then).

    `record` gives the figures of the brief as computed now, in plain values; with it, what late data changed since the issue is told.
    """
    key, as_of = key_of(brief), brief.period.last
    is_shared = scope.sees_all or brief.area_code is not None
    issued = issuing.list_issued(desk, key=key) if is_shared else ()
    last = _last_issued(desk, key) if is_shared else None
    before = None if last or previous is None else previous()
    concerns = _concerns_of(last) if last else before.concerns if before else ()
    then = _period_of(last) if last else before.period if before else None
    areas = _areas_within(mart, scope, brief.area_code)
    directives = issuing.list_directives(desk, as_of, areas)
    looked_back = look_back(mart, scope, brief, concerns[:LOOKED_BACK], then, directives)
    names = queries.names_of(mart)
    lines = tuple(_directive_line(one, as_of, names) for one in directives)
    standing = tuple(line for line in lines if line.values["closed_on"] is None or line.values["closed_on"] > as_of)
    since = then.last if then else as_of - timedelta(days=1)
    steps = issuing.read_steps(desk, key) if is_shared else ()
    found = FollowUp(
        key=key,
        as_of=as_of,
        is_shared=is_shared,
        source="issued" if last else "computed" if before else "none",
        previous=replace(last, document=None, record=None) if last else None,
        previous_period=then,
        looked_back=looked_back,
        said=(),
        directives=standing,
        settled=tuple(line for line in lines if line not in standing and line.values["closed_on"] > since),
        warnings=brief_warnings(desk, names, key.first, as_of, areas, brief.kind),
        items=tuple(_item(one, names) for one in brief.concerns),
        state=steps[-1].state if steps else "none",
        steps=steps,
        words=issuing.read_words(desk, key) if is_shared else {},
        issued=issued,
        late_changes=(),
        outlook=_outlook(desk, mart, scope, brief),
    )
    own = found.standing_issue
    if own is not None and record is not None:
        frozen = json.loads(issuing.read_issued(desk, own.issued_id).record)
        found = replace(found, late_changes=late_changes(frozen, record()))
    near = brief.area_code is not None and names.lies_below_street(brief.area_code)
    return replace(found, said=_said(found, len(concerns), near=near))


def _outlook(desk: Desk, mart: Mart, scope: Scope, brief: Brief) -> Outlook | None:
    freq = OUTLOOK.get(brief.kind_of_brief)
    if freq is None:
        return None
    return brief_outlook(desk, mart, scope, brief.period.last, freq=freq, area_code=brief.area_code, kind=brief.kind)


# --- the last brief -----------------------------------------------------------------------------------------------------------


def _last_issued(desk: Desk, key: BriefKey) -> Issued | None:
    last = issuing.last_issued(desk, key)
    return last if last and (key.first - last.key.first).days <= OLDEST[key.kind] else None


def _concerns_of(issued: Issued) -> tuple[Concern, ...]:
    """What an issued brief warned of, from its frozen figures."""
    return tuple(
        Concern(**{**values, "selection": issuing.selection_of(values.get("selection"))})
        for values in json.loads(issued.record).get("concerns") or ()
    )


def _period_of(issued: Issued) -> Period:
    kept = json.loads(issued.record).get("period")
    if kept:
        return Period(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), bool(kept["complete"]))
    return periods.period_of(UNIT_OF[issued.key.kind], issued.key.first)


def _areas_within(mart: Mart, scope: Scope, area_code: str | None) -> list[str] | None:
    """The places whose directives a brief shows: the same or narrower ones, as far as the reader sees; None for all."""
    if scope.sees_all and area_code is None:
        return None
    tree = queries.read_areas(mart, scope)
    here = tree[tree["area_code"] == area_code]
    if area_code is not None:
        bounds = (0, -1) if here.empty else (here["pos"].iloc[0], here["last_pos"].iloc[0])
        tree = tree[tree["pos"].between(*bounds)]
    return tree["area_code"].to_list()


# --- how it is said -----------------------------------------------------------------------------------------------------------


def _item(concern: Concern, names: queries.Names) -> Line:
    values = {
        "key": item_key(concern),
        "label": label_of(concern, names, wide=True),
        "area_code": concern.area_code,
        "category_code": concern.category_code,
    }
    return Line(values, concern.selection)


def _directive_line(one: Directive, on: date, names: queries.Names) -> Line:
    values = {
        "directive_id": one.directive_id,
        "label": one.label,
        "text": one.text,
        "org_id": one.org_id,
        "unit": names.by_code["unit"].get(one.org_id, one.org_id),
        "post_level": one.post_level,
        "given_on": one.recorded_at.date(),
        "due_on": one.due_on,
        "age_days": one.age_days(on),
        "days_left": one.days_left(on),
        "brief": one.key.kind,
        "post": one.post,
        "verified": one.verified,
        "outcome": one.outcome,
        "closed_on": one.closed_on,
    }
    return Line(values, one.selection)


def _said(found: FollowUp, concerns: int, *, near: bool) -> tuple[Sentence, ...]:
    """One to three lines: what the last brief warned of and how it stands, what was done about it, what directives are open.

    They go on paper as they are: `near`, below street level, small counts of matters are left out.
    """
    said = []
    if found.source != "none":
        said.append(_said_of_last(found, concerns))
        done = _said_of_work(found)
        if done is not None and not (near and any(0 < done.values[name] < MINIMUM_CELL for name in _MATTERS)):
            said.append(done)
    if found.directives:
        late = sum((line.values["days_left"] or 0) < 0 for line in found.directives)
        oldest = max(line.values["age_days"] for line in found.directives)
        values = {"count": len(found.directives), "late": late, "oldest": oldest}
        if late:
            said.append(Sentence("followup.directives_late", values))
        else:
            said.append(Sentence("followup.directives_open" if oldest else "followup.directives_new", values))
    return tuple(said)


def _said_of_last(found: FollowUp, concerns: int) -> Sentence:
    then = found.previous_period
    span, days = ("", {"first": then.first}) if then.days == 1 else ("_span", {"first": then.first, "last": then.last})
    if found.previous is not None:
        source = Sentence(
            f"followup.last.issued{span}", {"year": found.previous.year, "number": found.previous.number, **days}
        )
    else:
        source = Sentence(f"followup.last.computed{span}", days)
    if not concerns:
        return Sentence("followup.nothing_warned", {"source": source})
    counts = {verdict: sum(one.verdict == verdict for one in found.looked_back) for verdict in VERDICTS}
    parts = tuple(Sentence(f"followup.count.{verdict}", {"count": count}) for verdict, count in counts.items() if count)
    return Sentence("followup.warned", {"source": source, "count": concerns, "parts": parts})


def _said_of_work(found: FollowUp) -> Sentence | None:
    """What was done about the matters that were warned of; None where it cannot be counted."""
    known = [one for one in found.looked_back if one.whole is not None and one.standing is not None]
    if not known:
        return None
    whole, standing = sum(one.whole for one in known), sum(one.standing for one in known)
    given, settled = (sum(getattr(one, name) for one in found.looked_back) for name in ("given", "settled"))
    values = {"whole": whole, "done": whole - standing, "standing": standing, "given": given, "settled": settled}
    return Sentence("followup.done_with_directives" if given else "followup.done", values)
