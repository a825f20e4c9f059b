"""Text as it may be stored and shown: no NUL, no lone surrogates; one-line titles out of long text."""

import re
import unicodedata

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
TITLE_CHARACTERS = 60


def clean(text: str) -> str:
    """`text` with what no database can store (NUL, lone surrogates) replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def one_line(text: str, limit: int) -> str:
    """One visible line of at most `limit` characters: controls and direction marks out, spaces joined."""
    visible = "".join(
        " " if character in "\n\r\t\x0b\x0c\u2028\u2029" else character
        for character in clean(text[: limit * 8])
        if character in "\n\r\t\x0b\x0c\u2028\u2029\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    line = _SPACE.sub(" ", visible).strip()
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut
    return at_word.rstrip(" ,.;:–-") + "…"


def title_from(text: str) -> str:
    """A conversation's title, made from its first message."""
    first = next((line for line in text[:4000].splitlines() if line.strip(" #*`>-\t")), "")
    return one_line(first.strip(" #*`>-\t"), TITLE_CHARACTERS) or "New conversation"
