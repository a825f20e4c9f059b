"""YAML and JSON from outside: plain data or one sentence, never anything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidError
from core.workspace.untrusted import read_json, read_yaml
from core.workspace.yaml_text import write_yaml

REFUSED_YAML = {
    "tag": "!!python/object/apply:os.system ['id']",
    "own tag": "a: !secret x",
    "harmless tag": "a: !!str 5",
    "alias": "a: &x [1]\nb: *x",
    "billion laughs": "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "doubled": "name: x\nname: y",
    "doubled deep": "a:\n  b: 1\n  b: 2",
    "list as key": "? [a]\n: b",
    "deep flow": "[" * 5_000,
    "deep block": "\n".join("  " * level + "a:" for level in range(200)),
    "two documents": "a: 1\n---\nb: 2",
    "broken": "a: [1",
    "control": "a: \x07",
    "too large": "a: " + "x" * 600_000,
}


@pytest.mark.parametrize("name", REFUSED_YAML)
def test_yaml_that_is_refused(name):
    with pytest.raises(InvalidError) as refused:
        read_yaml(REFUSED_YAML[name])
    assert str(refused.value).startswith("This file ")
    assert "\n" not in str(refused.value)


def test_yaml_knows_few_kinds_of_value():
    text = (
        "a: 5\nb: 0.7\nc: true\nd: null\ne: no\nf: 2026-01-01\ng: 0x1F\nh: 1e3\ni: .nan\nj: 9999999999999999999999\nk:"
    )
    assert read_yaml(text) == {
        "a": 5,
        "b": 0.7,
        "c": True,
        "d": None,
        "e": "no",
        "f": "2026-01-01",
        "g": "0x1F",
        "h": 1000.0,
        "i": ".nan",
        "j": "9999999999999999999999",
        "k": None,
    }


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=10), plain, max_size=4))
def test_what_is_written_can_be_read_again(data):
    assert read_yaml(write_yaml(data)) == data


@given(plain)
def test_json_is_read_as_it_is(data):
    assert read_json(json.dumps(data)) == data


@given(st.text(max_size=200))
def test_any_text_is_data_or_a_sentence(text):
    for read in (read_yaml, read_json):
        try:
            read(text)
        except InvalidError as refused:
            message = str(refused)
            assert message.endswith(".")
