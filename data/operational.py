"""The operational database: what happened. These tables are the embedded store and the contract a foreign database must meet.

Names are at most 30 characters and none is reserved; codes are text; flags are SMALLINT 0/1; a blank is NULL; wall-clock time in
the site's one zone. No column describes a person: a party, petitioner, volunteer or cadre is never a row, a column or a label.
Each column's comment says what it holds; `docs/dictionary.md` is made from them.
"""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Column, Date, DateTime, Float, ForeignKey, Integer, MetaData, SmallInteger, String, Table

contract = MetaData()

KINDS = ("dispute", "petition", "hotline")


def _code(name: str, comment: str, *rest: object, size: int = 40, **options: object) -> Column:
    return Column(name, String(size), *rest, comment=comment, **options)


def _name(comment: str) -> Column:
    return Column("name", String(120), comment=comment)


def _flag(name: str, comment: str) -> Column:
    return Column(name, SmallInteger, comment=comment)


def _whole(name: str, comment: str, **options: object) -> Column:
    return Column(name, Integer, comment=comment, **options)


def _real(name: str, comment: str) -> Column:
    return Column(name, Float, comment=comment)


def _day(name: str, comment: str, **options: object) -> Column:
    return Column(name, Date, comment=comment, **options)


def _moment(name: str, comment: str, **options: object) -> Column:
    return Column(name, DateTime, comment=comment, **options)


def _area(name: str = "area_code", comment: str = "where: the code of an area", **options: object) -> Column:
    return Column(name, String(40), ForeignKey("area.area_code"), comment=comment, **options)


def _org(name: str, comment: str, **options: object) -> Column:
    return Column(name, String(60), ForeignKey("organisation.org_id"), comment=comment, **options)


def _category(comment: str = "what about: the code of a category") -> Column:
    return Column("category_code", String(40), ForeignKey("category.category_code"), comment=comment)


def _updated() -> Column:
    return _moment("updated_at", "when the source last wrote this row, by the source's own clock")


# --- places, subjects, organisations ---------------------------------------------------------------------------------------

area = Table(
    "area",
    contract,
    _code("area_code", "code, unpadded: 6, 9, 12 or 15 digits in China; elsewhere as it is", primary_key=True),
    _name("official name of the place"),
    _code("level_code", "city, district, street, community, compound, hamlet or grid"),
    _code("parent_code", "the area this one lies in; empty at the top", ForeignKey("area.area_code")),
    _code("type_code", "kind of place for fair comparison: old_compound, new_compound, village_in_city, rural"),
    _whole("households", "households registered"),
    _whole("residents", "residents"),
    _whole("compounds", "residential compounds"),
    _real("area_km2", "square kilometres"),
    _day("valid_from", "first day the code is in force"),
    _day("valid_to", "last day the code is in force"),
    _code("replaced_by", "the code that took its place"),
    _updated(),
    comment="One place in the tree city > district > street > community > compound, hamlet or grid.",
)

area_profile = Table(
    "area_profile",
    contract,
    _area(primary_key=True),
    _day("valued_on", "day the numbers were taken", primary_key=True),
    _whole("households", "households"),
    _whole("residents", "residents"),
    _whole("buildings", "buildings"),
    _whole("compounds", "residential compounds"),
    _whole("compounds_with_branch", "compounds with a Party branch (小区党组织覆盖)"),
    _whole("compounds_with_committee", "compounds with an owners' committee (业委会组建)"),
    _whole("compounds_with_team", "compounds with a volunteer team"),
    _whole("committees_with_members", "owners' committees with at least one Party member"),
    _whole("committee_seats", "seats on owners' committees"),
    _whole("committee_party_seats", "seats on owners' committees held by Party members"),
    _whole("responsibility_zones", "Party-member responsibility zones (党员责任区)"),
    _whole("zone_members", "Party members assigned to zones, a number only"),
    _whole(
        "members_reported_in", "in-service Party members who reported to the community (在职党员报到), a number only"
    ),
    _whole("members_active", "of those, active in the period, a number only"),
    _flag("has_moral_committee", "has a community moral committee (德治委员会)"),
    _flag("has_legal_adviser", "has a legal adviser (法律顾问)"),
    _flag("has_funds", "has means to act (有钱办事)"),
    _flag("has_staff", "has people to act (有人管事)"),
    _flag("has_rules", "has rules to follow (有章理事)"),
    _flag("has_venue", "has a place to meet (有场所议事)"),
    _whole("social_orgs", "social organisations at work"),
    _whole("items_asked", "reports and ledgers asked of the community (社区减负)"),
    _updated(),
    comment="What a place has, on a day: numbers and yes-or-no, never a person.",
)

