"""One organisation's or team's card: its score as a range, its peers without names, what made it, what would raise it, what falls due."""

import streamlit as st

from analytics.figures import Period
from analytics.scorecards import IndicatorScore, ScoreCard
from pages.ui import charts, folded, tables, words
from pages.ui.links import Chosen
from pages.ui.load.scores import Asked
from pages.ui.markup import link, note_lines, quiet, text
from pages.ui.scores_parts import (
    band_chip,
    band_of,
    column,
    figure_said,
    foot,
    group_name,
    head,
    head_of,
    indicator_name,
    interval_said,
    kinds_nav,
    notices,
    period_said,
    plain,
    points,
    rank_said,
    rich_table,
    rule_name,
    say,
    short_group,
    spans_nav,
    target_chip,
    tell,
    track,
    word,
)

DUE_SHOWN = 8
UNSAID = ("no_data", "not_applicable")


# --- what is read first ------------------------------------------------------------------------------------------------------------


def show_top(card: ScoreCard, asked: Asked, chosen: Chosen, *, alone: bool) -> None:
    """The way back, the unit, the headline, that it is an aid to judgement, and the few numbers, each with its range."""
    line = card.line
    back = "" if alone else f'<div class="xs-head">{link(say("back", chosen), plain(chosen))}</div>'
    where = " · ".join(one for one in (line.unit.area, group_name(line.unit.group, chosen)) if one)
    headline = (
        f'<div class="xs-headline xs-one">{band_chip(band_of(line), chosen)}<p class="xs-first">{text(tell(card.headline, chosen))}</p>'
        f'<p class="xs-second">{text(_second(card, chosen))}</p></div>'
    )
    nav = kinds_nav(asked, chosen) if alone else ""
    st.html(
        f"{back}{head(asked, where, chosen)}{nav}{spans_nav(chosen)}{headline}{notices(card, chosen)}{_figures(card, chosen)}"
    )


def _second(card: ScoreCard, chosen: Chosen) -> str:
    """Where it stands among its peers, in one sentence."""
    line = card.line
    if line.score is None:
        return say("second.unrated", chosen)
    values = {
        "interval": interval_said(line.interval, chosen),
        "rank": rank_said(line, chosen),
        "group": group_name(line.unit.group, chosen),
    }
    return say("second.alone" if line.rank is None else "second.among", chosen, **values)


def _figures(card: ScoreCard, chosen: Chosen) -> str:
    """The few numbers: score, place, peers' mean, movement, coverage, and the workload that does not count."""
    line, said = card.line, chosen.language
    change = (
        [say("figure.previous", chosen, value=points(line.previous_score, chosen))]
        if line.previous_score is not None
        else []
    )
    stars = _stars(card, chosen)
    cells = [
        _figure("score", points(line.score, chosen), [one for one in (interval_said(line.interval, chosen), stars) if one], chosen),
        _figure("rank", rank_said(line, chosen), [group_name(line.unit.group, chosen), _peers_note(card, chosen)], chosen, small=True),
        _figure("change", points(line.change, chosen, signed=True), change, chosen),
        _figure("coverage", words.pct(line.coverage_pct, said, 0), [say("figure.coverage_note", chosen)], chosen),
    ]  # fmt: skip
    if line.workload is not None:
        cells.append(
            _figure("workload", words.number(line.workload, said), [say("figure.workload_note", chosen)], chosen)
        )
    return f'<div class="xs-figures xs-small"><div class="xs-grid">{"".join(cells)}</div></div>'


def _figure(name: str, shown: str, notes: list[str], chosen: Chosen, *, small: bool = False) -> str:
    below = note_lines(notes)
    size = " xs-long" if small else ""
    return f'<div class="xs-figure"><div class="xs-name">{text(say(f"figure.{name}", chosen))}</div><div class="xs-value{size}">{text(shown)}</div>{below}</div>'


def _peers_note(card: ScoreCard, chosen: Chosen) -> str:
    if card.peers is None:
        return say("few_peers", chosen)
    return say("figure.peers_note", chosen, mean=points(card.peers.mean, chosen), count=card.peers.rated)


def _stars(card: ScoreCard, chosen: Chosen) -> str:
    if card.line.stars is None:
        return ""
    low, high = card.line.stars
    return words.say("scores.stars" if low == high else "scores.stars_range", chosen.language, low=low, high=high)


# --- what to do next ---------------------------------------------------------------------------------------------------------------


