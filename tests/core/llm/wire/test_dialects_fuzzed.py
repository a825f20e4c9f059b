"""The parsers under fire: any split of a valid stream tells the same; any bytes end in chunks or one error."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ModelError, TruncatedError
from core.llm.wire.seam import Finish, Identity, RawUsage, Reasoning, Text, Thinking, ToolDelta
from tests.core.llm.wire.asking import Heard
from tests.core.llm.wire.telling import DIALECTS, fresh, story
from tests.upstreams.plan import Plan

names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
plans = st.builds(
    Plan,
    text=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), max_size=6),
    reasoning=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), max_size=4),
    reasoning_field=st.sampled_from(["reasoning", "reasoning_content"]),
    calls=st.lists(
        st.tuples(names, names, st.lists(st.sampled_from(['{"a"', ": 1", "}", "é"]), max_size=4)),
        max_size=3,
        unique_by=lambda call: call[0],
    ),
    interleaved=st.booleans(),
    ids=st.sampled_from(["first", "repeated"]),
    finish=st.sampled_from(["stop", "tool_calls", "length", "content_filter"]),
    usage=st.sampled_from(["normal", "last", "cached", "nousage"]),
)
dressings = st.sampled_from(["plain", "crlf", "bom", "comments", "bare", "cut-blank"])


def dressed(frames: list[bytes], dressing: str) -> bytes:
    data = b"".join(frames)
    if dressing == "crlf":
        return data.replace(b"\n", b"\r\n")
    if dressing == "bom":
        return b"\xef\xbb\xbf" + data
    if dressing == "comments":
        return data.replace(b"data:", b": keep-alive\nid: 7\nretry: 100\ndata:")
    if dressing == "bare":  # no blank between the colon and the value
        return data.replace(b"data: ", b"data:")
    return data.removesuffix(b"\n\n") if dressing == "cut-blank" else data


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({place % (len(data) + 1) for place in places})
    return [data[start:end] for start, end in zip([0, *edges], [*edges, len(data)], strict=True)]


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=80, deadline=None)
@given(plan=plans, dressing=dressings, places=st.lists(st.integers(0, 100_000), max_size=12))
def test_any_split_of_a_valid_stream_tells_the_same(dialect: str, plan: Plan, dressing: str, places: list[int]) -> None:
    frames, _ = DIALECTS[dialect][2].frames(plan, "m")
    data = dressed(frames, dressing)
    chunks, error = story(fresh(dialect), [data])
    assert error is None
    assert story(fresh(dialect), cut(data, places)) == (chunks, None)
    assert story(fresh(dialect), [bytes([byte]) for byte in data]) == (chunks, None)
    collected = Heard()
    for chunk in chunks:
        collected.take(chunk)
    assert collected.text == "".join(plan.text)
    assert collected.reasoning == "".join(plan.reasoning)
    assert [(call["name"], call["arguments"]) for call in collected.calls.values()] == [
        (name, "".join(pieces)) for _, name, pieces in plan.calls
    ]
    assert collected.finish == plan.finish
    assert (collected.usage is None) == (plan.usage == "nousage")
    assert isinstance(chunks[-1], Finish)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=80, deadline=None)
@given(plan=plans, places=st.lists(st.integers(0, 100_000), max_size=6), end=st.integers(0, 100_000))
def test_a_stream_cut_anywhere_is_whole_or_truncated(dialect: str, plan: Plan, places: list[int], end: int) -> None:
    frames, _ = DIALECTS[dialect][2].frames(plan, "m")
    data = b"".join(frames)
    cut_off = data[: end % (len(data) + 1)]
    chunks, error = story(fresh(dialect), cut(cut_off, places))
    assert error in (None, TruncatedError)
    assert (error is None) == any(isinstance(chunk, Finish) for chunk in chunks)
    text = "".join(chunk.text for chunk in chunks if isinstance(chunk, Text))
    assert "".join(plan.text).startswith(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WORDS = [
    "choices", "delta", "content", "tool_calls", "function", "arguments", "index", "id", "finish_reason", "usage",
    "error", "type", "message", "content_block_start", "content_block_delta", "content_block", "text_delta", "text",
    "partial_json", "input_json_delta", "thinking_delta", "signature_delta", "message_delta", "stop_reason", "object",
]  # fmt: skip
shaped = st.recursive(
    st.none() | st.integers(-2, 3) | st.sampled_from(WORDS) | st.just({}) | st.just([]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=25,
)
hostile = st.lists(
    st.binary(max_size=30)
    | (json_values | shaped).map(lambda value: b"data: " + json.dumps(value).encode() + b"\n\n")
    | st.sampled_from(
        [b"data: ", b"\n", b"\r", b"\n\n", b"data: [DONE]\n\n", b"event: x\n", b"error: {}\n", b"{", b"\xff"]
    ),
    max_size=12,
)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=200, deadline=None)
@given(pieces=hostile)
def test_any_bytes_end_in_chunks_or_one_error(dialect: str, pieces: list[bytes]) -> None:
    chunks, error = story(fresh(dialect), pieces)
    kinds = (Text, Reasoning, Thinking, ToolDelta, Identity, RawUsage, Finish)
    assert all(isinstance(chunk, kinds) for chunk in chunks)
    assert error is not None or isinstance(chunks[-1], Finish)
    together, same = story(fresh(dialect), [b"".join(pieces)])
    assert (together, same) == (chunks, error)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=150, deadline=None)
@given(body=json_values | shaped)
def test_any_whole_body_ends_in_chunks_or_one_error(dialect: str, body: Any) -> None:
    try:
        chunks = list(fresh(dialect).whole(body))
    except ModelError:
        return
    assert isinstance(chunks[-1], Finish)
