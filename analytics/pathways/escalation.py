"""From dispute to petition: how often, how soon, and whether resolving in time goes with fewer. By place and category, never by unit."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics import contrasts, measures
from analytics.figures import Figure, Line, Period, Sentence
from analytics.pathways.answers import PATHWAY_RULES, Effect, PathwayRules, PetitionLink
from data import queries
from data.categories import widest_categories
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

GROUPS = ("in_time", "not_in_time", "petition_first", "otherwise", "unknown")
COMPARED = GROUPS[:2]
LONGEST_BESIDE = 300  # characters of area codes in one link


def petition_link(
    mart: Mart,
    scope: Scope,
    as_of: date,
    *,
    area_code: str | None = None,
    rules: PathwayRules = PATHWAY_RULES,
) -> PetitionLink:
    """Which share of the disputes of a year was followed by a petition within so many days; only disputes whose days are over count.

    A petition belongs to a dispute by the link the source records (`escalated_from`), wherever and by whomever it was taken.
    """
    days = rules.follow_days
    last = as_of - timedelta(days=days)
    period = Period(last - timedelta(days=rules.cohort_days - 1), last)
    disputes = Selection("new", as_of, period.first, period.last, kind="dispute", area_code=area_code)
    found = queries.read_followed(mart, scope, period.first, period.last, days, area_code=area_code)
    followed = disputes.also(petition_within=str(days))
    names = queries.names_of(mart)
    found["top"] = _widest(found["category_code"], names).fillna(found["category_code"])
    whole, met = int(found["disputes"].sum()), int(found.loc[found["lead_days"].notna(), "disputes"].sum())
    share = _rate("followed", met, whole, period, disputes, rules)
    younger = queries.read_following(mart, scope, last + timedelta(days=1), as_of, days, area_code=area_code)
    curve, lead = _lead(found, younger, met, followed, rules)
    effect = _effect(mart, scope, period, area_code, rules)
    hidden = set(names.sensitive) if _lies_low(names, scope, area_code) else set()
    shown = found[~found["category_code"].isin(hidden)]
    return PetitionLink(
        period=period,
        as_of=as_of,
        follow_days=days,
        area_code=area_code,
        share=share,
        followed=Figure("followed_count", met, "matters", period, as_of, denominator=whole, selection=followed),
        lead_median=lead,
        grown=_grown(mart, scope, as_of, area_code, rules),
        curve=curve,
        by_place=_lines(found, ["area_code"], names, followed, rules),
        by_category=_lines(shown, ["top"], names, followed, rules),
        cells=_lines(shown, ["area_code", "top"], names, followed, rules),
        effect=effect,
        sentence=_sentence(share, lead, days),
        is_below_street=area_code is not None and names.lies_below_street(area_code),
    )


def _lies_low(names: queries.Names, scope: Scope, area_code: str | None) -> bool:
    """Whether the scope or the chosen area lies below a street, where no sensitive category is shown."""
    return any(names.lies_below_street(root) for root in (*(scope.areas or ()), *([area_code] if area_code else [])))


def _widest(codes: pd.Series, names: queries.Names) -> pd.Series:
    """The widest category above each code; empty for a code nobody knows."""
    return codes.map(widest_categories(names.categories.reset_index(drop=True)))


def _rate(name: str, met: int, whole: int, period: Period, chosen: Selection, rules: PathwayRules) -> Figure:
    missing = None
    if whole == 0:
        missing = Sentence("missing.no_denominator")
    elif whole < rules.minimum_denominator:
        values = {"met": met, "count": whole, "needed": rules.minimum_denominator}
        missing = Sentence("missing.small_denominator", values)
    return Figure(
        name,
        None if missing else measures.rate(met, whole),
        "pct",
        period,
        chosen.as_of,
        numerator=met,
        denominator=whole,
        interval=None if missing else measures.wilson_interval(met, whole),
        missing=missing,
        selection=chosen,
    )


def _lead(
    found: pd.DataFrame, younger: pd.DataFrame, met: int, followed: Selection, rules: PathwayRules
) -> tuple[tuple[tuple[int, float], ...], Figure]:
    """The share followed by each day, disputes younger than that counted as far as they go, and the day that half of it is reached.

    Half of what: of those followed within `follow_days`. Without censoring the younger disputes would make petitions look quicker.
    """
    lead, curve, median = found["lead_days"], (), None
    rows = {
        "days": lead.fillna(rules.follow_days),
        "ended": lead.notna().astype("Int64"),
        "disputes": found["disputes"],
    }
    rows = pd.concat([pd.DataFrame(rows), younger])
    if met >= rules.minimum_denominator:
        columns = (rows[name].to_numpy(dtype=float) for name in ("days", "ended", "disputes"))
        closing = measures.kaplan_meier(*columns)
        by_day = 100 * (1 - closing.still_open)
        curve = tuple((int(day), round(float(pct), 3)) for day, pct in zip(closing.days, by_day, strict=True))
        median = float(closing.days[np.flatnonzero(by_day >= by_day[-1] / 2 - 1e-9)[0]])
    missing = None
    if median is None:
        missing = Sentence("missing.few_petitions", {"count": met, "needed": rules.minimum_denominator})
    values = {"numerator": met, "missing": missing, "selection": followed}
    return curve, Figure("lead_days", median, "days", Period(followed.first, followed.last), followed.as_of, **values)


def _grown(mart: Mart, scope: Scope, as_of: date, area_code: str | None, rules: PathwayRules) -> Figure:
    """The share of a year's petitions that grew out of a dispute on record."""
    period = Period(as_of - timedelta(days=rules.cohort_days - 1), as_of)
    petitions = Selection("new", as_of, period.first, period.last, kind="petition", area_code=area_code)
    reach = queries.read_reach(mart, scope, area_code)
    whole, met = queries.read_among(mart, petitions, (petitions.also(is_escalated="1"),), reach)
    return _rate("grown", met, whole, period, petitions, rules)


