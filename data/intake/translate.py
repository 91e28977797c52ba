"""One chunk of a foreign file -> rows of the contract, with everything that is to be said about them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data import operational
from data.intake.findings import Findings
from data.intake.personal import find_personal_values, looks_like_numbering
from data.intake.plan import Plan
from data.intake.profiles import REPORT, ColumnRule
from data.intake.registry import Found, Registry
from data.intake.sources import Chunk
from data.intake.values import (
    CONTROL,
    FORMULA,
    each_value,
    find_unfit,
    fit_name,
    parse_moments,
    read_code,
    read_flag,
    read_whole,
    store_moments,
)

EARLIEST = datetime(1990, 1, 1)
_PLANNED = ("due_on", "extended_to", "agreement_due_on")  # may lie in the future
_TREES = ("area_code", "category_code", "responsible_org_id")
_AFTER_REGISTRATION = ("accepted_at", "replied_at", "closed_at")
_OPEN = ("registered", "routed", "accepted", "handling", "extended")
_ROW, _KIND = "\x00row", "\x00kind"


@dataclass(frozen=True)
class Translated:
    """A chunk's accepted rows (`frame`: contract columns, ready to store; `rows`: their numbers in the file), its reports against
    officials by (month, area), the number of personal values by header, and the first and last registration day."""

    rows: np.ndarray
    frame: pd.DataFrame
    reports: Counter
    personal: Counter
    first_on: date | None
    last_on: date | None


class Translator:
    """Translates the chunks of one file; holds what they share: the plan, the trees, the findings, and the clock it was given."""

    def __init__(self, plan: Plan, registry: Registry, findings: Findings, *, now: datetime, time_zone: str) -> None:
        self.plan, self.registry, self.findings, self.now, self.time_zone = plan, registry, findings, now, time_zone
        self.profile = plan.profile

    def translate(self, chunk: Chunk) -> Translated:
        """The accepted rows of a chunk; everything else becomes a finding or a count.

        Reports against officials leave first, so that nothing of them is looked at but their month and place; rows with personal
        values leave next, so that none of these can become the name of a place or a unit.
        """
        self.findings.add("ragged_row", file=self.plan.file, rows=chunk.ragged)
        frame = chunk.frame.assign(**{_ROW: chunk.rows})
        blocked = pd.Series(False, index=frame.index)
        registered = self._registered_at(frame, blocked)
        days = registered[~blocked].dt.date
        is_report = self._is_report(frame)
        reports = self._count_reports(frame[is_report & ~blocked], registered)
        keep = ~is_report
        frame, blocked, registered = frame[keep], blocked[keep].copy(), registered[keep]
        personal, is_personal = self._screen(frame)
        frame, blocked, registered = frame[~is_personal], blocked[~is_personal].copy(), registered[~is_personal]
        columns = self._columns(frame, blocked, registered)
        accepted = ~blocked
        out = pd.DataFrame(columns, index=frame.index, dtype=object)[accepted]
        span = (days.min(), days.max()) if len(days) else (None, None)
        return Translated(frame.loc[accepted, _ROW].to_numpy(), out, reports, personal, *span)

    # --- what decides about the row ---

    def _say(
        self, code: str, frame: pd.DataFrame, mask: pd.Series, header: str | None, values: pd.Series | None = None
    ) -> None:
        if mask.any():
            shown = None if values is None else values[mask]
            self.findings.add(code, file=self.plan.file, column=header, rows=frame.loc[mask, _ROW], values=shown)

    def _registered_at(self, frame: pd.DataFrame, blocked: pd.Series) -> pd.Series:
        header = self.plan.columns["registered_at"]
        raw = frame[header]
        moments = self._moments(raw, self.profile.columns["registered_at"])
        absurd = moments.notna() & ~moments.between(EARLIEST, self.now + timedelta(days=1))
        self._say("missing_required", frame, raw.isna(), header)
        self._say("bad_registered_at", frame, raw.notna() & moments.isna(), header, raw)
        self._say("absurd_registered_at", frame, absurd, header, raw)
        blocked |= moments.isna() | absurd
        return moments

    def _is_report(self, frame: pd.DataFrame) -> pd.Series:
        if "purpose" in self.plan.columns:
            words = each_value(
                frame[self.plan.columns["purpose"]],
                lambda word: read_code(word, "purpose", self.profile.columns["purpose"]),
            )
            return words == REPORT
        return pd.Series(self.profile.constants.get("purpose") == REPORT, index=frame.index)

    def _count_reports(self, frame: pd.DataFrame, registered: pd.Series) -> Counter:
        if frame.empty:
            return Counter()
        top = self.registry.top(self.profile.area)
        places = self._places(frame, streets_only=True)
        known = [None] * len(frame) if places is None else places
        streets = pd.Series([self.registry.street_of(code) or top for code in known], index=frame.index, dtype=object)
        lost = streets.isna()
        self._say("report_without_place", frame, lost, None)
        months = registered[frame.index].dt.to_period("M").dt.to_timestamp().dt.date
        return Counter(zip(months[~lost], streets[~lost], strict=True))

    def _screen(self, frame: pd.DataFrame) -> tuple[Counter, pd.Series]:
        """The rows in which any column that would be read holds a personal value, and how many values by header."""
        found: Counter = Counter()
        blocked = pd.Series(False, index=frame.index)
        number = self.plan.columns["matter_no"]
        unscreened = {header for column, header in self.plan.columns.items() if not self.profile.columns[column].screen}
        for header in self.plan.wanted:
            if header in unscreened or pd.api.types.is_datetime64_any_dtype(frame[header]):
                continue
            kinds = find_personal_values(frame[header], header=header)
            personal = kinds.notna()
            if header == number and personal.any() and looks_like_numbering(frame[header], kinds):
                personal &= kinds != "id_number"
            if personal.any():
                self._say("personal_value", frame, personal, header, frame[header])
                found[header] += int(personal.sum())
                blocked |= personal
        return found, blocked

    # --- columns ---

    def _columns(self, frame: pd.DataFrame, blocked: pd.Series, registered: pd.Series) -> dict[str, object]:
        out: dict[str, object] = {
            "matter_no": self._number(frame, blocked),
            "source_system": self.profile.source_system,
        }
        out["kind"] = self._kind(frame, blocked)
        moments = {"registered_at": registered}
        for column, header in self.plan.columns.items():
            if column in ("matter_no", "kind", "registered_at", *_TREES):
                continue
            kind = operational.matter.columns[column].type
            if isinstance(kind, (sa.Date, sa.DateTime)):
                moments[column] = self._day_or_moment(column, frame)
            elif isinstance(kind, sa.SmallInteger):
                out[column] = self._converted(frame, header, read_flag, "bad_flag")
            elif isinstance(kind, sa.Integer):
                out[column] = self._converted(frame, header, read_whole, "bad_number")
            else:
                out[column] = self._coded(column, frame)
        for column, value in self.profile.constants.items():
            out.setdefault(column, value)
        if "source_system" in self.plan.columns:
            out["source_system"] = out["source_system"].where(out["source_system"].notna(), self.profile.source_system)
        fit = frame[~blocked]
        trees = {
            "area_code": self._places(fit),
            "category_code": self._categories(fit, out["kind"][~blocked]),
            "responsible_org_id": self._units(fit),
        }
        out |= {column: codes.reindex(frame.index) for column, codes in trees.items() if codes is not None}
        self._verdict(frame, out)
        self._check_order(frame, moments, out.get("status"))
        for column, values in moments.items():
            out[column] = store_moments(values, day_only=isinstance(operational.matter.columns[column].type, sa.Date))
        return out

    def _number(self, frame: pd.DataFrame, blocked: pd.Series) -> pd.Series:
        header = self.plan.columns["matter_no"]
        rule = self.profile.columns["matter_no"]
        raw = frame[header].astype("str")
        checks = {
            "missing_required": raw.isna(),
            "number_digits_lost": raw.str.startswith("~").fillna(False),
            "formula_in_number": raw.str.contains(FORMULA).fillna(False),
            "control_in_number": raw.str.contains(CONTROL).fillna(False),
            "number_too_long": raw.str.len().fillna(0) + len(rule.prefix) > 60,
        }
        for code, bad in checks.items():
            self._say(code, frame, bad.astype(bool), header, raw)
            blocked |= bad.astype(bool)
        return (rule.prefix + raw).astype(object)

    def _kind(self, frame: pd.DataFrame, blocked: pd.Series) -> pd.Series:
        if "kind" not in self.plan.columns:
            return pd.Series(self.profile.kind, index=frame.index, dtype=object)
        raw = frame[self.plan.columns["kind"]]
        kinds = each_value(raw, lambda word: read_code(word, "kind", self.profile.columns["kind"]))
        if self.profile.kind:
            kinds = kinds.where(raw.notna(), self.profile.kind)
        self._say("unknown_kind", frame, kinds.isna(), self.plan.columns["kind"], raw)
        blocked |= kinds.isna()
        return kinds

    def _day_or_moment(self, column: str, frame: pd.DataFrame) -> pd.Series:
        header = self.plan.columns[column]
        moments = self._moments(frame[header], self.profile.columns[column])
        latest = self.now + timedelta(days=36_500 if column in _PLANNED else 1)
        absurd = moments.notna() & ~moments.between(EARLIEST, latest)
        self._say("bad_date", frame, frame[header].notna() & moments.isna(), header, frame[header])
        self._say("absurd_date", frame, absurd, header, frame[header])
        return moments.mask(absurd)

    def _converted(
        self, frame: pd.DataFrame, header: str, convert: Callable[[str], int | None], problem: str
    ) -> pd.Series:
        values = each_value(frame[header], convert)
        self._say(problem, frame, frame[header].notna() & values.isna(), header, frame[header])
        return values

    def _coded(self, column: str, frame: pd.DataFrame) -> pd.Series:
        """Words to codes; a word that no list knows becomes empty or stays, as the rule says; unfit texts become empty."""
        header, rule = self.plan.columns[column], self.profile.columns[column]
        size = operational.matter.columns[column].type.length
        raw = frame[header]
        codes = each_value(raw, lambda word: read_code(word, column, rule))
        self._say("unknown_code", frame, raw.notna() & codes.isna(), header, raw)
        if rule.prefix:
            codes = each_value(codes, lambda word: rule.prefix + word)
        problems = each_value(codes, lambda word: find_unfit(word, size))
        for problem in problems.dropna().unique():
            self._say(problem, frame, problems == problem, header, raw)
        return codes.where(problems.isna(), None)

    # --- trees ---

    def _look_up(
        self, frame: pd.DataFrame, headers: Sequence[str | None], find: Callable[..., Found], *, quiet: bool = False
    ) -> pd.Series | None:
        """Resolve each distinct combination of the headers' values once; None when the file has none of the headers."""
        present = [header for header in headers if header]
        if not present:
            return None
        keys = frame[present].astype(object).where(frame[present].notna(), None)
        groups = keys.groupby(present, dropna=False, sort=False).ngroup()
        firsts = keys.loc[~groups.duplicated()]
        answers = np.empty(len(firsts), dtype=object)
        for group, values in zip(groups[firsts.index], firsts.itertuples(index=False, name=None), strict=True):
            fit = {header: fit_name(value) for header, value in zip(present, values, strict=True)}
            answers[group] = find(*(fit.get(header) for header in headers))
        if not quiet:
            self._say_found(frame, answers, groups.to_numpy(), present[0])
        codes = np.array([found.code for found in answers], dtype=object)
        return pd.Series(codes[groups.to_numpy()], index=frame.index, dtype=object)

    def _say_found(self, frame: pd.DataFrame, answers: np.ndarray, groups: np.ndarray, header: str) -> None:
        problems = np.array([found.problem for found in answers], dtype=object)[groups]
        values = pd.Series(np.array([found.value for found in answers], dtype=object)[groups], index=frame.index)
        for problem in sorted({found.problem for found in answers if found.problem}):
            self._say(problem, frame, pd.Series(problems == problem, index=frame.index), header, values)

    def _places(self, frame: pd.DataFrame, *, streets_only: bool = False) -> pd.Series | None:
        """The area of each row; with `streets_only` nothing below a street is looked at, registered or said."""
        if "area_code" in self.plan.columns:
            return self._direct("area_code", frame, self.registry.area_code, "no_area", quiet=streets_only)
        rule = self.profile.area
        if rule is None:
            return None
        if streets_only:
            rule = rule.to_street()
        headers = [self.plan.header(side) for level in rule.levels for side in (level.code, level.name)]

        def find(*values: str | None) -> Found:
            return self.registry.area(list(zip(values[::2], values[1::2], strict=True)), rule)

        return self._look_up(frame, headers, find, quiet=streets_only)

    def _categories(self, frame: pd.DataFrame, kinds: pd.Series) -> pd.Series | None:
        if "category_code" in self.plan.columns:
            header, rule = self.plan.columns["category_code"], self.profile.columns["category_code"]

            def look(value: str | None, kind: str | None) -> Found:
                if value is None:
                    return Found(None, "no_category")
                return self.registry.category_code(rule.codes.get(value, rule.prefix + value), kind)

            return self._look_up(frame.assign(**{_KIND: kinds}), [header, _KIND], look)
        rule = self.profile.category
        if rule is None:
            return None
        headers = [self.plan.header(level) for level in rule.levels]
        return self._look_up(frame, headers, lambda *names: self.registry.category(names, rule))

    def _units(self, frame: pd.DataFrame) -> pd.Series | None:
        if "responsible_org_id" in self.plan.columns:
            return self._direct("responsible_org_id", frame, self.registry.unit_code, "no_unit")
        rule = self.profile.unit
        if rule is None:
            return None
        headers = [self.plan.header(rule.code), self.plan.header(rule.name)]
        return self._look_up(frame, headers, lambda code, name: self.registry.unit(code, name, rule))

    def _direct(
        self, column: str, frame: pd.DataFrame, find: Callable[[str], Found], nothing: str, *, quiet: bool = False
    ) -> pd.Series | None:
        rule = self.profile.columns[column]

        def look(value: str | None) -> Found:
            return Found(None, nothing) if value is None else find(rule.codes.get(value, rule.prefix + value))

        return self._look_up(frame, [self.plan.columns[column]], look, quiet=quiet)

    # --- time and verdict ---

    def _verdict(self, frame: pd.DataFrame, out: dict[str, object]) -> None:
        rule = self.profile.verdict
        in_time, overdue = (self.plan.header(rule.in_time), self.plan.header(rule.overdue)) if rule else (None, None)
        if not in_time or not overdue:
            return
        yes = self._converted(frame, in_time, read_flag, "bad_flag") == 1
        late = self._converted(frame, overdue, read_flag, "bad_flag") == 1
        self._say("verdict_conflict", frame, yes & late, in_time)
        verdict = pd.Series(None, index=frame.index, dtype=object).mask(yes, 1).mask(late, 0)
        out["closed_in_time"] = verdict.mask(yes & late, None)
        if "status" not in self.plan.columns:
            out["status"] = pd.Series(None, index=frame.index, dtype=object).mask(yes | late, rule.status)

    def _check_order(self, frame: pd.DataFrame, moments: dict[str, pd.Series], status: object) -> None:
        """What cannot have happened before registration: on the same day the hour is wrong and the day is kept; else it is emptied."""
        registered = moments["registered_at"]
        for column in _AFTER_REGISTRATION:
            if column not in moments:
                continue
            values, header = moments[column], self.plan.columns[column]
            early = values < registered
            same_day = early & (values.dt.normalize() == registered.dt.normalize())
            self._say("earlier_same_day", frame, same_day & (values != values.dt.normalize()), header, values)
            self._say("earlier_than_registered", frame, early & ~same_day, header, values)
            moments[column] = values.mask(early & ~same_day).mask(same_day, registered)
        if "closed_at" in moments and isinstance(status, pd.Series):
            contradiction = status.isin(_OPEN) & moments["closed_at"].notna()
            self._say(
                "open_with_closing_time", frame, contradiction, self.plan.columns["closed_at"], moments["closed_at"]
            )
            moments["closed_at"] = moments["closed_at"].mask(contradiction)

    def _moments(self, values: pd.Series, rule: ColumnRule) -> pd.Series:
        """Wall-clock moments in the site's zone; what cannot be read becomes empty."""
        if pd.api.types.is_datetime64_any_dtype(values):
            moments = values.astype("datetime64[us]")
        else:
            places, distinct = pd.factorize(values)
            parsed = parse_moments(pd.Series(distinct, dtype="str"), rule.formats, self.time_zone).to_numpy()
            moments = pd.Series(np.append(parsed, np.datetime64("NaT", "us"))[places], index=values.index)
        source_zone = self.profile.time_zone
        if source_zone and source_zone != self.time_zone:
            ambiguous = np.zeros(len(moments), dtype=bool)
            local = moments.dt.tz_localize(source_zone, ambiguous=ambiguous, nonexistent="shift_forward")
            moments = local.dt.tz_convert(self.time_zone).dt.tz_localize(None)
        return moments
