"""Spreadsheet cells: text that a spreadsheet would run as a formula is made plain text."""

from typing import Any

STARTERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def safe(value: Any) -> Any:
    """Text that begins like a formula gets an apostrophe before it; everything else is returned as it is."""
    if isinstance(value, str) and (value.startswith(STARTERS) or value.lstrip(" \n\u00a0").startswith(STARTERS)):
        return f"'{value}"
    return value
