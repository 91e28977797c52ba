"""Links of our own markup, followed inside the session.

A number on a page is a plain link, so it can be opened in a new tab, sent to a colleague and read aloud. Followed as it stands it
would reload the whole application; this piece of script hands a plain click to the session instead. Without it everything still
works, only slower.
"""

from urllib.parse import parse_qsl

import streamlit as st

_SCRIPT = """
export default function ({ data, setTriggerValue }) {
  document.documentElement.lang = data.lang
  const follow = (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target.closest && event.target.closest('.stHtml a[href^="?"]')
    if (!link) return
    event.preventDefault()
    setTriggerValue("follow", link.getAttribute("href"))
    const main = document.querySelector('[data-testid="stMain"]')
    if (main && link.getAttribute("href").includes("behind=")) main.scrollTo(0, 0)
  }
  document.removeEventListener("click", window.xianshouFollow)
  window.xianshouFollow = follow
  document.addEventListener("click", follow)
  return () => document.removeEventListener("click", window.xianshouFollow)
}
"""


def show(language: str) -> None:
    """Follows clicks on this page's own links and keeps the document's language true."""
    component = st.components.v2.component("xianshou_bridge", html="<span></span>", js=_SCRIPT, isolate_styles=False)
    component(
        key="bridge",
        data={"lang": "zh-CN" if language == "zh" else language},
        height="content",
        on_follow_change=_follow,
    )


def _follow() -> None:
    """The link's query string becomes the session's before the page runs again."""
    href = st.session_state["bridge"].get("follow") or ""
    if href.startswith("?"):
        st.query_params.from_dict(dict(parse_qsl(href[1:])))
