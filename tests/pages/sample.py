"""A plausible daily brief of an invented city, for tests of the screen alone: no store, no computing."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from analytics.briefs import DailyBrief, Line
from analytics.figures import Comparison, Expected, Figure, Period, Sentence
from data.queries import Selection


def shown(at: AppTest) -> str:
    """Everything our own markup put on a page."""
    return "\n".join(element.proto.body for element in at.get("html"))


DAY = date(2026, 11, 20)
UNITS = (
    "清溪区住房和建设局",
    "清溪区人力资源和社会保障局",
    "望江街道办事处",
    "市公安局清溪分局",
    "清溪区市场监督管理局",
    "柳岸街道办事处",
)
AREAS = ("望江街道", "柳岸街道", "东篱街道", "石桥街道", "云台镇")
CATEGORIES = ("物业服务", "劳资纠纷", "邻里关系", "征地拆迁", "环境噪声")


def select(measure: str, first: date | None = None, last: date | None = None, **narrower: object) -> Selection:
    return Selection(measure, DAY, first, last, **narrower)


def figure(name: str, value: float | None, unit: str = "matters", **more: object) -> Figure:
    measure = {"due_on_day": "due", "due_soon": "due"}.get(name, name)
    return Figure(name, value, unit, Period(DAY, DAY), DAY, selection=select(measure, DAY, DAY), **more)


def expected(mean: float, lower: float, upper: float, method: str = "same_weekday") -> Expected:
    return Expected(mean, lower, upper, 95, method, tuple(DAY - timedelta(weeks=week) for week in range(1, 9)))


def series() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    days = pd.date_range(end=pd.Timestamp(DAY), periods=56)
    mean = np.where(days.day_of_week < 5, 58, 34).astype(float)
    new = chance.poisson(mean)
    new[-1], new[20] = 86, 92
    return pd.DataFrame(
        {
            "day": days,
            "new": new,
            "closed": chance.poisson(mean * 0.95),
            "expected": mean,
            "lower": np.floor(mean - 2.2 * np.sqrt(mean)),
            "upper": np.ceil(mean + 2.2 * np.sqrt(mean)),
            "completeness_pct": [100.0] * 53 + [97.1, 94.2, 88.5],
        }
    )


def brief(**changes: object) -> DailyBrief:
    """The brief of `DAY`; a change replaces a part."""
    day_before = Comparison("previous_day", 61, Period(DAY, DAY), change=25, change_pct=41.0)
    week_before = Comparison("same_weekday", 58, Period(DAY, DAY), change=28, change_pct=48.3)
    flows = (
        figure("new", 86, expected=expected(58, 42, 75), comparisons=(day_before, week_before)),
        figure(
            "closed",
            55,
            expected=expected(55, 39, 72),
            comparisons=(Comparison("previous_day", 55, Period(DAY, DAY), change=0),),
        ),
        figure("open", 1247, expected=expected(1230, 1190, 1268, "weekly_change")),
        figure(
            "overdue",
            38,
            expected=expected(29, 21, 36, "weekly_change"),
            comparisons=(Comparison("same_weekday", 7, Period(DAY, DAY), change=31),),
        ),
    )
    parts = {
        "day": DAY,
        "area_code": None,
        "area_name": None,
        "kind": None,
        "version": "20261121T060012-0007",
        "published_at": datetime(2026, 11, 21, 6, 0, 12),
        "read_at": datetime(2026, 11, 21, 6, 0, 3),
        "state": "unusual",
        "headline": (
            Sentence(
                "brief.headline.above_where_what",
                {
                    "day": DAY,
                    "new": 86,
                    "lower": 42.0,
                    "upper": 75.0,
                    "area": "望江街道",
                    "area_new": 31,
                    "area_upper": 19.0,
                    "category": "物业服务",
                },
                select("new", DAY, DAY, area_code="999901001"),
            ),
            Sentence("brief.headline.standing", {"closed": 55, "open": 1247, "overdue": 38}, select("overdue")),
            Sentence(
                "brief.headline.major",
                {"matters": 3, "area": "望江街道", "category": "物业服务", "people": 42},
                select("major", DAY, DAY),
            ),
            Sentence(
                "brief.headline.due",
                {"on_day": 12, "soon": 37, "until": DAY + timedelta(days=3), "unit": UNITS[0], "unit_overdue": 11},
            ),
            Sentence(
                "brief.headline.tomorrow",
                {"said": (Sentence("brief.tomorrow.rest", {"day": DAY + timedelta(days=1)}),)},
            ),
        ),
        "notices": (Sentence("notice.still_filling", {"day": DAY, "pct": 88.5}),),
        "flows": flows,
        "series": series(),
        "major": tuple(
            Line(
                {
                    "category": CATEGORIES[n],
                    "category_code": f"c{n}",
                    "area": AREAS[n],
                    "matters": 2 - n % 2,
                    "people": 42 - 12 * n,
                    "collective": 1,
                },
                select("major", DAY, DAY, category_code=f"c{n}"),
            )
            for n in range(3)
        ),
        "deadlines": (figure("overdue", 38), figure("due_on_day", 12), figure("due_soon", 37)),
        "deadlines_by_unit": tuple(
            Line(
                {
                    "org_id": f"u{n}",
                    "unit": unit,
                    "open": 180 - 20 * n,
                    "overdue": 11 - 2 * n,
                    "due_on_day": 3,
                    "due_soon": 9 - n,
                    "oldest_days": 41 - 5 * n,
                }
            )
            for n, unit in enumerate(UNITS)
        ),
        "leader_cases": tuple(
            Line(
                {
                    "case_id": f"k{n}",
                    "area": AREAS[n],
                    "category": CATEGORIES[3 - n],
                    "post_level": ("city", "district", "street")[n],
                    "unit": UNITS[n],
                    "progress_pct": (30, 65, 90)[n],
                    "next_step": ("joint_meeting", "mediate", "close")[n],
                    "due_on": DAY + timedelta(days=4 * n - 2),
                    "days_left": 4 * n - 2,
                }
            )
            for n in range(3)
        ),
        "coordination": (figure("returned", 4), figure("rebounded", 2), figure("joint", 9)),
        "coordination_lines": tuple(
            Line(
                {
                    "reason": ("returned", "rebounded", "joint")[n % 3],
                    "matter_no": f"T2026-{10480 + n}",
                    "area": AREAS[n],
                    "category": CATEGORIES[n],
                    "unit": UNITS[n],
                    "age_days": 12 + 7 * n,
                    "returned_count": 2 - n % 2,
                }
            )
            for n in range(4)
        ),
        "tomorrow": (
            Sentence("brief.tomorrow.rest", {"day": DAY + timedelta(days=1)}),
            Sentence("brief.tomorrow.event", {"name": "柳岸菜市场改造开工", "area": "柳岸街道"}),
            Sentence("brief.tomorrow.receptions", {"count": 1}),
            Sentence(
                "brief.tomorrow.due", {"count": 14}, select("due", DAY + timedelta(days=1), DAY + timedelta(days=1))
            ),
        ),
        "rates": (
            figure("on_time", 92.14, "pct", numerator=1289, denominator=1399, interval=(90.6, 93.4)),
            figure("accepted_in_time", 98.6, "pct", numerator=141, denominator=143, interval=(95.0, 99.6)),
            figure("answered", 71.3, "pct", numerator=998, denominator=1399, interval=(68.9, 73.6)),
            figure("satisfied", 88.9, "pct", numerator=887, denominator=998, interval=(86.8, 90.7)),
            figure(
                "solved",
                None,
                "pct",
                missing=Sentence("missing.small_denominator", {"met": 5, "count": 7, "needed": 10}),
            ),
            figure("median_days_to_close", 9, "days", numerator=6120, denominator=7367),
            figure("p90_days_to_close", 31, "days", numerator=6120, denominator=7367),
        ),
        "sources": tuple(
            Line(
                {
                    "source_system": name,
                    "last_registered_on": DAY - timedelta(days=n),
                    "new": count,
                    "expected": float(mean),
                    "lower": mean - 9.0,
                    "upper": mean + 9.0,
                    "with_area_pct": 99.2 - n,
                    "with_category_pct": 97.0 - 2 * n,
                    "with_unit_pct": 93.5,
                    "state": state,
                },
                select("new", DAY, DAY, source_system=name),
            )
            for n, (name, count, mean, state) in enumerate(
                (("grid_app", 41, 24, "above"), ("hotline_12345", 45, 40, "within"), ("petition_desk", 0, 12, "silent"))
            )
        ),
        "filling": tuple(
            Line({"day": DAY - timedelta(days=n), "matters": 50, "completeness_pct": pct})
            for n, pct in enumerate((88.5, 94.2, 97.1))
        ),
        "kinds": tuple(
            Line({"kind": kind, "new": new, "closed": closed, "open": still, "overdue": late})
            for kind, new, closed, still, late in (
                ("dispute", 29, 20, 402, 9),
                ("hotline", 45, 31, 611, 8),
                ("petition", 12, 4, 234, 21),
            )
        ),
        "places": tuple(
            Line(
                {
                    "area_code": f"99990100{n + 1}",
                    "area": area,
                    "new": new,
                    "expected": mean,
                    "lower": low,
                    "upper": high,
                    "open": 310 - 30 * n,
                    "overdue": 14 - 3 * n,
                    "state": state,
                    "is_below_street": False,
                }
            )
            for n, (area, new, mean, low, high, state) in enumerate(
                (
                    ("望江街道", 31, 11.5, 4.0, 19.0, "above"),
                    ("柳岸街道", 18, 14.0, 6.0, 24.0, "within"),
                    ("东篱街道", 15, 13.2, 5.0, 23.0, "within"),
                    ("石桥街道", 13, 11.0, 4.0, 20.0, "within"),
                    ("云台镇", 9, 8.3, 2.0, 17.0, "within"),
                )
            )
        ),
    }
    return DailyBrief(**(parts | changes))
