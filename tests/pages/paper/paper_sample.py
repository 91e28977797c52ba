"""Documents that hold every kind of block, and what may go wrong in them."""

from dataclasses import replace
from datetime import date

from pages.paper.document import (
    Annex,
    Bars,
    Blank,
    Bullets,
    Change,
    Chart,
    Column,
    Document,
    Heading,
    Lines,
    Number,
    PageBreak,
    Paragraph,
    Table,
    Words,
)

NASTY = (
    "#set page() $x$ *b* _i_ @ref <tag> [c] ~ = + - / ' \" ` \\ {{y}} <script>alert(1)</script> | & &lt; "
    "=1+1 \x00\x07\x1b\u202e😀 𠮷 \ufffe"
)
LONG = "超长" * 60 + "Donaudampfschifffahrtsgesellschaft" * 4
COLUMNS = (
    Column("责任单位", width=2),
    Column("未结", form="count"),
    Column("按期率", form="pct"),
    Column("均值", form="decimal"),
    Column("期限", form="day"),
)
ROW = ("甲街道办", 1234, 92.14, 3.5, date(2026, 11, 2))


def table(*rows: tuple, caption: str = "按单位", note: str = "") -> Table:
    return Table(caption, COLUMNS, rows, note)


def full(language: str = "zh", **changes: object) -> Document:
    """Every kind of block once, an annex with another table."""
    days = tuple(f"11-{day:02}" for day in range(1, 21))
    counts = tuple(20 + day % 7 * 3 for day in range(20))
    figures = Table(
        "主要指标",
        (Column("指标"), Column("数值", align="right"), Column("说明", width=2)),
        (
            ("新增", Number(45, "count"), "预期30～60"),
            ("按期办结率", Number(92.14, "pct"), "70/76"),
            ("满意率", None, "未评价"),
        ),
    )
    blocks = (
        Paragraph("数据读取晚于八点。", tone="notice"),
        Heading(1, "总体情况"),
        Paragraph("11月20日（星期五）总体平稳：新增45件，在预期范围30～60件之内，2026年共受理12345热线3,201件。" * 3),
        figures,
        Heading(2, "主要特点"),
        Bullets(("一是物业类上升。", "二是噪声类下降。")),
        Heading(3, "高发细类"),
        Heading(4, "时段"),
        Chart(
            "days", "近二十日新增", Bars(days, counts, (15,) * 20, (40,) * 20, ("",) * 19 + ("高",), "每日新增", "件")
        ),
        Chart("where", "各街道新增", Bars(("甲街道办事处", "乙街道办事处"), (12, 3), (2, 1), (9, 6), ("高于预期", ""))),
        Chart("forms", "来访与网上", Lines(days, (("来访", counts), ("网上", counts[::-1])), title="按形式")),
        Chart("parts", "增减分解", Change(("物业服务", "噪声扰民", "停车"), (9, -4, 0), "较上月", "件"), "合计多5件。"),
        Heading(1, "突出问题及原因"),
        Blank("causes", "分析原因，一至三条"),
        Words("advice", "一、加强排查。\n二、及时调处。", "综治办"),
        PageBreak(),
        Heading(1, "下步工作"),
        Paragraph("抓好落实。"),
        Annex("分单位情况"),
        table(ROW, ("乙街道办", None, None, 2, None), note="小单元格不显示。"),
    )
    return replace(
        Document(
            "平安稳定信息专报",
            "第3期",
            ("某某综治办\t2026年11月21日",),
            blocks,
            ("数据截至2026年11月21日7时。", "编报单位：综治办"),
            language,
            "daily",
            "平安稳定信息专报-2026-11-20",
            date(2026, 11, 20),
        ),
        **changes,
    )


def empty(language: str = "zh") -> Document:
    """Nothing but a title; tables and charts without rows."""
    return Document(
        "空",
        blocks=(
            table(),
            Chart("none", "没有数据", Bars((), ())),
            Chart("lines", "没有数据", Lines((), (("a", ()),))),
            Chart("parts", "没有数据", Change((), ())),
            Bullets(()),
            Words("w", ""),
        ),
        language=language,
    )


def one_row(language: str = "zh") -> Document:
    """One of each."""
    charts = (
        Chart("one", "一个", Bars(("甲",), (1,), (0,), (2,), ("",))),
        Chart("line", "一个", Lines(("甲",), (("a", (1,)),))),
        Chart("part", "一个", Change(("甲",), (-1,))),
    )
    return Document("一行", blocks=(Heading(2, "先是二级"), table(ROW), *charts), language=language, layout="compact")


def broken(language: str = "zh") -> Document:
    """What ought not to come: unknown numbers, endless words, markup and control characters in every place."""
    nan = float("nan")
    rows = ((NASTY, nan, None, float("inf"), None), (LONG, -3, 0, 1e12, date(1, 1, 1)), (None, None, None, None, None))
    charts = (
        Chart(NASTY, NASTY, Bars((NASTY, LONG), (nan, None), (None, 1), (nan, 2), (NASTY, ""), NASTY, NASTY), NASTY),
        Chart("l", NASTY, Lines((NASTY, "b"), ((NASTY, (None, 1)), ("", (2, nan))), title=NASTY)),
        Chart("c", NASTY, Change((NASTY, "b"), (None, nan), NASTY, NASTY)),
    )
    blocks = (
        Heading(1, NASTY),
        Paragraph(NASTY),
        Paragraph(LONG),
        Paragraph(""),
        Bullets((NASTY, "", LONG)),
        Table(NASTY, tuple(replace(column, title=NASTY) for column in COLUMNS), rows, NASTY),
        *charts,
        Blank("x", NASTY),
        Words("x", f"{NASTY}\n\n{LONG}", NASTY),
        Annex(NASTY),
        Annex(LONG),
    )
    return Document(
        NASTY, NASTY, (NASTY, f"{NASTY}\t{NASTY}"), blocks, (NASTY,), language, NASTY, NASTY, date(2026, 11, 20)
    )


ALL = {"full": full, "empty": empty, "one_row": one_row, "broken": broken}
