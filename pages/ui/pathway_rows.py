"""Rows of the pathways, of the one-table form and of the annual report in the reader's language, for screen and paper alike."""

from analytics.briefs.sources_report import SourcesReport
from analytics.figures import Figure, Line
from analytics.pathways import Dwell, Effect, Funnel, PolicyEffect, Ratio, Stage
from pages.ui import cards, words


def stage_rows(funnel: Funnel, language: str) -> list[dict]:
    """A row a stage, as written."""
    return [_stage_row(stage, language) for stage in funnel.stages]


def _stage_row(stage: Stage, language: str) -> dict:
    note = ""
    if stage.figure.missing is not None:
        note = words.tell(stage.figure.missing, language)
    elif stage.unrecorded:
        sources = tuple(words.name("source", one, language) for one in stage.unrecorded)
        note = words.say("pathways.funnel.partly", language, sources=sources)
    return {
        "stage": stage.name,
        "stage_count": stage.figure.value,
        "share_pct": None if stage.name == "collected" else stage.share_pct,
        "interval": None if stage.name == "collected" else interval_text(stage.interval, language),
        "note": note,
        "selection": stage.figure.selection,
    }


def dwell_rows(funnel: Funnel, language: str) -> list[dict]:
    """A row a step between stages, as written."""
    return [_dwell_row(dwell, language) for dwell in funnel.dwells]


def _dwell_row(dwell: Dwell, language: str) -> dict:
    return {
        "step": f"{dwell.start}_{dwell.end}",
        "begun": dwell.begun,
        "ended": dwell.ended,
        "median_days": dwell.median.value,
        "p90_days": dwell.p90.value,
        "note": _why(dwell.median, dwell.p90, language),
    }


def _why(median: Figure, p90: Figure, language: str) -> str:
    """Why one of the two is not there; the wider reason is enough for both."""
    missing = median.missing or p90.missing
    return "" if missing is None else words.tell(missing, language)


def share_row(values: dict, selection: object, language: str) -> dict:
    """A row of disputes and those followed, as written."""
    return {
        **values,
        "interval": interval_text((values["lower_pct"], values["upper_pct"]), language),
        "selection": selection,
    }


def policy_row(one: PolicyEffect, language: str) -> dict:
    """A row an action, as written."""
    return {
        "kind": one.kind,
        "state": one.state,
        "area": one.area,
        "category": one.category,
        "effective_on": one.effective_on,
        "per_30": _per_30(one, language),
        "before": one.before,
        "after": one.after,
        "change_ratio": ratio_text(one.change, language),
        "against_season": ratio_text(one.against_season, language),
        "before_selection": one.before_selection,
        "after_selection": one.after_selection,
    }


def _per_30(one: PolicyEffect, language: str) -> str:
    if one.per_30_before is None:
        return words.NOTHING
    before, after = (words.number(rate, language, 1) for rate in (one.per_30_before, one.per_30_after))
    return f"{before} → {after}"


def interval_text(interval: tuple[float | None, float | None] | None, language: str) -> str:
    """Both ends of an interval in percent."""
    if interval is None or interval[0] is None:
        return words.NOTHING
    low, high = (words.number(one, language, 1) for one in interval)
    return f"{low}～{high}%" if language == "zh" else f"{low}–{high}%"


def ratio_text(ratio: Ratio | None, language: str) -> str:
    """A ratio with its interval."""
    if ratio is None or ratio.lower is None:
        return words.NOTHING
    value, lower, upper = (
        words.say("pathways.policy.unbounded", language) if one is None else words.number(one, language, 2)
        for one in (ratio.value, ratio.lower, ratio.upper)
    )
    return words.say("pathways.policy.ratio", language, value=value, lower=lower, upper=upper)


def effect_sentences(effect: Effect, days: int, language: str) -> list[str]:
    """What resolving in time goes along with, in lines to be read; or why nothing is compared."""
    if effect.missing is not None or effect.difference is None:
        return [words.tell(effect.missing, language)] if effect.missing else []
    value, lower, upper = (round(one, 1) for one in effect.difference)
    way = "same" if value == 0 else "lower" if value < 0 else "higher"
    change = words.say(f"pathways.link.effect_{way}", language, points=abs(value))
    said = [
        words.say("pathways.link.effect_said", language, change=change, lower=lower, upper=upper, strata=effect.strata)
    ]
    if effect.ratio is not None:
        ratio = dict(
            zip(("ratio", "lower", "upper"), (words.number(one, language, 2) for one in effect.ratio), strict=True)
        )
        said.append(words.say("pathways.link.effect_ratio", language, **ratio))
    if effect.crude is not None:
        crude = dict(
            zip(("value", "lower", "upper"), (words.number(one, language, 1) for one in effect.crude), strict=True)
        )
        said.append(words.say("pathways.link.effect_crude", language, **crude))
    return [*said, words.say("pathways.link.effect_caution", language)]


def source_row(line: Line, language: str) -> dict:
    """A row with its comparisons in words; a total is called so."""
    values = dict(line.values)
    for name, key in (("previous_said", "previous_change"), ("year_said", "year_change")):
        found = values.get(key)
        values[name] = words.NOTHING if found is None or found.base is None else cards.moved(found, language)
    if values.get("is_total"):
        values["category"] = words.say("pathways.sources.total", language)
    return values | {"selection": line.selection}


def source_notes(report: SourcesReport, language: str) -> list[str]:
    """How years were aligned, and the rows that cannot be told, each reason once."""
    said = []
    if report.alignment != "calendar":
        key = "jan_feb" if report.alignment == "jan_feb_together" else "lunar"
        said.append(words.say(f"pathways.sources.{key}", language))
    reasons: dict[str, list[str]] = {}
    for line in report.overall:
        if line.values["missing"] is not None:
            reason = words.tell(line.values["missing"], language)
            reasons.setdefault(reason, []).append(words.name("signal", line.values["name"], language))
    return said + [
        words.say("pathways.sources.unknown_row", language, name=tuple(names), reason=reason)
        for reason, names in reasons.items()
    ]


def year_row(line: Line, language: str) -> dict:
    """A line with its comparison in words."""
    change = line.values.get("change")
    return {
        **line.values,
        "said": words.NOTHING if change is None else cards.moved(change, language),
        "selection": line.selection,
    }


def unit_row(line: Line, language: str) -> dict:
    """A unit, or the others of a line together."""
    values = dict(line.values)
    if values["org_id"] is None and values["units"] > 1:
        values["unit"] = words.say("annual.units_together", language, count=values["units"])
    return values | {"selection": line.selection}