category = Table(
    "category",
    contract,
    _code("category_code", "code", primary_key=True),
    _name("name of the subject"),
    _code("parent_code", "the wider subject; empty at the top", ForeignKey("category.category_code")),
    _code("scheme_code", "which list it belongs to: dispute, petition, hotline, mediation or the site's own"),
    _code("maps_to", "the dispute class it corresponds to, where a crosswalk is known"),
    _flag("is_sensitive", "1: shown at street level and above only (ethnic, religious, health)"),
    _flag("is_severe", "1: may cause a collective incident; bypasses statistics"),
    comment="One subject of matters, in a tree; several lists live beside each other.",
)

topic_tag = Table(
    "topic_tag",
    contract,
    _code(
        "topic_code",
        "code, such as parking, sanitation, noise, renovation, property_mgmt, lift, public_order",
        primary_key=True,
    ),
    _name("name of the topic"),
    comment="A topic that cuts across categories (小区难题).",
)

organisation = Table(
    "organisation",
    contract,
    _code("org_id", "identifier of the organisation", primary_key=True, size=60),
    _name("name of the organisation"),
    _code(
        "kind",
        "department, street_office, community, party_committee, general_branch, branch, owners_committee, social_org, "
        "mass_org, alliance, governance_centre, specialised_committee, other",
    ),
    _org("parent_org_id", "the organisation above it"),
    _area(),
    _code("functional_line", "functional line (条线) it belongs to"),
    _code("social_category", "01-10, class of a social organisation"),
    _org("sponsor_org_id", "mass organisation that sponsors it (群团认领)"),
    _code("grade_code", "grade of a social organisation, 1A-5A"),
    _flag("is_registered", "1: registered with civil affairs"),
    _flag("has_brand", "1: runs a named Party-building brand (党建品牌)"),
    _day("valid_from", "first day"),
    _day("valid_to", "last day"),
    _updated(),
    comment="An office, department, Party organisation, committee or association; never a person.",
)

# --- matters ---------------------------------------------------------------------------------------------------------------

