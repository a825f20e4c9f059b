"""Plain arithmetic for simulated models: four operations, powers within reason, nothing else."""

import ast
import operator
from collections.abc import Callable

OPERATIONS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
LARGEST = 1e15


def solve(text: str) -> str | None:
    """The value as a person would write it; None for anything that is not a sum of modest size."""
    if len(text) > 200:
        return None
    try:
        value = _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, MemoryError):
        return None
    return f"{value:,.10g}" if abs(value) >= 1e10 or value % 1 else f"{int(value):,}"


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(int() | float() as number) if abs(number) <= LARGEST:
            return number
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand)
        case ast.BinOp(left, ast.Pow(), right):
            base, power = _value(left), _value(right)
            if abs(power) > 64 or abs(base) > 1e6:
                raise ValueError("too large")
            raised = base**power
            return _modest(raised if isinstance(raised, int | float) else float("nan"))
        case ast.BinOp(left, op, right) if type(op) in OPERATIONS:
            return _modest(OPERATIONS[type(op)](_value(left), _value(right)))
    raise ValueError("not a sum")


def _modest(value: float) -> float:
    if not abs(value) <= LARGEST:
        raise ValueError("too large")
    return value
