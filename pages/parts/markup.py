"""Hostile text made fit for Streamlit's Markdown: nothing remote, nothing deep, nothing that falsifies it."""

import re
import unicodedata
from collections.abc import Iterator

BLOCK = 1_400
"""From this many characters on, a block ends at the next blank line."""
LONGEST_BLOCK = 6_000
DRAWN = 60_000
"""Characters of one text that are drawn as Markdown; the rest is offered as plain text."""

_DROPPED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^=&\"'])")
_SHORTCODE = re.compile(r":(?=[a-z0-9_+\-]*[a-z][a-z0-9_+\-/]*:)")
_DIRECTIVE = re.compile(r":(?=[a-z-]+\[)")
_FENCE = re.compile(r"^(\s*(?:>\s?|[-*+]\s+|\d{1,9}[.)]\s+)*)(`{3,}|~{3,})([^`\n]*)$")
_CONTAINERS = re.compile(r"^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+")
_CONTAINER = re.compile(r"[ \t]*(?:>|[-*+]|\d{1,9}[.)])")
_PICTURE = re.compile(r"!+\[")
"""Every mark before the bracket: one that stayed would make a picture of the link again."""
_TICKS = re.compile(r"(`+)")
_MATH = re.compile(r"(?<![\\$])\$(?![\s$])([^$\n]{1,300}?)(?<!\s)\$(?![\d$])")
_FORMULA = re.compile(r"[\\^_{}=+*/<>]|^[A-Za-z]{1,2}$")
DEEPEST = 10


def visible(text: str) -> str:
    """Without control, direction, zero-width and tag characters, which show one thing and mean another."""
    return _DROPPED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def label(text: str, limit: int = 90) -> str:
    """One line of plain text for a title, a button, a caption: every Markdown sign escaped, cut at `limit`."""
    line = " ".join(visible(text[: limit * 20]).split())
    line = "".join(character for character in line if unicodedata.category(character) != "Cc")
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return _PUNCTUATION.sub(r"\\\1", _SHORTCODE.sub(":\u2060", line))


def code(text: str, limit: int = 120) -> str:
    """One line as inline code, an address for example: no link comes of it."""
    line = " ".join(visible(text[:limit]).replace("`", "'").split())
    return f"`{line}`" if line else ""


def plain(text: str, limit: int = 4_000) -> str:
    """Several lines of plain text inside Markdown, each sign shown as it is."""
    cut = visible(text[: limit * 4])
    cut = cut if len(cut) <= limit else cut[: limit - 1] + "…"
    lines = (_PUNCTUATION.sub(r"\\\1", _SHORTCODE.sub(":\u2060", line.strip())) for line in cut.split("\n"))
    return "  \n".join(lines)


class Blocks:
    """Cuts a growing text into blocks of Markdown; a finished block never changes, only the tail does.

    The same cuts come out whether the text arrives in one piece or in a thousand.
    """

    def __init__(self, hard_breaks: bool = False) -> None:
        self.finished: list[str] = []
        self.hard_breaks = hard_breaks
        self.at = 0
        """Where in the text the tail begins."""
        self._fence = ""
        """The opening line of a code fence that reaches over the last cut, or empty."""

    def feed(self, text: str) -> str:
        """Take in the text so far; returns the tail, fit to be drawn."""
        while (cut := self._cut(text)) is not None:
            raw, self.at = text[self.at : cut], cut
            block, self._fence = tame(self._fence + raw, self.hard_breaks)
            if block.strip():
                self.finished.append(block)
        return tame(self._fence + text[self.at :], self.hard_breaks)[0]

    def _cut(self, text: str) -> int | None:
        """Where the block at `self.at` ends, None while that is not certain."""
        start, end, fence = self.at, len(text), _opened(self._fence)
        line_start, blank_seen = start, False
        while (newline := text.find("\n", line_start)) >= 0:
            line = text[line_start:newline]
            if blank_seen and line.strip():
                if not line[0].isspace() and line_start - start >= BLOCK and not fence:
                    return line_start
                blank_seen = False
            if newline - start >= LONGEST_BLOCK:
                return line_start if line_start > start else start + LONGEST_BLOCK
            fence = _toggled(fence, line)
            blank_seen = blank_seen or (not fence and not line.strip())
            line_start = newline + 1
        return start + LONGEST_BLOCK if end - start > 2 * LONGEST_BLOCK else None