matter = Table(
    "matter",
    contract,
    _code("matter_no", "number of the matter, unique in this database", primary_key=True, size=60),
    _code("source_system", "the system it comes from", nullable=False),
    _code("kind", "dispute, petition or hotline", nullable=False),
    _area(),
    _category(),
    _code(
        "channel",
        "how it arrived: grid_patrol, public_report, grid_app, hotline_12345, police_110_nonpolice, petition, "
        "mediation_committee, court, qr_code, superior, iot or the source's own word",
    ),
    _code("form", "petition form: letter, visit, online, phone"),
    _code("purpose", "suggestion, claim; hotline nature: enquiry, help, complaint, suggestion, thanks, other"),
    _code("scale_code", "event scale: 01 individual, 02 collective, 03 major collective"),
    _code("severity_code", "01 especially major, 02 major, 03 larger, 04 ordinary"),
    _code("order_direction", "assigned_down or requested_up (双向单)"),
    _code("reporter_category", "one of seven kinds of reporting force, a kind and never a person"),
    _whole("people_involved", "people concerned"),
    _whole("batches", "walk-in groups (批次)"),
    _whole("person_times", "people counted each time (人次)"),
    _whole("filings", "pieces filed for this matter (件次)"),
    _day("occurred_on", "day it happened"),
    _moment("registered_at", "registered; the matter counts on this day", nullable=False),
    _moment("entered_at", "entered into the system; the lag behind registration gives the site's delay curve"),
    _moment("routed_at", "forwarded or assigned (转送、交办)"),
    _moment("accepted_at", "accepted (受理)"),
    _moment("notified_at", "petitioner notified in writing"),
    _moment("first_contact_at", "first contact with the person who raised it"),
    _day("due_on", "date the answer is due, as the source states it"),
    _day("extension_approved_on", "extension approved"),
    _day("extended_to", "new due date after the one extension"),
    _moment("replied_at", "written answer given"),
    _moment("closed_at", "closed; empty while open"),
    _flag("closed_in_time", "the source's own verdict, where it gives no closing time"),
    _moment("called_back_at", "called back"),
    _moment("evaluated_at", "evaluated by the public"),
    _code(
        "status",
        "registered, routed, accepted, handling, extended, closed, called_back, evaluated, archived, returned, "
        "duplicate, diverted, suspended, rejected, cancelled",
    ),
    _code(
        "outcome",
        "resolved, unresolved, agreement, no_agreement, withdrawn, not_accepted, no_longer_accepted, transferred",
    ),
    _code("resolution_method", "how it was resolved: peoples_mediation, administrative_mediation, ..."),
    _day("agreement_due_on", "day the agreement is to be fulfilled"),
    _day("agreement_fulfilled_on", "day the agreement was fulfilled"),
    _flag("judicially_confirmed", "1: agreement confirmed by a court (司法确认)"),
    _code("handling_level", "grid, community, street, district, city"),
    _code("meeting_level", "1 fairness meeting, 2 hearing, 3 joint meeting (三会联动)"),
    _org("committee_code", "specialised committee that took it"),
    _org("responsible_org_id", "unit responsible"),
    _flag("joint_handling", "1: several units handle it together (联勤)"),
    _moment("supervised_at", "put under supervision (督办)"),
    _whole("returned_count", "times returned by a unit (退单)"),
    _flag("is_repeat", "1: the same matter filed again"),
    _code("repeat_of", "number of the earlier matter", size=60),
    _code("escalated_from", "number of the dispute it grew out of", size=60),
    _moment("rebounded_at", "flared up again after closing (反弹)"),
    _flag("is_collective", "1: five people or more"),
    _code("diverted_to", "other procedure it was diverted to: court, arbitration, reconsideration, ..."),
    _code("review_state", "none, reviewing, reviewed, re_reviewing, re_reviewed"),
    _day("review_requested_on", "review (复查) requested"),
    _day("review_decided_on", "review decided"),
    _day("re_review_requested_on", "re-review (复核) requested"),
    _day("re_review_decided_on", "re-review decided"),
    _code("evaluation", "satisfied, basically_satisfied, dissatisfied"),
    _flag("is_solved", "1: the public says it is solved"),
    _code("screening_type", "daily, focused, specialised (三种排查)"),
    _code("leader_case_post", "level of the post that took charge (包案): city, district, street; never a name"),
    _code("project_code", "project it is linked to"),
    _updated(),
    sa.Index("matter_registered_at", "registered_at"),
    # What a refresh compares to find what changed, so that it need not read the matters themselves.
    sa.Index("matter_keys", "matter_no", "updated_at", "purpose"),
    comment="One registered file, whatever its kind.",
)

matter_topic = Table(
    "matter_topic",
    contract,
    Column(
        "matter_no",
        String(60),
        ForeignKey("matter.matter_no", ondelete="CASCADE"),
        primary_key=True,
        comment="the matter",
    ),
    Column("topic_code", String(40), ForeignKey("topic_tag.topic_code"), primary_key=True, comment="the topic"),
    sa.Index("matter_topic_code", "topic_code"),  # a refresh compares how many matters each topic has
    comment="One topic of one matter.",
)

report_count = Table(
    "report_count",
    contract,
    _day("month", "first day of the month", primary_key=True),
    _area(comment="a street or wider", primary_key=True),
    _whole("reports", "number of reports against officials (检举控告), and nothing else", nullable=False),
    comment="Reports against officials: a month, a street, a number.",
)

# --- work with matters -----------------------------------------------------------------------------------------------------

leader_case = Table(
    "leader_case",
    contract,
    _code("case_id", "identifier", primary_key=True),
    Column("matter_no", String(60), ForeignKey("matter.matter_no"), comment="the matter, where there is just one"),
    _area(),
    _category(),
    _code("post_level", "level of the post in charge: city, district, street"),
    _org("lead_org_id", "unit that leads"),
    _day("opened_on", "taken on"),
    _day("due_on", "to be done by"),
    _whole("progress_pct", "progress, percent"),
    _code("next_step", "next step: visit, mediate, hearing, joint_meeting, legal_route, hardship_help, close"),
    _day("reported_on", "last progress report"),
    _day("closed_on", "closed"),
    _code("outcome", "success, partial, failed, transferred_legal"),
    _updated(),
    comment="A matter that a leading post took charge of (包案化解).",
)

