"""Facade of the record of forecasts: how those issued did, and before any truth how the backtest did that chose the weights.

Nothing is forecast or fitted here: the ledger on the desk and the stored results of the last night are read and added up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from analytics.figures import Line, Sentence
from analytics.forecast_misses import FREQS, Miss, misses
from analytics.forecast_risk_record import risk_record
from analytics.forecast_stored import StoredForecasts, read_forecasts
from analytics.forecasts.combining import BANDS
from analytics.forecasts.issued import NODE, calibration, known, score_issued
from data import queries
from data.desk import Desk
from data.errors import NotReady
from data.forecast_ledger import read_issued
from data.mart import Mart
from data.scope import Scope

WINDOW_DAYS = {"D": 35, "W": 140, "M": 800}  # of issues that are scored
LEVELS = ("city", "district", "street")
FEWEST = 30  # forecasts of issued series whose truth is known, and over so many periods, before they say more than the backtest
FEWEST_PERIODS = 3
CHOSEN = "chosen"  # the combination, among the models of a backtest
STALE_DAYS = 2  # by which the last night may lie behind the records


@dataclass(frozen=True)
class ForecastRecord:
    """What is known of the forecasts by one day, for one reader.

    `run` is the last night of forecasts (as_of, ran_at, weights_made_on, weights_source, series, naive, refused), None before the first one
    or where it cannot be read (`is_broken`). `issued`: freq, series, periods, forecasts, told (whose truth is known), awaited, first, last.
    `sources`: for each freq whether what is said of its skill comes from issued forecasts (ledger) or from the backtest that chose
    the weights; a freq with neither is not there. `skill`: freq, level, band, first_step, last_step, forecasts, ratio (below 1 is better than the
    naive forecast), miss, cover80_pct, cover95_pct, source. `categories`, of issued forecasts alone: kind, category, ratio_<freq>, cover80_pct,
    forecasts. `calibration`, likewise: freq, nominal, below, upto (percents), forecasts. `reliability` of risk levels and `chances`: as `analytics.forecast_risk_record`
    gives them (`levels_from` ledger or backtest). `weights`: freq, level, first_step, last_step, model, weight_pct, ratio; `models`: freq, model, ratio, miss,
    cover80_pct, cover95_pct of every model alone and of the combination, over all levels.
    """

    day: date
    run: Mapping[str, object] | None
    is_broken: bool
    is_stale: bool
    sources: Mapping[str, str]
    issued: tuple[Line, ...] = ()
    skill: tuple[Line, ...] = ()
    categories: tuple[Line, ...] = ()
    calibration: tuple[Line, ...] = ()
    over: tuple[Miss, ...] = ()
    under: tuple[Miss, ...] = ()
    reliability: tuple[Line, ...] = ()
    chances: tuple[Line, ...] = ()
    levels_from: str = "backtest"
    weights: tuple[Line, ...] = ()
    models: tuple[Line, ...] = ()
    states: tuple[Line, ...] = ()
    headline: tuple[Sentence, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was ever forecast here, as far as this reader sees."""
        return self.run is None and not self.issued


def forecast_record(desk: Desk, mart: Mart, scope: Scope, day: date) -> ForecastRecord:
    """The record of forecasts as of a day, of the places that the reader sees."""
    try:
        stored, is_broken = read_forecasts(mart, scope, day), False
    except NotReady:
        stored, is_broken = None, True
    sees = _sight(mart, scope)
    ledger = {freq: _issued(desk, freq, day, sees) for freq in FREQS}
    told = {freq: _is_enough(rows) for freq, rows in ledger.items()}
    backtest = _frame(stored, "forecast_skill")
    sources = {freq: "ledger" if told[freq] else "backtest" for freq in FREQS if told[freq] or _has(backtest, freq)}
    scored = [rows for freq, rows in ledger.items() if told[freq]]
    over, under = misses(desk, mart, list(ledger.values()))
    levels, chances, levels_from = risk_record(desk, day, sees, _frame(stored, "risk_reliability"))
    run = stored.run if stored else None
    found = ForecastRecord(
        day=day,
        run=run,
        is_broken=is_broken,
        is_stale=run is not None and (min(day, mart.read_at.date()) - run["as_of"]).days > STALE_DAYS,
        sources=sources,
        issued=tuple(_counted(freq, rows) for freq, rows in ledger.items() if len(rows)),
        skill=_ordered([*_skill_issued(scored), *_skill_tested(backtest, told)]),
        categories=_categories(scored, mart),
        calibration=_calibration(scored),
        over=over,
        under=under,
        reliability=levels,
        chances=chances,
        levels_from=levels_from,
        weights=_weights(_frame(stored, "forecast_weights")),
        models=_models(backtest),
        states=_states(_frame(stored, "forecast_series")),
    )
    return ForecastRecord(**vars(found) | {"headline": headline(found)})