def blocks(text: str, *, hard_breaks: bool = False, limit: int = DRAWN) -> Iterator[str]:
    """`text` up to `limit` characters as blocks of safe Markdown."""
    cutter = Blocks(hard_breaks)
    tail = cutter.feed(text[:limit])
    yield from cutter.finished
    if tail.strip():
        yield tail


def tame(text: str, hard_breaks: bool = False) -> tuple[str, str]:
    """One block made safe, and the fence that it leaves open (closed in the block itself)."""
    out: list[str] = []
    fence, opening = "", ""
    allow_math = text.count("{") < 200
    for line in visible(text).split("\n"):
        was, fence = fence, _toggled(fence, line)
        if was or fence:
            if fence and not was:
                line = opening = _fence_line(line)
            out.append(line)
        else:
            line = _tame_line(line, allow_math)
            out.append(line + "  " if hard_breaks and line.strip() else line)
    if not fence:
        return "\n".join(out), ""
    return "\n".join([*out, fence]), opening + "\n"


def _opened(opening: str) -> str:
    return _toggled("", opening.rstrip("\n")) if opening else ""


def _toggled(fence: str, line: str) -> str:
    """The fence that is open after `line`, "" for none."""
    found = _FENCE.match(line[:200])
    if not found:
        return fence
    ticks, info = found.group(2), found.group(3).strip()
    if not fence:
        return ticks
    closes = ticks[0] == fence[0] and len(ticks) >= len(fence) and not info
    return "" if closes else fence


def _fence_line(line: str) -> str:
    """A diagram language is drawn by a program of its own in the browser: show its source instead."""
    found = _FENCE.match(line[:200])
    if not found:
        return line
    lead, ticks, info = found.groups()
    words = info.split()
    language = words[0] if words and re.fullmatch(r"[A-Za-z0-9_+#.-]{1,30}", words[0]) else ""
    return f"{lead}{ticks}{'text' if language.lower() == 'mermaid' else language}"


def _tame_line(line: str, allow_math: bool) -> str:
    line = _shallow(line)
    pieces = _TICKS.split(line)
    out: list[str] = []
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        if index % 2:
            close = next((k for k in range(index + 2, len(pieces), 2) if pieces[k] == piece), None)
            if close is not None and len(pieces) < 400:
                out.extend(pieces[index : close + 1])
                index = close + 1
                continue
            out.append("\\`" * len(piece))
        else:
            out.append(_tame_words(piece, allow_math))
        index += 1
    return "".join(out)


def _tame_words(text: str, allow_math: bool) -> str:
    """Text outside code: images become links that say so, money stays money, no colour or icon codes."""
    if not text:
        return text
    text = _PICTURE.sub("[🖼 not loaded: ", text)
    text = _DIRECTIVE.sub(r"\\:", _SHORTCODE.sub(":\u2060", text))
    text = text.replace("\\(", "$").replace("\\)", "$") if "\\(" in text and "\\)" in text else text
    stripped = text.strip()
    if stripped in ("\\[", "\\]", "$$"):
        return text.replace(stripped, "$$") if allow_math else text.replace("$", "\\$")
    if not allow_math:
        return text.replace("$", "\\$")
    return _escape_money(text)


def _escape_money(text: str) -> str:
    if "$" not in text:
        return text
    if text.count("$$") == 2 and text.count("$") == 4:
        return text
    out, last = [], 0
    for found in _MATH.finditer(text):
        if _FORMULA.search(found.group(1)):
            out.append(re.sub(r"(?<!\\)\$", r"\\$", text[last : found.start()]))
            out.append(found.group(0))
            last = found.end()
    out.append(re.sub(r"(?<!\\)\$", r"\\$", text[last:]))
    return "".join(out)


def _shallow(line: str) -> str:
    """At most DEEPEST levels of quotes and lists, and no more indentation than they need."""
    lead = len(line) - len(line.lstrip(" \t"))
    if lead > 4 * DEEPEST:
        line = " " * (4 * DEEPEST) + line[lead:]
    found = _CONTAINERS.match(line)
    if not found:
        return line
    marks = _CONTAINER.findall(found.group(0))
    if len(marks) <= DEEPEST:
        return line
    return "".join(marks[:DEEPEST]) + " " + _PUNCTUATION.sub(r"\\\1", line[found.end() :].strip())
