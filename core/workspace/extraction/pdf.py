"""The text of a PDF, page by page."""

import io

import pypdf
from pypdf.errors import PyPdfError

from core.workspace.extraction.refusal import LONGEST_TEXT, Refusal, bounded

MOST_PAGES = 2_000
MOST_UNPACKED = 20 * 1024 * 1024

pypdf.overwrite_configuration(
    zlib_maximum_output_length=MOST_UNPACKED,
    lzw_maximum_output_length=MOST_UNPACKED,
    run_length_maximum_output_length=MOST_UNPACKED,
    stream_decoding_work_maximum_length=8 * MOST_UNPACKED,
    jbig2dec_binary=None,
    disable_legacy_handling=True,
)


def read(data: bytes) -> tuple[bytes, str, str]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refusal("is locked by a password; save it without one.")
        text, notes = _text(reader)
    except PyPdfError:
        raise Refusal("is not a readable PDF; print it to a new PDF and retry.") from None
    if not text.strip():
        raise Refusal("holds no text, only pictures of pages; attach those pages as pictures.")
    kept, note = bounded(text)
    return kept, "application/pdf", " ".join([*notes, note]).strip()


def _text(reader: pypdf.PdfReader) -> tuple[str, list[str]]:
    pages: list[str] = []
    length = 0
    for number, page in enumerate(reader.pages, start=1):
        if number > MOST_PAGES:
            return "\n\n".join(pages), [f"Only the first {MOST_PAGES:,} pages were read."]
        words = page.extract_text().strip()
        if words:
            pages.append(f"[page {number}]\n{words}")
            length += len(words)
        if length > LONGEST_TEXT:
            break
    return "\n\n".join(pages), []
