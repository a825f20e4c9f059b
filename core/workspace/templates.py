"""Prompt templates: Jinja's braces, filters and ifs over typed variables, with no way to reach or exhaust anything."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.errors import InvalidError
from core.workspace.plain_text import one_line

LONGEST_TEMPLATE = 100_000
LONGEST_OUTPUT = 2_000_000
DEEPEST = 40
FILTERS = ("upper", "lower", "title", "capitalize", "trim", "default", "d", "length", "round", "int", "float", "tojson")
TESTS = ("defined", "undefined", "none", "true", "false", "number", "string", "even", "odd")
GROWTH = 6
"""The most a character can grow to in one filter: tojson writes \\u003c for <."""

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Filter, nodes.Test,
    nodes.Add, nodes.Sub, nodes.Div, nodes.Neg, nodes.Pos, nodes.Keyword,
)  # fmt: skip


def render_template(text: str, values: Mapping[str, Any]) -> str:
    """`values` by variable name: text, numbers, dates, booleans (written as yes and no). Raises InvalidError."""
    template, names = _compiled(text)
    bound = len(text) + sum(len(_shown(values.get(name, ""))) for name in names) * GROWTH
    if bound > LONGEST_OUTPUT * GROWTH:
        raise InvalidError("The filled-in prompt would be too long; use shorter values.")
    try:
        written = template.render(dict(values))
    except TemplateError as error:
        raise InvalidError(f"The prompt cannot be filled in: {one_line(str(error), 150)}.") from None
    except (TypeError, ValueError, ArithmeticError):
        raise InvalidError("The prompt cannot be filled in: a filter or comparison does not fit its value.") from None
    if len(written) > LONGEST_OUTPUT:
        raise InvalidError("The filled-in prompt would be too long; use shorter values.")
    return written


def template_variables(text: str) -> tuple[str, ...]:
    """The names a template uses, in the order of their first use. Raises InvalidError."""
    return tuple(dict.fromkeys(_compiled(text)[1]))


@lru_cache(maxsize=128)
def _compiled(text: str) -> tuple[Template, tuple[str, ...]]:
    if len(text) > LONGEST_TEMPLATE:
        raise InvalidError(f"A prompt may have at most {LONGEST_TEMPLATE:,} characters.")
    try:
        tree = _environment.parse(text)
        names = tuple(_names(tree))
        return _environment.from_string(tree), names
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        raise InvalidError(f"The prompt's template is not valid ({where}{one_line(str(error), 150)}).") from None
    except (RecursionError, MemoryError, SyntaxError):
        raise InvalidError("The prompt's template is nested too deeply.") from None


def _names(tree: nodes.Template) -> Iterator[str]:
    """Every use of a name, after checking that nothing but allowed nodes is there."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise InvalidError("The prompt's template is nested too deeply.")
        if not isinstance(node, _ALLOWED):
            kind = type(node).__name__.lower()
            raise InvalidError(
                f"Line {node.lineno} of the prompt uses something that is not allowed here ({kind}): "
                "a template has variables, ifs and simple filters only."
            )
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise InvalidError(f"The filter {node.name!r} does not exist here; use one of {', '.join(FILTERS)}.")
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            raise InvalidError(f"The test {node.name!r} does not exist here; use one of {', '.join(TESTS)}.")
        if isinstance(node, nodes.Name):
            yield node.name
        waiting.extend((child, depth + 1) for child in reversed(list(node.iter_child_nodes())))


def _shown(value: Any) -> str:
    return "yes" if value is True else "no" if value is False else str(value)


def _finalize(value: Any) -> Any:
    return _shown(value) if isinstance(value, bool) else value


def _sandbox() -> Environment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, finalize=_finalize, keep_trailing_newline=True, trim_blocks=True
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


_environment = _sandbox()
