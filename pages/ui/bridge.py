"""What the page's own script does: it follows our links inside the session, and says Streamlit's fixed English in the reader's words.

A number on a page is a plain link, so it can be opened in a new tab, sent to a colleague and read aloud. Followed as it stands it
would reload the whole application; this piece of script hands a plain click to the session instead. Without it everything still
works, only slower. The few texts that Streamlit itself speaks (a lost connection, buttons, hints) are known word for word; each is
replaced wherever it appears outside our own markup.
"""

from urllib.parse import parse_qsl

import streamlit as st

from pages.ui import words

# Streamlit 1.67 has no translations; its texts by the key of ours, `frame.fixed.<key>`.
FIXED = {
    "Connection error": "lost",
    "Streamlit server is not responding. Are you connected to the internet?": "lost_how",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": "lost_how",
    "Connection timed out.": "lost_how",
    "Connection lost. Please wait for the app to reconnect, then try again.": "lost_wait",
    "Page not found": "no_page",
    "Choose an option": "choose",
    "Choose options": "choose",
    "No results": "no_results",
    "No options to select": "no_results",
    "Choose date": "choose_date",
    "Press Enter to apply": "press_enter",
    "Press Enter to submit form": "press_enter_form",
    "Press Ctrl+Enter to apply": "press_ctrl_enter",
    "Press Ctrl+Enter to submit form": "press_ctrl_enter",
    "Press ⌘+Enter to apply": "press_cmd_enter",
    "Press ⌘+Enter to submit form": "press_cmd_enter",
    "Upload": "upload",
    "Browse files": "upload",
    "file upload": "upload",
    "Remove file": "remove_file",
    "Error uploading file": "upload_failed",
    "Skip to main content": "skip",
    "Sidebar": "sidebar",
    "Collapse sidebar": "sidebar_close",
    "Expand sidebar": "sidebar_open",
    "App pages": "pages",
    "Navigate to home page": "home",
    "Open": "open",
    "Close": "close",
    "Dismiss": "close",
    "Clear": "clear",
    "Clear value": "clear",
    "Search": "search",
    "Fullscreen": "fullscreen",
    "Close fullscreen": "fullscreen_close",
    "Show/hide columns": "columns",
    "Add row": "add_row",
    "Delete row(s)": "delete_rows",
    "Increment": "more",
    "Decrement": "less",
    "Stop": "stop",
}

_SCRIPT = """
const OURS = ".stHtml, .js-plotly-plot, svg, style, script"
const SAID = ["aria-label", "title", "placeholder"]

function follow(setTriggerValue) {
  return (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target.closest && event.target.closest('.stHtml a[href^="?"]')
    if (!link) return
    event.preventDefault()
    setTriggerValue("follow", link.getAttribute("href"))
    const main = document.querySelector('[data-testid="stMain"]')
    if (main && link.getAttribute("href").includes("behind=")) main.scrollTo(0, 0)
  }
}

function translator(words) {
  const back = (window.xianshouBack = window.xianshouBack || new Map())
  for (const [fixed, said] of Object.entries(words)) back.set(said, fixed)
  const say = (text) => {
    const fixed = back.get(text) ?? text
    return words[fixed] ?? fixed
  }
  const sayText = (node) => {
    const text = node.nodeValue.trim()
    if (text && say(text) !== text && !(node.parentElement && node.parentElement.closest(OURS))) node.nodeValue = say(text)
  }
  const sayOf = (element) => {
    for (const name of SAID) {
      const text = element.getAttribute(name)
      if (text && say(text) !== text) element.setAttribute(name, say(text))
    }
  }
  return (root) => {
    if (root.nodeType === Node.TEXT_NODE) return sayText(root)
    if (root.nodeType !== Node.ELEMENT_NODE || root.closest(OURS)) return
    sayOf(root)
    root.querySelectorAll("[aria-label], [title], [placeholder]").forEach((one) => one.closest(OURS) || sayOf(one))
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) sayText(texts.currentNode)
  }
}

export default function ({ data, setTriggerValue }) {
  document.documentElement.lang = data.lang
  document.removeEventListener("click", window.xianshouFollow)
  window.xianshouFollow = follow(setTriggerValue)
  document.addEventListener("click", window.xianshouFollow)

  const translate = translator(data.words)
  if (window.xianshouWatch) window.xianshouWatch.disconnect()
  window.xianshouWatch = new MutationObserver((seen) =>
    seen.forEach((one) => (one.type === "childList" ? one.addedNodes.forEach(translate) : translate(one.target)))
  )
  const what = { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: SAID }
  window.xianshouWatch.observe(document.body, what)
  translate(document.body)
  return () => document.removeEventListener("click", window.xianshouFollow)
}
"""


def show(language: str) -> None:
    """Follows clicks on this page's own links, keeps the document's language true and Streamlit's words in it."""
    component = st.components.v2.component("xianshou_bridge", html="<span></span>", js=_SCRIPT, isolate_styles=False)
    component(
        key="bridge",
        data={"lang": "zh-CN" if language == "zh" else language, "words": fixed_words(language)},
        height="content",
        on_follow_change=_follow,
    )


def fixed_words(language: str) -> dict[str, str]:
    """Streamlit's fixed texts and what is said instead."""
    return {fixed: words.say(f"frame.fixed.{key}", language) for fixed, key in FIXED.items()}


def _follow() -> None:
    """The link's query string becomes the session's before the page runs again."""
    href = st.session_state["bridge"].get("follow") or ""
    if href.startswith("?"):
        st.query_params.from_dict(dict(parse_qsl(href[1:])))
