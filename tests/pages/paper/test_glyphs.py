"""No character goes missing unseen, and ours never do."""

from dataclasses import replace

import paper_sample

from pages.paper.document import Bars, Chart, Document, Paragraph
from pages.paper.fonts.rebuild import gb2312, own_characters
from pages.paper.glyphs import FOLDER, MISSING, SANS, SERIF, TITLE, coverage, fitted, fitted_charts


def test_our_fonts_hold_every_character_of_our_words() -> None:
    """Otherwise run pages/paper/fonts/rebuild.py again."""
    wanted = own_characters()
    for font in (SERIF, SANS):
        lost = wanted - coverage(font)
        # What Noto itself lacks cannot be had: such a character must not be in our words.
        assert not lost, f"{font.name} lacks {''.join(map(chr, sorted(lost)))}"
    assert not {code for code in wanted if 0x4E00 <= code <= 0x9FFF} - coverage(TITLE)


def test_our_fonts_hold_the_hanzi_of_the_national_standard() -> None:
    for font in (SERIF, SANS, TITLE):
        assert gb2312() <= coverage(font)
        assert ord(MISSING) in coverage(font)


def test_the_fonts_come_with_their_licence_and_stay_small() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert sum(file.stat().st_size for file in FOLDER.glob("*.otf")) < 9_000_000


def test_a_document_that_can_be_printed_stays_as_it_is() -> None:
    assert fitted(paper_sample.full()) == paper_sample.full()


def test_what_cannot_be_printed_is_replaced_everywhere_and_named_once() -> None:
    document = Document("𠮷", blocks=(Paragraph("𠮷a\u200d"), Chart("c", "𠮷", Bars(("😀",), (1,)))), foot=("foot",))
    fit = fitted(document)
    assert fit.title == MISSING
    assert fit.blocks[0].text == f"{MISSING}a"
    assert fit.blocks[1].spec.labels == (MISSING,)
    assert len(fit.foot) == 2
    assert "U+1F600、U+20BB7" in fit.foot[-1]


def test_where_readers_have_their_own_fonts_only_pictures_are_changed() -> None:
    document = Document("𠮷", blocks=(Chart("c", "𠮷", Bars(("😀",), (1,))),))
    fit = fitted_charts(document)
    assert fit.title == "𠮷"
    assert fit.blocks[0].alt == "𠮷"
    assert fit.blocks[0].spec.labels == (MISSING,)
    assert "U+1F600" in fit.foot[-1]
    assert fitted_charts(replace(document, blocks=())) == replace(document, blocks=())
