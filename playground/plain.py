"""Makes an answer safe and cheap to draw as Markdown: no remote media, no runaway nesting, no hidden characters."""

import re
import unicodedata

LONGEST = 200_000
_DEEPEST = 24
_IMAGE = re.compile(r"!\[")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NESTING = re.compile(rf"^((?:[ \t]*>){{{_DEEPEST}}})[ \t>]+", re.MULTILINE)
_BRACKETS = re.compile(r"([\[\](){}*_~])\1{40,}")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def readable(text: str) -> str:
    """For a Chatbot that draws Markdown and sanitises it again. Raw HTML is shown as typed, images become links."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + "\n\n… the rest is in the call log."
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
    text = _NESTING.sub(r"\1 ", text)
    text = _BRACKETS.sub(lambda found: found.group(1) * 40, text)
    return _outside_code(text)


def _outside_code(text: str) -> str:
    """Images and tags are disarmed outside fenced code; inside they are text anyway."""
    pieces = re.split(r"(^```[^\n]*\n.*?(?:^```[ \t]*$|\Z))", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(piece if index % 2 else _disarmed(piece) for index, piece in enumerate(pieces))


def _disarmed(text: str) -> str:
    return _TAG.sub("&lt;", _IMAGE.sub("[", text))


def one_line(text: str, longest: int = 80) -> str:
    """A title from free text."""
    flat = " ".join("".join(sign for sign in text if unicodedata.category(sign)[0] != "C" or sign.isspace()).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"
