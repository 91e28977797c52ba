"""The parts of the track record: what is found at equal false alarms, what p-values are worth, what a budget buys, what came of real signals."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from analytics.evaluating import Kept, TrackRecord, headline
from analytics.signals.evaluation import NOMINAL, Calibration, Scored
from pages.ui import charts, tables, words
from pages.ui.charts import track_record as plots
from pages.ui.links import Chosen
from pages.ui.markup import lines, notice, quiet, section, text
from pages.ui.tables import Column

PARTS = ("signals", "forecasts")
SILENT = ("shuffled_years", "festivals", "festivals_daily")
_DETECTOR = Column("detector", "code:detector", "track.detector")
_LEVEL_NAMES = {"level": "signal_area_level", "level_code": "signal_level"}
COMMANDS = "xianshou evaluate signals\nxianshou evaluate signals --quick\nxianshou evaluate signals --scenarios --counts counts.csv"


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"track_record.{key}", chosen.language, **values)


def _section(name: str, chosen: Chosen) -> str:
    return section(_say(f"section.{name}", chosen), _say(f"lead.{name}", chosen))


def choose_part(chosen: Chosen) -> str:
    """Which part is open, from the link; the other lies one click away."""
    wanted = dict(chosen.own).get("part")
    part = wanted if wanted in PARTS else PARTS[0]
    title = words.say("page.track_record.caption", chosen.language)
    where = words.say("page.track_record.help", chosen.language)
    items = "".join(
        f'<a href="{text(chosen.query(part=name))}"{" aria-current=page" if name == part else ""}>{text(_say(f"part.{name}", chosen))}</a>'
        for name in PARTS
    )
    st.html(
        f'<div class="xs-head"><h1>{text(title)}</h1><span class="xs-where">{text(where)}</span></div>'
        f'<nav class="xs-parts">{items}</nav>'
    )
    return part


def show_top(record: TrackRecord, chosen: Chosen) -> None:
    """What must be known first, and the record in two lines; before the first evaluation, how to run one."""
    parts = []
    if record.unreadable:
        parts.append(notice(_say("unreadable", chosen, count=record.unreadable)))
    if record.is_empty:
        parts += [notice(_say("nothing", chosen), "plain", _say("nothing_next", chosen))]
        parts.append(
            f'<pre style="white-space:pre-wrap;overflow-wrap:anywhere;padding:0.7rem 0"><code>{text(COMMANDS)}</code></pre>'
        )
    else:
        parts += [notice(_say("stale", chosen), "plain")] if record.is_stale else []
        parts.append(lines(headline(record), chosen))
    st.html("".join(parts))


def show_found(record: TrackRecord, chosen: Chosen) -> None:
    """Detector beside detector at the same rate of false alarms, trial by trial."""
    tried = [one for one in record.kept if one.trial.surges and one.trial.detectors]
    if not tried:
        return
    st.html(_section("found", chosen))
    for place, one in enumerate(tried):
        st.html(_trial_head(one, chosen))
        if place == 0:
            st.plotly_chart(plots.plot_rates(one.trial, chosen.language), config=charts.CONFIG, key=f"rates_{place}")
            st.html(f'<p class="xs-basis">{text(_say("chart.describe_found", chosen))}</p>')
        columns = (
            _DETECTOR,
            *(Column(f"found_{rate}", "pct", f"track.found_{rate}") for rate in ("1", "2", "5")),
            Column("wait", "decimal", f"track.wait_{one.trial.unit}"),
            Column("own_false_pct", "pct", "track.own_false", aside=True),
            Column("own_found_pct", "pct", "track.own_found", aside=True),
        )
        found = tables.table([_found_row(detector) for detector in one.trial.detectors], columns, chosen)
        note = f'<p class="xs-basis">{text(_say("note.city", chosen))}</p>' if one.trial.name == "city" else ""
        st.html(found + note + _basis(one, chosen))


def _found_row(one: Scored) -> dict[str, object]:
    at = {f"found_{rate.rate_pct:g}": rate.found_pct for rate in one.at}
    wait = next((rate.wait for rate in one.at if rate.rate_pct == 2), None)
    own = {"own_false_pct": one.own_false_pct, "own_found_pct": one.own_found_pct}
    return {"detector": one.detector, "wait": wait} | at | own


def _trial_head(one: Kept, chosen: Chosen) -> str:
    return section(words.name("trial", one.trial.name, chosen.language), level=3)


def _basis(one: Kept, chosen: Chosen) -> str:
    """When, on what and with which code a trial was run, and what must be known of it."""
    values = {"on": one.run.made_at, "seed": str(one.run.seed), "code": one.run.code, "seconds": round(one.run.seconds)}
    counts = {"series": one.trial.series, "points": one.trial.points, "surges": one.trial.surges}
    said = [_say("basis" if one.trial.surges else "basis_silent", chosen, **values, **counts)]
    if one.trial.source:
        said += [_say("source", chosen, file=one.trial.source), _say("note.real", chosen)]
    if one.run.quick:
        said.append(_say("quick", chosen))
    return f'<p class="xs-basis">{text(("" if chosen.language == "zh" else " ").join(said))}</p>'


def show_calibration(record: TrackRecord, chosen: Chosen) -> None:
    """The share of small p-values where nothing is unusual, as a picture by mean count and, when asked, group by group."""
    st.html(_section("calibration", chosen))
    drawn = [one for one in (record.of("scenarios_weekly"), record.of("city")) if one is not None]
    for one in drawn:
        st.html(_trial_head(one, chosen))
        figure = plots.plot_calibration(one.trial, chosen.language)
        st.plotly_chart(figure, config=charts.CONFIG, key=f"calibration_{one.trial.name}")
    if drawn:
        st.html(f'<p class="xs-basis">{text(_say("chart.describe_ratio", chosen))}</p>')
    with st.expander(_say("all.calibration", chosen), on_change="rerun", key="track_calibration") as opened:
        if opened.open:
            for one in record.kept:
                st.html(_trial_head(one, chosen) + _calibration_table(one, chosen) + _basis(one, chosen))


def _calibration_table(one: Kept, chosen: Chosen) -> str:
    rows = [
        {"detector": detector.detector, "group": group} | _ratios(detector.calibration, by, group)
        for detector in one.trial.detectors
        for by, group in dict.fromkeys((row.by, row.group) for row in detector.calibration)
    ]
    columns = (
        _DETECTOR,
        Column("group", "code:trial_group", "track.group"),
        *_RATIOS,
        Column("points", "count", "track.points", aside=True),
    )
    return tables.table(rows, columns, chosen)


_RATIOS = (
    Column("ratio_01", "decimal", "track.ratio_01"),
    Column("verdict_01", "code:calibration", "track.verdict"),
    Column("ratio_001", "decimal", "track.ratio_001"),
    Column("verdict_001", "code:calibration", "track.verdict"),
)


def _ratios(calibration: Sequence[Calibration], by: str, group: str) -> dict[str, object]:
    """The actual share over the nominal one, for both nominal ones, of one group."""
    own = {row.nominal: row for row in calibration if (row.by, row.group) == (by, group)}
    found: dict[str, object] = {"points": next((row.points for row in own.values()), None)}
    for nominal, name in zip(NOMINAL, ("01", "001"), strict=True):
        row = own.get(nominal)
        found |= {
            f"ratio_{name}": None if row is None else row.share / nominal,
            f"verdict_{name}": "unsaid" if row is None or row.verdict is None else row.verdict,
        }
    return found


def show_city(record: TrackRecord, chosen: Chosen) -> None:
    """What a budget of verifications a week finds in the fictional city, by kind of surge, and what the nights would have sent."""
    shown = [one for one in record.kept if one.trial.spent]
    if shown:
        st.html(_section("city", chosen))
    for one in shown:
        groups = list(dict.fromkeys(group for spent in one.trial.spent for group in spent.found_pct))
        rows = [
            {"detector": spent.detector, "budget": spent.per_point, "sent": spent.alerts_mean, "p95": spent.alerts_p95}
            | {"false": spent.false_mean}
            | spent.found_pct
            for spent in sorted(one.trial.spent, key=lambda spent: spent.per_point)
        ]
        columns = (
            Column("budget", "count", "track.budget"),
            _DETECTOR,
            *(Column(group, "bar", f"track_found.{group}") for group in groups),
            Column("sent", "decimal", f"track.sent_{one.trial.unit}", aside=True),
            *([Column("p95", "decimal", "track.sent_p95", aside=True)] if one.trial.unit == "day" else []),
            Column("false", "decimal", f"track.false_{one.trial.unit}", aside=True),
        )
        st.html(_trial_head(one, chosen) + tables.table(rows, columns, chosen) + _basis(one, chosen))


def show_silence(record: TrackRecord, chosen: Chosen) -> None:
    """Where nothing is unusual: how often each detector alarms all the same, and how many alarms come together."""
    shown = [one for one in record.kept if one.trial.name in SILENT]
    if shown:
        st.html(_section("silence", chosen))
    columns = (
        _DETECTOR,
        *_RATIOS,
        Column("own_false_pct", "pct", "track.own_false", aside=True),
        Column("alerts_mean", "decimal", "track.alerts_mean"),
        Column("alerts_p95", "decimal", "track.alerts_p95"),
    )
    for one in shown:
        st.html(_trial_head(one, chosen) + _alarm_table(one, columns, chosen) + _basis(one, chosen))
    beside = [
        one
        for one in record.kept
        if one.trial.name not in SILENT and any(own.alerts_mean is not None for own in one.trial.detectors)
    ]
    if beside:
        st.html(_section("alerts", chosen))
    for one in beside:
        st.html(_trial_head(one, chosen) + _alarm_table(one, (_DETECTOR, *columns[-3:]), chosen))


def _alarm_table(one: Kept, columns: Sequence[Column], chosen: Chosen) -> str:
    rows: list[Mapping[str, object]] = [
        {
            "detector": detector.detector,
            "own_false_pct": detector.own_false_pct,
            "alerts_mean": detector.alerts_mean,
            "alerts_p95": detector.alerts_p95,
        }
        | _ratios(detector.calibration, "all", "all")
        for detector in one.trial.detectors
    ]
    caption = _say("alerts_per", chosen, unit=words.name("trial_unit", one.trial.unit, chosen.language))
    return tables.table(rows, columns, chosen, caption)


def show_practice(practice: Mapping[str, pd.DataFrame], chosen: Chosen) -> None:
    """What came of the signals that were sent, by detector and level; never by post."""
    st.html(_section("practice", chosen))
    if all(frame.empty for frame in practice.values()):
        st.html(quiet(_say("none.practice", chosen)))
        return
    for by, frame in practice.items():
        columns = (
            Column("detector", "code:signal_method", "track.detector"),
            Column("channel", "code:signal_channel", "track.channel"),
            Column("by", f"code:{_LEVEL_NAMES[by]}", f"track.{by}"),
            Column("issued", "count", "track.issued"),
            Column("decided", "count", "track.decided"),
            Column("hit_rate_pct", "pct", "track.hit_pct"),
            Column("false_alarm_rate_pct", "pct", "track.false_pct"),
            Column("known_events", "count", "track.known_events", aside=True),
            Column("lead_days", "decimal", "track.lead_days", aside=True),
            Column("verify_days", "decimal", "track.verify_days"),
        )
        st.html(tables.table(_by_detector(frame), columns, chosen, _say(f"practice_by.{by}", chosen)))
    st.html(f'<p class="xs-basis">{text(_say("note.practice", chosen))}</p>')


def _by_detector(frame: pd.DataFrame) -> list[dict]:
    """The rows in order of detector and level; a detector or channel that is not named is none."""
    rows = frame.assign(detector=frame["detector"].replace("", "none"), channel=frame["channel"].replace("", None))
    return rows.sort_values(["detector", "by", "channel"]).to_dict("records")


def show_foot(record: TrackRecord, chosen: Chosen) -> None:
    """How it was made."""
    said = words.say("page.track_record.foot", chosen.language, code=record.code, runs=record.runs)
    st.html(f'<div class="xs-foot">{text(said)}</div>')
