"""What servers really send, one oddity a test; both dialects."""

from typing import Any

import pytest

from core.errors import ProtocolError, TruncatedError
from core.llm.wire.anthropic_dialect import AnthropicStream
from core.llm.wire.seam import Finish, Text
from tests.core.llm.wire.telling import ANTHROPIC, delta, fresh, heard, openai_stream, story
from tests.upstreams import anthropic_frames
from tests.upstreams.plan import Plan


def test_several_data_lines_are_one_event() -> None:
    data = b'data: {"choices": [{"delta":\ndata: {"content": "a"},\ndata: "finish_reason": "stop"}]}\n\n'
    assert heard("openai", data).text == "a"


def test_events_with_one_line_feed_between_them() -> None:
    rows = openai_stream(delta(content="a"), delta(content="b"), delta("stop")).replace(b"\n\n", b"\n")
    assert heard("openai", rows).text == "ab"


def test_both_reasoning_names_at_once_count_once() -> None:
    rows = openai_stream(delta(reasoning="r", reasoning_content="r"), delta("stop", content="a"))
    assert heard("openai", rows).reasoning == "r"


def test_one_index_with_two_ids_is_two_calls() -> None:
    rows = openai_stream(
        delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]),
        delta(tool_calls=[{"index": 0, "id": "b", "function": {"name": "g", "arguments": {"x": 1}}}]),
        delta("tool_calls"),
    )
    calls = heard("openai", rows).calls
    assert [(call["id"], call["name"], call["arguments"]) for call in calls.values()] == [
        ("a", "f", "{}"),
        ("b", "g", '{"x":1}'),
    ]


def test_calls_without_indexes_or_ids() -> None:
    rows = openai_stream(
        delta(tool_calls=[{"function": {"name": "f", "arguments": '{"a"'}}]),
        delta(tool_calls=[{"function": {"arguments": ": 1}"}}]),
        delta(tool_calls=[{"function": {"name": "g", "arguments": "{}"}}]),
        delta("tool_calls"),
    )
    calls = heard("openai", rows).calls
    assert [(call["name"], call["arguments"]) for call in calls.values()] == [("f", '{"a": 1}'), ("g", "{}")]


def test_usage_on_every_chunk_the_last_counts() -> None:
    rows = openai_stream(
        {**delta(content="a"), "usage": {"completion_tokens": 1}},
        {**delta("stop"), "usage": {"completion_tokens": 2}},
    )
    assert heard("openai", rows).usage == {"completion_tokens": 2}


def test_content_in_parts_and_a_refusal_are_text() -> None:
    rows = openai_stream(delta(content=[{"type": "text", "text": "a"}]), delta(refusal="no"), delta("stop"))
    assert heard("openai", rows).text == "ano"


def test_invalid_utf8_and_lone_surrogates_become_replacement_characters() -> None:
    rows = b'data: {"choices":[{"delta":{"content":"a\xff\\ud83db"},"finish_reason":"stop"}]}\n\n'
    text = heard("openai", rows).text
    assert text == "a\ufffd\ufffdb"
    text.encode()


def test_the_last_event_needs_no_blank_line_but_a_torn_one_is_no_ending() -> None:
    assert heard("openai", openai_stream(delta(content="a"), delta("stop")).rstrip()).finish == "stop"
    chunks, error = story(fresh("openai"), [openai_stream(delta(content="a"), delta("stop"))[:-12]])
    assert error is TruncatedError
    assert chunks[-1] == Text("a")


def test_other_choices_are_not_mixed_in() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": None}]}
    assert heard("openai", openai_stream(delta(content="a"), other, delta("stop"))).text == "a"


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        ({"message": "slow", "type": "rate_limit_error"}, "rate_limit"),
        ({"message": "x", "code": 429}, "rate_limit"),
        ({"message": "x", "code": "503"}, "provider_error"),
        ({"message": "too long", "code": "context_length_exceeded"}, "context_length"),
        ({"message": "x", "type": "invalid_request_error"}, "bad_request"),
        ("just words", "provider_error"),
        ({}, None),
    ],
)
def test_an_error_inside_a_stream_has_its_kind(problem: Any, kind: str | None) -> None:
    _, error = story(fresh("openai"), [openai_stream(delta(content="a"), {"error": problem}, delta("stop"))])
    assert (error.kind if error else None) == kind


def test_llama_cpp_names_its_error_line() -> None:
    _, error = story(fresh("openai"), [b'error: {"code": 400, "message": "exceeds the available context size"}\n\n'])
    assert error is not None
    assert error.kind == "context_length"


def test_a_json_schema_tool_becomes_the_answer() -> None:
    frames, _ = anthropic_frames.frames(
        Plan(calls=[("1", "json_tool_call", ['{"x"', ": 1}"])], finish="tool_calls"), "m"
    )
    parser = AnthropicStream(ANTHROPIC, json_tool=True)
    chunks, error = story(parser, frames)
    assert error is None
    assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Text)) == '{"x": 1}'
    assert chunks[-1] == Finish("stop")


def test_thinking_comes_back_whole_with_its_signature() -> None:
    frames, _ = anthropic_frames.frames(Plan(text=["a"], reasoning=["b", "c"]), "m")
    collected = heard("anthropic", b"".join(frames))
    assert collected.thinking == [{"type": "thinking", "thinking": "bc", "signature": anthropic_frames.SIGNATURE}]


def test_later_figures_complete_earlier_ones() -> None:
    frames, _ = anthropic_frames.frames(Plan(text=["a", "b"], input_tokens=9, usage="cached"), "m")
    usage = heard("anthropic", b"".join(frames)).usage
    assert usage is not None
    assert (usage["input_tokens"], usage["output_tokens"], usage["cache_read_input_tokens"]) == (9, 2, 7)


def test_lines_and_streams_are_bounded() -> None:
    assert story(fresh("openai"), [b"x" * 65_536] * 200)[1] is ProtocolError
    assert story(fresh("openai"), [b": comment" * 7_000 + b"\n"] * 2_000)[1] is ProtocolError
