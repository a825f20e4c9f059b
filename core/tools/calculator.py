"""Arithmetic without `eval`: a parsed expression is walked, and every number and power stays within bounds."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from core.errors import InvalidError

LONGEST = 1_000
MOST_NODES = 300
MOST_BITS = 10_000

Number = int | float
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs, "round": round, "min": min, "max": max, "sqrt": math.sqrt, "exp": math.exp, "ln": math.log,
    "log": math.log, "log10": math.log10, "log2": math.log2, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan, "degrees": math.degrees, "radians": math.radians,
    "floor": math.floor, "ceil": math.ceil, "gcd": math.gcd, "hypot": math.hypot,
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}


def calculator(expression: str) -> str:
    """Work out an arithmetic expression exactly, for example (1204 + 310) * 0.15 / 12 or sqrt(2) ^ 3.

    Knows + - * / // % ** ^, brackets, pi, e, tau, and abs, round, min, max, sqrt, exp, ln, log (natural, or with a
    base), log10, log2, sin, cos, tan, asin, acos, atan, degrees, radians, floor, ceil, gcd, hypot, factorial.

    expression: the expression; numbers without thousands separators
    """
    return _shown(evaluate(expression))


def evaluate(expression: str) -> Number:
    """Raises InvalidError in one sentence."""
    if len(expression) > LONGEST:
        raise InvalidError(f"The expression is longer than {LONGEST:,} characters.")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidError("This is not an arithmetic expression that can be read.") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise InvalidError("The expression has too many parts.")
    try:
        return _bounded(_value(tree.body))
    except ZeroDivisionError:
        raise InvalidError("The expression divides by zero.") from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise InvalidError("The expression has no result that is a real number of bearable size.") from None


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=bool() | str() | bytes() | complex()) | ast.Constant(value=None):
            raise InvalidError("Only numbers can be calculated with.")
        case ast.Constant(value=int() | float() as number):
            return _bounded(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=ast.Pow() | ast.BitXor(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return _bounded(OPERATORS[type(op)](_value(left), _value(right)))
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.Call(func=ast.Name(id="factorial"), args=[argument], keywords=[]):
            return _factorial(_value(argument))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return _bounded(FUNCTIONS[name](*(_value(argument) for argument in arguments)))
    raise InvalidError("The expression uses something that this calculator does not know.")


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1:
        if abs(exponent) * base.bit_length() > MOST_BITS:
            raise InvalidError("The power is too large to be written down.")
    elif isinstance(base, int) and isinstance(exponent, int):
        exponent = exponent % 2 if exponent > 1 else exponent
        return base**exponent if exponent or base else 1
    result = base**exponent
    if isinstance(result, complex):
        raise InvalidError("The power has no real result.")
    return _bounded(result)


def _factorial(number: Number) -> int:
    if not isinstance(number, int) or not 0 <= number <= 1_000:
        raise InvalidError("The factorial is known for whole numbers from 0 to 1000.")
    return int(_bounded(math.factorial(number)))


def _bounded(number: Any) -> Number:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InvalidError("The expression has no number as its result.")
    if isinstance(number, int) and number.bit_length() > MOST_BITS:
        raise InvalidError("A number in the expression is too large to be written down.")
    if isinstance(number, float) and not math.isfinite(number):
        raise InvalidError("A number in the expression is too large.")
    return number


def _shown(number: Number) -> str:
    return str(number) if isinstance(number, int) else f"{number:.12g}"
