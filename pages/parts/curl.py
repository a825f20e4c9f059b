"""A turn as one curl command to its provider; the key stays in the environment."""

import base64
import json
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from core.errors import InvalidError
from core.messages import DocumentPart, ImagePart, Message, Part, TextPart, TurnRequest
from core.platform import Platform

LONGEST = 120_000
"""Characters of a body; Linux passes no longer argument to a program."""
SENT = ("temperature", "max_tokens", "top_p", "seed", "reasoning_effort")
SENT_TO_ANTHROPIC = ("temperature", "max_tokens", "top_p")


def curl(platform: Platform, request: TurnRequest) -> str:
    """Raises InvalidError with the reason when the question cannot be asked that way."""
    provider, _, model = request.model.partition("/")
    known = {info.name: info for info in platform.ai.providers()}.get(provider)
    if provider == "demo" or known is None:
        raise InvalidError("Simulated models have no address of their own; take the Python script.")
    base = (known.base_url or "").rstrip("/")
    if provider == "anthropic":
        body = _to_anthropic(request, model)
        headers = ['"x-api-key: $ANTHROPIC_API_KEY"', "'anthropic-version: 2023-06-01'"]
        url = f"{base}/v1/messages"
    else:
        body = _to_openai(request, model)
        headers = [] if known.local else [f'"Authorization: Bearer ${known.variable}"']
        url = f"{base}/chat/completions" if base.endswith("/v1") else f"{base}/v1/chat/completions"
    text = json.dumps(body, ensure_ascii=False, indent=2)
    if len(text.encode("utf-8", "replace")) > LONGEST:
        raise InvalidError("The question is too long for a command line; take the Python script.")
    lines = [f"curl {shlex.quote(url)}", "-H 'Content-Type: application/json'", *(f"-H {head}" for head in headers)]
    return " \\\n  ".join([*lines, f"-d {shlex.quote(text)}"])


def _chosen(request: TurnRequest, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(request.parameters, name)) is not None}


def _to_openai(request: TurnRequest, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "messages": [_openai_message(message) for message in request.messages]}
    body |= _chosen(request, SENT)
    if request.parameters.response_schema is not None:
        schema = {"name": "answer", "schema": dict(request.parameters.response_schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
            }
            for tool in request.tools
        ]
    return body


def _openai_message(message: Message) -> dict[str, Any]:
    spelled: dict[str, Any] = {"role": message.role, "content": _content(message, _openai_image)}
    if message.tool_calls:
        spelled["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        spelled["tool_call_id"] = message.tool_call_id
    return spelled


def _to_anthropic(request: TurnRequest, model: str) -> dict[str, Any]:
    body = {"model": model, "max_tokens": 1024} | _chosen(request, SENT_TO_ANTHROPIC)
    body["messages"] = _anthropic_messages(request.messages)
    system = "\n\n".join(message.text for message in request.messages if message.role == "system")
    if system:
        body["system"] = system
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
            for tool in request.tools
        ]
    return body


def _anthropic_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """What tools said is told by the user there, and all of it in one message."""
    spelled: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "tool":
            result = {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.text}
            if spelled and spelled[-1]["role"] == "user":
                spelled[-1]["content"].append(result)
            else:
                spelled.append({"role": "user", "content": [result]})
        elif message.tool_calls:
            calls = [
                {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments or "{}")}
                for call in message.tool_calls
            ]
            spelled.append({"role": "assistant", "content": [*_parts(message, _anthropic_image), *calls]})
        elif message.role != "system":
            spelled.append({"role": message.role, "content": _content(message, _anthropic_image)})
    return spelled


def _content(message: Message, image: Callable[[ImagePart], dict[str, Any]]) -> str | list[dict[str, Any]]:
    if all(isinstance(part, TextPart) for part in message.parts):
        return message.text
    return _parts(message, image)


def _parts(message: Message, image: Callable[[ImagePart], dict[str, Any]]) -> list[dict[str, Any]]:
    """Without empty texts, which providers refuse."""
    parts = [part for part in message.parts if not isinstance(part, TextPart) or part.text.strip()]
    return [image(part) if isinstance(part, ImagePart) else _text(part) for part in parts]


def _text(part: Part) -> dict[str, Any]:
    if isinstance(part, DocumentPart):
        name = part.name.replace('"', "'").replace("<", "(").replace(">", ")")
        return {"type": "text", "text": f'<document name="{name}">\n{part.text}\n</document>'}
    return {"type": "text", "text": part.text if isinstance(part, TextPart) else ""}


def _openai_image(part: ImagePart) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{_encoded(part)}"}}


def _anthropic_image(part: ImagePart) -> dict[str, Any]:
    source = {"type": "base64", "media_type": part.media_type, "data": _encoded(part)}
    return {"type": "image", "source": source}


def _encoded(part: ImagePart) -> str:
    return base64.b64encode(part.data).decode("ascii")
