"""The Word side of the page: section, grid, styles with the official fonts, page numbers, and the names by which Word finds substitutes."""

from typing import TYPE_CHECKING

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn
from docx.shared import Mm, Pt, RGBColor

from pages.paper import layout as page
from pages.paper.layout import Layout

if TYPE_CHECKING:
    from docx.document import Document as WordFile
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

LATIN = "Times New Roman"
BODY, TITLE, SANS, KAI, SERIF = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"
# Where an official font is not installed, Word takes the other name: the same face as newer systems carry it, or the nearest one.
ALSO = {BODY: "仿宋", TITLE: "方正小标宋_GBK", KAI: "楷体", SANS: "SimHei", SERIF: "SimSun"}
BLACK, RED = RGBColor(0, 0, 0), RGBColor(0xC0, 0, 0)


def set_page(file: "WordFile", sizes: Layout, language: str) -> None:
    """A4 with the official margins, a grid of lines, page numbers outside: odd ones right, even ones left, one character in."""
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(page.TOP_MM), Mm(page.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(page.LEFT_MM), Mm(page.RIGHT_MM)
    section.header_distance = Mm(15)
    number_high_mm = page.PAGE_NUMBER_PT * 1.2 * 25.4 / 72
    section.footer_distance = Mm(page.BOTTOM_MM - page.PAGE_NUMBER_BELOW_MM - number_high_mm)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    for name in list(grid.attrib):
        del grid.attrib[name]
    # Lines only: a grid of characters as well spreads the text in some word processors.
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(sizes.pitch * 20)))
    file.settings.odd_and_even_pages_header_footer = True
    for footer, alignment in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        _number(footer.paragraphs[0], alignment)
    _name_substitutes(file)


def _number(paragraph: "Paragraph", alignment: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.style = "Page Number Line"
    paragraph.alignment = alignment
    side = "w:right" if alignment == WD_ALIGN_PARAGRAPH.RIGHT else "w:left"
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn(f"{side}Chars"), "100")
    indent.set(qn(side), str(page.PAGE_NUMBER_PT * 20))
    paragraph.add_run("— ")
    for kind, text in (("begin", None), (None, "PAGE"), ("separate", None), ("said", "1"), ("end", None)):
        run = paragraph.add_run()
        if kind == "said":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {text} "
            run._r.append(code)
    paragraph.add_run(" —")


