"""The ways a question can be put: a request, a text, messages, or plain dictionaries; and the answer in one piece."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, cast

from core.errors import InvalidError, PlatformError
from core.ledger.ids import uuid7
from core.llm.completion import Completion
from core.llm.turn import Turn
from core.messages import Message, Parameters, Role, TurnRequest

Asked = TurnRequest | str | Sequence[Message | Mapping[str, str]]
OWN = {field.name for field in fields(TurnRequest)} - {"model", "messages", "parameters"}
PARAMETERS = {field.name for field in fields(Parameters)}
KNOWN = OWN | PARAMETERS


def request_of(asked: Asked, model: str | None, settings: Mapping[str, Any]) -> TurnRequest:
    """`settings`: fields of Parameters (temperature, …) and of TurnRequest (tools, fallbacks, …) by name.

    Raises InvalidError for a name that is neither.
    """
    unknown = settings.keys() - KNOWN
    if unknown:
        known = ", ".join(sorted(PARAMETERS | OWN - {"approve", "on_end"}))
        raise InvalidError(f"There is no parameter {sorted(unknown)[0]!r}; known are {known}.")
    own = {name: _tidy(value) for name, value in settings.items() if name in OWN}
    chosen = {name: _tidy(value) for name, value in settings.items() if name in PARAMETERS}
    if not isinstance(asked, TurnRequest):
        return TurnRequest(model or "", messages_of(asked), Parameters(**chosen), **{"turn_id": uuid7(), **own})
    parameters = replace(asked.parameters, **chosen) if chosen else asked.parameters
    return replace(asked, model=model or asked.model, parameters=parameters, **own)


def _tidy(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def messages_of(asked: str | Sequence[Message | Mapping[str, str]]) -> tuple[Message, ...]:
    if isinstance(asked, str):
        return (Message.of("user", asked),)
    return tuple(said if isinstance(said, Message) else _message(said) for said in asked)


def _message(said: Mapping[str, str]) -> Message:
    role, content = said.get("role"), said.get("content")
    if role not in ("system", "user", "assistant") or not isinstance(content, str):
        raise InvalidError('A message is {"role": "system", "user" or "assistant", "content": text}.')
    return Message.of(cast(Role, role), content)


def completion_of(turn: Turn) -> Completion:
    """Of a turn that has ended. Raises what ended it, when that was an error or a refusal."""
    view, ended = turn.view, turn.ended
    if ended is not None and ended.status in ("error", "refused"):
        raise turn.error or PlatformError(ended.error or "The call failed.")
    ran = {step.id for step in view.steps}
    calls = tuple(call for call in turn.tool_calls if call.id not in ran)
    return Completion(view.text, view.reasoning, calls, view.steps, view.receipt, view.status)
