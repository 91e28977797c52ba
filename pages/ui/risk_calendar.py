"""The calendar of what usually rises (民情月历), how far the levels and methods can be trusted, and the page to take along."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from analytics.outlook.answer import RisingItem, RiskOutlook
from pages import paper
from pages.ui import charts, folded, papers, risk_series, tables, words
from pages.ui.links import Chosen
from pages.ui.load import risk as load
from pages.ui.markup import link, quiet, text
from pages.ui.risk_map import cell_columns, cell_row
from pages.ui.risk_parts import column, head_of, say, subject, tell
from pages.ui.tables import Column

SHOWN = 8
SETTINGS = "data_quality"  # the page that holds the settings
MONTHS = tuple(range(1, 13))


# --- the calendar ------------------------------------------------------------------------------------------------------------------


def show_calendar(found: RiskOutlook, chosen: Chosen) -> None:
    """What usually rises in the coming month, each with its years of evidence and hit rate; the other months on demand."""
    st.html(f'<div id="calendar">{head_of("calendar", chosen)}</div>')
    if not found.rising:
        st.html(quiet(say("none.calendar", chosen)))
        return
    month = coming_month(found)
    now = [one for one in found.rising if month in one.months or one.month == month]
    now.sort(key=lambda one: not one.is_proven)
    proven = sum(one.is_proven for one in now)
    line = say(
        "text.calendar" if now else "none.rising", chosen, month=_month(month, chosen), count=len(now), proven=proven
    )
    st.html(f'<p class="xs-line">{text(line)}</p>')
    if now:
        columns = rising_columns()
        folded.show_table(
            "all_rising", [rising_row(one, chosen) for one in now], columns, chosen, first=proven or SHOWN
        )
    with st.expander(say("table.calendar", chosen), on_change="rerun", key="calendar_table") as behind:
        if behind.open:
            st.html(_year(found.rising, month, chosen))
            _show_evidence(now or found.rising, chosen)


def coming_month(found: RiskOutlook) -> int:
    """The month of the year that is asked about."""
    period = found.periods.get("month")
    return period.first.month if period else found.day.month % 12 + 1


def _month(month: int, chosen: Chosen) -> str:
    return say("month", chosen, month=month) if chosen.language == "zh" else date(2001, month, 1).strftime("%B")


def months_said(item: RisingItem, chosen: Chosen) -> str:
    """The month, or the months that are taken together."""
    return words.join([_month(one, chosen) for one in item.months or (item.month,)], chosen.language)


def rising_row(item: RisingItem, chosen: Chosen) -> dict:
    """One category with its proof."""
    said = chosen.language
    hits = f"{item.hits}/{item.calls}"
    return {
        "subject": subject(item.node, said),
        "months": months_said(item, chosen),
        "evidence": f"{item.risen}/{item.years}",
        "rise": item.rise_pct,
        "hits": hits if item.hit_rate is None else f"{hits} ({words.pct(100 * item.hit_rate, said, 0)})",
        "base": 100 * item.base_rate,
        "proof": say("proven" if item.is_proven else "not_proven", chosen, q=_q(item.q)),
    }


def _q(q: float) -> str:
    """The false discovery rate, no smaller than one in a thousand.

    >>> _q(0.0251), _q(8.8e-14)
    ('= 0.025', '< 0.001')
    """
    return f"= {q:.2g}" if q >= 0.001 else "< 0.001"


def rising_columns() -> tuple[Column, ...]:
    """The columns of what usually rises."""
    return (
        column("subject"),
        column("months", aside=True),
        column("evidence", "id", "rising_years"),
        column("rise", "signed", "rising_pct"),
        column("hits", "id", "rising_hits"),
        column("base", "pct", "rising_base", aside=True),
        column("proof"),
    )


def _year(items: Sequence[RisingItem], month: int, chosen: Chosen) -> str:
    """The twelve months, each with what usually rises in it."""
    cells = []
    for one in MONTHS:
        own = [item for item in items if one in (item.months or (item.month,)) and item.is_proven]
        subjects = dict.fromkeys(subject(item.node, chosen.language) for item in own)  # of several kinds at once
        named = "".join(f"<li>{text(one)}</li>" for one in subjects)
        body = f"<ul>{named}</ul>" if own else f"<p>{text(say('none.month', chosen))}</p>"
        current = ' aria-current="date"' if one == month else ""
        cells.append(f"<div{current}><h4>{text(_month(one, chosen))}</h4>{body}</div>")
    return f'<div class="xs-year">{"".join(cells)}</div>'


def _show_evidence(items: Sequence[RisingItem], chosen: Chosen) -> None:
    """Year by year: what was counted, against what the trend alone would have brought."""
    rows = [
        {
            "subject": subject(item.node, chosen.language),
            "year": str(int(row.year)),
            "observed": row.observed,
            "expected": row.expected,
            "over": None if not row.expected else 100 * (row.observed / row.expected - 1),
        }
        for item in items
        for row in item.evidence.itertuples()
    ]
    columns = (
        column("subject"),
        column("year", "id"),
        column("observed", "count"),
        column("expected", "decimal", "evidence_expected"),
        column("over", "signed", "rising_pct"),
    )
    folded.show_table("all_evidence", rows, columns, chosen, first=2 * SHOWN, caption=say("table.evidence", chosen))


# --- how far it can be trusted -------------------------------------------------------------------------------------------------------


def show_reliability(found: RiskOutlook, chosen: Chosen) -> None:
    """After each level, how often the line was passed; whether the deadline model's probabilities came true; what each method reached."""
    st.html(f'<div id="reliability">{head_of("reliability", chosen)}</div>')
    known = found.reliability
    if known is None:
        st.html(quiet(say("none.reliability", chosen)))
    else:
        said = [tell(one, chosen.language) for one in known.said]
        values = {"first": known.first, "last": known.last, "count": known.months}
        said.append(
            say("text.reliability", chosen, line=words.name("risk_line", known.line, chosen.language), **values)
        )
        st.html("".join(f'<p class="xs-line">{text(line)}</p>' for line in said))
        rows = [line.values for line in known.rows if line.values["issued"]]
        if rows:
            figure = charts.plot_levels(rows, chosen.language)
            st.plotly_chart(figure, config=charts.CONFIG, key="risk_levels", alt=say("alt.levels", chosen))
        st.html(tables.table([level_row(line.values, chosen) for line in known.rows], level_columns(), chosen))
    if len(found.calibration) or found.models:
        with st.expander(say("table.models", chosen), on_change="rerun", key="models_table") as behind:
            if behind.open:
                _show_models(found, chosen)


