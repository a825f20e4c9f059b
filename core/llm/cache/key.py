"""What makes two questions the same: everything that is sent, spelled canonically and hashed."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from core.llm.record import said
from core.messages import Message, TextPart, TurnRequest


@dataclass(frozen=True, slots=True)
class Key:
    """`exact` covers all of it. `scope` covers all but the words of the last question, which is `question`."""

    exact: str
    scope: str
    question: str


def key_of(request: TurnRequest, model: str) -> Key | None:
    """None when the last message is not a question."""
    if not request.messages or request.messages[-1].role != "user":
        return None
    last = request.messages[-1]
    frame: dict[str, Any] = {
        "model": model,
        "assistant": [request.context.assistant_id, request.context.assistant_version],
        "parameters": asdict(request.parameters),
        "tools": [[tool.name, tool.description, dict(tool.parameters)] for tool in request.tools],
        "before": said(request.messages[:-1]),
        "attached": said([_without_words(last)]),
    }
    scope = _hash(frame)
    return Key(_hash([scope, said([last])]), scope, last.text)


def _without_words(message: Message) -> Message:
    return Message(message.role, tuple(part for part in message.parts if not isinstance(part, TextPart)))


def _hash(value: Any) -> str:
    spelled = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(spelled.encode("utf-8", "replace")).hexdigest()