leader_reception = Table(
    "leader_reception",
    contract,
    _code("reception_id", "identifier", primary_key=True),
    _code("kind", "reception, outreach_visit, appointment"),
    _area(),
    _code("post_level", "level of the receiving post"),
    _day("planned_on", "day planned"),
    _day("held_on", "day held"),
    _whole("batches", "groups received"),
    _whole("issues", "issues raised"),
    _whole("solved", "issues solved"),
    _day("promised_on", "answer promised by"),
    _updated(),
    comment="A leader's reception day (领导接访).",
)

meeting_record = Table(
    "meeting_record",
    contract,
    _code("meeting_id", "identifier", primary_key=True),
    _code("kind", "fairness_meeting, hearing, joint_meeting, daily_meeting, weekly_dispatch"),
    _area(),
    _day("held_on", "day held"),
    _whole("items", "items on the agenda"),
    _whole("decided", "items decided"),
    _whole("done", "decisions carried out"),
    _updated(),
    comment="A meeting of the three tiers (公道会、听证会、联席会) or of the office.",
)

stability_assessment = Table(
    "stability_assessment",
    contract,
    _code("assessment_id", "identifier", primary_key=True),
    _area(),
    _org("org_id", "unit that decides"),
    _code("project_code", "project concerned"),
    _flag("is_required", "1: assessment required"),
    _whole("legality", "1-10"),
    _whole("reasonableness", "1-10"),
    _whole("feasibility", "1-10"),
    _whole("controllability", "1-10"),
    _code("risk_code", "high, medium, low"),
    _day("assessed_on", "day assessed"),
    _day("decided_on", "day the decision was taken"),
    _updated(),
    comment="A social-stability risk assessment of a decision or project (稳评).",
)

livelihood_project = Table(
    "livelihood_project",
    contract,
    _code("project_id", "identifier", primary_key=True),
    _name("name of the project"),
    _area(),
    _org("lead_org_id", "unit that leads"),
    _code("topic_code", "topic it answers", ForeignKey("topic_tag.topic_code")),
    _code("stage_code", "joint creation stage (共同缔造): plan, build, manage, evaluate, share"),
    _day("starts_on", "start planned"),
    _day("due_on", "end planned"),
    _day("done_on", "done"),
    _whole("progress_pct", "progress, percent"),
    _updated(),
    comment="A livelihood project (实事项目).",
)

policy_action = Table(
    "policy_action",
    contract,
    _code("action_id", "identifier", primary_key=True),
    _area(),
    _category(),
    _code("kind", "suggestion, policy, measure"),
    _code("status", "suggested, adopted, in_force, declined"),
    _day("suggested_on", "suggested"),
    _day("adopted_on", "adopted"),
    _day("effective_on", "in force from"),
    _updated(),
    comment="What was changed because of matters (研判到政策).",
)

early_sign = Table(
    "early_sign",
    contract,
    _code("sign_id", "identifier", primary_key=True),
    _area(),
    _category(),
    _code("topic_code", "topic", ForeignKey("topic_tag.topic_code")),
    _code("reporter_category", "kind of reporting force"),
    _whole("people_estimated", "about how many people are affected"),
    _day("found_on", "found"),
    _day("closed_on", "closed"),
    _code("outcome", "eased, became_matter, unfounded"),
    _updated(),
    comment="An early sign noticed before any matter was filed (苗头).",
)

inspection = Table(
    "inspection",
    contract,
    _code("inspection_id", "identifier", primary_key=True),
    _area(),
    _code("field_code", "1 environment, 2 work safety, 3 drugs and food, 4 petitions and stability"),
    _day("inspected_on", "day"),
    _whole("found", "problems found"),
    _whole("rectified", "problems put right"),
    _updated(),
    comment="One round of the four inspections (四项督查).",
)

