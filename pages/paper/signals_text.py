"""The warnings of a day for the terminal and other programs: a short text, or every number in JSON; as they may leave the screen."""

import json
from dataclasses import fields

from analytics.warnings.answer import ClusterItem, RuleItem, SignalItem, SignalList
from analytics.warnings.disclosure import as_it_leaves
from pages.paper.record import plain_value
from pages.ui import words

SHOWN = 5  # lines of each rule


def signals_file(found: SignalList, form: str, language: str) -> bytes:
    """The list as a file: `md` or `json`."""
    fit = as_it_leaves(found)
    if form == "json":
        return (json.dumps(signals_record(fit), ensure_ascii=False, indent=2) + "\n").encode()
    return (signals_text(fit, language) + "\n").encode()


def signals_record(found: SignalList) -> dict:
    """The list in plain JSON values; hidden and unknown numbers are null."""
    head = {"signals": "list", "as_of": found.day.isoformat()}
    return head | {one.name: plain_value(getattr(found, one.name)) for one in fields(found)}


def signals_text(found: SignalList, language: str) -> str:
    """The list in words: the head, each signal with its reason and what comes next, rules, clusters, what is only counted."""
    area = words.where(found, language)
    lines = ["# " + _say("title", language, day=found.day, area=area), ""]
    if found.detection is None:
        said = _say("none", language)
        if found.first_day is not None:
            first = found.first_day
            said = _say("begins", language, day=found.day, first=first, command_day=first.isoformat())
        return "\n".join([*lines, said])
    judged = found.detection
    lines += [_say("judged", language, day=judged.as_of, through=judged.judged_through, version=judged.matters_version)]
    if judged.failure is not None:
        lines += [_say("failed", language, reason=words.tell(judged.failure, language))]
    lines += [words.tell(one, language) for one in found.notices]
    lines += ["", *([_item(one, language) for one in found.items] or [_say("empty", language)])]
    if found.digest:
        lines += ["", _say("digest", language, count=found.digest)]
    if found.rules:
        lines += ["", "## " + _say("rules", language), "", *_rules(found.rules, language)]
    if found.clusters:
        lines += ["", "## " + _say("clusters", language), "", *(_cluster(one, language) for one in found.clusters)]
    return "\n".join(lines)


def _say(key: str, language: str, **values: object) -> str:
    return words.say(f"cli.signals.{key}", language, **values)


def _told(said: tuple, language: str) -> str:
    return ("；" if language == "zh" else "; ").join(words.tell(one, language) for one in said)


def _item(item: SignalItem, language: str) -> str:
    step = ""
    if item.next_step and item.due_on:
        step = _say("next", language, step=words.name("signal_step", item.next_step, language), day=item.due_on)
    return _say(
        "item", language, level=words.name("signal_level", item.level_code, language), area=item.node.area,
        subject=item.node.category or words.NOTHING, kind=words.name("kind", item.node.kind, language),
        reason=_told(item.said, language), next=step,
    )  # fmt: skip


def _rules(found: tuple[RuleItem, ...], language: str) -> list[str]:
    """The first lines of each rule, and how many more there are."""
    lines = []
    for rule in dict.fromkeys(item.rule for item in found):
        own = [item for item in found if item.rule == rule]
        lines += [_rule(item, language) for item in own[:SHOWN]]
        if len(own) > SHOWN:
            lines.append("  " + _say("more", language, count=len(own) - SHOWN))
    return lines


def _rule(item: RuleItem, language: str) -> str:
    about = item.topic or item.node.category or words.name("kind", item.node.kind, language)
    subject = f" · {words.subject(about, language)}" if about else ""
    reason = _told(item.said, language)
    return _say(
        "rule", language, rule=words.say(f"signal_rule.name.{item.rule}", language), area=item.node.area, subject=subject, reason=reason
    )  # fmt: skip


def _cluster(item: ClusterItem, language: str) -> str:
    places = words.join([node.area for node in item.places], language)
    return _say(
        "cluster",
        language,
        subject=f"{places} · {words.subject(item.category or words.NOTHING, language)}",
        reason=_told(item.said, language),
    )
