"""A document is kept as JSON and comes back the same; only what can be printed gets through."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import paper_sample
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.paper.document import (
    Bars,
    Bullets,
    Chart,
    Column,
    Document,
    Heading,
    Lines,
    Number,
    Paragraph,
    Table,
    Words,
    clean,
    from_json,
    to_json,
)

texts = st.text(max_size=30)
numbers = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
cells = texts | numbers | st.dates() | st.builds(Number, numbers, st.sampled_from(("count", "pct")))
tables = st.integers(1, 4).flatmap(
    lambda wide: st.builds(
        Table,
        texts,
        st.lists(st.builds(Column, texts), min_size=wide, max_size=wide).map(tuple),
        st.lists(st.lists(cells, min_size=wide, max_size=wide).map(tuple), max_size=4).map(tuple),
    )
)
blocks = st.one_of(
    tables,
    st.builds(Heading, st.integers(1, 4), texts),
    st.builds(Paragraph, texts),
    st.builds(Bullets, st.lists(texts).map(tuple)),
    st.builds(Words, texts, texts),
)


@given(st.builds(Document, texts, blocks=st.lists(blocks, max_size=6).map(tuple), as_of=st.none() | st.dates()))
def test_any_document_comes_back_from_its_json(document: Document) -> None:
    text = to_json(document)
    assert from_json(text) == document
    assert to_json(from_json(text)) == text


@pytest.mark.parametrize("name", paper_sample.ALL)
def test_every_kind_of_block_comes_back_from_its_json(name: str) -> None:
    document = clean(paper_sample.ALL[name]())
    assert from_json(to_json(document)) == document


def test_a_field_that_a_kept_document_does_not_know_takes_its_default() -> None:
    kept = json.loads(to_json(paper_sample.full()))
    del kept["mark"], kept["layout"]
    assert from_json(json.dumps(kept)) == replace(paper_sample.full(), mark="", layout="official")


@pytest.mark.parametrize("text", ['{"is": "Script"}', "[]", '{"is": "PageBreak"}', "{}"])
def test_other_json_is_no_document(text: str) -> None:
    with pytest.raises(ValueError, match="document"):
        from_json(text)


def test_what_pandas_gives_becomes_plain_values() -> None:
    columns = (Column("a"), Column("b", form="count"))
    rows = [[pd.NaT, np.int64(3)], [pd.NA, np.float64("nan")], [pd.Timestamp("2026-11-20 08:00"), float("inf")]]
    assert Table("", columns, rows).rows == ((None, 3), (None, None), (date(2026, 11, 20), None))
    chart = Bars(["a"], np.array([1.5]).tolist(), pd.Series([1]).tolist(), [2])
    assert from_json(to_json(Document("x", blocks=(Chart("c", "", chart),)))).blocks[0].spec == chart


def test_tables_and_charts_must_be_whole() -> None:
    with pytest.raises(ValueError, match="has not 2 cells"):
        Table("", (Column("a"), Column("b")), (("only one",),))
    with pytest.raises(ValueError, match="1 labels"):
        Bars(("a",), (1, 2))
    with pytest.raises(ValueError, match="2 labels"):
        Lines(("a", "b"), (("x", (1,)),))
    with pytest.raises(ValueError, match="level 1 to 4"):
        Heading(5, "too deep")
    with pytest.raises(ValueError, match="is none of"):
        Column("a", form="money")


@given(st.text())
def test_cleaned_text_is_legal_in_xml(text: str) -> None:
    kept = clean(Document(text)).title
    assert all(
        one in "\t\n" or "\x20" <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one >= "\U00010000" for one in kept
    )
    kept.encode()