def level_row(values: dict, chosen: Chosen) -> dict:
    """How often the line was passed after one level, with the range of the share."""
    said = chosen.language
    known = values["share"] is not None
    return {
        "level_code": values["level_code"],
        "issued": values["issued"],
        "passed": values["passed"],
        "share": 100 * values["share"] if known else None,
        "share_range": f"{words.pct(100 * values['low'], said, 0)}–{words.pct(100 * values['high'], said, 0)}" if known else words.NOTHING,
    }  # fmt: skip


def level_columns() -> tuple[Column, ...]:
    """The columns of the reliability of levels."""
    return (
        column("level_code", "code:signal_level", "level", blank="page.risk_outlook.no_data"),
        column("issued", "count", "level_issued"),
        column("passed", "count", "level_passed"),
        column("share", "pct", "level_share"),
        column("share_range", heading="level_range"),
    )


def _show_models(found: RiskOutlook, chosen: Chosen) -> None:
    if len(found.calibration):
        st.html(f'<p class="xs-line">{text(say("text.calibration", chosen))}</p>')
        figure = charts.plot_calibration(found.calibration, chosen.language)
        st.plotly_chart(figure, config=charts.CONFIG, key="risk_calibration", alt=say("alt.calibration", chosen))
    if found.models:
        rows = [line.values for line in found.models]
        columns = (
            column("model", "code:risk_model"),
            Column("measure", "text", "risk.measure"),
            column("value", "figure", "model_value"),
            column("base", "figure", "model_base"),
            column("cases", "count"),
            column("first", "day", aside=True),
            column("last", "day", aside=True),
        )
        rows = [
            {
                **row,
                "value": _short(row["value"]),
                "base": _short(row["base"]),
                "measure": words.name("risk_measure", row["measure"], chosen.language),
            }
            for row in rows
        ]
        columns = tuple(Column(one.key, "id", one.heading) if one.key in ("value", "base") else one for one in columns)
        st.html(tables.table(rows, columns, chosen, say("table.models_caption", chosen)))


