"""Adjacent places that are each a little high: the scan over space and time, fed with a plain expectation for every place and day."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analytics.signals.cube import Cube
from analytics.signals.nightly import expected_days
from analytics.signals.scan import SCAN_SETTINGS, ScanSettings, scan, spread_of
from analytics.signals.zones import make_zones

SHARE_DAYS = 364  # that a place's share of the city rests on
USUAL_DAYS = 56  # that the city's expectation rests on, up to two weeks before the window
APART = 14  # days between what is judged and what it is judged by
SPREAD_DAYS = 182  # past days that the variance is taken from
PRIOR = 1.0  # matters by which a share is drawn towards what the place's size implies
KEPT_P = 0.01  # a cluster above it is not kept: some sixty subjects are scanned each night
LEAST_MEAN = 1.0  # matters expected in the city in the longest window; below it there is nothing to scan


def find_clusters(
    cube: Cube,
    tree: pd.DataFrame,
    centres: Mapping[str, tuple[float, float]] | None = None,
    *,
    settings: ScanSettings = SCAN_SETTINGS,
) -> tuple[pd.DataFrame, int]:
    """The clusters of the cube's last day among places of the lowest level, and how many subjects were scanned.

    A row is a cluster, columns of `analytics.signals.scan` with kind and category_code in place of `subject`. A place by itself is none:
    it is judged as a node. Sensitive subjects are not scanned, nor those with hardly a matter. What is expected is what the night's fits
    say (`nightly.expected_days`). How far places and days depart from an expectation is measured on half a year against a plain one: the
    city's mean on days of the same type over eight weeks that end two weeks before, times the place's share of the subject over a year,
    drawn to its share of all subjects of the kind.
    """
    leaf, top = cube.levels[0], cube.levels[-1]
    width = max(settings.windows)
    if len(cube.days) < USUAL_DAYS + 2 * width + APART or len(cube.levels) == 1:
        return pd.DataFrame(), 0
    from_day = max(len(cube.days) - SPREAD_DAYS - width, USUAL_DAYS + APART)
    usual = (
        usual_city(cube.counts[top].sum(axis=0), cube.calendar.weekday_like, from_day) * cube.completeness[:, from_day:]
    )
    wanted = np.flatnonzero((np.nansum(usual[:, -width:], axis=1) >= LEAST_MEAN) & ~cube.is_sensitive)
    if not len(wanted):
        return pd.DataFrame(), 0
    share = shares(cube.counts[leaf], np.array([kind for kind, _ in cube.subjects]), width)
    expected = share[:, wanted, None] * usual[None, wanted]
    observed = cube.counts[leaf][:, wanted, from_day:].astype(np.float64)
    dispersion, common = spread_of(observed[:, :, :-width], expected[:, :, :-width])
    fitted = expected_days(cube, leaf, width)
    if fitted is not None:
        unseen = np.isnan(cube.completeness[wanted, -width:])[None]
        expected[:, :, -width:] = np.where(unseen, np.nan, fitted[1].swapaxes(1, 2)[:, wanted])
    zones = make_zones(tree, [str(code) for code in cube.areas[leaf]], centres)
    found = scan(
        observed[:, :, -width:], expected[:, :, -width:], zones, subjects=[cube.subjects[one] for one in wanted],
        dispersion=dispersion, common=common, settings=settings,
    )  # fmt: skip
    named = found.assign(
        kind=[subject[0] for subject in found["subject"]], category_code=[subject[1] for subject in found["subject"]]
    )
    several = np.array([len(places) > 1 for places in named["places"]], dtype=bool)
    kept = named[several & (named["p"] <= KEPT_P).to_numpy()]
    return kept.drop(columns="subject").reset_index(drop=True), len(wanted)


def usual_city(totals: np.ndarray, day_types: np.ndarray, from_day: int) -> np.ndarray:
    """The usual number of matters of each subject [subject, day] for days from `from_day` on: the mean of days of the same type among
    `USUAL_DAYS` that end `APART` days before; over all days where the type is not among them.

    >>> usual_city(np.tile([[7, 0]], 50), np.tile([0, 1], 50), 98).tolist()
    [[7.0, 0.0]]
    """
    length = totals.shape[1]
    total = np.concatenate([np.zeros((len(totals), 1)), np.cumsum(totals, axis=1, dtype=np.float64)], axis=1)
    at = np.arange(from_day, length)
    low, high = at - APART - USUAL_DAYS, at - APART
    low = np.maximum(low, 0)
    usual = (total[:, high] - total[:, low]) / np.maximum(high - low, 1)
    for kind in np.unique(day_types[from_day:]):
        alike = day_types == kind
        held = np.concatenate([np.zeros((len(totals), 1)), np.cumsum(totals * alike, axis=1, dtype=np.float64)], axis=1)
        days = np.concatenate([[0], np.cumsum(alike)])
        known = days[high] - days[low]
        mine = (day_types[from_day:] == kind) & (known > 0)
        usual[:, mine] = ((held[:, high] - held[:, low]) / np.maximum(known, 1))[:, mine]
    return usual


def shares(counts: np.ndarray, kinds: np.ndarray, width: int) -> np.ndarray:
    """The share of each place in a subject [place, subject] over a year before the last `width` days, drawn to its share of the kind
    (gamma–Poisson shrinkage, Clayton and Kaldor 1987, Biometrics 43:671)."""
    past = counts[:, :, -SHARE_DAYS - width : -width].sum(axis=2, dtype=np.float64)
    share = np.empty_like(past)
    for kind in np.unique(kinds):
        own = kinds == kind
        size = past[:, own].sum(axis=1) + 0.5
        size = (size / size.sum())[:, None]
        share[:, own] = size * (past[:, own] + PRIOR) / (size * past[:, own].sum(axis=0) + PRIOR)
    return share