def show_next(card: ScoreCard, chosen: Chosen) -> None:
    """What a missing total waits for, the few indicators with the most to gain, as handling actions; then what is overdue or falls due."""
    said = "".join(f'<p class="xs-line">{text(tell(one, chosen))}</p>' for one in card.next_said)
    waits = _list([(tell(one.said, chosen), one.indicator) for one in card.missing], chosen)
    gains = _list([(tell(one.said, chosen), one.indicator) for one in card.gains], chosen)
    between = head_of("raise_points", chosen, level=3) if waits and gains else ""
    st.html(f"{head_of('next', chosen)}{said}{waits}{between}{gains}")
    if card.kind == "alliance":
        return  # nothing of an alliance has a day of its own
    st.html(head_of("due", chosen, level=3))
    if not card.due:
        st.html(quiet(say("none.due", chosen)))
        return
    late = sum(one.is_overdue for one in card.due)
    rows = [
        {"what": word("what", one.what, chosen), "number": one.number, "due_on": one.due_on, "left": (one.due_on - card.as_of).days,
         "indicator": indicator_name(one.indicator, chosen)}
        for one in card.due
    ]  # fmt: skip
    columns = (
        column("what", aside=True),
        column("number", "id"),
        column("due_on", "day", aside=True),
        column("left", "left"),
        column("indicator", aside=True),
    )
    caption = say("text.due", chosen, count=len(card.due), late=late)
    folded.show_table("all_due", rows, columns, chosen, first=DUE_SHOWN, caption=caption)


def _list(said: list[tuple[str, str]], chosen: Chosen) -> str:
    """Sentences, each with the way into its indicator."""
    rows = [
        f"<li>{text(one)} {link(say('look', chosen), f'{chosen.query(indicator=name)}#lineage')}</li>"
        for one, name in said
    ]
    return f'<ul class="xs-lines">{"".join(rows)}</ul>' if rows else ""


# --- what made the score -----------------------------------------------------------------------------------------------------------


def weighed(card: ScoreCard) -> list[IndicatorScore]:
    """The indicators that the rules give weight."""
    return [one for one in card.indicators if one.weight > 0]


def show_indicators(card: ScoreCard, chosen: Chosen) -> None:
    """Every weighed indicator against its target and its own past; the contributions add up to the score; then those only shown."""
    st.html(head_of("indicators", chosen))
    drawn = [one for one in weighed(card) if one.points is not None]
    if drawn:
        figure = charts.plot_indicators(drawn, [indicator_name(one.name, chosen) for one in drawn], chosen.language)
        st.plotly_chart(figure, config=charts.CONFIG, key="score_indicators", alt=say("alt.indicators", chosen))
    st.html(indicators_table(card, chosen))
    beside = [one for one in card.indicators if one.weight == 0 and one.state not in UNSAID]
    if beside:
        with st.expander(say("table.beside", chosen, count=len(beside)), on_change="rerun", key="beside_table") as rest:
            if rest.open:
                st.html(_beside(beside, chosen))


def indicators_table(card: ScoreCard, chosen: Chosen) -> str:
    """The weighed indicators as a sum; each name opens its lineage, each number of matters the matters."""
    heads = [
        (say("head.indicator", chosen), ""), (say("head.counted", chosen), "xs-n"), (say("head.points", chosen), "xs-n"),
        (say("head.interval", chosen), "xs-d xs-aside"), (say("head.peer", chosen), "xs-n xs-aside"), (say("head.target", chosen), "xs-aside"),
        (say("head.past", chosen), "xs-n xs-aside"), (say("head.weight", chosen), "xs-n xs-aside"), (say("head.contribution", chosen), "xs-n"),
    ]  # fmt: skip
    rows = [_indicator_row(one, chosen) for one in weighed(card)]
    total = (
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        text(points(100.0 if card.line.score is not None else None, chosen)),
        f"<b>{text(points(card.line.score, chosen))}</b>",
    )
    return rich_table(heads, rows, foot_row=(f"<b>{text(say('total', chosen))}</b>", *total[1:]))


def _indicator_row(one: IndicatorScore, chosen: Chosen) -> tuple[str, ...]:
    name = link(indicator_name(one.name, chosen), f"{chosen.query(indicator=one.name)}#lineage")
    if one.points is None:
        state = f"<small>{text(word('state', one.state, chosen))}</small>"
        return (
            name,
            counted(one, chosen),
            state,
            "",
            text(points(one.peer_points, chosen)),
            "",
            "",
            text(points(one.effective_weight, chosen)),
            text(points(one.contribution, chosen)),
        )
    target = (
        "" if one.target is None else f"{text(points(one.target, chosen))}\u2002{target_chip(one.target_state, chosen)}"
    )
    return (
        name, counted(one, chosen), text(points(one.points, chosen)),
        f"{track(one.points, one.interval, one.target)}<small>{text(interval_said(one.interval, chosen))}</small>", text(points(one.peer_points, chosen)),
        target, text(points(one.change, chosen, signed=True)), text(points(one.effective_weight, chosen)), text(points(one.contribution, chosen)),
    )  # fmt: skip


def counted(one: IndicatorScore, chosen: Chosen) -> str:
    """Numerator of denominator, each opening its matters; a mean stands as it is."""
    if one.denominator is None:
        return text(words.NOTHING)
    if one.numerator is None:
        return text(say("answers", chosen, count=int(one.denominator)))
    parts = [
        link(
            words.number(value, chosen.language), chosen.query(selection), words.say("frame.open_list", chosen.language)
        )
        if selection is not None and value
        else text(words.number(value, chosen.language, 0 if value == int(value) else 1))
        for value, selection in ((one.numerator, one.selection_met), (one.denominator, one.selection))
    ]
    return " / ".join(parts)


