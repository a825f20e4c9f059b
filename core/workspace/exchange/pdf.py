"""The shown branch of a conversation as a PDF, in a font that ships here; what it has no glyph for becomes a box."""

from collections.abc import Sequence
from pathlib import Path

from core.workspace.conversation_rows import Conversation
from core.workspace.exchange.markdown import footnote, heading
from core.workspace.message_tree import StoredMessage
from core.workspace.plain_text import clean

FONT = Path(__file__).resolve().parents[1] / "fonts" / "dejavu-sans.woff2"
LONGEST = 3_000_000
BOX = "\u25a1"


def to_pdf(conversation: Conversation, messages: Sequence[StoredMessage]) -> bytes:
    from fpdf import FPDF  # slow to import, and few people ask for a PDF

    page = FPDF()
    page.set_title(clean(conversation.title))
    page.set_creator("Plainsight")
    page.set_margin(18)
    page.set_auto_page_break(True, 18)
    page.add_font("body", fname=FONT)
    page.add_page()
    known = getattr(page.fonts["body"], "cmap", {})

    def write(text: str, size: float, shade: int = 20, gap: float = 2) -> None:
        page.set_font("body", size=size)
        page.set_text_color(shade)
        shown = "".join(letter if letter == "\n" or ord(letter) in known else BOX for letter in _spaced(text))
        page.multi_cell(0, size * 0.5, shown, align="L", new_x="LMARGIN", new_y="NEXT")
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
    return bytes(page.output())


def _spaced(text: str) -> str:
    """Tabs as spaces; carriage returns and other controls out."""
    return "".join(
        letter for letter in text.replace("\r\n", "\n").replace("\t", "    ") if letter == "\n" or letter.isprintable()
    )
