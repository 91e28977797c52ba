"""The rest of the signals page: rules and clusters, places in alert on map and tree, known gaps, and how the detectors did."""

from collections.abc import Sequence

import streamlit as st

from analytics.figures import Line
from analytics.warnings.answer import LEVEL_CODES, ClusterItem, RuleItem, SignalList
from pages.ui import charts, folded, words
from pages.ui.links import Chosen
from pages.ui.load import petitions as boundaries
from pages.ui.markup import behind, notice, quiet, text
from pages.ui.opening import show_chart
from pages.ui.signals_parts import column, head_of, is_replayed, p_said, parts_nav, plain, say, subject
from pages.ui.tables import Column

SHOWN = 12
ON_MAP = 80  # marks on one map that can still be told apart
NAMED_PLACES = 6
STATES = ("alert", "rising", "normal", "no_data")


# --- rules ---------------------------------------------------------------------------------------------------------------------


def show_rules(found: SignalList, chosen: Chosen) -> None:
    """What the written rules match, beside statistics; one rule is chosen by its link."""
    st.html(head_of("rules", chosen))
    if not found.rules:
        return st.html(quiet(say("none.rules_replayed" if is_replayed(found) else "none.rules", chosen)))
    only = dict(chosen.own).get("rule")
    names = list(dict.fromkeys(item.rule for item in found.rules))
    shown = [item for item in found.rules if only not in names or item.rule == only]
    if len(names) > 1:
        ways = [(plain(chosen, rule=None), say("all.rule", chosen), only not in names)]
        for name in names:
            count = sum(item.rule == name for item in found.rules)
            said = f"{words.say(f'signal_rule.name.{name}', chosen.language)} {count}"
            ways.append((plain(chosen, rule=name), said, name == only))
        st.html(parts_nav(ways, say("narrow.rule", chosen)))
    st.html(_rule_lines(shown[:SHOWN], chosen))
    if len(shown) > SHOWN:
        label = words.say("frame.all_lines", chosen.language, count=len(shown))
        with st.expander(label, on_change="rerun", key="all_rules") as rest:
            if rest.open:
                st.html(_rule_lines(shown[SHOWN:], chosen))
    return None


def _rule_lines(items: Sequence[RuleItem], chosen: Chosen) -> str:
    return f'<ul class="xs-lines xs-rules">{"".join(_rule_line(item, chosen) for item in items)}</ul>'


def _rule_line(item: RuleItem, chosen: Chosen) -> str:
    """Which rule, what and where, and why in numbers; the line opens its matters."""
    said = chosen.language
    rule = text(words.say(f"signal_rule.name.{item.rule}", said))
    if item.handling_unit_only:
        rule += f" {text(say('handling_unit_only', chosen))}"
    name = text(f"{item.node.area} · {words.subject(item.topic, said) if item.topic else subject(item.node, said)}")
    why = " ".join(words.tell(one, said) for one in item.said) or say("suppressed", chosen)
    return f"<li><small>{rule}</small><span><b>{name}</b> {text(why)}{behind(item.selection, chosen)}</span></li>"


# --- clusters ------------------------------------------------------------------------------------------------------------------


def show_clusters(found: SignalList, chosen: Chosen) -> None:
    """Adjacent places that are each a little high: together unusual."""
    if not found.clusters:
        return
    rows = [_cluster_row(item, chosen) for item in found.clusters]
    columns = (
        Column("category"),
        column("cluster_places"),
        column("span", aside=True),
        column("observed", "count"),
        column("expected", "decimal"),
        column("p", aside=True),
    )
    st.html(head_of("clusters", chosen))
    folded.show_table("all_clusters", rows, columns, chosen, first=SHOWN)


def _cluster_row(item: ClusterItem, chosen: Chosen) -> dict:
    said = chosen.language
    named = words.join([node.area for node in item.places[:NAMED_PLACES]], said)
    if len(item.places) > NAMED_PLACES:
        named = say("and_more", chosen, named=named, count=len(item.places))
    return {
        "category": item.category or words.name("kind", item.kind, said),
        "cluster_places": named,
        "span": words.day_range(item.first_on, item.last_on, said),
        "observed": item.observed,
        "expected": item.expected,
        "p": p_said(item.p, said),
    }


# --- places --------------------------------------------------------------------------------------------------------------------


def show_places(found: SignalList, chosen: Chosen) -> None:
    """Which places are in alert and which of them rising: in one line, on the map, in the tree, and over time."""
    counted = {state: sum(line.values["state"] == state for line in found.places) for state in STATES}
    line = say("text.places", chosen, **counted) if found.places else say("none.places", chosen)
    st.html(f'<div id="places">{head_of("places", chosen)}</div><p class="xs-line">{text(line)}</p>')
    if not found.places:
        return
    _show_map(found, chosen)
    _show_tree(found, chosen)
    _show_trend(found, chosen)


def _show_map(found: SignalList, chosen: Chosen) -> None:
    shown = map_lines(found)
    codes = tuple(line.values["area_code"] for line in shown)
    drawn, error = boundaries.map_of(codes) if codes else (None, None)
    if error is not None:
        st.html(notice(words.tell_error(error, chosen.language)))
    if drawn is None:
        return
    names = [line.values["area"] for line in shown]
    states = [line.values["state"] for line in shown]
    hover = [_place_hover(line, chosen) for line in shown]
    opens = [chosen.query(area=code, signal=None) for code in codes]
    figure = charts.plot_alert_map(drawn, codes, names, states, hover)
    show_chart(figure, "alert_map", say("alt.map", chosen), opens, chosen)
    st.html(f'<p class="xs-basis">{text(say("text.map", chosen))}</p>')