def _beside(beside: list[IndicatorScore], chosen: Chosen) -> str:
    heads = [
        (say("head.indicator", chosen), ""),
        (say("head.counted", chosen), "xs-n"),
        (say("head.raw", chosen), "xs-n"),
        (say("head.peer_pct", chosen), "xs-n xs-aside"),
    ]
    rows = [
        (link(indicator_name(one.name, chosen), f"{chosen.query(indicator=one.name)}#lineage"), counted(one, chosen),
         text(words.pct(one.raw_pct, chosen.language)) if one.state == "shown" else f'<small>{text(word("state", one.state, chosen))}</small>',
         text(words.pct(one.peer_pct, chosen.language)))
        for one in beside
    ]  # fmt: skip
    return rich_table(heads, rows)


# --- peers and past ----------------------------------------------------------------------------------------------------------------


def show_peers(card: ScoreCard, chosen: Chosen) -> None:
    """Where the score stands in the distribution of its peers, of whom nobody is named."""
    st.html(head_of("peers", chosen))
    if card.peers is None or card.peers.quantiles is None:
        st.html(quiet(say("few_peers_long", chosen)))
        return
    name = short_group(card.peers.group, chosen)
    values = {key: points(value, chosen) for key, value in card.peers.quantiles.items()}
    values["own"] = points(card.line.score, chosen)
    st.html(f'<p class="xs-line">{text(say("text.peers", chosen, count=card.peers.rated, **values))}</p>')
    figure = charts.plot_distribution([card.peers], [name], chosen.language, card.line.score)
    st.plotly_chart(figure, config=charts.CONFIG, key="score_peers", alt=say("alt.peers", chosen))


def show_trend(card: ScoreCard, chosen: Chosen) -> None:
    """The score of this period and those before, each with its interval and band by the rules of its time."""
    st.html(head_of("trend", chosen))
    known = card.trend.dropna(subset=["score"])
    if known.empty:
        st.html(quiet(say("none.trend", chosen)))
        return
    rows = card.trend.to_dict("records")
    names = [period_said(Period(row["first"], row["last"]), chosen.language) for row in rows]
    if card.trend_said is not None:
        st.html(f'<p class="xs-line">{text(tell(card.trend_said, chosen))}</p>')
        figure = charts.plot_score_trend(card.trend, card.trend["period"].tolist(), chosen.language)
        st.plotly_chart(figure, config=charts.CONFIG, key="score_trend", alt=say("alt.trend", chosen))
    shown = [
        {"period": name, "score": row["score"], "interval": interval_said(_range(row), chosen) or words.NOTHING,
         "band": word("band", row["band"], chosen) if isinstance(row["band"], str) else words.NOTHING, "rules": rule_name(row["rule_version"], chosen)}
        for row, name in zip(rows, names, strict=True)
    ]  # fmt: skip
    columns = (
        column("period"), column("score", "decimal"), column("interval"), column("band", aside=True), column("rules", aside=True)
    )  # fmt: skip
    st.html(tables.table(shown, columns, chosen))


def _range(row: dict) -> tuple[float, float] | None:
    return None if row["lower"] is None or row["lower"] != row["lower"] else (row["lower"], row["upper"])


# --- beside the score --------------------------------------------------------------------------------------------------------------


def show_questions(card: ScoreCard, chosen: Chosen) -> None:
    """What asks for a look, worded as questions; beside the score, never inside it."""
    st.html(head_of("questions", chosen))
    if not card.questions:
        st.html(quiet(say("none.card_questions", chosen)))
        return
    lines = []
    for one in card.questions:
        listed = words.join(one.items[:6], chosen.language) + ("…" if len(one.items) > 6 else "")
        lines.append(f"<li>{text(tell(one.said, chosen))}{f' <small>{text(listed)}</small>' if one.items else ''}</li>")
    st.html(f'<ul class="xs-lines">{"".join(lines)}</ul>')


def show_panel(card: ScoreCard, chosen: Chosen) -> None:
    """Volume, effort, coverage and activity beside the peers' middle: shown, never weighed."""
    known = [one for one in card.panel if one.value is not None]
    st.html(head_of("panel", chosen))
    if not known:
        st.html(quiet(say("none.panel", chosen)))
        return
    heads = [
        (words.say(f"column.scores.{key}", chosen.language), kind)
        for key, kind in (("panel_group", "xs-aside"), ("panel", ""), ("value", "xs-n"), ("peer_median", "xs-n"))
    ]
    groups = [None, *(one.group for one in known)]
    rows = [
        (
            text("" if one.group == before else word("panel_group", one.group, chosen)),
            text(words.say(f"scores.panel.{one.name}", chosen.language)),
            text(figure_said(one.value, one.unit, chosen)), text(figure_said(one.peer_median, one.unit, chosen)),
        )
        for before, one in zip(groups, known, strict=False)
    ]  # fmt: skip
    st.html(rich_table(heads, rows))


def show_foot(card: ScoreCard, chosen: Chosen) -> None:
    """The rules and records that the card rests on."""
    said = say("text.period", chosen, period=period_said(card.period, chosen.language))
    st.html(f'<p class="xs-basis">{text(said)}</p>{foot(card, chosen)}')
