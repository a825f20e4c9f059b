"""The Anthropic dialect: the bytes of an answer in, chunks out; streamed or whole. Pure: no clock, no socket."""

from collections.abc import Iterator
from typing import Any

import orjson

from core import errors
from core.llm.wire import faults
from core.llm.wire.seam import Chunk, Deployment, Finish, RawUsage, Reasoning, Text, Thinking, ToolDelta
from core.llm.wire.sse import DONE, SseError, SseParser

JSON_TOOL = "json_tool_call"
"""LiteLLM's name for the tool it makes of a JSON schema where the model has no native form; its input is the answer."""

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
"""In the words of the OpenAI dialect, so that whoever reads an ending knows one set of words."""


class AnthropicStream:
    """Feed it bytes; `finished` when the provider gave a reason for its end, `done` when it said so outright.

    The Finish chunk is held back until `end()`, so that usage comes before it.
    """

    def __init__(self, deployment: Deployment, json_tool: bool = False) -> None:
        self._deployment = deployment
        self._json_tool = json_tool
        self._sse = SseParser()
        self._blocks: dict[int, _Block] = {}
        self._calls = 0
        self._usage: dict[str, Any] = {}
        self._finish: str | None = None
        self.rows = 0
        self.done = False

    @property
    def finished(self) -> bool:
        return self._finish is not None

    def feed(self, data: bytes) -> Iterator[Chunk]:
        """Raises ModelError after the chunks that came before the trouble."""
        trouble = None
        try:
            for row in self._sse.feed(data):
                if row is not DONE:
                    yield from self._row(row)
        except SseError as error:
            trouble = error
        if trouble is not None:
            raise faults.error(errors.ProtocolError, self._deployment, said=f"{trouble}: {trouble.said}")

    def end(self) -> Iterator[Chunk]:
        """What is left when the body is over. Raises TruncatedError when no reason for the end was ever given."""
        for row in self._sse.end():
            if row is not DONE:
                yield from self._row(row)
        if self._finish is None:
            raise faults.error(errors.TruncatedError, self._deployment)
        yield Finish(self._finish, faults.tier(self._usage.get("service_tier")))

    def whole(self, body: Any) -> Iterator[Chunk]:
        """The chunks of an answer that came in one piece, already parsed."""
        if isinstance(body, dict):
            yield from self._failure(body)
            yield from self._start(body)
            content = body.get("content")
            for index, block in enumerate(content if isinstance(content, list) else ()):
                yield from self._open(index, block)
                yield from self._close(index)
            self._end_with(body.get("stop_reason"))
        if self._finish is None:
            raise faults.error(errors.ProtocolError, self._deployment, said=str(body)[:2_000])
        yield Finish(self._finish, faults.tier(self._usage.get("service_tier")))

    def _row(self, row: dict[str, Any]) -> Iterator[Chunk]:
        self.rows += 1
        kind = row.get("type")
        if kind == "content_block_delta":
            delta = row.get("delta")
            if isinstance(delta, dict):
                yield from self._delta(row.get("index"), delta)
        elif kind == "content_block_start":
            yield from self._open(row.get("index"), row.get("content_block"))
        elif kind == "content_block_stop":
            yield from self._close(row.get("index"))
        elif kind == "message_start":
            message = row.get("message")
            yield from self._start(message if isinstance(message, dict) else {}, final=False)
        elif kind == "message_delta":
            yield from self._counted(row.get("usage"))
            delta = row.get("delta")
            self._end_with(delta.get("stop_reason") if isinstance(delta, dict) else None)
        elif kind == "message_stop":
            self.done = True
        else:
            yield from self._failure(row)

    def _failure(self, row: dict[str, Any]) -> Iterator[Chunk]:
        if row.get("error") or row.get("type") == "error":
            raise faults.from_event(self._deployment, row.get("error") or row, 200)
        yield from ()

    def _start(self, message: dict[str, Any], *, final: bool = True) -> Iterator[Chunk]:
        if message.get("id") or message.get("model"):
            yield faults.identity(self._deployment, message.get("id"), message.get("model"))
        usage = message.get("usage")
        if isinstance(usage, dict) and not final:  # at the start, output_tokens is a placeholder
            usage = {name: value for name, value in usage.items() if name != "output_tokens"}
        yield from self._counted(usage)

    def _counted(self, usage: object) -> Iterator[Chunk]:
        """Later figures are cumulative and replace earlier ones of the same name."""
        if isinstance(usage, dict) and usage:
            self._usage = {**self._usage, **{name: value for name, value in usage.items() if value is not None}}
            yield RawUsage(self._usage)

    def _delta(self, index: object, delta: dict[str, Any]) -> Iterator[Chunk]:
        kind = delta.get("type")
        if kind == "text_delta":
            text = delta.get("text")
            if text and isinstance(text, str):
                yield Text(text)
            return
        block = self._blocks.get(index) if isinstance(index, int) else None
        if kind == "thinking_delta":
            text = delta.get("thinking")
            if text and isinstance(text, str):
                if block is not None:
                    block.thinking.append(text)
                yield Reasoning(text)
        elif kind == "signature_delta" and block is not None:
            block.signature = str(delta.get("signature") or "")
        elif kind == "input_json_delta":
            if block is None or block.call is None:
                raise faults.error(errors.ProtocolError, self._deployment, said="arguments for a tool never named")
            yield from self._argued(block, delta.get("partial_json"))

    def _argued(self, block: "_Block", piece: object) -> Iterator[Chunk]:
        if piece and isinstance(piece, str) and block.call is not None:
            yield Text(piece) if block.is_answer else ToolDelta(block.call, None, None, piece)

    def _open(self, index: object, content: object) -> Iterator[Chunk]:
        if not isinstance(index, int) or not isinstance(content, dict):
            return
        block = self._blocks[index] = _Block()
        kind = content.get("type")
        if kind == "text" and isinstance(content.get("text"), str) and content["text"]:
            yield Text(content["text"])
        elif kind == "thinking":
            block.kind = "thinking"
            block.signature = str(content.get("signature") or "")
            yield from self._delta(index, {"type": "thinking_delta", "thinking": content.get("thinking")})
        elif kind == "redacted_thinking":
            yield Thinking({"type": "redacted_thinking", "data": str(content.get("data") or "")})
        elif kind == "tool_use":
            yield from self._called(block, content)

    def _called(self, block: "_Block", content: dict[str, Any]) -> Iterator[Chunk]:
        name = str(content.get("name") or "")
        block.is_answer = self._json_tool and name == JSON_TOOL
        block.call = self._calls
        if not block.is_answer:
            self._calls += 1
            yield ToolDelta(block.call, str(content.get("id") or "") or None, name or None, "")
        given = content.get("input")
        if given and isinstance(given, dict):
            yield from self._argued(block, orjson.dumps(given).decode())

    def _close(self, index: object) -> Iterator[Chunk]:
        block = self._blocks.pop(index, None) if isinstance(index, int) else None
        if block is not None and block.kind == "thinking" and block.signature:
            text = "".join(block.thinking)
            yield Thinking({"type": "thinking", "thinking": text, "signature": block.signature})

    def _end_with(self, reason: object) -> None:
        if isinstance(reason, str) and reason:
            word = _FINISH.get(reason, reason[:100])
            self._finish = "stop" if self._json_tool and word == "tool_calls" and not self._calls else word


class _Block:
    """One content block while it is open. `call`: the ordinal of the tool call it holds."""

    __slots__ = ("call", "is_answer", "kind", "signature", "thinking")

    def __init__(self) -> None:
        self.kind = ""
        self.call: int | None = None
        self.is_answer = False
        self.thinking: list[str] = []
        self.signature = ""
