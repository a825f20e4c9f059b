"""Test cases as CSV or JSONL: one column or entry per variable, `expected` and `note` being special."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import InvalidError
from core.workspace.plain_text import clean, one_line
from core.workspace.untrusted import read_json

LARGEST_FILE = 20 * 1024 * 1024
LONGEST_VALUE = 200_000
SPECIAL = ("expected", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """`variables` by name; `expected` None: nothing is expected. `turn_id`: the chat turn it was made from."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    expected: str | None = None
    note: str = ""
    turn_id: str | None = None


def read_cases(name: str, data: bytes) -> Iterator[NewCase]:
    """The rows of a CSV file, or of JSON lines (`.jsonl`, or what begins with a brace). Raises InvalidError."""
    if len(data) > LARGEST_FILE:
        raise InvalidError(f"A file of test cases may have at most {LARGEST_FILE // 2**20} MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidError("This file is not UTF-8 text; save it as CSV (UTF-8) or as JSON lines.") from None
    as_json = name.lower().endswith((".jsonl", ".ndjson")) or text.lstrip().startswith("{")
    return _json_lines(text) if as_json else _csv(text)


def checked_case(case: NewCase) -> NewCase:
    variables = {}
    for name, value in case.variables.items():
        if not isinstance(value, str | int | float | bool | type(None)):
            raise InvalidError(
                f"The variable {one_line(str(name), 40)!r} of a test case is not text, number or yes/no."
            )
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise InvalidError(f"A value of a test case may have at most {LONGEST_VALUE:,} characters.")
        variables[one_line(str(name), 60)] = clean(value) if isinstance(value, str) else value
    if len(variables) > 100:
        raise InvalidError("A test case has at most 100 variables.")
    expected = None if case.expected is None else clean(case.expected)[:LONGEST_VALUE]
    return NewCase(variables=variables, expected=expected, note=clean(case.note)[:2_000], turn_id=case.turn_id)


def _csv(text: str) -> Iterator[NewCase]:
    try:
        rows = csv.reader(io.StringIO(text), strict=True)
        header = [one_line(name, 60) for name in next(rows, [])]
        if not any(header) or len(set(header)) != len(header):
            raise InvalidError("The first line of the CSV must name each column once.")
        for number, row in enumerate(rows, start=2):
            if not row:
                continue
            if len(row) != len(header):
                raise InvalidError(
                    f"Line {number} of the CSV has {len(row)} values, the first line {len(header)} names."
                )
            yield _case(dict(zip(header, row, strict=True)))
    except csv.Error as error:
        raise InvalidError(f"This is not a readable CSV file ({one_line(str(error), 80)}).") from None


def _json_lines(text: str) -> Iterator[NewCase]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            row = read_json(line, f"file (line {number})")
            if not isinstance(row, dict):
                raise InvalidError(f"Line {number} is not an object in braces.")
            inner = row.get("variables")
            if isinstance(inner, dict) and not set(row) - {"variables", *SPECIAL}:
                row = {**inner, **{name: row[name] for name in SPECIAL if name in row}}
            yield _case(row)


def _case(row: Mapping[str, Any]) -> NewCase:
    expected, note = row.get("expected"), row.get("note")
    return NewCase(
        variables={name: value for name, value in row.items() if name and name not in SPECIAL},
        expected=None if expected in (None, "") else str(expected),
        note="" if note is None else str(note),
    )
