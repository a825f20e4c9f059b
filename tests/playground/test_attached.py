"""Attachments above the panes: a picture as a small one of its own, names as text."""

import base64
import hashlib
import io

from PIL import Image

from core.messages import DocumentPart, ImagePart, Message, TextPart
from playground.attached import attached


def test_a_picture_is_shown_small_and_a_name_stays_text() -> None:
    out = io.BytesIO()
    Image.new("RGB", (900, 300), "navy").save(out, "PNG")
    picture = ImagePart("image/png", out.getvalue(), hashlib.sha256(out.getvalue()).hexdigest(), '"><script>x.png')
    document = DocumentPart("<b>plan</b>.pdf", "application/pdf", "text", "0" * 64)
    told = attached(Message("user", (TextPart("hi"), picture, document)))
    stamp = told.partition("base64,")[2].partition('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(stamp))).size == (224, 75)
    assert "<script>" not in told
    assert "<b>plan" not in told


def test_a_picture_that_cannot_be_drawn_is_named() -> None:
    told = attached(Message("user", (ImagePart("image/png", b"no picture", "1" * 64, "plan.png"),)))
    assert "plan.png" in told
    assert "<img" not in told
    assert attached(Message.of("user", "hi")) == attached(None) == ""