def _short(value: float | None) -> str:
    """A measure with three figures that count, a large one whole.

    >>> _short(0.12345), _short(1163.0), _short(None)
    ('0.123', '1163', '—')
    """
    if value is None or value != value:
        return words.NOTHING
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def show_coverage(found: RiskOutlook, chosen: Chosen) -> None:
    """How much could be forecast, where the naive forecast was better and is shown, and what had no data."""
    if not found.coverage:
        return
    st.html(f'<div id="coverage">{head_of("coverage", chosen)}</div>')
    counted = dict.fromkeys(("forecast", "naive", "refused", "none"), 0)
    for line in found.coverage:
        counted[line.values["state"]] = counted.get(line.values["state"], 0) + line.values["cells"]
    st.html(f'<p class="xs-line">{text(say("text.coverage", chosen, **counted))}</p>')
    with st.expander(say("table.coverage", chosen), on_change="rerun", key="risk_coverage") as behind:
        if behind.open:
            columns = (
                column("level", "code:signal_area_level", "level_name"),
                column("state", "code:risk_state", "state_name"),
                column("cells", "count"),
            )
            st.html(tables.table([line.values for line in found.coverage], columns, chosen))


# --- the page to take along ----------------------------------------------------------------------------------------------------------


def show_foot(found: RiskOutlook, chosen: Chosen) -> None:
    """The page as a file; its cells as a table for a spreadsheet; where its rules are set; what it rests on."""
    settings = link(say("to_settings", chosen), f"{SETTINGS}{chosen.query(part='settings', cell=None)}")
    st.html(head_of("take", chosen) + f'<ul class="xs-ways"><li>{settings}</li></ul>')
    name = f"risk-outlook-{found.day:%Y%m%d}"
    with st.container(horizontal=True, key="risk_files"):
        st.download_button(
            words.say("frame.csv", chosen.language),
            data=lambda: cells_csv(found, chosen),
            file_name=f"{name}.csv",
            mime="text/csv",
            on_click="ignore",
            key="risk_csv",
        )
    papers.buttons(name, lambda: paper_of(found, chosen), chosen)
    st.html(foot(found, chosen))


def foot(found: RiskOutlook, chosen: Chosen) -> str:
    """What the page rests on."""
    run = found.run
    values = {"day": run.as_of, "through": run.judged_through, "at": run.ran_at, "version": run.version}
    internal = words.say("page.signals.internal", chosen.language)
    return f'<div class="xs-foot">{text(say("footer", chosen, **values))} {text(internal)}</div>'


def paper_of(found: RiskOutlook, chosen: Chosen) -> paper.Document:
    """The outlook on paper."""
    from pages.paper.risk import risk_document

    _, node = risk_series.asked(found, chosen)
    drawn = None if node is None else (node, load.course(chosen, node, risk_series.unit_of(chosen)))
    return risk_document(found, chosen.language, drawn)


def cells_csv(found: RiskOutlook, chosen: Chosen) -> bytes:
    """All cells as they may leave the screen, as text that a spreadsheet opens and never runs."""
    from analytics.outlook.disclosure import as_it_leaves

    fit = as_it_leaves(found)
    rows = pd.DataFrame([cell_row(item, chosen) for item in fit.items])
    return tables.to_csv(tables.in_words(rows, cell_columns(chosen), chosen.language))


def rising_of(found: RiskOutlook, category_code: str | None) -> list[RisingItem]:
    """What usually rises of one category in the coming month."""
    month = coming_month(found)
    return [
        one for one in found.rising if one.node.category_code == category_code and month in (one.months or (one.month,))
    ]
