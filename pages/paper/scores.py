"""Scorecards on paper: the list of units, or one card with everything that a recount by hand needs."""

from collections.abc import Mapping

import pandas as pd

from analytics.figures import Period, Sentence
from analytics.scorecards import (
    CountedItems,
    IndicatorScore,
    PanelFigure,
    ScoreCard,
    Scorecards,
    card_as_it_leaves,
    items_as_they_leave,
    list_as_it_leaves,
)
from analytics.scores.windows import name_of, said_of
from pages.paper.document import Annex, Block, Bullets, Cell, Column, Document, Heading, Number, Paragraph, Table, clean
from pages.paper.scores_annex import basis_tables, item_tables
from pages.paper.scores_words import columns, indicator_name, say, word
from pages.ui import words

RECOUNT = {"rate": "recount", "mix": "recount_mix", "mean": "recount_mean", "census": "recount_census"}
STATES = ("scored", "shown", "too_few", "no_data", "not_applicable")
QUANTILES = ("p10", "p25", "p50", "p75", "p90")


def list_document(found: Scorecards, language: str) -> Document:
    """The list of units with bands, ranges and coverage, as it may leave the screen."""
    fit = list_as_it_leaves(found)
    area = words.where(fit, language)
    kind, period = words.say(f"scores.kind.{fit.kind}", language), words.tell(said_of(fit.period), language)
    sections = {
        "units": (_units(fit, language),),
        "rates": (_rates(fit, language),),
        "coverage_of_data": (_coverage(fit, language),),
        "groups": (_groups(fit, language),),
    }
    blocks: list[Block] = [Paragraph(words.tell(fit.headline, language))]
    blocks += [Paragraph(words.tell(one, language), "notice") for one in fit.notices]
    blocks += [Paragraph(words.say("scores.asked", language, count=fit.items_asked)), *_sections(sections, language)]
    return clean(
        Document(
            title=say(f"title_{fit.kind}", language), subtitle=say("subtitle", language, period=period, area=area), blocks=tuple(blocks),
            foot=(_foot(fit, language),), language=language, kind="scores", name=say("file_list", language, kind=kind, period=name_of(fit.period)),
            as_of=fit.as_of, layout="compact",
        )
    )  # fmt: skip


def card_document(card: ScoreCard, items: Mapping[str, CountedItems], language: str) -> Document:
    """One card: score, indicators, what would raise it, what was left out, questions; in the annexes the recount and every item."""
    fit = card_as_it_leaves(card)
    unit, period = fit.line.unit, words.tell(said_of(fit.period), language)
    raising = Bullets(tuple(words.tell(_rounded(one.said), language) for one in (*fit.missing, *fit.gains)))
    sections = {
        "indicators": (_indicators(fit, language), _targets(fit, language)),
        "gains": (*(Paragraph(words.tell(one, language)) for one in fit.next_said), raising, _due(fit, language)),
        "left_out": (_left_out(fit, language),),
        "objections": (_objections(fit, language),),
        "questions": (Bullets(tuple(words.tell(_rounded(one.said), language) for one in fit.questions)),),
        "trend": (*(Paragraph(words.tell(one, language)) for one in (fit.trend_said,) if one), _trend(fit, language)),
        "panel": (_panel(fit, language),),
    }
    blocks: list[Block] = [Paragraph(words.tell(fit.headline, language))]
    blocks += [Paragraph(words.tell(one, language), "notice") for one in fit.notices]
    blocks += [_summary(fit, language), *_sections(sections, language)]
    basis, lineage = basis_tables(fit, language), item_tables(fit, items_as_they_leave(card, items), language)
    if basis:
        methods = dict.fromkeys(one.basis["method"] for one in fit.indicators if one.contribution is not None)
        said = (*(RECOUNT[one] for one in methods), "recount_total")
        blocks += [Annex(say("basis", language)), *(Paragraph(say(one, language)) for one in said), *basis]
    if lineage:
        blocks += [Annex(say("counted", language)), *lineage]
    return clean(
        Document(
            title=say("title_card", language, name=unit.name),
            subtitle=say("subtitle", language, period=period, area=unit.area) if unit.area else period, blocks=tuple(blocks),
            foot=(_foot(fit, language), words.say("scores.asked", language, count=fit.items_asked)), language=language, kind="scores",
            name=say("file_card", language, unit=unit.unit_id, period=name_of(fit.period)), as_of=fit.as_of, layout="compact",
        )
    )  # fmt: skip