def map_lines(found: SignalList) -> list[Line]:
    """The places of the finest level that a map still tells apart."""
    for level in found.levels:
        of_level = [line for line in found.places if line.values["level"] == level]
        if 0 < len(of_level) <= ON_MAP:
            return of_level
    return []


def _place_hover(line: Line, chosen: Chosen) -> str:
    state = words.name("signal_place", line.values["state"], chosen.language)
    count = say("text.place_signals", chosen, count=line.values["items"] or 0)
    return f"{charts.escaped(line.values['area'])}　<b>{state}</b><br>{count}"


def _show_tree(found: SignalList, chosen: Chosen) -> None:
    """The places in alert or rising in the order of the tree, each indented under what it lies in."""
    shown = [line for line in found.places if line.values["state"] in ("alert", "rising")]
    if not shown:
        return
    deepest = len(found.levels)
    depth = {level: deepest - place - 1 for place, level in enumerate(found.levels)}
    least = min(depth.get(line.values["level"], 0) for line in shown)
    rows = [
        {
            **line.values,
            "place": words.INDENT * (depth.get(line.values["level"], least) - least) + line.values["area"],
        }
        for line in shown
    ]
    columns = (
        column("place", goes=lambda row: chosen.query(area=row["area_code"], signal=None)),
        column("level", "code:signal_area_level", "level_name", aside=True),
        column("state", "code:signal_place", "state_name"),
        column("level_code", "code:signal_level", "level_said"),
        column("items", "count"),
    )
    folded.show_table("all_tree", rows, columns, chosen, first=SHOWN)


def _show_trend(found: SignalList, chosen: Chosen) -> None:
    """How many places of a level were in alert, over the days judged."""
    rows = found.alert_places
    if rows.empty:
        return
    levels = [level for level in found.levels if (rows["level"] == level).any()]
    wanted = dict(chosen.own).get("by")
    level = wanted if wanted in levels else ("street" if "street" in levels else levels[0])
    own = rows[rows["level"] == level].sort_values("day", ignore_index=True)
    st.html(head_of("trend", chosen, level=3))
    if len(levels) > 1:
        ways = [
            (plain(chosen, by=one), words.name("signal_area_level", one, chosen.language), one == level)
            for one in levels
        ]
        st.html(parts_nav(ways, say("narrow.by", chosen)))
    if len(own) < 2:
        st.html(quiet(say("none.trend", chosen)))
        return
    last = own.iloc[-1]
    values = {"in_alert": int(last["in_alert"]), "rising": int(last["rising"]), "judged": int(last["judged"])}
    said = say("text.trend", chosen, level=words.name("signal_area_level", level, chosen.language), **values)
    st.html(f'<p class="xs-line">{text(said)}</p>')
    figure = charts.plot_alert_places(own, chosen.language)
    st.plotly_chart(figure, config=charts.CONFIG, key="alert_trend", alt=say("alt.trend", chosen))


# --- what was judged, what not, and how well --------------------------------------------------------------------------------------


def show_coverage(found: SignalList, chosen: Chosen) -> None:
    """How many series were judged by which method, and what has no data: grey is not normal."""
    st.html(f'<div id="coverage">{head_of("coverage", chosen)}</div>')
    if found.grey:
        rows = [line.values for line in found.grey]
        columns = (
            Column("kind", "code:kind"),
            column("level", "code:signal_area_level", "level_name", aside=True),
            Column("area", blank="frame.whole_area"),
            column("reason", "code:signal_grey", "grey_reason"),
        )
        st.html(f'<p class="xs-line">{text(say("text.grey", chosen, count=len(rows)))}</p>')
        folded.show_table("all_grey", rows, columns, chosen, first=SHOWN)
    with st.expander(say("table.coverage", chosen), on_change="rerun", key="coverage_table") as behind:
        if behind.open:
            columns = (
                column("level", "code:signal_area_level", "level_name"),
                column("method", "code:signal_method"),
                column("state", "code:signal_judged", "judged_state"),
                column("nodes", "count"),
            )
            folded.show_table("all_coverage", [line.values for line in found.coverage], columns, chosen, first=SHOWN)


def show_record(found: SignalList, chosen: Chosen) -> None:
    """How often each detector was right, by detector and level, each rate with what it was counted from; never by post."""
    st.html(head_of("record", chosen))
    if not found.record:
        return st.html(quiet(say("none.record", chosen)))
    order = {code: place for place, code in enumerate(LEVEL_CODES)}
    lines = sorted(found.record, key=lambda line: order.get(line.values["level"], len(order)))
    rows = [_record_row(line, chosen) for line in lines]
    columns = (
        column("detector", "code:signal_method"),
        column("channel", "code:signal_channel", aside=True),
        column("level", "code:signal_level", "level_code"),
        column("issued", "count"),
        column("verified", "count", aside=True),
        column("decided", "count"),
        column("hit_rate"),
        column("false_alarm_rate"),
        column("known_events", "count", aside=True),
        column("lead_days", "decimal", aside=True),
        column("verify_days", "decimal", aside=True),
    )
    return folded.show_table("all_record", rows, columns, chosen, first=SHOWN)


def _record_row(line: Line, chosen: Chosen) -> dict:
    values = line.values
    return {
        **values,
        "hit_rate": _rate(values["hit_rate_pct"], values["hits"], values["decided"], chosen),
        "false_alarm_rate": _rate(values["false_alarm_rate_pct"], values["false_alarms"], values["decided"], chosen),
    }


def _rate(pct: float | None, part: int | None, whole: int | None, chosen: Chosen) -> str:
    """A rate with its numerator and denominator; on a small denominator the counts alone."""
    if not whole:
        return words.NOTHING
    counts = f"{words.number(part, chosen.language)}/{words.number(whole, chosen.language)}"
    return counts if pct is None else f"{counts} ({words.pct(pct, chosen.language, 0)})"
