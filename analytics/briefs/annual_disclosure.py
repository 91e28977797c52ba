"""What of an annual report may leave the handling unit's own screen: below street level small counts are hidden."""

from dataclasses import replace

from analytics.briefs.annual_answer import AnnualBrief
from analytics.briefs.disclosure import for_export
from analytics.briefs.pathways_disclosure import hide_counts, hide_figure
from analytics.figures import Line

ALONG = ("share_pct", "change", "per_10k")
COUNTS = {"new": ALONG, "before": ("change",)}
STEPS = dict.fromkeys(("routed", "supervised", "closed"), ())


@for_export.register
def _(brief: AnnualBrief) -> AnnualBrief:
    fit = replace(
        brief,
        policy=for_export(brief.policy),
        funnel=for_export(brief.funnel),
        petition_link=for_export(brief.petition_link),
    )
    if any(line.values["is_below_street"] for line in brief.regions):
        fit = replace(fit, regions=hide_counts(brief.regions, COUNTS))
    if not brief.is_below_street:
        return fit
    received = tuple(hide_figure(figure) for figure in brief.received)
    return replace(
        fit,
        headline=brief.headline[:1] if received[0].value is not None else (),
        received=received,
        handling=tuple(hide_figure(figure) for figure in brief.handling),
        rates=tuple(hide_figure(figure) for figure in brief.rates),
        months=hide_counts(brief.months, COUNTS),
        lines=hide_counts(brief.lines, COUNTS | STEPS),
        units=_units(brief.units),
        **{name: hide_counts(getattr(brief, name), COUNTS) for name in ("forms", "purposes", "fields")},
    )


def _units(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return hide_counts(lines, {"new": (), **STEPS})
