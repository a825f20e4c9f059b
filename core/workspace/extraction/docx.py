"""The text of a Word document: paragraphs, lists and tables in their order."""

import io

import docx
from docx.table import Table

from core.workspace.extraction.archive import check_archive
from core.workspace.extraction.refusal import Refusal, bounded

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def read(data: bytes) -> tuple[bytes, str, str]:
    check_archive(data)
    lines = []
    for block in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(block, Table):
            lines += [" | ".join(cell.text.replace("\n", " ") for cell in row.cells) for row in block.rows]
        else:
            style = block.style.name if block.style is not None else ""
            level = style.removeprefix("Heading ")
            mark = "#" * int(level) + " " if style.startswith("Heading ") and level.isdigit() else ""
            lines.append(mark + block.text)
    text = "\n".join(lines)
    if not text.strip():
        raise Refusal("holds no text.")
    kept, note = bounded(text)
    return kept, MEDIA_TYPE, note
