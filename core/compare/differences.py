"""Differences between two answers: by words for prose, by fields for JSON."""

import difflib
import json
import re
from typing import Any

_WORDS = re.compile(r"\s+|[^\W_]+|[\W_]", re.UNICODE)
_FENCED = re.compile(r"^```(?:json)?[ \t]*\n(.*?)\n?```", re.DOTALL | re.MULTILINE)
_MOST_WORDS = 20_000
_CONTEXT = 6
_MISSING = "(missing)"


def word_changes(left: str, right: str, only_changes: bool = False) -> list[tuple[str, str | None]]:
    """Pieces of text in order, each "removed" (only in left), "added" (only in right) or None (in both).

    `only_changes` shortens what both share to a few words around each difference.
    """
    before, after = _WORDS.findall(left)[:_MOST_WORDS], _WORDS.findall(right)[:_MOST_WORDS]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > 4_000)
    pieces: list[tuple[str, str | None]] = []
    for kind, from_left, to_left, from_right, to_right in matcher.get_opcodes():
        if kind == "equal":
            same = before[from_left:to_left]
            pieces.append((_shortened(same) if only_changes else "".join(same), None))
            continue
        if to_left > from_left:
            pieces.append(("".join(before[from_left:to_left]), "removed"))
        if to_right > from_right:
            pieces.append(("".join(after[from_right:to_right]), "added"))
    return pieces


def _shortened(words: list[str]) -> str:
    if len(words) <= 2 * _CONTEXT + 1:
        return "".join(words)
    return "".join(words[:_CONTEXT]) + " … " + "".join(words[-_CONTEXT:])


def field_changes(left: str, right: str) -> list[list[str]] | None:
    """Rows of path, left, right where two JSON answers differ; None when either is not JSON, nor holds one fenced
    block of it among its words."""
    first, second = _json_within(left), _json_within(right)
    if first is None or second is None:
        return None
    rows: list[list[str]] = []
    _walk("$", first[0], second[0], rows)
    return rows


def parsed_json(text: str) -> tuple[Any] | None:
    """The JSON value of an answer, in a one-tuple since null is a value too. A code fence around it is taken off."""
    bare = text.strip()
    fenced = re.fullmatch(r"```(?:json)?[ \t]*\n(.*?)\n?```", bare, re.DOTALL)
    if fenced:
        bare = fenced.group(1).strip()
    if bare[:1] not in ("{", "["):
        return None
    try:
        return (json.loads(bare),)
    except (ValueError, RecursionError):
        return None


def _json_within(text: str) -> tuple[Any] | None:
    blocks = _FENCED.findall(text)
    return parsed_json(text) or (parsed_json(blocks[0]) if len(blocks) == 1 else None)


def _walk(path: str, left: Any, right: Any, rows: list[list[str]], depth: int = 0) -> None:
    if depth < 60 and isinstance(left, dict) and isinstance(right, dict):
        for name in sorted({*left, *right}):
            _walk(f"{path}.{name}", left.get(name, _MISSING), right.get(name, _MISSING), rows, depth + 1)
    elif depth < 60 and isinstance(left, list) and isinstance(right, list):
        for index in range(max(len(left), len(right))):
            first = left[index] if index < len(left) else _MISSING
            second = right[index] if index < len(right) else _MISSING
            _walk(f"{path}[{index}]", first, second, rows, depth + 1)
    elif left != right or type(left) is not type(right):
        rows.append([path, _shown(left), _shown(right)])


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value == _MISSING else json.dumps(value, ensure_ascii=False)[:2_000]
