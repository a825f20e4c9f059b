"""Requests spelled in OpenAI's shape."""

import base64
from typing import Any

import pytest

from core.llm.wire.seam import Deployment, WireRequest
from core.llm.wire.spelling import spelled_messages, spelled_options
from core.messages import DocumentPart, ImagePart, Message, Parameters, TextPart, ToolCall

OPENAI = Deployment("openai", "m", "openai", "openai/m")
ANTHROPIC = Deployment("anthropic", "m", "anthropic", "anthropic/m")


def options(**parameters: Any) -> dict[str, Any]:
    return spelled_options(WireRequest(OPENAI, (), Parameters(**parameters), stream=False))


def test_only_what_was_asked_for_is_sent() -> None:
    assert options() == {}
    assert options(temperature=0.0, max_tokens=5, stop=("a",), seed=1, reasoning_effort="low") == {
        "temperature": 0.0,
        "max_tokens": 5,
        "stop": ["a"],
        "seed": 1,
        "reasoning_effort": "low",
    }
    assert spelled_options(WireRequest(OPENAI, (), Parameters())) == {
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_parts_are_text_images_and_documents() -> None:
    image = ImagePart("image/png", b"abc", "0" * 64)
    document = DocumentPart('a"<b>.txt', "text/plain", "words", "1" * 64)
    [spelled] = spelled_messages([Message("user", (TextPart("look"), image, document))], OPENAI)
    assert [part["type"] for part in spelled["content"]] == ["text", "image_url", "text"]
    assert spelled["content"][1]["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(b'abc').decode()}"
    assert spelled["content"][2]["text"] == '<document name="a\'(b).txt">\nwords\n</document>'


def test_a_picture_without_a_word_is_sent_without_an_empty_text() -> None:
    image = ImagePart("image/png", b"abc", "0" * 64)
    [spelled] = spelled_messages([Message("user", (image, TextPart("")))], ANTHROPIC)
    assert [part["type"] for part in spelled["content"]] == ["image_url"]


def test_calls_results_and_thinking() -> None:
    thinking = ({"type": "thinking", "thinking": "t", "signature": "s"},)
    said = Message("assistant", (), (ToolCall("1", "f", ""),), thinking=thinking)
    result = Message("tool", (TextPart("r"),), tool_call_id="1")
    for place, kept in ((OPENAI, False), (ANTHROPIC, True)):
        call, answer = spelled_messages([said, result], place)
        assert call["content"] == (None if kept else "")
        assert call["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
        assert ("thinking_blocks" in call) is kept
        assert answer == {"role": "tool", "content": "r", "tool_call_id": "1"}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            True,
        ),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, False),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}, False),
        ({"type": "array", "items": {"type": "object", "properties": {}}}, False),
        ({"anyOf": [{"type": "object", "properties": {}, "additionalProperties": False}, {"type": "null"}]}, True),
    ],
)
def test_a_schema_is_strict_only_where_providers_would_take_it(schema: dict[str, Any], strict: bool) -> None:
    assert options(response_schema=schema)["response_format"]["json_schema"]["strict"] is strict
