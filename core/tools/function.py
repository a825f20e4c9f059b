"""A Python function as a tool: its schema from its signature and docstring, its arguments checked."""

import asyncio
import inspect
import json
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from core.errors import InvalidError, PlatformError
from core.messages import Json

LONGEST_ARGUMENTS = 100_000
LONGEST_RESULT = 100_000
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
MARK = "_plainsight_side_effects"
Function = TypeVar("Function", bound=Callable[..., Any])


def changes_something(function: Function) -> Function:
    """Marks a function whose call changes something in the world: people are asked before it runs."""
    setattr(function, MARK, True)
    return function


class FunctionTool:
    """`function` may be async. What it returns becomes text, JSON unless it is text already.

    Raises InvalidError when the function has no usable signature or docstring.
    """

    def __init__(self, function: Callable[..., Any], source: str = "built in") -> None:
        self.function = function
        self.source = source
        self.name = function.__name__
        if not NAME.fullmatch(self.name):
            raise InvalidError(f"The tool {self.name[:64]!r} needs a name of small letters, digits and underscores.")
        if not inspect.getdoc(function):
            raise InvalidError(f"The tool {self.name} needs a docstring: it tells a model what the tool is for.")
        self._arguments = _model(function)

    @property
    def description(self) -> str:
        return _split_docstring(self.function)[0]

    @property
    def side_effects(self) -> bool:
        return bool(getattr(self.function, MARK, False))

    @cached_property
    def parameters(self) -> Json:
        schema = self._arguments.model_json_schema()
        return {name: _untitled(value) for name, value in schema.items() if name not in ("title", "description")}

    async def call(self, arguments: str) -> str:
        """`arguments` is JSON text from a model. Raises InvalidError in one sentence that the model can act on."""
        if len(arguments) > LONGEST_ARGUMENTS:
            raise InvalidError(f"The arguments of {self.name} are longer than {LONGEST_ARGUMENTS:,} characters.")
        try:
            values = self._arguments.model_validate_json(arguments or "{}")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(part)[:60] for part in first["loc"]) or "the arguments"
            raise InvalidError(f"{self.name}: {where}: {first['msg']}.") from None
        named = {name: getattr(values, name) for name in type(values).model_fields}
        try:
            if inspect.iscoroutinefunction(self.function):
                result = await self.function(**named)
            else:
                result = await asyncio.to_thread(self.function, **named)
        except PlatformError:
            raise
        except Exception as error:  # a tool is somebody's own code: its failure is a result, not our end
            raise InvalidError(f"{self.name} failed: {type(error).__name__}.") from error
        return _text(result)


def _model(function: Callable[..., Any]) -> type[BaseModel]:
    _, notes = _split_docstring(function)
    fields: dict[str, Any] = {}
    try:
        signature = inspect.signature(function, eval_str=True)
    except NameError as error:
        raise InvalidError(f"The tool {function.__name__} has a type that does not exist: {error}.") from None
    for name, parameter in signature.parameters.items():
        if parameter.annotation is parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            raise InvalidError(f"The tool {function.__name__} needs a type for each parameter; {name} has none.")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[name] = (parameter.annotation, Field(default, description=notes.get(name)))
    return create_model(
        function.__name__, __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=False), **fields
    )


def _split_docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What the function is for, and a note per parameter (lines `name: note`)."""
    names = set(inspect.signature(function).parameters)
    lines, notes = [], {}
    for line in (inspect.getdoc(function) or "").splitlines():
        name, colon, note = line.strip().partition(":")
        if colon and name in names:
            notes[name] = note.strip()
        elif line.strip() not in ("Args:", "Parameters:"):
            lines.append(line)
    return "\n".join(lines).strip(), notes


def _untitled(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _untitled(value) for name, value in schema.items() if name != "title" or isinstance(value, dict)}
    return [_untitled(value) for value in schema] if isinstance(schema, list) else schema


def _text(result: Any) -> str:
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    if len(text) <= LONGEST_RESULT:
        return text
    return f"{text[:LONGEST_RESULT]}\n[cut after {LONGEST_RESULT:,} characters]"
