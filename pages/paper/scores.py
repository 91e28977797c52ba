"""Scorecards on paper: the list of units, or one card with everything that a recount by hand needs."""

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from analytics.scorecards import (
    CountedItems,
    IndicatorScore,
    ScoreCard,
    Scorecards,
    card_as_it_leaves,
    list_as_it_leaves,
)
from analytics.scores.windows import name_of
from pages.paper.document import Annex, Block, Bullets, Column, Document, Heading, Number, Paragraph, Table, clean
from pages.ui import words

RECOUNT = ("recount", "recount_mix", "recount_mean")


def list_document(found: Scorecards, language: str) -> Document:
    """The list of units with bands, ranges and coverage, as it may leave the screen."""
    fit = list_as_it_leaves(found)
    period = name_of(fit.period)
    area = fit.area or words.say("frame.whole_area", language)
    blocks: tuple[Block, ...] = (
        Paragraph(words.tell(fit.headline, language)),
        *(Paragraph(words.tell(one, language), "notice") for one in fit.notices),
        Paragraph(words.say("scores.asked", language, count=fit.items_asked)),
        _units(fit, language),
        _coverage(fit, language),
        _groups(fit, language),
    )
    kind = words.say(f"scores.kind.{fit.kind}", language)
    return clean(
        Document(
            title=_say(f"title_{fit.kind}", language), subtitle=_say("subtitle", language, period=period, area=area), blocks=blocks,
            foot=(_foot(fit, language),), language=language, kind="scores", name=_say("file_list", language, kind=kind, period=period),
            as_of=fit.as_of, layout="compact",
        )
    )  # fmt: skip


def card_document(card: ScoreCard, items: Mapping[str, CountedItems], language: str) -> Document:
    """One card: score, indicators, what was left out, what would raise it, questions; and in the annex every item that was counted."""
    fit = card_as_it_leaves(card)
    period, unit = name_of(fit.period), fit.line.unit
    blocks: list[Block] = [Paragraph(words.tell(fit.headline, language))]
    blocks += [Paragraph(words.tell(one, language), "notice") for one in fit.notices]
    blocks += [_summary(fit, language), _indicators(fit, language), _targets(fit, language), _left_out(fit, language)]
    if fit.gains:
        blocks += [
            Heading(2, _say("gains", language)),
            Bullets(tuple(words.tell(_rounded(one.said), language) for one in fit.gains)),
        ]
    if fit.questions:
        blocks += [
            Heading(2, _say("questions", language)),
            Bullets(tuple(words.tell(_rounded(one.said), language) for one in fit.questions)),
        ]
    blocks += [_due(fit, language), _objections(fit, language), _trend(fit, language), _panel(fit, language)]
    blocks.append(Annex(_say("basis", language)))
    blocks += [Paragraph(_say(name, language)) for name in RECOUNT]
    blocks += [_basis(fit, language), *_lineage(fit, items, language)]
    return clean(
        Document(
            title=_say("title_card", language, name=unit.name),
            subtitle=_say("subtitle", language, period=period, area=unit.area or words.NOTHING),
            blocks=tuple(one for one in blocks if not (isinstance(one, Table) and not one.rows)),
            foot=(_foot(fit, language), words.say("scores.asked", language, count=fit.items_asked)), language=language, kind="scores",
            name=_say("file_card", language, unit=unit.unit_id, period=period), as_of=fit.as_of, layout="compact",
        )
    )  # fmt: skip


def _say(key: str, language: str, **values: object) -> str:
    return words.say(f"paper.scores.{key}", language, **values)


def _word(group: str, code: object, language: str) -> str:
    key = f"scores.{group}.{code}"
    return (
        words.say(key, language)
        if code is not None and words.has(key, language)
        else (words.NOTHING if code is None else str(code))
    )


def indicator_name(name: str, language: str) -> str:
    """What an indicator is called."""
    return words.say(f"scores.indicator.{name}.name", language)


def group_name(group: str, language: str) -> str:
    """A peer group in words: level, types, size."""
    level, _, rest = group.partition(":")
    types, _, size = rest.partition(":")
    parts = [_word("level", level, language), *(_word("type", one, language) for one in types.split("+"))]
    return " · ".join([*parts, _word("size", size, language)] if size else parts)


def _rounded(said: object) -> object:
    """The sentence with its numbers to one decimal."""
    values = {name: round(value, 1) if isinstance(value, float) else value for name, value in said.values.items()}
    return type(said)(said.key, values, said.selection)


