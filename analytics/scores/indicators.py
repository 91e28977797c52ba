"""Every indicator and every figure beside the score, declared once: what kind of number it is, its direction, and what it is made from.

Names, meanings and formulas in both languages stand in the words under `scores.indicator.<name>`; weight, window, minimum and targets are
rules (`analytics.scores.rules`). Nothing here counts complaints: volume, effort and hours are panel figures, which no rule can weigh.
"""

from dataclasses import dataclass

FAMILIES = ("rate", "mix", "census", "mean")


@dataclass(frozen=True)
class Indicator:
    """One measured quantity with direction.

    `family` says how it is rated: rate (numerator of denominator, shrunk beta–binomially), mix (the same, adjusted for the mix of
    subjects), census (a whole that was counted, not a sample: neither shrunk nor given an interval), mean (a mean of answers with its
    standard deviation). `reads` names the tables it is made from; `items` is what stands behind it: matter, deliberation, pairing,
    project, activity, or nothing but the recorded numbers.
    """

    name: str
    scorecard: str
    dimension: str
    family: str
    reads: tuple[str, ...]
    items: str | None = None
    direction: str = "higher"
    unit: str = "pct"


@dataclass(frozen=True)
class Panel:
    """A number shown beside the score that no rule can weigh."""

    name: str
    scorecard: str
    group: str
    unit: str
    reads: tuple[str, ...]


def _party(
    name: str, dimension: str, family: str, reads: str, items: str | None = None, direction: str = "higher"
) -> Indicator:
    return Indicator(name, "party", dimension, family, tuple(reads.split()), items, direction)


def _team(name: str, dimension: str, reads: str, items: str | None = None) -> Indicator:
    return Indicator(name, "volunteer", dimension, "rate", tuple(reads.split()), items)


def _chair(name: str, dimension: str, family: str = "census") -> Indicator:
    return Indicator(name, "alliance", dimension, family, ("alliance_term",))


INDICATORS: tuple[Indicator, ...] = (
    # Party organisations: the eight of the recommended card.
    _party("timeliness", "timely", "rate", "matter", "matter"),
    _party("resolution", "effective", "rate", "matter", "matter"),
    _party("local_resolution", "local", "mix", "matter", "matter"),
    _party("no_rebound", "lasting", "rate", "matter", "matter", "lower"),
    _party("deliberation", "deliberation", "rate", "deliberation_item", "deliberation"),
    _party("pairing", "pairing", "rate", "pairing_project", "pairing"),
    _party("coverage", "coverage", "census", "area_profile"),
    _party("public_rating", "rating", "mean", "public_rating"),
    # Without weight as shipped; a rule set can give them some.
    _party("deliberation_stages", "deliberation", "rate", "deliberation_item", "deliberation"),
    _party("deliberation_three", "deliberation", "rate", "deliberation_item", "deliberation"),
    _party("deliberation_disclosed", "deliberation", "rate", "deliberation_item", "deliberation"),
    _party("pairing_claimed", "pairing", "rate", "pairing_project", "pairing"),
    _party("co_creation", "effective", "rate", "livelihood_project", "project"),
    _party("branch_coverage", "coverage", "census", "area_profile"),
    _party("committee_coverage", "coverage", "census", "area_profile"),
    _party("committees_with_members", "coverage", "census", "area_profile"),
    _party("team_coverage", "coverage", "census", "area_profile"),
    _party("four_means", "coverage", "census", "area_profile"),
    _party("advice", "coverage", "census", "area_profile"),
    _party("members_active", "coverage", "census", "area_profile"),
    _party("brands", "coverage", "census", "organisation"),
    _party("committee_party_seats", "coverage", "census", "area_profile"),
    _party("zone_coverage", "coverage", "census", "area_profile"),
    _party("venue_coverage", "coverage", "census", "deliberation_venue"),
    _party("council_coverage", "coverage", "census", "deliberation_venue"),
    _party("social_classes", "coverage", "census", "organisation"),
    _party("social_sponsored", "coverage", "census", "organisation"),
    _party("social_registered", "coverage", "census", "organisation"),
    # Volunteer teams.
    _team("active_months", "regular", "team_activity", "activity"),
    _team("need_response", "response", "team_month"),
    _team("timely_records", "records", "team_activity", "activity"),
    _team("satisfaction", "rating", "team_month"),
    _team("sustained", "participation", "team_month"),
    _team("training", "training", "team_month"),
    _team("participation", "rating", "team_month"),
    # An alliance in its chair's term.
    _chair("upward_contacts", "contact", "rate"),
    _chair("office_contacts", "contact", "rate"),
    _chair("members_contacted", "contact", "rate"),
    _chair("joint_meetings", "schedule", "rate"),
    _chair("action_days", "schedule", "rate"),
    _chair("summit", "schedule", "rate"),
    _chair("joint_project", "schedule", "rate"),
    _chair("five_links", "schedule", "rate"),
    _chair("leaving_rating", "rating"),
)


def _panel(scorecard: str, group: str, reads: str, names: str) -> tuple[Panel, ...]:
    pairs = (one.split(":") for one in names.split())
    return tuple(Panel(name, scorecard, group, unit, tuple(reads.split())) for name, unit in pairs)


PANEL: tuple[Panel, ...] = (
    *_panel("party", "volume", "matter", "matters:count matters_per_1000:per_1000 open_matters:count"),
    *_panel("party", "effort", "grid_patrol_day", "patrol_hours:hours patrol_reports:count"),
    *_panel("party", "effort", "outreach_visit", "households_visited:count"),
    *_panel("party", "party_building", "area_profile", "zones_per_1000:per_1000 members_per_zone:ratio reported_in:count"),
    *_panel("party", "self_government", "deliberation_venue", "councils:count venues:count"),
    *_panel(
        "party", "self_government", "deliberation_item",
        "stage_raised:count stage_decided:count stage_done:count stage_supervised:count stage_evaluated:count",
    ),
    *_panel("party", "society", "organisation", "social_orgs:count"),
    *_panel("party", "society", "livelihood_project", "projects:count"),
    *_panel("party", "society", "office_contact", "office_contacts:count"),
    *_panel("party", "burden", "area_profile", "items_asked:count"),
    *_panel("volunteer", "hours", "team_activity", "hours:hours hours_per_volunteer:hours activities:count attendances:count"),
    *_panel("volunteer", "volume", "team_month", "requests_accepted:count volunteers_active:count"),
    *_panel("alliance", "volume", "alliance_term", "members_total:count"),
)  # fmt: skip


def of(scorecard: str) -> tuple[Indicator, ...]:
    """The indicators of one kind of scorecard, in the order to be shown."""
    return tuple(one for one in INDICATORS if one.scorecard == scorecard)


def panel_of(scorecard: str) -> tuple[Panel, ...]:
    """The figures beside the score of one kind of scorecard."""
    return tuple(one for one in PANEL if one.scorecard == scorecard)


def indicator(scorecard: str, name: str) -> Indicator:
    """One indicator by its name.

    >>> indicator("party", "no_rebound").direction
    'lower'
    """
    return next(one for one in of(scorecard) if one.name == name)