# --- by place and category --------------------------------------------------------------------------------------------------


def _lines(
    found: pd.DataFrame, by: list[str], names: queries.Names, followed: Selection, rules: PathwayRules
) -> tuple[Line, ...]:
    """A line a group, the most disputes followed first, the place or category unknown last."""
    if found.empty:
        return ()
    groups = found.groupby(by, dropna=False)
    disputes, beside = groups["disputes"].sum(), queries.BESIDE.join(sorted(found["area_code"].dropna().unique()))
    by_lead = _by_lead(found, groups.ngroup().to_numpy(), (len(disputes), rules.follow_days + 1))
    met = by_lead.sum(axis=1)
    leads = (2 * by_lead.cumsum(axis=1) >= met[:, None]).argmax(axis=1)  # the day by which half of them were followed
    counts = zip(disputes.tolist(), met.tolist(), leads.tolist(), strict=True)
    codes = disputes.index.to_frame().to_dict("records")
    lines = [_line(one, *counted, names, (followed, beside), rules) for one, counted in zip(codes, counts, strict=True)]
    return tuple(sorted(lines, key=_most_first))


def _by_lead(found: pd.DataFrame, group: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """How many disputes of each group were followed on which day after their own; every one was looked at for the same number of days."""
    known = found["lead_days"].notna().to_numpy()
    places = group[known], found.loc[known, "lead_days"].to_numpy(dtype=np.int64)
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, places, found.loc[known, "disputes"].to_numpy(dtype=np.int64))
    return counts


def _most_first(line: Line) -> tuple:
    values = line.values
    unknown = any(values.get(name, "") is None for name in ("area_code", "category_code"))
    return (
        unknown,
        -values["followed"],
        -values["disputes"],
        str(values.get("area_code")),
        str(values.get("category_code")),
    )


def _line(
    group: dict,
    disputes: int,
    met: int,
    lead_days: int,
    names: queries.Names,
    opens: tuple[Selection, str],
    rules: PathwayRules,
) -> Line:
    codes = {name: None if pd.isna(code) else str(code) for name, code in group.items()}
    values: dict[str, object] = {}
    changes: dict[str, str | None] = {}
    if "area_code" in codes:
        changes["area_code"] = code = codes["area_code"]
        place = names.area(code)
        values |= {"area_code": code, "area": code if place is None else place["name"]}
        values["is_below_street"] = names.lies_below_street(code)
    if "top" in codes:
        changes["category_code"] = code = codes["top"]
        values |= {"category_code": code, "category": names.by_code["category"].get(code, code)}
    enough = disputes >= rules.minimum_denominator
    low, high = measures.wilson_interval(met, disputes) if enough else (None, None)
    values |= {
        "disputes": disputes,
        "followed": met,
        "share_pct": measures.rate(met, disputes) if enough else None,
        "lower_pct": low,
        "upper_pct": high,
        "lead_days": float(lead_days) if met >= rules.minimum_denominator else None,
    }
    return Line(values, _narrowed(*opens, changes))