def _sections(sections: Mapping[str, tuple[Block, ...]], language: str) -> list[Block]:
    """Each section below its heading; what has no rows or items is left out, and so is a heading that nothing follows."""
    blocks: list[Block] = []
    for name, parts in sections.items():
        kept = [one for one in parts if not _is_empty(one)]
        blocks += [Heading(1, say(name, language)), *kept] if kept else []
    return blocks


def _is_empty(block: Block) -> bool:
    return (isinstance(block, Table) and not block.rows) or (isinstance(block, Bullets) and not block.items)


def group_name(group: str, language: str) -> str:
    """A peer group in words: level, types, size."""
    level, _, rest = group.partition(":")
    types, _, size = rest.partition(":")
    parts = [word("level", level, language), *(word("type", one, language) for one in types.split("+"))]
    return " · ".join([*parts, word("size", size, language)] if size else parts)


def _rounded(said: Sentence) -> Sentence:
    """The sentence with its numbers to one decimal."""
    values = {name: round(value, 1) if isinstance(value, float) else value for name, value in said.values.items()}
    return Sentence(said.key, values, said.selection)


def _range(value: tuple | None, language: str) -> str | None:
    if value is None or pd.isna(value[0]):
        return None
    return "–".join(dict.fromkeys(words.number(one, language, 1) for one in value))


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


def _units(found: Scorecards, language: str) -> Table:
    said = columns(language, level="text", score="decimal", interval="text", coverage="pct", band="text", rank="text", peers="count",
                   change="decimal", workload="count")  # fmt: skip
    rows = tuple(
        (
            one.unit.name, word("level", one.unit.level, language), one.score, _range(one.interval, language), one.coverage_pct,
            word("band", one.band, language) if one.band else word("unit_state", one.state, language) if one.score is None else None,
            "–".join(dict.fromkeys(map(str, one.rank))) if one.rank else None, one.peers or None, one.change, one.workload,
        )
        for one in found.lines
    )  # fmt: skip
    return Table("", (_unit_column(language), *said), rows)


def _unit_column(language: str) -> Column:
    return Column(say("unit", language), width=2)


def _rates(found: Scorecards, language: str) -> Table:
    """The weighed rates of each unit as counted; its card has their denominators."""
    rates = found.funnel.set_index(["unit_id", "indicator"])["raw_pct"]
    weighed = [row["indicator"] for row in found.coverage.to_dict("records") if row["scored"]]
    kept = [name for name in weighed if name in rates.index.get_level_values("indicator")]
    rows = tuple(
        (one.unit.name, *(rates.get((one.unit.unit_id, name)) for name in kept)) for one in found.lines if kept
    )
    said = (Column(indicator_name(name, language), form="pct") for name in kept)
    return Table("", (_unit_column(language), *said), rows)


def _coverage(found: Scorecards, language: str) -> Table:
    said = (
        Column(say("indicator", language)),
        *(Column(words.say(f"scores.state.{one}", language), form="count") for one in STATES),
    )
    rows = tuple(
        (indicator_name(row["indicator"], language), *(int(row[one]) for one in STATES))
        for row in found.coverage.to_dict("records")
    )
    return Table("", said, rows)


def _groups(found: Scorecards, language: str) -> Table:
    said = (
        *columns(language, group="text", group_units="count", rated="count", mean="decimal"),
        *(Column(name.upper(), form="decimal") for name in QUANTILES),
    )
    rows = tuple(
        (group_name(one.group, language), one.units, one.rated, one.mean, *((one.quantiles or {}).get(name) for name in QUANTILES))
        for one in found.groups
    )  # fmt: skip
    return Table("", said, rows)


def _summary(card: ScoreCard, language: str) -> Table:
    line = card.line
    pairs = (
        ("score", Number(line.score, "hundredth")), ("interval", _range(line.interval, language)), ("coverage", Number(line.coverage_pct, "pct")),
        ("group", group_name(line.unit.group, language)), ("band", word("band", line.band, language)),
        ("rank", _rank(line.rank, line.peers, language)), ("stars", _stars(line.stars, language)), ("change", Number(line.change, "hundredth")),
        ("peer", Number(card.peers.mean if card.peers else None, "hundredth")), ("workload", Number(line.workload)),
    )  # fmt: skip
    told = [(say(name, language), value) for name, value in pairs]
    heads = tuple(Column(say(name, language), width=width) for name, width in (("quantity", 2), ("value", 3)) * 2)
    return Table("", heads, tuple((*left, *right) for left, right in zip(told[:5], told[5:], strict=True)))