grid_patrol_day = Table(
    "grid_patrol_day",
    contract,
    _area(primary_key=True),
    _day("day", "day", primary_key=True),
    _real("hours", "hours on patrol"),
    _whole("reports", "problems reported"),
    _updated(),
    comment="A grid's patrol on a day: the effort behind its reports.",
)

outreach_visit = Table(
    "outreach_visit",
    contract,
    _area(primary_key=True),
    _day("day", "day", primary_key=True),
    _whole("households", "households visited"),
    _whole("issues_found", "issues found"),
    _whole("issues_solved", "issues solved"),
    _updated(),
    comment="Visits to households on a day (百千万大走访), numbers only.",
)

safety_month = Table(
    "safety_month",
    contract,
    _area(primary_key=True),
    _day("month", "first day of the month", primary_key=True),
    _code("kind", "public_order, criminal, production_safety", primary_key=True),
    _whole("incidents", "number of incidents"),
    _updated(),
    comment="Public-safety incidents of a month, numbers only.",
)

planned_event = Table(
    "planned_event",
    contract,
    _code("event_id", "identifier", primary_key=True),
    _name("name of the event"),
    _code("kind", "festival, meeting, opening, construction, data_change, other"),
    _area(),
    _day("starts_on", "first day"),
    _day("ends_on", "last day"),
    _whole("people_expected", "people expected"),
    _updated(),
    comment="Something known beforehand that may move the numbers.",
)

# --- Party organisations, self-government, volunteers ------------------------------------------------------------------------

volunteer_team = Table(
    "volunteer_team",
    contract,
    _code("team_id", "identifier", primary_key=True),
    _name("name of the team"),
    _area(),
    _org("org_id", "organisation it belongs to"),
    _code("social_category", "01-10, its field"),
    _flag("is_brand", "1: a named brand team"),
    _whole("volunteers", "volunteers registered, a number only"),
    _day("founded_on", "founded"),
    _day("dissolved_on", "dissolved"),
    _updated(),
    comment="A volunteer team; its volunteers are a number.",
)

team_month = Table(
    "team_month",
    contract,
    Column("team_id", String(40), ForeignKey("volunteer_team.team_id"), primary_key=True, comment="the team"),
    _day("month", "first day of the month", primary_key=True),
    _whole("volunteers_active", "volunteers active in the month"),
    _whole("volunteers_sustained", "of those, active in at least three of the last twelve months"),
    _whole("volunteers_trained", "of those, trained"),
    _whole("requests_accepted", "requests accepted"),
    _whole("requests_served", "requests served"),
    _whole("evaluations_asked", "people served who were asked"),
    _whole("evaluated", "people served who answered"),
    _whole("satisfied", "of those, satisfied"),
    _updated(),
    comment="A team's month in numbers, supplied by the team.",
)

team_activity = Table(
    "team_activity",
    contract,
    _code("activity_id", "identifier", primary_key=True),
    Column("team_id", String(40), ForeignKey("volunteer_team.team_id"), comment="the team"),
    _area(),
    _code("kind", "field of the activity"),
    _moment("started_at", "start"),
    _moment("ended_at", "end"),
    _moment("recorded_at", "entered into the record"),
    _whole("attendances", "volunteers who took part"),
    _real("hours", "service hours, all volunteers together"),
    _updated(),
    comment="One activity of a volunteer team.",
)

pairing_project = Table(
    "pairing_project",
    contract,
    _code("project_id", "identifier", primary_key=True),
    _area(comment="where the need is"),
    _code("scope_code", "within_alliance, between_alliances, outside_system, outside_area"),
    _code("direction", "need or offer (双向揭榜)"),
    _org("claimed_by_org_id", "organisation that claimed the need"),
    _day("posted_on", "posted"),
    _day("claimed_on", "claimed"),
    _day("due_on", "due"),
    _day("done_on", "done"),
    _real("rating", "rating by those served, 0-100"),
    _updated(),
    comment="A need posted and claimed (项目化结对、双向揭榜).",
)