def _narrowed(followed: Selection, beside: str, changes: dict[str, str | None]) -> Selection | None:
    """The disputes followed of one line. What lies in none of the areas `beside` is named by them; None where they are too many for a link."""
    if "area_code" in changes and changes["area_code"] is None:
        if len(beside) > LONGEST_BESIDE:
            return None
        followed = followed.also(beside_area=beside) if beside else followed
    if "category_code" in changes and changes["category_code"] is None:
        followed = followed.also(own_category="")
    return followed.narrowed(**{name: code for name, code in changes.items() if code is not None})


# --- resolving in time ------------------------------------------------------------------------------------------------------


def _effect(mart: Mart, scope: Scope, period: Period, area_code: str | None, rules: PathwayRules) -> Effect:
    """Disputes by how they stood on the day of their deadline, and how many of each a petition followed after that day.

    The day of the deadline is the landmark (Anderson, Cain & Gelber 1983, J. Clin. Oncol. 1:710): a dispute is put into its group by what
    was known at its close, and only what comes later counts for the comparison. Otherwise a dispute would have to stay free of a petition
    until it is resolved to be in the resolved group at all, which alone would make resolving look good.
    """
    found = queries.read_at_deadline(mart, scope, period.first, period.last, rules.follow_days, area_code=area_code)
    found["top"] = _widest(found["category_code"], queries.names_of(mart))
    as_of = period.last + timedelta(days=rules.follow_days)
    cohort = Selection("deadline_fell", as_of, period.first, period.last, kind="dispute", area_code=area_code)
    by_state = found.groupby("state")[["disputes", "followed"]].sum()
    counts = {state: _pair(by_state, state) for state in GROUPS}
    groups = tuple(_group(state, *counts[state], cohort, rules) for state in GROUPS)
    (whole_1, met_1), (whole_2, met_2) = (counts[state] for state in COMPARED)
    if min(whole_1, whole_2) < rules.minimum_denominator:
        values = {"in_time": whole_1, "not_in_time": whole_2, "needed": rules.minimum_denominator}
        return Effect(period, groups, None, None, None, 0, Sentence("missing.few_to_compare", values))
    strata = _strata(found)
    return Effect(
        period,
        groups,
        difference=contrasts.stratified_difference(strata),
        ratio=contrasts.stratified_ratio(strata),
        crude=contrasts.share_difference((met_1, met_2), (whole_1, whole_2)),
        strata=len([one for one in strata if one[1] and one[3]]),
    )


def _pair(by_state: pd.DataFrame, state: str) -> tuple[int, int]:
    return tuple(int(value) for value in by_state.loc[state]) if state in by_state.index else (0, 0)


def _group(state: str, disputes: int, met: int, cohort: Selection, rules: PathwayRules) -> Line:
    compared = state in COMPARED and disputes >= rules.minimum_denominator
    low, high = measures.wilson_interval(met, disputes) if compared else (None, None)
    values = {
        "group": state,
        "disputes": disputes,
        "followed": met if state in COMPARED else None,
        "share_pct": measures.rate(met, disputes) if compared else None,
        "lower_pct": low,
        "upper_pct": high,
    }
    return Line(values, cohort.also(at_deadline=state))


def _strata(found: pd.DataFrame) -> list[tuple[int, int, int, int]]:
    """Followed and all of the disputes in time, then of those not, in each of the widest categories."""
    compared = found[found["state"].isin(COMPARED)]
    wide = compared.pivot_table(
        index=compared["top"].fillna(""), columns="state", values=["followed", "disputes"], aggfunc="sum", fill_value=0
    )
    order = [(count, state) for state in COMPARED for count in ("followed", "disputes")]
    return [tuple(int(value) for value in row) for row in wide.reindex(columns=order, fill_value=0).to_numpy()]


def _sentence(share: Figure, lead: Figure, days: int) -> Sentence:
    if not share.denominator:
        return Sentence("pathways.link.none")
    values = {"disputes": share.denominator, "followed": share.numerator, "days": days}
    values |= {"pct": share.value, "lead": lead.value}
    key = "small" if share.value is None else "said" if lead.value is not None else "said_short"
    return Sentence(f"pathways.link.{key}", values, share.selection)
