"""What the page's own script does: it follows our links inside the session, and says Streamlit's fixed English in the reader's words.

A number on a page is a plain link, so it can be opened in a new tab, sent to a colleague and read aloud. Followed as it stands it
would reload the whole application; this piece of script hands a plain click to the session instead, as Back and Forward do. Without it
everything still works, only slower. The few texts that Streamlit itself speaks (a lost connection, buttons, hints) are known word for
word; each is replaced wherever it appears outside our own markup. The script stands in the document, so that both hold from the start.
"""

import json
from functools import cache
from pathlib import Path

from pages.ui import words

TAGS = {"zh": "zh-CN", "en": "en"}
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

_SCRIPT = Path(__file__).parent / "bridge.js"


@cache
def script() -> str:
    """The script as it stands in the document, with Streamlit's fixed texts in every language."""
    said = {language: {"tag": TAGS[language], "words": fixed_words(language)} for language in words.languages}
    data = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")
    return f"window.xianshouWords = {data}\n{_SCRIPT.read_text(encoding='utf-8')}"


def fixed_words(language: str) -> dict[str, str]:
    """Streamlit's fixed texts and what is said instead."""
    return {fixed: words.say(f"frame.fixed.{key}", language) for fixed, key in FIXED.items()}
