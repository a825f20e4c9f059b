"""The general wire as oracle: both wires tell the same of every shape, but where LiteLLM is known to be wrong."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from core.llm.usage import read_usage
from core.llm.wire.direct import DirectWire
from core.llm.wire.general import GeneralWire
from core.llm.wire.seam import Wire
from core.messages import ImagePart, Message, Parameters, TextPart, ToolCall
from tests.core.llm.wire.asking import Heard, deployment, hear, request
from tests.upstreams.server import Upstream

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Weather:
    name: str = "weather"
    description: str = "The weather in a city."
    side_effects: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"],
        }

    async def call(self, arguments: str) -> str:
        return f"sunny, {arguments}"


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["name", "count"],
    "additionalProperties": False,
}
PIXEL = ImagePart("image/png", b"\x89PNG not really", "0" * 64, "pixel.png")
TOOLS = (Weather(), Weather("time", "The time in a city."))
CALL = ToolCall("toolu_1", "weather", '{"city": "Paris"}')
ASKED: dict[str, dict[str, Any]] = {
    # model: what else is in the request
    "echo": {},
    "tokens-40": {},
    "reasoning": {},
    "reasoning-field": {},
    "nousage": {},
    "usage-last": {},
    "usage-cached": {},
    "length": {},
    "filter": {},
    "image": {"messages": (Message("user", (TextPart("look"), PIXEL)),)},
    "system": {"messages": (Message.of("system", "be kind"), Message.of("user", "hello"))},
    "tools": {"tools": TOOLS},
    "tools-parallel": {"tools": TOOLS},
    "tools-interleaved": {"tools": TOOLS},
    "tools-noargs": {"tools": TOOLS},
    "tools-repeated-ids": {"tools": TOOLS},
    "tools-missing-ids": {"tools": TOOLS},
    "reasoning+tools": {"tools": TOOLS},
    "after-tools": {
        "tools": TOOLS,
        "messages": (
            Message.of("user", "weather?"),
            Message("assistant", (), (CALL,)),
            Message("tool", (TextPart("sunny"),), tool_call_id="toolu_1"),
        ),
    },
    "schema": {"parameters": Parameters(response_schema=SCHEMA, max_tokens=500)},
    "parameters": {
        "parameters": Parameters(
            temperature=0.5, top_p=0.9, max_tokens=50, stop=("END",), seed=7, tool_choice="required"
        ),
        "tools": TOOLS,
    },
    "comments": {},
    "crlf-bom": {},
    "split": {},
    "no-done": {},
    "gzip": {},
    "bad-utf8": {},
    "401": {},
    "403": {},
    "404": {},
    "429-retry-after-3": {},
    "quota": {},
    "credit": {},
    "context": {},
    "policy": {},
    "500": {},
    "503": {},
    "529": {},
    "html-502": {},
    "stall-first": {},
    "stall-headers": {},
    "error-event": {},
    "cut-after": {},
    "eof-after": {},
    "eof-no-finish": {},
    "bad-json": {},
    "html-200": {},
    "empty-object": {},
    "error-200": {},
    "reset": {},
}
ALL = ("openai", "anthropic", "vllm")
LOST = "error finish text usage"
KNOWN: dict[str, list[tuple[str, tuple[str, ...], str, str]]] = {
    # what is known of LiteLLM: (models, providers, mode, what differs)
    "it cannot read a whole Anthropic answer without usage": [
        ("nousage", ("anthropic",), "whole", "error finish text"),
    ],
    "it mixes the arguments of interleaved Anthropic tool calls": [
        ("tools-interleaved", ("anthropic",), "streamed", "calls"),
    ],
    "the OpenAI SDK underneath trips over an event without data, its own reader loses the usage": [
        ("comments", ("openai",), "streamed", LOST),
        ("comments", ("vllm",), "streamed", "usage"),
    ],
    "the OpenAI SDK underneath gives up on one invalid byte": [("bad-utf8", ("openai",), "streamed", LOST)],
    "usage of a stream that broke off is partly its guess, so the general wire drops it": [
        ("error-event cut-after eof-after eof-no-finish", ("anthropic",), "streamed", "usage"),
    ],
    "a line that is not JSON ends or is left out, silently": [
        ("bad-json", ("anthropic",), "streamed", "error usage"),
        ("bad-json", ("vllm",), "streamed", LOST),
    ],
    "it cannot tell a torn body from a wrong one": [
        ("cut-after", ("openai",), "whole", "error"),
        ("eof-after eof-no-finish bad-json", ALL, "whole", "error"),
    ],
    "it does not look at the content type, so what is no stream is one that broke off": [
        ("html-200 empty-object", ALL, "streamed", "error"),
        ("error-200", ("openai", "anthropic"), "streamed", "error"),
    ],
    "an answer that is none is a failure of the provider": [
        ("html-200", ("vllm",), "whole", "error"),
        ("empty-object", ("anthropic", "vllm"), "whole", "error"),
    ],
}


def known_difference(model: str, provider: str, mode: str) -> str:
    for rows in KNOWN.values():
        for models, providers, when, what in rows:
            if model in models.split() and provider in providers and mode == when:
                return what
    return ""


def arguments(text: str) -> Any:
    try:
        return orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return text


def told(heard: Heard) -> dict[str, Any]:
    usage = read_usage(heard.usage).usage
    return {
        "text": heard.text,
        "reasoning": heard.reasoning,
        "calls": [(call["name"], arguments(call["arguments"])) for call in heard.calls.values()],
        "thinking": heard.thinking,
        "finish": heard.finish,
        "usage": (usage.input_tokens, usage.output_tokens, usage.cache_read or 0, usage.source),
        "error": heard.error.kind if heard.error else None,
    }


async def ask(wire: Wire, upstream: Upstream, model: str, provider: str, stream: bool) -> dict[str, Any]:
    place = deployment(upstream, model, provider)
    silent = model in ("stall-first", "stall-headers")
    patience = 0.2 if silent else 0.5 if model.startswith("stall") else 20.0
    asked = request(place, stream=stream, first_token_s=patience, **ASKED[model])
    return told(await hear(wire, asked))


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("provider", ["openai", "anthropic", "vllm"])
@pytest.mark.parametrize("model", ASKED)
async def test_both_wires_tell_the_same(upstream: Upstream, model: str, provider: str, stream: bool) -> None:
    wire = DirectWire()
    try:
        direct = await ask(wire, upstream, model, provider, stream)
    finally:
        await wire.close()
    sent = upstream.chats()[0].body
    general = await ask(GeneralWire(), upstream, model, provider, stream)
    assert {**in_strings(upstream.chats()[-1].body), "stream": stream} == sent
    different = sorted(name for name in direct if direct[name] != general[name])
    known = known_difference(model, provider, "streamed" if stream else "whole")
    assert " ".join(different) == known, {name: (direct[name], general[name]) for name in different}


def in_strings(body: dict) -> dict:
    """LiteLLM writes Anthropic a text alone as a list of one piece, our own wire as a string."""

    def plain(content: object) -> object:
        alone = isinstance(content, list) and len(content) == 1 and set(content[0]) == {"type", "text"}
        return content[0]["text"] if alone else content

    system = {"system": plain(body["system"])} if "system" in body else {}
    messages = [{**message, "content": plain(message["content"])} for message in body["messages"]]
    return {**body, **system, "messages": messages}
