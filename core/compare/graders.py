"""Graders that need no model: each looks at one answer and says a score from 0 to 1, or that it cannot say."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

import re2
import simpleeval

from core.compare.differences import parsed_json
from core.errors import InvalidError
from core.json_schema import check_schema, misfit

_LONGEST = 200_000
_NUMBER = re2.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a grader sees. Unknown figures are None."""

    text: str
    expected: str | None
    variables: Mapping[str, Any]
    seconds: float | None = None
    money: Decimal | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """`score` None: could not be graded, and `note` says why. It never counts as a zero."""

    score: float | None
    note: str = ""


Grader = Callable[[Answer], Grade]


def label(spec: Mapping[str, Any]) -> str:
    """The grader's column in tables and exports."""
    value = next((str(spec[name]) for name in _LABELLED if spec.get(name) not in (None, "")), "")
    return str(spec.get("name") or (f"{spec['kind']} {value}"[:40] if value else spec["kind"]))


_LABELLED = ("value", "pattern", "tolerance", "most", "expression", "rubric", "least")


def grader(spec: Mapping[str, Any]) -> Grader:
    """The grader that `spec` describes ({"kind": …}); "rubric" and "pairwise" are models' work and not made here.

    Raises InvalidError for a kind or a setting that cannot work.
    """
    make = KINDS.get(str(spec.get("kind")))
    if make is None:
        raise InvalidError(f"There is no grader {spec.get('kind')!r}; known are {', '.join(KINDS)}, rubric, pairwise.")
    return make(spec)


def _exact(spec: Mapping[str, Any]) -> Grader:
    fold = bool(spec.get("ignore_case", True))

    def grade(answer: Answer) -> Grade:
        wanted = _wanted(spec, answer)
        if wanted is None:
            return Grade(None, "nothing is expected")
        left, right = " ".join(answer.text.split()), " ".join(wanted.split())
        return Grade(float(left.casefold() == right.casefold() if fold else left == right))

    return grade


def _contains(spec: Mapping[str, Any]) -> Grader:
    def grade(answer: Answer) -> Grade:
        wanted = _wanted(spec, answer)
        if wanted is None:
            return Grade(None, "nothing is expected")
        return Grade(float(wanted.casefold() in answer.text.casefold()))

    return grade


def _regex(spec: Mapping[str, Any]) -> Grader:
    try:
        pattern = re2.compile(str(spec.get("pattern") or ""))
    except re2.error as error:
        raise InvalidError(f"This regular expression does not work here: {error}.") from None
    return lambda answer: Grade(float(pattern.search(answer.text[:_LONGEST]) is not None))


def _json_schema(spec: Mapping[str, Any]) -> Grader:
    schema: Any = spec.get("schema")
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except ValueError:
            raise InvalidError("The JSON schema is not valid JSON.") from None
    check_schema(schema)

    def grade(answer: Answer) -> Grade:
        found = parsed_json(answer.text[:_LONGEST])
        if found is None:
            return Grade(0.0, "not JSON")
        problem = misfit(found[0], schema)
        return Grade(0.0, problem) if problem else Grade(1.0)

    return grade


def _numeric(spec: Mapping[str, Any]) -> Grader:
    tolerance, relative = _float(spec, "tolerance", 0.0), bool(spec.get("relative"))

    def grade(answer: Answer) -> Grade:
        wanted = number_in(_wanted(spec, answer) or "")
        if wanted is None:
            return Grade(None, "no number is expected")
        found = number_in(answer.text, last=True)
        if found is None:
            return Grade(0.0, "no number found")
        allowed = tolerance * abs(wanted) if relative else tolerance
        return Grade(float(abs(found - wanted) <= allowed + 1e-12), f"found {found:g}")

    return grade


def number_in(text: str, last: bool = False) -> float | None:
    found = _NUMBER.findall(text[:_LONGEST])
    if not found:
        return None
    value = float(found[-1 if last else 0].replace(",", ""))
    return value if math.isfinite(value) else None


def _similarity(spec: Mapping[str, Any]) -> Grader:
    def grade(answer: Answer) -> Grade:
        wanted = _wanted(spec, answer)
        if wanted is None:
            return Grade(None, "nothing is expected")
        left, right = answer.text.casefold().split()[:5_000], wanted.casefold().split()[:5_000]
        return Grade(SequenceMatcher(None, left, right, autojunk=False).ratio())

    return grade


def _at_most(figure: str, what: str) -> Callable[[Mapping[str, Any]], Grader]:
    def make(spec: Mapping[str, Any]) -> Grader:
        most, least = _float(spec, "most", math.inf), _float(spec, "least", -math.inf)

        def grade(answer: Answer) -> Grade:
            value = len(answer.text) if figure == "text" else getattr(answer, figure)
            if value is None:
                return Grade(None, f"{what} not known")
            return Grade(float(least <= float(value) <= most), f"{float(value):g}")

        return grade

    return make


def _expression(spec: Mapping[str, Any]) -> Grader:
    expression = str(spec.get("expression") or "")
    if not expression.strip():
        raise InvalidError("Type an expression, for example: 'total' in answer and len(answer) < 500.")
    functions = {"len": len, "lower": str.lower, "upper": str.upper, "abs": abs, "min": min, "max": max,
                 "round": round, "str": str, "float": float, "int": int, "number": number_in}  # fmt: skip

    def grade(answer: Answer) -> Grade:
        names = {
            "answer": answer.text, "expected": answer.expected, "seconds": answer.seconds, "tokens": answer.tokens,
            "money": None if answer.money is None else float(answer.money), "variables": dict(answer.variables),
            "true": True, "false": False, "none": None, **{str(k): v for k, v in answer.variables.items()},
        }  # fmt: skip
        try:
            found = simpleeval.EvalWithCompoundTypes(functions=functions, names=names).eval(expression)
            return Grade(min(1.0, max(0.0, float(found))))
        except Exception as error:  # noqa: BLE001 - whatever an analyst typed may raise anything; it is told, never a crash
            return Grade(None, f"{type(error).__name__}: {error}"[:200])

    return grade


def _wanted(spec: Mapping[str, Any], answer: Answer) -> str | None:
    return str(spec["value"]) if spec.get("value") not in (None, "") else answer.expected


def _float(spec: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = spec.get(name)
    if value in (None, ""):
        return otherwise
    try:
        return float(str(value))
    except (TypeError, ValueError):
        raise InvalidError(f"{name} of the {spec.get('kind')} grader must be a number.") from None


KINDS: Mapping[str, Callable[[Mapping[str, Any]], Grader]] = {
    "exact": _exact,
    "contains": _contains,
    "regex": _regex,
    "json_schema": _json_schema,
    "numeric": _numeric,
    "similarity": _similarity,
    "length": _at_most("text", "length"),
    "latency": _at_most("seconds", "time"),
    "cost": _at_most("money", "price"),
    "expression": _expression,
}