def _range(value: tuple | None, language: str) -> str | None:
    if value is None or value[0] is None:
        return None
    return f"{words.number(value[0], language, 1)}–{words.number(value[1], language, 1)}"


def _rank(rank: tuple[int, int] | None, peers: int, language: str) -> str | None:
    if rank is None:
        return None
    key = "scores.rank_one" if rank[0] == rank[1] else "scores.rank"
    return words.say(key, language, low=rank[0], high=rank[1], peers=peers)


def _stars(stars: tuple[int, int] | None, language: str) -> str | None:
    if stars is None:
        return None
    key = "scores.stars" if stars[0] == stars[1] else "scores.stars_range"
    return words.say(key, language, low=stars[0], high=stars[1])


def _columns(language: str, **forms: str) -> tuple[Column, ...]:
    return tuple(Column(_say(name, language), form=form) for name, form in forms.items())


def _units(found: Scorecards, language: str) -> Table:
    columns = _columns(language, unit="text", level="text", score="decimal", interval="text", coverage="pct", band="text", rank="text",
                       change="decimal", workload="count")  # fmt: skip
    rows = tuple(
        (
            one.unit.name, _word("level", one.unit.level, language), one.score, _range(one.interval, language), one.coverage_pct,
            _word("band", one.band, language) if one.band else _word("unit_state", one.state, language) if one.score is None else None,
            _rank(one.rank, one.peers, language), one.change, one.workload,
        )
        for one in found.lines
    )  # fmt: skip
    return Table(_say("units", language), columns, rows)


def _coverage(found: Scorecards, language: str) -> Table:
    states = ("scored", "shown", "too_few", "no_data", "not_applicable")
    columns = (
        Column(_say("indicator", language)),
        *(Column(words.say(f"scores.state.{one}", language), form="count") for one in states),
    )
    rows = tuple(
        (indicator_name(row["indicator"], language), *(int(row[one]) for one in states))
        for row in found.coverage.to_dict("records")
    )
    return Table(_say("indicators", language), columns, rows)


def _groups(found: Scorecards, language: str) -> Table:
    columns = (
        *_columns(language, group="text", units="count", rated="count", mean="decimal"),
        *(Column(name, form="decimal") for name in ("P10", "P25", "P50", "P75", "P90")),
    )
    rows = tuple(
        (group_name(one.group, language), one.units, one.rated, one.mean, *((one.quantiles or {}).get(name) for name in ("p10", "p25", "p50", "p75", "p90")))
        for one in found.groups
    )  # fmt: skip
    return Table(_say("groups", language), columns, rows)


def _summary(card: ScoreCard, language: str) -> Table:
    line = card.line
    pairs = (
        ("score", Number(line.score, "decimal")), ("interval", _range(line.interval, language)), ("coverage", Number(line.coverage_pct, "pct")),
        ("group", group_name(line.unit.group, language)), ("band", _word("band", line.band, language)),
        ("rank", _rank(line.rank, line.peers, language)), ("stars", _stars(line.stars, language)), ("change", Number(line.change, "decimal")),
        ("peer", Number(card.peers.mean if card.peers else None, "decimal")), ("workload", Number(line.workload)),
    )  # fmt: skip
    return Table(
        "",
        _columns(language, quantity="text", value="text"),
        tuple((_say(name, language), value) for name, value in pairs),
    )


def _shown(card: ScoreCard) -> list[IndicatorScore]:
    return [one for one in card.indicators if one.state not in ("not_applicable", "no_data") or one.weight > 0]


def _indicators(card: ScoreCard, language: str) -> Table:
    columns = _columns(language, indicator="text", state="text", numerator="decimal", denominator="decimal", raw="decimal", peer="decimal",
                       points="decimal", effective="decimal", contribution="decimal")  # fmt: skip
    rows = tuple(
        (indicator_name(one.name, language), _word("state", one.state, language), one.numerator, one.denominator, one.raw_pct, one.peer_pct,
         one.points, one.effective_weight, one.contribution)
        for one in _shown(card)
    )  # fmt: skip
    note = _say("hidden", language) if any(one.is_hidden for one in card.indicators) else ""
    return Table(_say("indicators", language), columns, rows, note)


