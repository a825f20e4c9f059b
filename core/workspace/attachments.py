"""What a person attaches, as a model may read it: checked by content, bounded, its text extracted."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from core.errors import InvalidError
from core.messages import DocumentPart, ImagePart
from core.workspace.plain_text import clean, one_line


@dataclass(frozen=True, slots=True)
class Attachment:
    """`original` are the bytes as uploaded; `note` says in one sentence what was changed or left out, if anything."""

    kind: Literal["image", "document"]
    part: ImagePart | DocumentPart
    original: bytes
    note: str = ""


def read_attachment(name: str, data: bytes) -> Attachment:
    """Raises InvalidError (one sentence) for what cannot be read, is too large or is a bomb."""
    shown = one_line(name, 120) or "file"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidError(f"{shown} is of a kind that cannot be read here.") from None
    return Attachment(
        "document", DocumentPart(shown, "text/plain", clean(text), hashlib.sha256(data).hexdigest()), data
    )
