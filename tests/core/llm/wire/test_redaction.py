"""Provider text made fit to keep."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.llm.wire.redaction import ERROR_TEXT_CAP, redact

KEY = "sk-canary-0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: {KEY}.",
        f"Authorization: Bearer {KEY}",
        f"x-api-key={KEY}",
        f'{{"api_key": "{KEY}"}}',
        f"https://host/?key={KEY}&x=1",
        "x" * 1_990 + KEY,
        "x" * 8_190 + KEY + "x" * 100_000,
    ],
)
def test_the_key_is_gone(text: str) -> None:
    shown = redact(text, KEY)
    assert KEY not in shown
    assert KEY[:12] not in shown
    assert len(shown) <= ERROR_TEXT_CAP


@pytest.mark.parametrize(
    "other", ["sk-proj-abcdefghijklmnop", "Bearer abcdef.ghijkl", "AIzaSyA1234567890abcdef", "ghp_" + "a" * 30]
)
def test_keys_that_are_not_ours_go_too(other: str) -> None:
    assert other not in redact(f"refused {other} today")


def test_plain_words_stay() -> None:
    assert redact("Rate limit reached for gpt-4o: 3 requests, try again in 20s.") == (
        "Rate limit reached for gpt-4o: 3 requests, try again in 20s."
    )
    assert redact("a\x1b[31mb\x00c\u202ed\te") == "a [31mb c d\te"


@settings(max_examples=200, deadline=None)
@given(
    before=st.text(max_size=50),
    after=st.text(max_size=50),
    secret=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=40),
    padding=st.integers(0, 9_000),
    cap=st.integers(1, 3_000),
)
def test_no_secret_survives_any_place(before: str, after: str, secret: str, padding: int, cap: int) -> None:
    shown = redact(before + "." * padding + secret + after, secret, cap=cap)
    assert secret not in shown
    assert len(shown) <= cap


@pytest.mark.parametrize(
    "hostile",
    ["sk-" * 20_000, "bearer " * 8_000, "api_key=" * 7_000, "a" * 50_000, "eyJ." * 15_000, "token:" + " " * 50_000],
)
def test_hostile_text_costs_next_to_nothing(hostile: str) -> None:
    began = time.thread_time()
    redact(hostile, KEY)
    assert time.thread_time() - began < 0.05
