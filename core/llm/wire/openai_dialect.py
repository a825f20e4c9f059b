"""The OpenAI dialect: the bytes of an answer in, chunks out; streamed or whole. Pure: no clock, no socket."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from core import errors
from core.llm.wire import faults
from core.llm.wire.seam import Chunk, Deployment, Finish, RawUsage, Reasoning, Text, ToolDelta
from core.llm.wire.sse import DONE, SseError, SseParser


class OpenAIStream:
    """Feed it bytes; `finished` when the provider gave a reason for its end, `done` when it said so outright.

    The Finish chunk is held back until `end()`, so that usage comes before it.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._sse = SseParser()
        self._calls = _Calls()
        self._identified = False
        self._finish: str | None = None
        self._tier: str | None = None
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
                if row is DONE:
                    self.done = True
                else:
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
        yield Finish(self._finish, self._tier)

    def whole(self, body: Any) -> Iterator[Chunk]:
        """The chunks of an answer that came in one piece, already parsed."""
        if isinstance(body, dict):
            yield from self._row(body)
        if self._finish is None:
            raise faults.error(errors.ProtocolError, self._deployment, said=str(body)[:2_000])
        yield Finish(self._finish, self._tier)

    def _row(self, row: dict[str, Any]) -> Iterator[Chunk]:
        self.rows += 1
        choices = row.get("choices")
        if not self._identified:
            yield from self._first(row)
        if choices and isinstance(choices, list):
            choice = choices[0]
            if isinstance(choice, dict) and not choice.get("index"):
                yield from self._choice(choice)
        usage = row.get("usage")
        if usage and isinstance(usage, dict):
            self._tier = faults.tier(row.get("service_tier")) or self._tier
            yield RawUsage(usage)
        if row.get("error"):
            raise faults.from_event(self._deployment, row["error"], 200)

    def _first(self, row: dict[str, Any]) -> Iterator[Chunk]:
        if row.get("object") == "error":
            raise faults.from_event(self._deployment, row, 200)
        said = row.get("id"), row.get("model")
        if any(isinstance(one, str) and one for one in said):
            self._identified = True
            self._tier = faults.tier(row.get("service_tier"))
            yield faults.identity(self._deployment, *said)

    def _choice(self, choice: dict[str, Any]) -> Iterator[Chunk]:
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            content = delta.get("content")
            if content:
                if len(delta) > 1:
                    yield from _reasoning(delta)
                if content.__class__ is str:
                    yield Text(content)
                else:
                    yield from _parts(content)
            elif delta:
                yield from _reasoning(delta)
            if len(delta) > 1 or content is None:
                yield from self._rest(delta)
        reason = choice.get("finish_reason")
        if reason and isinstance(reason, str):
            self._finish = reason[:100]

    def _rest(self, delta: dict[str, Any]) -> Iterator[Chunk]:
        refusal = delta.get("refusal")
        if refusal and isinstance(refusal, str):
            yield Text(refusal)
        calls = delta.get("tool_calls")
        if calls and isinstance(calls, list):
            for call in calls:
                if isinstance(call, dict):
                    yield self._calls.delta(call)


def _reasoning(delta: dict[str, Any]) -> Iterator[Chunk]:
    """Servers name it one way or the other, some both ways with the same text: the first counts."""
    for name in ("reasoning_content", "reasoning"):
        text = delta.get(name)
        if text and isinstance(text, str):
            yield Reasoning(text)
            return


def _parts(content: Any) -> Iterator[Chunk]:
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and isinstance(part.get("text"), str) and part["text"]:
            yield Text(part["text"])


class _Calls:
    """Which tool call a delta belongs to, when indexes or ids are missing, repeated or shared by several calls."""

    def __init__(self) -> None:
        self._place: dict[object, int] = {}
        self._ids: list[str | None] = []
        self._named: list[bool] = []

    def delta(self, call: Mapping[str, Any]) -> ToolDelta:
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        call_id = call.get("id")
        call_id = call_id if isinstance(call_id, str) and call_id else None
        name = function.get("name")
        name = name if isinstance(name, str) and name else None
        place = self._find(call.get("index"), call_id, name)
        shown_id = None if self._ids[place] is not None else call_id
        self._ids[place] = self._ids[place] or call_id
        shown_name = None if self._named[place] else name
        self._named[place] = self._named[place] or name is not None
        return ToolDelta(place, shown_id, shown_name, _arguments(function.get("arguments")))

    def _find(self, index: object, call_id: str | None, name: str | None) -> int:
        key: object = ("index", index) if isinstance(index, int) else None
        if call_id is not None and ("id", call_id) in self._place:
            return self._place["id", call_id]
        place = self._place.get(key) if key is not None else self._latest(call_id, name)
        if place is None or (call_id is not None and self._ids[place] not in (None, call_id)):
            place = len(self._ids)  # Ollama gives several calls the same index, told apart by their ids
            self._ids.append(None)
            self._named.append(False)
        if key is not None:
            self._place[key] = place
        if call_id is not None:
            self._place["id", call_id] = place
        return place

    def _latest(self, call_id: str | None, name: str | None) -> int | None:
        """Without an index, a piece with neither id nor name belongs to the call before it."""
        return len(self._ids) - 1 if self._ids and call_id is None and name is None else None


def _arguments(arguments: object) -> str:
    if isinstance(arguments, str):
        return arguments
    return orjson.dumps(arguments).decode() if isinstance(arguments, dict | list) else ""