def headline(found: ForecastRecord) -> tuple[Sentence, ...]:
    """What was forecast last, and for each frequency how the whole of it did."""
    if found.run is None:
        return ()
    counts = {name: found.run[name] for name in ("as_of", "series", "naive", "refused")}
    every = not counts["naive"] and not counts["refused"]
    said = [Sentence(f"track_forecasts.headline.{'run_all' if every else 'run'}", counts)]
    for freq, source in found.sources.items():
        rows = [one.values for one in found.skill if one.values["freq"] == freq and one.values["ratio"] is not None]
        many = sum(row["forecasts"] for row in rows)
        if not many:
            continue
        ratio, cover = (sum(row[name] * row["forecasts"] for row in rows) / many for name in ("ratio", "cover80_pct"))
        values = {"freq": Sentence(f"names.record_freq.{freq}"), "pct": 100 * ratio, "cover": cover, "count": many}
        said.append(Sentence(f"track_forecasts.headline.{source}", values))
    return tuple(said)


def _sight(mart: Mart, scope: Scope) -> Callable[[str], bool]:
    """Whether a reader sees all of a place."""
    if scope.sees_all:
        return lambda area: True
    seen = set(queries.read_areas(mart, scope)["area_code"])
    names = queries.names_of(mart)
    return lambda area: area in seen and any(root in names.path(area) for root in scope.areas or ())


def _issued(desk: Desk, freq: str, day: date, sees: Callable[[str], bool]) -> pd.DataFrame:
    rows = read_issued(desk, day - timedelta(days=WINDOW_DAYS[freq]), day, freq=freq)
    if rows.empty:
        return rows
    shown = {area: sees(area) for area in rows["area_code"].unique()}
    return rows[rows["area_code"].map(shown).astype(bool)]


def _is_enough(rows: pd.DataFrame) -> bool:
    held = known(rows)
    return len(held) >= FEWEST and held["first_on"].nunique() >= FEWEST_PERIODS


def _frame(stored: StoredForecasts | None, table: str) -> pd.DataFrame:
    """A table of the last night, days as dates; empty without one."""
    if stored is None:
        return pd.DataFrame()
    found = stored.frame(table)
    days = found.columns.intersection(["made_on", "first_on", "last_on"])
    return found.assign(**{name: pd.to_datetime(found[name]).dt.date for name in days})


def _has(frame: pd.DataFrame, freq: str) -> bool:
    return bool(len(frame)) and bool((frame["freq"] == freq).any())


def _counted(freq: str, rows: pd.DataFrame) -> Line:
    told = int(rows["observed"].notna().sum())
    return Line({
        "freq": freq,
        "series": len(rows[NODE].drop_duplicates()),
        "issues": rows["as_of"].nunique(),
        "forecasts": len(rows),
        "told": told,
        "awaited": len(rows) - told,
        "first": min(rows["as_of"]),
        "last": max(rows["as_of"]),
    })  # fmt: skip


# --- skill and calibration -------------------------------------------------------------------------------------------------------


def _skill_issued(ledger: Sequence[pd.DataFrame]) -> list[Line]:
    lines = []
    for rows in ledger:
        for row in score_issued(rows, ("freq", "level", "band")).to_dict("records"):
            first, last = (int(one) for one in row["band"].split("-"))
            lines.append(_skill(row, first, last, "ledger"))
    return lines


def _skill_tested(frame: pd.DataFrame, told: Mapping[str, bool]) -> list[Line]:
    """The combination's bands in the backtest, of frequencies whose issued forecasts say too little yet."""
    lines = []
    for row in frame.to_dict("records"):
        band = (row["first_step"], row["last_step"])
        is_band = any(band[0] == first for first, _ in BANDS[row["freq"]]) and band[1] <= _end(row["freq"], band[0])
        if row["model"] == CHOSEN and row["level"] in LEVELS and not told[row["freq"]] and is_band:
            lines.append(_skill(row, *band, "backtest"))
    return lines


def _end(freq: str, first: int) -> int:
    return next(last for begins, last in BANDS[freq] if begins == first)


def _skill(row: Mapping[str, object], first: int, last: int, source: str) -> Line:
    starts = [begins for begins, _ in BANDS[row["freq"]]]
    return Line({
        **{name: row[name] for name in ("freq", "level")},
        "band": starts.index(first),
        "first_step": first,
        "last_step": last,
        "forecasts": int(row["forecasts"]),
        "ratio": _number(row["wis_ratio"]),
        "miss": _number(row["miss"]),
        **{f"{name}_pct": 100 * row[name] for name in ("cover80", "cover95")},
        "source": source,
    })  # fmt: skip


