"""Retry-After as servers really send it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.wire.retry_after import LONGEST_S, retry_after_s

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sunday, 22-Nov-26 12:00:05 GMT", 5.0),
        ("9" * 30, LONGEST_S),
        ("inf", LONGEST_S),
        ("Fri, 01 Jan 2100 00:00:00 GMT", LONGEST_S),
        ("-1", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("1_000", None),
        ("７", None),
        ("Sun, 99 Nov 2026 99:99:99 GMT", None),
    ],
)
def test_what_is_said(said: str, expected: float | None) -> None:
    assert retry_after_s({"retry-after": said}, NOW) == expected


def test_milliseconds_win_and_silence_is_none() -> None:
    assert retry_after_s({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    assert retry_after_s({}) is None


@given(st.text(max_size=100))
def test_any_text_is_seconds_or_nothing(said: str) -> None:
    seconds = retry_after_s({"retry-after": said})
    assert seconds is None or 0 <= seconds <= LONGEST_S
