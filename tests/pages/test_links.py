"""Links: what is chosen and opened survives the address bar, and nonsense opens nothing."""

from datetime import date, timedelta
from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from data.queries import Selection
from pages.ui.links import Chosen, read_own, read_selection, without_selection

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
CODES = st.none() | st.text(min_size=1, max_size=30)


def _params(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query.removeprefix("?"), keep_blank_values=True).items()}


@given(DAYS, st.none() | DAYS, CODES, CODES, CODES, CODES)
def test_a_selection_survives_its_link(
    as_of: date, first: date | None, area: str | None, category: str | None, unit: str | None, source: str | None
) -> None:
    last = first + timedelta(days=3) if first else None
    selection = Selection("overdue", as_of, first, last, None, area, category, unit, source)
    assert read_selection(_params(Chosen(as_of).query(selection))) == selection


@given(st.dictionaries(st.sampled_from(["form", "channel", "topic", "is_repeat"]), st.text(max_size=20), min_size=1))
def test_properties_survive_a_link_whatever_their_values(properties: dict[str, str]) -> None:
    selection = Selection("new", date(2026, 11, 20), date(2026, 11, 1), date(2026, 11, 20)).also(**properties)
    params = _params(Chosen(date(2026, 11, 20)).query(selection))
    found = read_selection(params)
    assert found == selection or len(params["having"]) > 400


def test_the_choices_of_a_page_survive_the_way_into_a_list_and_back() -> None:
    chosen = Chosen(date(2026, 11, 20), unit="week", category_code="04", own=(("by", "form"), ("part", "rates")))
    inside = _params(chosen.query(Selection("open", date(2026, 11, 20))))
    assert (inside["by"], inside["part"], inside["unit"], inside["category"]) == ("form", "rates", "week", "04")
    assert read_own(inside) == chosen.own
    assert without_selection(inside) == _params(chosen.query())


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=200), max_size=20))
def test_a_link_carries_only_a_few_short_choices_along(params: dict[str, str]) -> None:
    found = read_own(params)
    assert len(found) <= 6
    assert all(len(name) <= 20 and len(value) <= 120 for name, value in found)


def test_no_unit_is_not_any_unit() -> None:
    selection = Selection("open", date(2026, 11, 20), org_id="")
    assert read_selection(_params(Chosen(date(2026, 11, 20)).query(selection))).org_id == ""


@given(st.dictionaries(st.sampled_from(["behind", "as_of", "from", "to", "of_area"]), st.text(max_size=80)))
def test_a_malformed_link_never_raises(params: dict[str, str]) -> None:
    found = read_selection(params)
    assert found is None or isinstance(found.as_of, date)


def test_a_link_opens_in_the_language_it_was_sent_in() -> None:
    assert "lang=zh" in Chosen(date(2026, 11, 20)).query()
    assert "lang=en" in Chosen(date(2026, 11, 20), language="en").query()