def _ordered(lines: list[Line]) -> tuple[Line, ...]:
    def place(line: Line) -> tuple[int, int, int]:
        freq, level, band = (line.values[name] for name in ("freq", "level", "band"))
        return list(FREQS).index(freq), LEVELS.index(level) if level in LEVELS else len(LEVELS), band

    return tuple(sorted(lines, key=place))


def _categories(ledger: Sequence[pd.DataFrame], mart: Mart) -> tuple[Line, ...]:
    """Subjects by how well their issued forecasts of the nearest stretch did, those with the most forecasts first."""
    by = ("kind", "category_code", "freq")
    parts = [
        score_issued(rows[rows["category_code"].notna() & (rows["step"] <= _nearest(rows))], by) for rows in ledger
    ]
    if not parts:
        return ()
    found = pd.concat(parts, ignore_index=True)
    names = queries.names_of(mart).by_code["category"]
    lines = []
    for (kind, code), own in found.groupby(["kind", "category_code"], sort=False):
        many = int(own["forecasts"].sum())
        cover = float((own["cover80"] * own["forecasts"]).sum() / many)
        ratios = {f"ratio_{row['freq']}": _number(row["wis_ratio"]) for row in own.to_dict("records")}
        named = {"kind": kind, "category_code": code, "category": names.get(code, code)}
        lines.append(
            Line(
                {
                    **named,
                    **dict.fromkeys(f"ratio_{freq}" for freq in FREQS),
                    **ratios,
                    "cover80_pct": 100 * cover,
                    "forecasts": many,
                }
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.values["forecasts"], line.values["category_code"])))


def _nearest(rows: pd.DataFrame) -> int:
    return BANDS[rows["freq"].iloc[0]][0][1]


def _calibration(ledger: Sequence[pd.DataFrame]) -> tuple[Line, ...]:
    return tuple(
        Line({
            "freq": row["freq"],
            "nominal": 100 * row["quantile"],
            "below": 100 * row["below"],
            "upto": 100 * row["upto"],
            "forecasts": int(row["forecasts"]),
        })
        for rows in ledger
        for row in calibration(rows).to_dict("records")
    )  # fmt: skip


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


# --- what stands of the last night -----------------------------------------------------------------------------------------------


def _weights(frame: pd.DataFrame) -> tuple[Line, ...]:
    """What each model weighs, the heaviest of each stretch first."""
    if frame.empty:
        return ()
    rows = frame[frame["weight"] > 0].sort_values(
        ["freq", "level", "first_step", "weight"], ascending=[True, True, True, False]
    )
    names = ("freq", "level", "first_step", "last_step", "model", "made_on", "origins")
    lines = [
        Line(
            {name: row[name] for name in names}
            | {"weight_pct": 100 * row["weight"], "ratio": _number(row["wis_ratio"])}
        )
        for row in rows.to_dict("records")
    ]

    def place(line: Line) -> tuple[int, int]:
        freq, level = line.values["freq"], line.values["level"]
        return list(FREQS).index(freq), LEVELS.index(level) if level in LEVELS else len(LEVELS)

    return tuple(sorted(lines, key=place))


def _models(frame: pd.DataFrame) -> tuple[Line, ...]:
    """Every model alone and the combination, over all levels and the whole horizon, the best of each frequency first."""
    if frame.empty:
        return ()
    whole = frame[frame["level"] == "all"]
    lines = []
    for freq in FREQS:
        own = whole[whole["freq"] == freq]
        own = own[(own["first_step"] == 1) & (own["last_step"] == own["last_step"].max())]
        for row in own.sort_values("wis_ratio").to_dict("records"):
            kept = {name: row[name] for name in ("freq", "model", "forecasts", "made_on", "origins")}
            kept |= {"ratio": _number(row["wis_ratio"]), "miss": _number(row["miss"])}
            lines.append(Line(kept | {f"{name}_pct": 100 * row[name] for name in ("cover80", "cover95")}))
    return tuple(lines)


def _states(frame: pd.DataFrame) -> tuple[Line, ...]:
    """How many series are forecast, shown naive or refused, by frequency and level."""
    if frame.empty:
        return ()
    lines = []
    for freq in FREQS:
        for level in LEVELS:
            own = frame[(frame["freq"] == freq) & (frame["level"] == level)]
            if len(own):
                counts = {state: int((own["state"] == state).sum()) for state in ("forecast", "naive", "refused")}
                lines.append(Line({"freq": freq, "level": level, "series": len(own), **counts}))
    return tuple(lines)
