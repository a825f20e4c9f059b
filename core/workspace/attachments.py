"""What a person attaches, as a model may read it: known by its content, bounded, its text extracted."""

import hashlib
import json
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Literal

from core.errors import InvalidError
from core.messages import DocumentPart, ImagePart
from core.workspace.extraction.child import extract
from core.workspace.extraction.refusal import LONGEST_TEXT
from core.workspace.plain_text import clean, one_line

LARGEST = 25 * 1024 * 1024
TEXT_TYPES = {
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".html": "text/html",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".py": "text/x-python",
    ".js": "text/javascript",
    ".sql": "application/sql",
}
READABLE = "a picture (PNG, JPEG, WebP, GIF), PDF, DOCX, XLSX, or text such as Markdown, CSV, JSON and code"


@dataclass(frozen=True, slots=True)
class Attachment:
    """`original` are the bytes as uploaded; `note` says in one sentence what was changed or left out, if anything."""

    kind: Literal["image", "document"]
    part: ImagePart | DocumentPart
    original: bytes
    note: str = ""


def read_attachment(name: str, data: bytes) -> Attachment:
    """Takes up to a second or so: keep the result. Raises InvalidError (one sentence) for what cannot be read.

    Pictures and Office and PDF files are opened in a child process with little memory and time: bombs end there.
    """
    shown = one_line(PurePosixPath(name.replace("\\", "/")).name, 120) or "file"
    if not data:
        raise InvalidError(f"{shown} is empty.")
    if len(data) > LARGEST:
        raise InvalidError(f"{shown} is larger than {LARGEST // 2**20} MB; attach a smaller part of it.")
    kind = _kind(data)
    if kind == "text":
        return _text(shown, data)
    if kind == "":
        raise InvalidError(f"{shown} is of a kind that cannot be read here; attach {READABLE}.")
    if kind == "old office":
        raise InvalidError(f"{shown} is an old or locked Office file; save it as .docx or .xlsx without a password.")
    found = extract(kind, data, shown)
    if kind == "picture":
        picture = ImagePart(found.media_type, found.data, hashlib.sha256(found.data).hexdigest(), shown)
        return Attachment("image", picture, data, found.note)
    return _document(shown, data, found.data.decode("utf-8"), found.media_type, found.note)


def _kind(data: bytes) -> str:
    """By content only: what a name or a browser claims counts for nothing."""
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
        return "picture"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "picture"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return "old office"
    if data.startswith(b"PK\x03\x04"):
        return _office_kind(data)
    return "text" if _looks_like_text(data) else ""


def _office_kind(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(BytesIO(data)).NameToInfo
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    return "docx" if "word/document.xml" in names else "xlsx" if "xl/workbook.xml" in names else ""


def _looks_like_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(data.count(bytes([code])) for code in range(32) if code not in (9, 10, 12, 13, 27))
    return controls == 0


def _text(shown: str, data: bytes) -> Attachment:
    note = ""
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        text, note = data.decode("cp1252", "replace"), "Read as Windows-1252, because it is not UTF-8."
    suffix = PurePosixPath(shown).suffix.lower()
    if suffix == ".json" and len(data) <= 2 * LONGEST_TEXT:
        note = _check_json(shown, text) or note
    text = unicodedata.normalize("NFC", clean(text[: LONGEST_TEXT + 1]))
    if len(text) > LONGEST_TEXT:
        text, note = text[:LONGEST_TEXT], f"Only the first {LONGEST_TEXT:,} characters were read."
    if not text.strip():
        raise InvalidError(f"{shown} holds no text.")
    return _document(shown, data, text, TEXT_TYPES.get(suffix, "text/plain"), note)


def _check_json(shown: str, text: str) -> str:
    try:
        json.loads(text)
    except RecursionError:
        raise InvalidError(f"{shown} is nested too deeply to be read.") from None
    except ValueError:
        return "It is not valid JSON and is sent as plain text."
    return ""


def _document(shown: str, data: bytes, text: str, media_type: str, note: str) -> Attachment:
    part = DocumentPart(shown, media_type, text, hashlib.sha256(data).hexdigest())
    return Attachment("document", part, data, note)
