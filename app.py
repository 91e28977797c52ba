"""The door for the screen: one ASGI application around the frame. Start with `xianshou serve` or `streamlit run app.py`."""

import gc
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.ui.kept import KeptFiles
from pages.ui.shell import Shell


@asynccontextmanager
async def lifespan(_app: st.App):
    """Import and read what the first reader would wait for, then spare the collector all of it: it runs after every click."""
    import duckdb  # noqa: F401
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401
    import pyarrow  # noqa: F401

    from pages.ui import frame, load  # noqa: F401

    load.warm()
    gc.collect()
    gc.freeze()
    yield {}


def on_script_error(error: Exception) -> bool:
    from pages.ui.states import show_failure  # only once the runtime exists

    return show_failure(error)


app = st.App(
    Path(__file__).parent / "pages" / "ui" / "frame.py",
    middleware=[Middleware(KeptFiles), Middleware(Shell)],
    lifespan=lifespan,
    on_script_error=on_script_error,
)
