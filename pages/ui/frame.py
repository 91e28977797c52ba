"""The frame: what surrounds every page. Run by `app.py` for every session and every click."""

from pathlib import Path

import streamlit as st

from data.errors import XianshouError
from pages import (
    annual_report,
    daily_brief,
    data_quality,
    monthly_brief,
    party_scorecards,
    petition_trends,
    risk_outlook,
    signals,
    track_record,
    volunteer_scorecards,
    weekly_brief,
)
from pages.ui import filters, states, words

HERE = Path(__file__).parent
# In the order of the navigation; a page is named as its module.
PAGES = (
    daily_brief,
    signals,
    risk_outlook,
    weekly_brief,
    monthly_brief,
    petition_trends,
    annual_report,
    party_scorecards,
    volunteer_scorecards,
    track_record,
    data_quality,
)


def pages(language: str) -> list:
    """Every page under its own address; the root, which has no address of its own, leads to the first."""
    named = [
        st.Page(
            module.page,
            title=words.say(f"page.{name}.title", language),
            help=words.say(f"page.{name}.help", language),
            url_path=name,
        )
        for name, module in ((module.__name__.rpartition(".")[2], module) for module in PAGES)
    ]
    first = st.Page(
        lambda: st.switch_page(named[0], query_params=st.query_params.to_dict()),
        title=words.say("frame.product", language),
        url_path="home",
        default=True,
        visibility="hidden",
    )
    return [first, *named]


def run() -> None:
    """One run of the frame and of the page within it."""
    language = filters.language()
    chosen = st.navigation(pages(language))
    st.set_page_config(
        page_title=f"{chosen.title} · {words.say('frame.product', language)}",
        page_icon=str(HERE / "icon.png"),
        layout="wide",
    )
    st.logo(str(HERE / "logo.svg"), size="large")
    filters.keep(chosen.url_path)
    try:
        if chosen.url_path:
            states.show_duty(language)
        chosen.run()
    except XianshouError as error:
        states.show_error(error, language)
    except Exception:
        close(language)
        raise  # to `states.show_failure`, by way of the door
    close(language)


def close(language: str) -> None:
    """What stands after every page, whatever became of it."""
    filters.switch_language()


if __name__ == "__main__":
    run()
