"""Graders of one answer: what each finds, what it refuses, and what hostile input cannot make it do."""

import time
from decimal import Decimal

import pytest

from core.compare.graders import KINDS, Answer, grader
from core.errors import InvalidError

ANSWER = Answer("The total is 1,204.50 EUR", "1204.5", {"city": "Ulm"}, seconds=2.0, money=Decimal("0.01"), tokens=9)


@pytest.mark.parametrize(
    ("spec", "score"),
    [
        ({"kind": "exact"}, 0),
        ({"kind": "exact", "value": "the TOTAL is 1,204.50  eur"}, 1),
        ({"kind": "contains", "value": "total"}, 1),
        ({"kind": "regex", "pattern": r"\d+\.\d\d EUR$"}, 1),
        ({"kind": "numeric", "tolerance": 0.01}, 1),
        ({"kind": "numeric", "value": "1300", "tolerance": 0.05, "relative": True}, 0),
        ({"kind": "length", "most": 10}, 0),
        ({"kind": "latency", "most": 2}, 1),
        ({"kind": "cost", "most": 0.001}, 0),
        ({"kind": "json_schema", "schema": '{"type": "object"}'}, 0),
        ({"kind": "expression", "expression": "'EUR' in answer and seconds < 3 and variables['city'] == 'Ulm'"}, 1),
        ({"kind": "expression", "expression": "9**9**9"}, None),
        ({"kind": "expression", "expression": "().__class__.__bases__"}, None),
        ({"kind": "expression", "expression": "__import__('os').system('true')"}, None),
    ],
)
def test_graders(spec: dict, score: float | None) -> None:
    assert grader(spec)(ANSWER).score == score


def test_graders_that_cannot_work_are_refused() -> None:
    for spec in ({"kind": "nope"}, {"kind": "regex", "pattern": "("}, {"kind": "json_schema", "schema": "{"}):
        with pytest.raises(InvalidError):
            grader(spec)
    assert {"exact", "numeric", "expression"} <= set(KINDS)


def test_a_hostile_pattern_is_linear() -> None:
    started = time.process_time()
    grader({"kind": "regex", "pattern": "(a+)+$"})(Answer("a" * 50_000 + "!", None, {}))
    assert time.process_time() - started < 1
