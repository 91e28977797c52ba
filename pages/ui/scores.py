"""The city and street view of scorecards: what stands first, then every unit with its band, its score as a range, and its place among its peers."""

from collections.abc import Sequence

import streamlit as st

from analytics.scorecards import CardLine, Scorecards
from pages.ui import words
from pages.ui.links import Chosen
from pages.ui.load.scores import Asked
from pages.ui.markup import link, quiet, text
from pages.ui.scores_parts import (
    band_chip,
    band_of,
    card_link,
    foot,
    group_name,
    head,
    head_of,
    interval_said,
    kinds_nav,
    notices,
    period_said,
    points,
    rank_said,
    rich_table,
    say,
    spans_nav,
    tell,
    track,
)
from pages.ui.signals_parts import parts_nav

SHOWN = 12
BAND_ORDER = ("above", "among", "below", "alone", "unrated")


def show_top(found: Scorecards, asked: Asked, chosen: Chosen) -> None:
    """Which cards, period and place; the headline; that it is an aid to judgement; the few numbers: in one piece so that it stands at once."""
    said = (
        tell(found.headline, chosen)
        if found.lines
        else say("none.headline", chosen, period=period_said(found.period, chosen.language))
    )
    first = f'<div class="xs-headline"><p class="xs-first">{text(said)}</p></div>'
    st.html(
        f"{head(asked, words.where(found, chosen.language), chosen)}{kinds_nav(asked, chosen)}{spans_nav(chosen)}{first}{notices(found, chosen)}"
        f"{_figures(found, chosen) if found.lines else ''}"
    )


def show_nothing(chosen: Chosen) -> None:
    """No unit of this kind here: what it needs."""
    st.html(quiet(say("none.units", chosen)))


def _figures(found: Scorecards, chosen: Chosen) -> str:
    """How many stand apart from their peers, how many do not, and how many cannot be said of."""
    counts = {band: sum(band_of(line) == band for line in found.lines) for band in BAND_ORDER}
    cells = []
    for band in BAND_ORDER:
        if not counts[band] and band == "alone":
            continue
        number = text(words.number(counts[band], chosen.language))
        if counts[band]:
            number = link(
                words.number(counts[band], chosen.language),
                f"{chosen.query(band=band)}#units",
                say(f"band_note.{band}", chosen),
            )
        cells.append(
            f'<div class="xs-figure"><div class="xs-name">{band_chip(band, chosen)}</div><div class="xs-value">{number}'
            f'<small>{text(say("figure.unit", chosen))}</small></div><div class="xs-note">{text(say(f"band_note.{band}", chosen))}</div></div>'
        )
    return f'<div class="xs-figures xs-small"><div class="xs-grid">{"".join(cells)}</div></div>'


# --- every unit ------------------------------------------------------------------------------------------------------------------


def narrowed(found: Scorecards, chosen: Chosen) -> list[CardLine]:
    """The units of the band and peer group that the link names."""
    own = dict(chosen.own)
    band, group = own.get("band"), group_of(found, chosen)
    return [
        line for line in found.lines
        if (band not in BAND_ORDER or band_of(line) == band) and (group is None or line.unit.group == group)
    ]  # fmt: skip


def group_of(found: Scorecards, chosen: Chosen) -> str | None:
    """The peer group that the link names, if there is one of that name."""
    wanted = dict(chosen.own).get("group")
    return wanted if wanted in {one.group for one in found.groups} else None


def show_units(found: Scorecards, chosen: Chosen) -> None:
    """Every unit in order of place, not of score; narrowed by band and by peer group."""
    st.html(head_of("units", chosen) + _narrowing(found, chosen))
    lines = narrowed(found, chosen)
    if not lines:
        st.html(quiet(say("none.narrowed", chosen)))
        return
    st.html(units_table(lines[:SHOWN], chosen))
    if len(lines) > SHOWN:
        label = words.say("frame.all_lines", chosen.language, count=len(lines))
        with st.expander(label, on_change="rerun", key="all_units") as rest:
            if rest.open:
                st.html(units_table(lines[SHOWN:], chosen))


def _narrowing(found: Scorecards, chosen: Chosen) -> str:
    own = dict(chosen.own)
    band, group = own.get("band"), group_of(found, chosen)
    navs = []
    bands = [one for one in BAND_ORDER if any(band_of(line) == one for line in found.lines)]
    if len(bands) > 1:
        ways = [(chosen.query(band=None), say("all.band", chosen), band not in bands)]
        ways += [(chosen.query(band=one), say(f"band_short.{one}", chosen), one == band) for one in bands]
        navs.append(parts_nav(ways, say("narrow.band", chosen)))
    if len(found.groups) > 1:
        ways = [(chosen.query(group=None), say("all.group", chosen), group is None)]
        ways += [
            (chosen.query(group=one.group), group_name(one.group, chosen), one.group == group) for one in found.groups
        ]
        navs.append(parts_nav(ways, say("narrow.group", chosen)))
    return f'<div class="xs-narrowing">{"".join(navs)}</div>' if navs else ""


def units_table(lines: Sequence[CardLine], chosen: Chosen) -> str:
    """Units with band, score and interval, place as a range, movement, coverage of the weight, and questions where there are any."""
    cells = [_cells(line, chosen) for line in lines]
    kinds = {
        "unit": "xs-u", "band": "xs-d", "score": "xs-n", "interval": "xs-d xs-aside", "rank": "xs-d xs-aside", "change": "xs-n xs-aside", "coverage": "xs-n xs-aside", "questions": "xs-n xs-aside",
    }  # fmt: skip
    names = [name for name in kinds if name != "questions" or any(line.questions for line in lines)]
    return rich_table(
        [(say(f"head.{name}", chosen), kinds[name]) for name in names], [[row[name] for name in names] for row in cells]
    )


def _cells(line: CardLine, chosen: Chosen) -> dict[str, str]:
    said = chosen.language
    group = (
        ""
        if dict(chosen.own).get("group")
        else f'<span class="xs-aside"><br><small>{text(group_name(line.unit.group, chosen))}</small></span>'
    )
    asks = (
        link(words.number(line.questions, said), f"{_opens(line, chosen)}#questions") if line.questions else text("0")
    )
    return {
        "unit": f"{card_link(line, chosen)}{group}", "band": band_chip(band_of(line), chosen, short=True), "score": text(points(line.score, chosen)),
        "interval": f"{track(line.score, line.interval)}<small>{text(interval_said(line.interval, chosen))}</small>",
        "rank": text(rank_said(line, chosen)), "change": text(points(line.change, chosen, signed=True)),
        "coverage": text(words.pct(line.coverage_pct, said, 0)), "questions": asks,
    }  # fmt: skip


def _opens(line: CardLine, chosen: Chosen) -> str:
    return chosen.query(card=line.unit.unit_id)


def show_foot(found: Scorecards, chosen: Chosen) -> None:
    """What the scores rest on."""
    st.html(foot(found, chosen))
