"""The record of forecasts: better than the naive one or not, calibrated or not, where they failed worst, and what they rest on."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.figures import Line
from analytics.forecast_misses import Miss
from analytics.forecast_record import ForecastRecord
from pages.ui import charts, folded, load, tables, words
from pages.ui import track_forecasts_notes as notes
from pages.ui.charts import track_forecasts as plots
from pages.ui.links import Chosen
from pages.ui.markup import lines, link, notice, opened, quiet, section, text
from pages.ui.tables import Column

COMMANDS = "xianshou forecast --backtest\nxianshou forecast"
SHOWN = 8


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"track_forecasts.{key}", chosen.language, **values)


def _section(name: str, chosen: Chosen) -> str:
    return section(_say(f"section.{name}", chosen), _say(f"lead.{name}", chosen))


def _column(name: str, form: str = "text", **more: object) -> Column:
    return Column(name, form, f"track_forecasts.{name}", **more)


_FREQ, _LEVEL = _column("freq", "code:record_freq"), _column("level", "code:signal_area_level")


def show(record: ForecastRecord, chosen: Chosen) -> None:
    """Everything of the part, in the order it is asked: how good, honest or not, how wrong at worst, from what."""
    notes.say_done()
    show_top(record, chosen)
    if record.is_empty:
        return
    show_skill(record, chosen)
    show_calibration(record, chosen)
    show_reliability(record, chosen)
    show_misses(record, chosen)
    show_issued(record, chosen)
    show_weights(record, chosen)


def show_top(record: ForecastRecord, chosen: Chosen) -> None:
    """What must be known first, and the record in a few lines; before the first forecast, how to make one."""
    parts = []
    if record.is_broken:
        parts.append(notice(_say("broken", chosen), "", _say("broken_next", chosen)))
    if record.is_empty:
        parts.append(notice(_say("nothing", chosen), "plain", _say("nothing_next", chosen)))
        parts.append(
            f'<pre style="white-space:pre-wrap;overflow-wrap:anywhere;padding:0.7rem 0"><code>{text(COMMANDS)}</code></pre>'
        )
    elif record.is_stale:
        parts.append(notice(_say("stale", chosen, as_of=record.run["as_of"]), "", _say("stale_next", chosen)))
    if record.run is not None and record.run["weights_source"] != "backtest":
        parts.append(notice(_say("shipped", chosen), "plain", _say("shipped_next", chosen)))
    if record.headline:
        goes = link(_say("outlook", chosen), f"risk_outlook{chosen.query(part=None)}")
        parts.append(lines(record.headline, chosen) + f'<p class="xs-line">{goes}</p>')
    if parts:
        st.html("".join(parts))


# --- how good --------------------------------------------------------------------------------------------------------------------


def show_skill(record: ForecastRecord, chosen: Chosen) -> None:
    """The error beside that of the naive forecast, by frequency, level and how far ahead; then by category."""
    st.html(_section("skill", chosen))
    rows = [line.values for line in record.skill if line.values["ratio"] is not None]
    if not rows:
        st.html(quiet(_say("none.skill", chosen)))
        return
    st.plotly_chart(
        plots.plot_skill(rows, chosen.language),
        config=charts.CONFIG,
        key="forecast_skill",
        alt=_say("chart.describe_skill", chosen),
    )
    st.html(f'<p class="xs-basis">{text(_sources(record, chosen))}</p>')
    columns = (
        _FREQ,
        _LEVEL,
        _column("ratio", "id"),
        _column("steps", "id"),
        _column("cover80_pct", "pct"),
        _column("cover95_pct", "pct", aside=True),
        _column("miss", "id", aside=True),
        _column("forecasts", "count", aside=True),
        _column("source", "code:record_source", aside=True),
    )
    shown = [_skill_row(row, chosen) for row in rows]
    folded.show_table("forecast_skill_all", shown, columns, chosen, first=SHOWN + 1)
    _show_categories(record.categories, chosen)


def _sources(record: ForecastRecord, chosen: Chosen) -> str:
    """Which figures come from issued forecasts and which from a backtest."""
    said = []
    for source in ("ledger", "backtest"):
        own = [
            words.name("record_freq", freq, chosen.language) for freq, one in record.sources.items() if one == source
        ]
        if own:
            said.append(_say(f"from.{source}", chosen, freqs=words.join(own, chosen.language)))
    return ("" if chosen.language == "zh" else " ").join(said)


def _skill_row(row: dict, chosen: Chosen) -> dict:
    steps = (
        f"{row['first_step']}–{row['last_step']}" if row["last_step"] > row["first_step"] else str(row["first_step"])
    )
    return {**row, "steps": steps, **{name: _short(row[name], chosen) for name in ("ratio", "miss")}}


def _short(value: float | None, chosen: Chosen, decimals: int = 2) -> str:
    return words.number(value, chosen.language, decimals)


def _show_categories(found: Sequence[Line], chosen: Chosen) -> None:
    if not found:
        return
    columns = (
        _column("category"),
        _column("kind", "code:kind"),
        *(_column(f"ratio_{freq}", "id") for freq in ("D", "W", "M")),
        _column("cover80_pct", "pct"),
        _column("forecasts", "count", aside=True),
    )
    rows = [
        {**line.values, **{f"ratio_{freq}": _short(line.values[f"ratio_{freq}"], chosen) for freq in ("D", "W", "M")}}
        for line in found
    ]
    folded.show_table(
        "forecast_categories",
        rows,
        columns,
        chosen,
        first=SHOWN,
        head=section(_say("section.categories", chosen), level=3),
    )


# --- honest or not ---------------------------------------------------------------------------------------------------------------


def show_calibration(record: ForecastRecord, chosen: Chosen) -> None:
    """Whether as many outcomes lie below each quantile as it says, for counts; before any truth the coverage in the backtest."""
    st.html(_section("calibration", chosen))
    if not record.calibration:
        st.html(quiet(_say("none.calibration" if record.sources else "none.calibration_yet", chosen)))
        return
    rows = [line.values for line in record.calibration]
    figure = plots.plot_counts_calibration(rows, chosen.language)
    st.plotly_chart(
        figure, config=charts.CONFIG, key="forecast_calibration", alt=_say("chart.describe_calibration", chosen)
    )
    with st.expander(_say("all.calibration", chosen), on_change="rerun", key="forecast_calibration_all") as behind:
        if behind.open:
            columns = (
                _FREQ,
                *(_column(name, "pct") for name in ("nominal", "below", "upto")),
                _column("forecasts", "count"),
            )
            st.html(tables.table(rows, columns, chosen))


def show_reliability(record: ForecastRecord, chosen: Chosen) -> None:
    """After each risk level, how often the line was passed."""
    st.html(_section("reliability", chosen))
    rows = [line.values for line in record.reliability]
    if not any(row["issued"] for row in rows):
        st.html(quiet(_say("none.reliability", chosen)))
        return _show_chances(record, chosen)
    first = rows[0]
    st.plotly_chart(
        plots.plot_levels_passed(rows, chosen.language), config=charts.CONFIG, key="forecast_reliability",
        alt=_say("chart.describe_reliability", chosen),
    )  # fmt: skip
    columns = (
        _column("level_code", "code:signal_level"),
        _column("levels_issued", "count"),
        _column("passed", "count"),
        _column("share_pct", "pct"),
        _column("share_range", "id"),
    )
    shown = [
        {**row, "levels_issued": row["issued"], "share_range": _pct_range(row["low_pct"], row["high_pct"], chosen)}
        for row in rows
    ]
    values = {"line": words.name("risk_line", first["line"], chosen.language), "count": first["months"]}
    basis = _say(f"levels_from.{record.levels_from}", chosen, first=first["first_on"], last=first["last_on"], **values)
    st.html(tables.table(shown, columns, chosen) + f'<p class="xs-basis">{text(basis)}</p>')
    return _show_chances(record, chosen)


def _show_chances(record: ForecastRecord, chosen: Chosen) -> None:
    """Whether chances of passing a line came true, of issued outlooks."""
    if not record.chances:
        return
    st.html(section(_say("section.chances", chosen), _say("lead.chances", chosen), level=3))
    figure = charts.plot_reliability(pd.DataFrame([line.values for line in record.chances]), chosen.language)
    st.plotly_chart(figure, config=charts.CONFIG, key="forecast_chances", alt=_say("chart.describe_chances", chosen))


def _pct_range(low: float | None, high: float | None, chosen: Chosen) -> str:
    return (
        words.NOTHING if low is None else f"{words.pct(low, chosen.language, 0)}–{words.pct(high, chosen.language, 0)}"
    )


# --- how wrong at worst ----------------------------------------------------------------------------------------------------------


def show_misses(record: ForecastRecord, chosen: Chosen) -> None:
    """The five worst of each side by name, each opening its matters, with what people noted on it."""
    st.html(_section("misses", chosen))
    if not record.over and not record.under:
        told = any(line.values["told"] for line in record.issued)
        st.html(quiet(_say("none.misses_at_all" if told else "none.misses", chosen)))
        return
    for side in ("under", "over"):
        found: tuple[Miss, ...] = getattr(record, side)
        st.html(section(_say(f"section.{side}", chosen), level=3))
        if not found:
            st.html(quiet(_say(f"none.{side}", chosen)))
            continue
        st.html(f'<ol class="xs-lines xs-misses">{"".join(_miss(one, chosen) for one in found)}</ol>')
    notes.show_form((*record.under, *record.over), chosen)


def _miss(one: Miss, chosen: Chosen) -> str:
    """Where, what and when; what was expected with its range and what came, which opens; the note, if there is one."""
    said = chosen.language
    observed = opened(
        _say("miss.count", chosen, count=one.observed), one.selection, chosen, words.say("frame.open_list", said)
    )
    numbers = {name: words.number(getattr(one, name), said) for name in ("expected", "lower", "upper")}
    line = text(_say("miss.line", chosen, where=notes.name_of(one, chosen), **numbers))
    note = ""
    if one.note is not None:
        by = words.name("post", one.note["post"], said)
        told = _say("miss.noted", chosen, post=by, at=one.note["recorded_at"], text=one.note["text"])
        note = f"<br><small>{text(told)}</small>"
    return f"<li>{line}{observed}{note}</li>"


# --- from what -------------------------------------------------------------------------------------------------------------------


def show_issued(record: ForecastRecord, chosen: Chosen) -> None:
    """How many forecasts were issued, how many of them wait for what will come; how many series are forecast, naive or refused."""
    st.html(_section("issued", chosen))
    if record.issued:
        columns = (
            _FREQ,
            _column("series", "count"),
            _column("forecasts", "count"),
            _column("told", "count"),
            _column("awaited", "count"),
            _column("first", "day", aside=True),
            _column("last", "day", aside=True),
        )
        st.html(tables.table([line.values for line in record.issued], columns, chosen, _say("table.issued", chosen)))
    else:
        st.html(quiet(_say("none.issued", chosen)))
    if record.states:
        columns = (
            _FREQ,
            _LEVEL,
            _column("series", "count"),
            *(_column(name, "count") for name in ("forecast", "naive", "refused")),
        )
        st.html(tables.table([line.values for line in record.states], columns, chosen, _say("table.states", chosen)))


def show_weights(record: ForecastRecord, chosen: Chosen) -> None:
    """Which model weighs how much at which level, and how each did alone in the backtest that decided it."""
    st.html(_section("weights", chosen))
    if record.models:
        made = record.models[0].values
        said = _say("weights_made", chosen, made_on=made["made_on"], count=int(made["origins"]))
        columns = (
            _FREQ,
            _column("model", "code:forecast_model"),
            _column("ratio", "id"),
            _column("cover80_pct", "pct"),
            _column("miss", "id"),
            _column("forecasts", "count", aside=True),
        )
        rows = [
            {**line.values, **{name: _short(line.values[name], chosen) for name in ("ratio", "miss")}}
            for line in record.models
        ]
        st.html(
            f'<p class="xs-basis">{text(said)}</p>' + tables.table(rows, columns, chosen, _say("table.models", chosen))
        )
    if not record.weights:
        if not record.models:
            st.html(quiet(_say("none.weights", chosen)))
        return
    with st.expander(_say("all.weights", chosen), on_change="rerun", key="forecast_weights_all") as behind:
        if behind.open:
            columns = (
                _FREQ,
                _LEVEL,
                _column("steps", "id"),
                _column("model", "code:forecast_model"),
                _column("weight_pct", "bar"),
            )
            st.html(tables.table([_skill_steps(line.values) for line in record.weights], columns, chosen))


def _skill_steps(row: dict) -> dict:
    return {**row, "steps": f"{row['first_step']}–{row['last_step']}"}


def show_foot(record: ForecastRecord, chosen: Chosen) -> None:
    """As of when, from which night, by which post."""
    run = record.run or {}
    actor = load.site().actor
    values = {
        "as_of": record.day,
        "night": run.get("as_of"),
        "ran_at": run.get("ran_at"),
        "post": words.name("post", actor.post, chosen.language),
    }
    st.html(f'<div class="xs-foot">{text(_say("foot" if run else "foot_none", chosen, **values))}</div>')
