"""The tool calls of an answer that is over, as a model is told of them later: bounded and well-formed."""

import json

from core.events import Step
from core.messages import Message, TextPart, ToolCall
from core.workspace.message_tree import StoredMessage

LONGEST_ARGUMENTS = 4_000
LONGEST_RESULT = 4_000
LONGEST = 12_000
"""Characters: of one call's arguments, of one result, and of all results of one answer."""


def tool_messages(answer: StoredMessage) -> list[Message]:
    """One message with the calls and one with each result; nothing for an answer without any.

    A call that never got its result, or whose arguments are not a JSON object, is left out: providers refuse it.
    """
    steps = [step for step in answer.steps if _complete(step)]
    room, calls, results = LONGEST, [], []
    for number, step in enumerate(steps):
        # Named after the answer, since models number their calls anew in every turn.
        call = ToolCall(f"past_{answer.id.replace('-', '')[-12:]}_{number}", step.name, step.arguments or "{}")
        told = _told(step, min(LONGEST_RESULT, room))
        room = max(0, room - len(told))
        calls.append(call)
        results.append(Message("tool", (TextPart(told),), tool_call_id=call.id))
    return [Message("assistant", tool_calls=tuple(calls)), *results] if calls else []


def _complete(step: Step) -> bool:
    if step.result is None and step.error is None:
        return False
    if not step.name or len(step.arguments) > LONGEST_ARGUMENTS:
        return False
    try:
        return isinstance(json.loads(step.arguments or "{}"), dict)
    except (ValueError, RecursionError):
        return False


def _told(step: Step, room: int) -> str:
    text = f"Error: {step.error}" if step.error else step.result or "(nothing)"
    if len(text) <= room:
        return text
    return f"{text[:room]}\n[{len(text) - room:,} more characters are left out here.]"