def _shown(card: ScoreCard) -> list[IndicatorScore]:
    return [one for one in card.indicators if one.state not in ("not_applicable", "no_data") or one.weight > 0]


def _indicators(card: ScoreCard, language: str) -> Table:
    said = columns(language, indicator="text", state="text", numerator="count", denominator="count", raw="decimal", peer="decimal",
                   points="hundredth", effective="hundredth", contribution="hundredth")  # fmt: skip
    rows = tuple(
        (indicator_name(one.name, language), word("state", one.state, language), one.numerator, one.denominator, one.raw_pct, one.peer_pct,
         one.points, one.effective_weight, one.contribution)
        for one in _shown(card)
    )  # fmt: skip
    notes = [say("adds_up", language)] if card.line.score is not None else []
    notes += [say("hidden", language)] if any(one.is_hidden for one in card.indicators) else []
    return Table("", said, rows, "\n".join(notes))


def _targets(card: ScoreCard, language: str) -> Table:
    said = columns(language, indicator="text", first="day", last="day", weight="count", interval="text", target="count", target_state="text",
                   change="hundredth")  # fmt: skip
    rows = tuple(
        (indicator_name(one.name, language), one.period.first, one.period.last, one.weight, _range(one.interval, language), one.target,
         word("target_state", one.target_state, language), one.change)
        for one in card.indicators if one.weight > 0
    )  # fmt: skip
    return Table(say("targets", language), said, rows)


def _left_out(card: ScoreCard, language: str) -> Table:
    few = say("few", language)
    rows = tuple(
        (indicator_name(one.name, language), word("left_out", part.reason, language), few if part.items is None else part.items)
        for one in _shown(card) if one.weight > 0
        for part in one.left_out
    )  # fmt: skip
    return Table("", columns(language, indicator="text", reason="text", items="count"), rows)


def _due(card: ScoreCard, language: str) -> Table:
    rows = tuple(
        (word("what", one.what, language), one.number, one.due_on, indicator_name(one.indicator, language))
        for one in card.due
    )
    return Table(
        say("due", language), columns(language, what="text", number="text", due_on="day", indicator="text"), rows
    )


def _objections(card: ScoreCard, language: str) -> Table:
    said = columns(language, indicator="text", number="text", state="text", reason="text", decision_reason="text", before="hundredth",
                   after="hundredth")  # fmt: skip
    rows = tuple(
        (indicator_name(one.indicator, language), one.item, word("objection", one.state, language), one.reason, one.decision_reason,
         one.score_before, one.score_after)
        for one in card.objections
    )  # fmt: skip
    return Table("", said, rows)


def _trend(card: ScoreCard, language: str) -> Table:
    """The score over the periods, each by the rules of its time."""
    rows = tuple(
        (words.tell(said_of(Period(row["first"], row["last"], True)), language), row["score"], _range((row["lower"], row["upper"]), language),
         word("band", row["band"], language) if isinstance(row["band"], str) else None, _version(row["rule_version"], language))
        for row in card.trend.to_dict("records")
    )  # fmt: skip
    return Table(
        "", columns(language, period="text", score="hundredth", interval="text", band="text", rules="text"), rows
    )


def _version(version: str, language: str) -> str:
    """A version of the rules as people call it; a file's by its mark."""
    origin, _, number = version.partition("-")
    key = {"shipped": "shipped", "desk": "numbered"}.get(origin)
    return words.say(f"score_pages.rule_version.{key}", language, number=number) if key else version


def _panel(card: ScoreCard, language: str) -> Table:
    rows = tuple(
        (words.say(f"scores.panel.{one.name}", language), _figure(one, one.value), _figure(one, one.peer_median))
        for one in card.panel
        if one.value is not None
    )
    return Table("", columns(language, quantity="text", value="count", peer_median="count"), rows)


def _figure(one: PanelFigure, value: float | None) -> Cell:
    return Number(value, "pct") if one.unit == "pct" else value


def _foot(found: ScoreCard | Scorecards, language: str) -> str:
    said = {
        "version": _version(found.rules.version, language),
        "valid_from": found.rules.valid_from,
        "data": found.version,
        "as_of": found.as_of,
    }
    return say("foot", language, **said)
