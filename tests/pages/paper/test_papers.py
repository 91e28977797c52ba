"""The download buttons: one for each form, made only when pressed."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    from datetime import date

    from pages.ui import papers
    from pages.ui.links import Chosen

    def make() -> None:
        raise AssertionError("nobody pressed a button")

    papers.buttons("brief-2026-11-20", make, Chosen(date(2026, 11, 20)))


def test_every_form_has_a_button_and_nothing_is_made_before_one_is_pressed() -> None:
    at = AppTest.from_function(page, default_timeout=30).run()
    assert not at.exception
    labels = [element.proto.label for element in at.get("download_button")]
    assert labels == ["Word", "PDF", "Excel", "离线网页", "Markdown", "JSON"]
