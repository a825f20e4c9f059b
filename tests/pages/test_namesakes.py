"""Names in lists: a list returns the last of two entries that say the same."""

from dataclasses import dataclass

from pages.parts.namesakes import told_apart


@dataclass(frozen=True)
class Thing:
    id: str
    name: str


def test_no_two_entries_say_the_same():
    things = [Thing("x-0001", "Writer"), Thing("x-0002", "Reader"), Thing("x-0003", "Writer"), Thing("x-0004", "None")]
    called = told_apart(things, "None")
    assert called == {
        "x-0001": "Writer · 0001",
        "x-0002": "Reader",
        "x-0003": "Writer · 0003",
        "x-0004": "None · 0004",
    }
