"""Cuts the shipped fonts out of Noto CJK:

    python pages/paper/fonts/rebuild.py NotoSerifCJK-Regular.ttc NotoSerifCJK-Bold.ttc NotoSansCJK-Regular.ttc Unihan_OtherMappings.txt.bz2

What is in a subset: the 6,763 hanzi of GB/T 2312, the 8,105 of the 通用规范汉字表 (with the rare ones of place names), every character of our
words, Latin with its accents, punctuation, full-width forms and Roman numerals; and, but for the bold one, circled numerals, arrows and
shapes. Families are renamed, so that no reader takes a subset for the whole font. Run it again after new words with rare characters; a
test says when. The Debian packages are `fonts-noto-cjk` and `unicode-data`.
"""

import bz2
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
SOURCES = ("pages/ui/words/**/*.toml", "data/**/*.toml", "data/**/*.py")  # our words, and the names of the demo city
LATIN = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x17F),  # Latin with accents
    (0x2010, 0x2027),  # dashes, quotation marks, ellipses
    (0x2160, 0x216B),  # Roman numerals Ⅰ-Ⅻ
    (0x3000, 0x303F),  # CJK punctuation and 〓, which stands for what no font has
    (0xFF01, 0xFF5E),  # full-width forms
)
SIGNS = (
    (0x2030, 0x203B),  # per mille, primes, ※
    (0x20AC, 0x20AC),  # euro
    (0x2103, 0x2122),  # ℃ № ™
    (0x2153, 0x215E),  # fractions
    (0x2170, 0x217B),  # small Roman numerals
    (0x2190, 0x2199),  # arrows
    (0x2200, 0x2267),  # signs of arithmetic: − ≤ ≥ ≈
    (0x2460, 0x249B),  # circled numerals
    (0x25A0, 0x25EF),  # shapes
    (0x2605, 0x2606),  # stars
    (0x3220, 0x3229),  # ㈠-㈩
    (0xFFE0, 0xFFE6),
)
CUTS = (
    ("Xianshou Serif", "xianshou-serif.otf", LATIN + SIGNS),
    ("Xianshou Title", "xianshou-title.otf", LATIN),
    ("Xianshou Sans", "xianshou-sans.otf", LATIN + SIGNS),
)


def listed_hanzi(unihan: Path) -> set[int]:
    """The 8,105 hanzi of the 通用规范汉字表 (2013), which has the rare ones of place names, from Unihan's property kTGH."""
    opened = bz2.open if unihan.suffix == ".bz2" else open
    with opened(unihan, "rt", encoding="utf-8") as lines:
        rows = (line.split("\t") for line in lines if line.startswith("U+"))
        return {int(code[2:], 16) for code, name, _ in rows if name == "kTGH"}


def gb2312() -> set[int]:
    """The hanzi of GB/T 2312, both levels.

    >>> len(gb2312())
    6763
    """
    pairs = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return {ord(one) for one in (pair.decode("gb2312", errors="ignore") for pair in pairs) if one}


def own_characters() -> set[int]:
    """Every character that our words use, in all languages, and the names of the demo city."""
    files = (file for pattern in SOURCES for file in ROOT.glob(pattern))
    return {ord(one) for file in files for one in file.read_text(encoding="utf-8") if one > " "}


def cut(source: Path, family: str, target: Path, wanted: set[int]) -> None:
    """One subset without hints and without layout features that typesetting of Chinese and Latin text does not use."""
    from fontTools import subset

    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "halt", "palt", "pwid"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG"]  # nothing here is set vertically
    options.font_number = _simplified(source)
    options.recalc_timestamp = False
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    short = family.replace(" ", "") + "-Regular"
    names = {1: family, 2: "Regular", 3: short, 4: family, 6: short}
    for name_id, said in names.items():
        font["name"].setName(said, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 400
    font["OS/2"].fsSelection = 0x40  # regular
    font["head"].macStyle = 0
    top = font["CFF "].cff
    top.fontNames[0] = short
    top.topDictIndex[0].FullName, top.topDictIndex[0].FamilyName = family, family
    subset.save_font(font, str(target), options)


def _simplified(source: Path) -> int:
    """The place of the simplified Chinese face in a collection."""
    from fontTools.ttLib import TTCollection

    if source.suffix != ".ttc":
        return 0
    with TTCollection(str(source), lazy=True) as faces:
        return next(place for place, face in enumerate(faces) if face["name"].getDebugName(1).endswith("CJK SC"))


def main(sources: list[str]) -> None:
    """Cut all subsets from the regular serif, bold serif and regular sans, then Unihan's mappings, given in this order."""
    if len(sources) != len(CUTS) + 1:
        raise SystemExit(__doc__)
    *fonts, unihan = map(Path, sources)
    hanzi = gb2312() | listed_hanzi(unihan) | own_characters()
    for source, (family, file, spans) in zip(fonts, CUTS, strict=True):
        listed = {one for first, last in spans for one in range(first, last + 1)}
        cut(source, family, HERE / file, hanzi | listed)


if __name__ == "__main__":
    main(sys.argv[1:])
