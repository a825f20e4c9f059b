"""What is attached to the question, shown once above the panes: pictures as small as a stamp, documents by name."""

import base64
import io
from functools import lru_cache

from PIL import Image

from core.messages import DocumentPart, ImagePart, Message
from playground.markup import escaped

SIDE = 112


def attached(question: Message | None) -> str:
    """Empty when nothing is attached."""
    shown = [
        one
        for part in (question.parts if question else ())
        if (one := _picture(part) if isinstance(part, ImagePart) else _document(part))
    ]
    return f'<div class="attached">{"".join(shown)}</div>' if shown else ""


def _picture(part: ImagePart) -> str:
    name, stamp = escaped(part.name or "picture"), _stamp(part.sha256, part.data)
    if not stamp:
        return f"<span>{name}</span>"
    return f'<figure><img src="data:image/jpeg;base64,{stamp}" alt="{name}"><figcaption>{name}</figcaption></figure>'


def _document(part: object) -> str:
    return f"<span>{escaped(part.name)}</span>" if isinstance(part, DocumentPart) else ""


@lru_cache(maxsize=128)
def _stamp(sha256: str, data: bytes) -> str:
    """A small JPEG in base64. The bytes were opened and checked when they were attached."""
    try:
        picture = Image.open(io.BytesIO(data)).convert("RGB")
    except OSError:
        return ""
    picture.thumbnail((2 * SIDE, SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return base64.b64encode(out.getvalue()).decode()
