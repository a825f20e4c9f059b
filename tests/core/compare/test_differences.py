"""Differences between two answers: no word is lost, and JSON is told apart by its fields."""

from hypothesis import given
from hypothesis import strategies as st

from core.compare.differences import field_changes, word_changes

TEXT = st.text(alphabet="ab .\n", max_size=60)


@given(TEXT, TEXT)
def test_what_is_in_one_text_is_there_and_in_its_order(left: str, right: str) -> None:
    pieces = word_changes(left, right)
    assert "".join(text for text, kind in pieces if kind != "added") == left
    assert "".join(text for text, kind in pieces if kind != "removed") == right


def test_only_where_they_differ() -> None:
    same = " ".join(f"word{number}" for number in range(100))
    pieces = word_changes(f"{same} yes {same}", f"{same} no {same}", only_changes=True)
    assert [(text, kind) for text, kind in pieces if kind] == [("yes", "removed"), ("no", "added")]
    assert sum(len(text) for text, _ in pieces) < len(same)


def test_json_is_compared_by_its_fields() -> None:
    left, right = '{"city": "Rome", "years": [1, 2]}', '{"years": [1, 3, 4], "city": "Rome"}'
    changed = [["$.years[1]", "2", "3"], ["$.years[2]", "(missing)", "4"]]
    assert field_changes(left, right) == changed
    assert field_changes(f"Here it is:\n```json\n{left}\n```\nEnjoy.", f"```\n{right}\n```") == changed
    assert field_changes(left, left) == []


def test_what_is_not_one_json_value_is_prose() -> None:
    assert field_changes('{"a": 1}', "a is 1") is None
    assert field_changes('{"a": 1}', '```\n{"a": 1}\n```\nor\n```\n{"a": 2}\n```') is None
