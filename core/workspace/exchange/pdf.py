"""The shown branch of a conversation as a PDF; letters that no font here has are named or boxed, and told of."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from core.workspace.conversation_rows import Conversation
from core.workspace.exchange.glyphs import SHIPPED, WIDER, Glyphs
from core.workspace.exchange.markdown import footnote, heading
from core.workspace.message_tree import StoredMessage
from core.workspace.plain_text import clean

log = logging.getLogger(__name__)
LONGEST = 3_000_000


def to_pdf(conversation: Conversation, messages: Sequence[StoredMessage]) -> bytes:
    from fpdf import FPDF  # slow to import, and few people ask for a PDF

    page = FPDF()
    page.set_title(clean(conversation.title))
    page.set_creator("Plainsight")
    page.set_margin(18)
    page.set_auto_page_break(True, 18)
    glyphs = Glyphs(_known(page, {letter for text in _texts(conversation, messages) for letter in text}))
    page.add_page()

    def write(text: str, size: float, shade: int = 20, gap: float = 2) -> None:
        page.set_font("body", size=size)
        page.set_text_color(shade)
        page.multi_cell(0, size * 0.5, glyphs.shown(_spaced(text)), align="L", new_x="LMARGIN", new_y="NEXT")
        page.ln(gap)

    write(conversation.title, 17, gap=4)
    room = LONGEST
    for message in messages:
        write(heading(message), 9, shade=110, gap=1)
        for attachment in message.attachments:
            write(f"Attached: {attachment.name}", 9, shade=110, gap=1)
        text = message.text[:room]
        room -= len(text)
        if text.strip():
            write(text, 10.5)
        if footnote(message):
            write(footnote(message), 8, shade=110)
        page.ln(3)
        if room <= 0:
            write("The conversation is longer than a PDF is made of here; export it as Markdown or JSON.", 9)
            break
    if glyphs.note:
        write(glyphs.note, 8, shade=110)
    return bytes(page.output())


def _texts(conversation: Conversation, messages: Sequence[StoredMessage]) -> Iterator[str]:
    yield conversation.title
    for message in messages:
        yield message.text[:LONGEST]


def _known(page: Any, wanted: set[str]) -> set[int]:
    """Gives the page its font, and as many of the machine's as the text needs; returns what they can show."""
    page.add_font("body", fname=SHIPPED)
    known = set(page.fonts["body"].cmap)
    others = []
    for path in WIDER:
        if {ord(letter) for letter in wanted if letter.isprintable()} <= known:
            break
        if not path.exists():
            continue
        try:
            page.add_font(path.stem, fname=path)
        except Exception as slip:  # noqa: BLE001 - a font of the machine's own may be anything; without it letters are boxed
            log.warning("%s cannot be used: %s", path, slip)
            continue
        others.append(path.stem)
        known |= set(page.fonts[path.stem.lower()].cmap)
    page.set_fallback_fonts(others, exact_match=False)
    return known


def _spaced(text: str) -> str:
    """Tabs as spaces; carriage returns and other controls out."""
    return "".join(
        letter for letter in text.replace("\r\n", "\n").replace("\t", "    ") if letter == "\n" or letter.isprintable()
    )
