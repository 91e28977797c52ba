"""How a warning is said: sentences with keys under `signals.` and the values that fill them."""

from collections.abc import Mapping, Sequence

from analytics.figures import Sentence
from analytics.warnings.answer import ClusterItem, Detection, SignalItem

RULE_FEW = Sentence("signals.reason.rule_few")
LITTLE = 0.01  # share of matters left out of judging from which it is said


def reason_of(row: Mapping[str, object], *, hidden: bool = False) -> tuple[Sentence, ...]:
    """Why a signal stands there: "7 days: 14, expected 4–9", from how many sources, the highest since when; and what to know about it.

    >>> from datetime import date
    >>> row = {"window_days": 7, "observed": 14, "lower": 4, "upper": 9, "sources": 3, "highest_since": date(2026, 3, 12)}
    >>> [one.key for one in reason_of(row)]
    ['signals.reason.count', 'signals.reason.sources', 'signals.reason.highest_since']
    """
    if hidden:
        return (Sentence("signals.reason.few", {"days": row["window_days"], "count": row["window_days"]}),)
    window = {"days": row["window_days"], "count": row["window_days"]}  # `count` chooses the singular
    counted = {name: row[name] for name in ("observed", "lower", "upper")} | window
    if row["lower"] is None or row["upper"] is None:
        values = {
            **window,
            "observed": row["observed"],
            "expected": round(row.get("expected") or 0, 1),
        }
        said = [Sentence("signals.reason.count_mean", values)]
    else:
        said = [Sentence("signals.reason.count", counted)]
    if row.get("sources"):
        said.append(Sentence("signals.reason.sources", {"count": row["sources"]}))
    if row.get("highest_since"):
        said.append(Sentence("signals.reason.highest_since", {"day": row["highest_since"]}))
    elif row.get("watched_since"):
        said.append(Sentence("signals.reason.highest_ever", {"day": row["watched_since"]}))
    return tuple(said)


def rule_said(row: Mapping[str, object], *, hidden: bool = False) -> tuple[Sentence, ...]:
    """Why a rule is met, in numbers."""
    from analytics.signals.rules import explain

    return (RULE_FEW,) if hidden else (explain(row),)


def cluster_said(item: ClusterItem) -> tuple[Sentence, ...]:
    """How many places, matters and days a cluster holds."""
    if item.is_suppressed:
        return (Sentence("signals.reason.few", {"days": item.window_days, "count": item.window_days}),)
    values = {
        "places": len(item.places),
        "days": item.window_days,
        "observed": item.observed,
        "expected": round(item.expected, 1),
    }
    return (Sentence("signals.reason.cluster", values),)


def headline(items: Sequence[SignalItem], overdue: Sequence[SignalItem], digest: int) -> tuple[Sentence, ...]:
    """How many are to be verified and where the most urgent is, how many are overdue, how many were over the budget."""
    waiting = [item for item in items if item.next_step == "verify"]
    said = []
    if waiting:
        said.append(Sentence("signals.headline.verify", {"count": len(waiting), "first": waiting[0].node.area}))
    if overdue:
        said.append(Sentence("signals.headline.overdue", {"count": len(overdue)}))
    if digest and not waiting:
        said.append(Sentence("signals.headline.digest", {"count": digest}))
    return tuple(said)


def notices(detection: Detection, run: Mapping[str, object], *, is_replayed: bool) -> tuple[Sentence, ...]:
    """What to know before reading on: judged after the fact, a part of the matters not judged, days still filling."""
    said = []
    if is_replayed:
        said.append(Sentence("signals.notice.replayed", {"day": detection.as_of}))
    matters = run["matters"] or 0
    for name in ("without_place", "without_subject"):
        left = run[name] or 0
        if matters and left / matters >= LITTLE:
            said.append(Sentence(f"signals.notice.{name}", {"count": left, "matters": matters}))
    if detection.judged_through < detection.as_of:
        said.append(Sentence("signals.notice.filling", {"day": detection.judged_through}))
    return tuple(said)
