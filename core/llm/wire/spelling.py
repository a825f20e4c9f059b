"""A request spelled in OpenAI's shape: what LiteLLM takes for every provider, so both wires start here."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from core.llm.wire.seam import Deployment, WireRequest
from core.messages import DocumentPart, ImagePart, Json, Message, Parameters, Part, TextPart, Tool


def spelled_messages(messages: Iterable[Message], deployment: Deployment) -> list[dict[str, Any]]:
    claude = deployment.litellm_model.startswith(("anthropic/", "bedrock/", "vertex_ai/"))
    return [_message(message, claude) for message in messages]


def _message(message: Message, claude: bool) -> dict[str, Any]:
    spelled: dict[str, Any] = {"role": message.role, "content": _content(message.parts)}
    if claude and message.tool_calls and not message.text.strip():
        spelled["content"] = None  # LiteLLM would put a sentence of its own in the place of an empty text
    if message.tool_calls:
        spelled["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        spelled["tool_call_id"] = message.tool_call_id
    if message.thinking and claude:
        spelled["thinking_blocks"] = [dict(block) for block in message.thinking]
    return spelled


def _content(parts: tuple[Part, ...]) -> str | list[dict[str, Any]]:
    if all(isinstance(part, TextPart) for part in parts):
        return _sendable("".join(part.text for part in parts if isinstance(part, TextPart)))
    return [_part(part) for part in parts if not (isinstance(part, TextPart) and not part.text.strip())]


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, ImagePart):
        data = base64.b64encode(part.data).decode("ascii")
        return {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{data}"}}
    if isinstance(part, DocumentPart):
        name = part.name.replace('"', "'").replace("<", "(").replace(">", ")")
        return {"type": "text", "text": _sendable(f'<document name="{name}">\n{part.text}\n</document>')}
    return {"type": "text", "text": _sendable(part.text)}


def _sendable(text: str) -> str:
    """Half a surrogate pair (a torn emoji) is no text that could be sent: it becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def spelled_options(request: WireRequest) -> dict[str, Any]:
    """Everything but model, messages and where to send them; only what was asked for is in it."""
    options = _parameters(request.parameters)
    if request.tools:
        options["tools"] = [_tool(tool) for tool in request.tools]
        if request.parameters.tool_choice is not None:
            options["tool_choice"] = _tool_choice(request.parameters.tool_choice)
        if request.parameters.parallel_tool_calls is not None:
            options["parallel_tool_calls"] = request.parameters.parallel_tool_calls
    if request.stream:
        options["stream"] = True
        options["stream_options"] = {"include_usage": True}
    return options


def _parameters(parameters: Parameters) -> dict[str, Any]:
    options: dict[str, Any] = {
        name: value
        for name in ("temperature", "max_tokens", "top_p", "seed", "reasoning_effort")
        if (value := getattr(parameters, name)) is not None
    }
    if parameters.stop:
        options["stop"] = list(parameters.stop)
    if parameters.response_schema is not None:
        schema = parameters.response_schema
        options["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": dict(schema), "strict": _fit_for_strict(schema)},
        }
    return options


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def _tool_choice(choice: str) -> str | dict[str, Any]:
    if choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def _fit_for_strict(schema: Json) -> bool:
    """Providers' strict mode refuses a schema unless every object is closed and every property required."""
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        if schema.get("additionalProperties") is not False or set(schema.get("required") or ()) != set(properties):
            return False
    nested: list[Any] = [schema.get("items")]
    for name in ("properties", "$defs", "definitions"):
        nested.extend((schema.get(name) or {}).values())
    for name in ("anyOf", "oneOf", "allOf"):
        nested.extend(schema.get(name) or ())
    return all(_fit_for_strict(inner) for inner in nested if isinstance(inner, Mapping))
