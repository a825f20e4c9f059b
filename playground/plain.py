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
_SIGNS = re.compile(r"([\\`*_{}\[\]#+\-.!|>~$:@=^])")
_LONGEST_QUESTION = 4_000
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def readable(text: str) -> str:
    """For a Chatbot that draws Markdown and sanitises it again. Raw HTML is shown as typed, images become links."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + "\n\n… the rest is in the call log."
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
    text = _NESTING.sub(r"\1 ", text)
    text = _BRACKETS.sub(lambda found: found.group(1) * 40, text)
    return _outside_code(text)


def as_typed(text: str) -> str:
    """A person's words inside Markdown: every sign and every line end as it was typed, cut when they are very many."""
    cut = text if len(text) <= _LONGEST_QUESTION else text[: _LONGEST_QUESTION - 1] + "…"
    return "  \n".join(_typed(line) for line in _SURROGATE.sub("\ufffd", _CONTROL.sub("", cut)).splitlines())


def _typed(line: str) -> str:
    said = line.strip()
    indent = "&nbsp;" * (len(line) - len(line.lstrip())) if said else ""
    return indent + _SIGNS.sub(r"\\\1", said.replace("&", "&amp;").replace("<", "&lt;"))


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