deliberation_item = Table(
    "deliberation_item",
    contract,
    _code("item_id", "identifier", primary_key=True),
    _area(),
    _code("venue_id", "where it was deliberated", ForeignKey("deliberation_venue.venue_id")),
    _category(),
    _code("stage_code", "1 raised, 2 decided, 3 carried out, 4 supervised, 5 evaluated (提决理监评)"),
    _day("raised_on", "raised"),
    _day("decided_on", "decided"),
    _day("due_on", "to be carried out by"),
    _day("done_on", "carried out"),
    _day("supervised_on", "supervised"),
    _day("evaluated_on", "evaluated"),
    _flag("with_government", "1: government took part"),
    _flag("with_community", "1: the community took part"),
    _flag("with_committee", "1: the owners' committee took part"),
    _flag("is_disclosed", "1: result made public (居务公开)"),
    _updated(),
    comment="One item of deliberation (协商议事).",
)

deliberation_venue = Table(
    "deliberation_venue",
    contract,
    _code("venue_id", "identifier", primary_key=True),
    _area(),
    _code("kind", "station, home, building_council, garden_council, hall, party_service_centre, micro_venue"),
    _day("opened_on", "opened"),
    _day("closed_on", "closed"),
    _updated(),
    comment="A place of deliberation or service (x站x家、楼治会、园治会).",
)

public_rating = Table(
    "public_rating",
    contract,
    _org("org_id", "organisation rated", primary_key=True),
    _code("wave", "survey wave, such as 2026Q3", primary_key=True),
    _day("surveyed_on", "last day of the wave"),
    _whole("sampled", "people sampled"),
    _whole("answered", "people who answered"),
    _real("mean", "mean rating, 0-100"),
    _real("sd", "standard deviation"),
    _updated(),
    comment="Public rating of an organisation (先锋指数); organisations only.",
)

alliance_term = Table(
    "alliance_term",
    contract,
    _org("alliance_org_id", "the alliance", primary_key=True),
    _day("starts_on", "first day in the chair", primary_key=True),
    _day("ends_on", "last day in the chair"),
    _org("chair_org_id", "unit in the chair"),
    _whole("upward_contacts", "contacts with the committee above"),
    _whole("upward_planned", "of these planned"),
    _whole("office_contacts", "contacts with the guiding department"),
    _whole("office_planned", "of these planned"),
    _whole("members_contacted", "member units contacted"),
    _whole("members_total", "member units"),
    _whole("joint_meetings", "joint meetings held"),
    _whole("action_days", "joint action days held"),
    _whole("summits", "Party-building summits held"),
    _whole("joint_projects", "major joint projects done"),
    _whole("five_links_done", "of the five links (五联工作法), done"),
    _real("rating_committee", "mean rating by the committee above, 0-100"),
    _real("rating_office", "mean rating by the guiding department"),
    _real("rating_members", "mean rating by member units"),
    _real("rating_supervision", "mean rating by the supervision group"),
    _real("rating_public", "mean rating by the public"),
    _updated(),
    comment="One unit's term in the rotating chair of an alliance (轮值主席).",
)

office_contact = Table(
    "office_contact",
    contract,
    _org("org_id", "office", primary_key=True),
    _day("quarter", "first day of the quarter", primary_key=True),
    _area(comment="community contacted", primary_key=True),
    _whole("contacts", "contacts made"),
    _updated(),
    comment="An office's contacts with a community in a quarter (机关干部联系社区), by office.",
)

TABLES = tuple(contract.tables)
REQUIRED = {"matter": ("matter_no", "source_system", "kind", "registered_at", "updated_at")}


# --- the embedded store ----------------------------------------------------------------------------------------------------


def create_engine(url: str) -> sa.Engine:
    """An engine for the operational database; SQLite gets WAL, a busy timeout and foreign keys.

    A bare `postgresql://` means psycopg 3.
    """
    parsed = sa.make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@dataclass(frozen=True)
class ColumnNote:
    """One column of the contract, as the dictionary prints it."""

    table: str
    column: str
    type: str
    required: bool
    meaning: str


def describe_contract() -> tuple[ColumnNote, ...]:
    """Every column of the contract in order, for `docs/dictionary.md` and for `check`."""
    return tuple(
        ColumnNote(
            table.name,
            column.name,
            str(column.type),
            column.name in REQUIRED.get(table.name, ()) or column.primary_key,
            column.comment or "",
        )
        for table in contract.tables.values()
        for column in table.columns
    )
