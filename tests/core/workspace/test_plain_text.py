"""Text on its way in: storable, one line, quick also when it is hostile."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tools.units import UNIT
from core.workspace.plain_text import clean, one_line, title_from
from core.workspace.search import search_terms
from core.workspace.untrusted import NUMBER


@given(st.text())
def test_clean_text_can_be_stored(text):
    cleaned = clean(text)
    assert "\x00" not in cleaned
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert len(cleaned) == len(text)


@given(st.text(), st.integers(1, 50))
def test_one_line_is_one_short_line(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert one_line(line, limit) == line


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("What is a turn?", "What is a turn?"),
        ("\n\n# Plan\nmore", "Plan"),
        ("> quoted", "quoted"),
        ("```\ncode", "code"),
        ("   ", "New conversation"),
        ("", "New conversation"),
        ("\u202eevil\u200b", "evil"),
        ("a word " * 30, "a word a word a word a word a word a word a word a word a…"),
    ],
)
def test_titles(text, title):
    assert title_from(text) == title


HOSTILE = (
    "a" * 50_000,
    " " * 50_000,
    '"' * 50_000,
    "\n" * 50_000,
    "1" * 50_000,
    "m/" * 25_000,
    "\u202e" * 50_000,
    "a b" * 16_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_no_time(text):
    """A generous bound: what backtracks would take minutes."""
    begun = time.process_time()
    for read in (clean, title_from, search_terms, UNIT.fullmatch, NUMBER.match, lambda text: one_line(text, 120)):
        read(text)
    assert time.process_time() - begun < 1.0
