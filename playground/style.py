"""The door's own style sheet, its colours taken from the product's one palette."""

from pathlib import Path

from charts import look
from playground.theme import FONT_CSS

SHEET = Path(__file__).with_name("playground.css")
HEAD = '<link rel="icon" href="/favicon.png"><meta name="robots" content="noindex">'
_WORDS = ("ground", "surface", "border", "text", "muted", "accent", "good", "warn", "bad", "grid")


def style() -> str:
    light = "".join(f"--ps-{word}:{getattr(look.LIGHT, word)};" for word in _WORDS)
    dark = "".join(f"--ps-{word}:{getattr(look.DARK, word)};" for word in _WORDS)
    return f"{FONT_CSS}:root{{{light}}}.dark{{{dark}}}\n{SHEET.read_text('utf-8')}"
