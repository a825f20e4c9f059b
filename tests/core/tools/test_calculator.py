"""The calculator: right where it answers, one sentence where it does not, bounded always."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidError
from core.tools.calculator import calculator, evaluate


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("(1204 + 310) * 0.15 / 12", "18.925"),
        ("2 ^ 10", "1024"),
        ("-3 ** 2", "-9"),
        ("7 // 2 + 7 % 4", "6"),
        ("sqrt(2) * sqrt(2)", "2"),
        ("0.1 + 0.2", "0.3"),
        ("factorial(20)", "2432902008176640000"),
        ("max(1, 2, 3) - min(4, 5)", "-1"),
        ("round(pi, 2)", "3.14"),
        ("1 ** 99999999999", "1"),
        ("(-1) ^ 3", "-1"),
        ("0 ^ 0", "1"),
    ],
)
def test_right_answers(expression, answer):
    assert calculator(expression) == answer


@pytest.mark.parametrize(
    "expression",
    [
        "9**9**9",
        "9**9**9**9**9",
        "factorial(10**9)",
        "factorial(factorial(9))",
        "().__class__.__bases__[0].__subclasses__()",
        "__import__('os').system('id')",
        "(1).__class__",
        "'a' * 10**9",
        "'x'",
        "[1] * 10**9",
        "lambda: 1",
        "1 if 1 else 2",
        "True + 1",
        "1j * 1j",
        "x",
        "sqrt",
        "sqrt(-1)",
        "(-8) ** 0.5",
        "1/0",
        "0 ** -1",
        "1e999",
        "1e308 * 10",
        "",
        "1 +",
        "(" * 5000 + ")" * 5000,
        "(" * 150 + "1" + ")" * 150 + "*" * 100,
        "-" * 900 + "1",
        "1+" * 400 + "1",
        "9" * 5000,
        "min()",
        "round(1, ndigits=2)",
        "sin(*[1])",
        "1 << 99999999",
        "10 ** 99999 % 7",
        "1\x00",
    ],
)
def test_everything_else_is_one_sentence(expression):
    with pytest.raises(InvalidError) as refused:
        calculator(expression)
    assert str(refused.value).endswith(".")


@given(st.text(max_size=80))
def test_any_text_ends_in_a_number_or_a_sentence(text):
    try:
        number = evaluate(text)
    except InvalidError:
        return
    assert math.isfinite(number)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(1, 999))
def test_it_agrees_with_python(a, b, c):
    assert evaluate(f"({a}) * ({b}) + ({a}) // {c} - ({b}) % {c}") == a * b + a // c - b % c