def set_styles(file: "WordFile", sizes: Layout, language: str, *, banner: bool) -> None:
    """All styles a paper uses: Normal is the body, headings 1-4 by the order of the official layout; text is black."""
    normal = file.styles["Normal"]
    in_chinese = language == "zh"
    _type(normal, BODY, LATIN, sizes.body, language)
    if in_chinese and sizes.tracking:
        _element(normal.element.get_or_add_rPr(), "w:spacing").set(qn("w:val"), str(round(sizes.tracking * 20)))
    _lines(normal, sizes.pitch)
    _indent(normal, 2 if in_chinese else 0, sizes.body)
    normal.paragraph_format.widow_control = False
    normal.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    for level, (chinese, latin) in enumerate(((SANS, "Arial"), (KAI, LATIN), (BODY, LATIN), (BODY, LATIN)), start=1):
        heading = file.styles[f"Heading {level}"]
        _type(heading, chinese, chinese if in_chinese else latin, sizes.body, language)
        heading.font.bold = not in_chinese and level < 3
        _lines(heading, sizes.pitch, above=sizes.above_heading)
        _indent(heading, 2 if in_chinese else 0, sizes.body)
        heading.paragraph_format.keep_with_next = True
        heading.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    title = file.styles["Title"]
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    _type(title, TITLE, TITLE if in_chinese else LATIN, sizes.title, language, RED if banner else BLACK)
    title.font.bold = not in_chinese
    _lines(title, sizes.title_pitch)
    _indent(title, 0, sizes.title)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    plain = (
        ("Paper Table", BODY, sizes.table, sizes.table_pitch),
        ("Paper Table Head", SANS, sizes.table, sizes.table_pitch),
        ("Paper Caption", SANS, sizes.table, sizes.table_pitch),
        ("Paper Small", BODY, sizes.small, sizes.small_pitch),
        ("Paper Notice", SANS, sizes.body, sizes.pitch),
        ("Annex Label", SANS, sizes.body, sizes.pitch),
        ("Annex Title", TITLE, sizes.title, sizes.title_pitch),
        ("Page Number Line", SERIF, page.PAGE_NUMBER_PT, page.PAGE_NUMBER_PT * 1.2),
    )
    tables = tuple(
        (f"{name} {size:g}", chinese, size, pitch)
        for size, pitch in sizes.smaller_tables
        for name, chinese in (("Paper Table", BODY), ("Paper Table Head", SANS))
    )
    for name, chinese, size, pitch in (*plain, *tables):
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _type(style, chinese, chinese if chinese in (SERIF, SANS) and in_chinese else LATIN, size, language)
        _element(style.element.get_or_add_rPr(), "w:spacing").set(qn("w:val"), "0")
        _lines(style, pitch)
        _indent(style, 0, size)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    file.styles["Annex Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    file.styles["Annex Title"].font.bold = not in_chinese
    picture = file.styles.add_style("Paper Picture", WD_STYLE_TYPE.PARAGRAPH)
    picture.base_style = normal
    picture.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    picture.paragraph_format.space_before = Pt(sizes.table_pitch / 2)
    _indent(picture, 0, sizes.body)


def _type(
    style: "ParagraphStyle", chinese: str, latin: str, size: float, language: str, colour: RGBColor = BLACK
) -> None:
    style.font.size, style.font.name, style.font.color.rgb = Pt(size), latin, colour
    style.font.bold = style.font.italic = False
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for place, name in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{place}"), name)
    tongue = _element(properties, "w:lang")
    tongue.set(qn("w:val"), "en-GB")
    tongue.set(qn("w:eastAsia"), "zh-CN")
    for leftover in ("w:kern", "w:spacing", "w:szCs"):
        for found in properties.findall(qn(leftover)):
            properties.remove(found)
    complex_size = _element(properties, "w:szCs")
    complex_size.set(qn("w:val"), str(round(size * 2)))


# The order in which Word's schema wants the properties of a run.
_ORDER = (
    *("w:rStyle", "w:rFonts", "w:b", "w:bCs", "w:i", "w:iCs", "w:caps", "w:smallCaps", "w:strike", "w:color"),
    *("w:spacing", "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:lang"),
)


def _element(properties: object, name: str) -> object:
    """The child of that name, put where the schema wants it."""
    found = properties.find(qn(name))
    if found is None:
        found = OxmlElement(name)
        later = [qn(one) for one in _ORDER[_ORDER.index(name) + 1 :]]
        after = next((child for child in properties if child.tag in later), None)
        if after is None:
            properties.append(found)
        else:
            after.addprevious(found)
    return found


def _lines(style: "ParagraphStyle", pitch: float, above: float = 0) -> None:
    """From line to line exactly so much: the pitch of the grid itself, so nothing need be drawn to the grid a second time."""
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(above), Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(pitch)
    properties = style.element.get_or_add_pPr()
    for found in properties.findall(qn("w:snapToGrid")):
        properties.remove(found)
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    properties.find(qn("w:spacing")).addprevious(snap)


def _indent(style: "ParagraphStyle", characters: int, size: float) -> None:
    """Indent of the first line in characters, so that it follows the size of the type, and in points for readers that know no characters."""
    indent = style.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), str(100 * characters))
    indent.set(qn("w:firstLine"), str(round(characters * size * 20)))


def _name_substitutes(file: "WordFile") -> None:
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, other in ALSO.items()
    )
    rows += (
        f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
    )
    table = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts xmlns:w="{nsmap["w"]}">{rows}</w:fonts>'
    for relation in file.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = table.encode()