def _targets(card: ScoreCard, language: str) -> Table:
    columns = _columns(
        language,
        indicator="text",
        window="text",
        weight="decimal",
        interval="text",
        target="decimal",
        state="text",
        change="decimal",
    )
    rows = tuple(
        (indicator_name(one.name, language), words.day_range(one.period.first, one.period.last, language), one.weight, _range(one.interval, language),
         one.target, _word("target_state", one.target_state, language), one.change)
        for one in card.indicators if one.weight > 0
    )  # fmt: skip
    return Table(_say("target", language), columns, rows)


def _left_out(card: ScoreCard, language: str) -> Table:
    rows = tuple(
        (indicator_name(one.name, language), _word("left_out", part.reason, language), part.items)
        for one in _shown(card)
        for part in one.left_out
    )
    return Table(_say("left_out", language), _columns(language, indicator="text", reason="text", items="count"), rows)


def _due(card: ScoreCard, language: str) -> Table:
    rows = tuple(
        (_word("what", one.what, language), one.number, one.due_on, indicator_name(one.indicator, language))
        for one in card.due
    )
    return Table(
        _say("due", language), _columns(language, what="text", number="text", due_on="day", indicator="text"), rows
    )


def _objections(card: ScoreCard, language: str) -> Table:
    rows = tuple(
        (
            indicator_name(one.indicator, language),
            one.item,
            _word("objection", one.state, language),
            one.reason,
            one.score_before,
            one.score_after,
        )
        for one in card.objections
    )
    columns = (
        *_columns(language, indicator="text", number="text", state="text", reason="text"), Column(_say("score", language), form="decimal"),
        Column(_say("points", language), form="decimal"),
    )  # fmt: skip
    return Table(_say("objections", language), columns, rows)


def _trend(card: ScoreCard, language: str) -> Table:
    rows = tuple(
        (
            row["period"],
            row["score"],
            _word("band", row["band"], language) if isinstance(row["band"], str) else None,
            row["rule_version"],
        )
        for row in card.trend.to_dict("records")
    )
    return Table(
        _say("trend", language), _columns(language, period="text", score="decimal", band="text", rules="text"), rows
    )


def _panel(card: ScoreCard, language: str) -> Table:
    rows = tuple(
        (words.say(f"scores.panel.{one.name}", language), one.value, one.peer_median)
        for one in card.panel
        if one.value is not None
    )
    return Table(
        _say("panel", language), _columns(language, quantity="text", value="decimal", peer_median="decimal"), rows
    )


def _basis(card: ScoreCard, language: str) -> Table:
    rows = []
    for one in _shown(card):
        name = indicator_name(one.name, language)
        rows += [(name, key, f"{value:.6g}") for key, value in one.basis.items() if isinstance(value, float)]
        for row in one.basis.get("subjects", ()):
            said = "; ".join(f"{key} {row[key]:.6g}" for key in ("met", "whole", "rate", "mix"))
            rows.append((name, str(row["subject"]), said))
    return Table(
        _say("basis", language), _columns(language, indicator="text", quantity="text", value="text"), tuple(rows)
    )


def _lineage(card: ScoreCard, items: Mapping[str, CountedItems], language: str) -> list[Table]:
    """Every item behind the indicators, by the week of its day."""
    tables = []
    hidden = {one.name for one in card.indicators if one.is_hidden}
    columns = _columns(
        language,
        number="text",
        week="day",
        state="text",
        reason="text",
        category="text",
        numerator="decimal",
        denominator="decimal",
    )
    for name, found in items.items():
        if name in hidden or found.items.empty:
            continue
        rows = tuple(
            (row["item"], _week(row["day"]), _word("item_state", row["state"], language), _said(row["reason"], language), _text(row["category"]),
             row["numerator"], row["denominator"])
            for row in found.items.to_dict("records")
        )  # fmt: skip
        tables.append(Table(_say("lineage", language, indicator=indicator_name(name, language)), columns, rows))
    return tables


def _said(reason: object, language: str) -> str | None:
    return _word("left_out", reason, language) if isinstance(reason, str) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _week(day: object) -> date | None:
    if day is None or pd.isna(day):
        return None
    found = pd.Timestamp(day).date()
    return found - timedelta(days=found.weekday())


def _foot(found: ScoreCard | Scorecards, language: str) -> str:
    origin = words.say(f"scores.origin.{found.rules.origin}", language)
    said = {
        "version": found.rules.version,
        "origin": origin,
        "valid_from": found.rules.valid_from,
        "data": found.version,
        "as_of": found.as_of,
    }
    return _say("foot", language, **said)
