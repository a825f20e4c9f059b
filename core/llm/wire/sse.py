"""Server-sent events as providers send them: bytes in, JSON objects out, whatever the split; bounded everywhere.

Tolerant of comments, `id:` and `event:` lines, CR LF, a byte order mark, data over several lines, one line feed
between events, a last event without its blank line, invalid UTF-8 and lone surrogates. Event names are not needed:
both dialects say in the object what it is.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import orjson

LINE_CAP = 4 * 2**20
TOTAL_CAP = 64 * 2**20
_BOM = b"\xef\xbb\xbf"

DONE: dict[str, Any] = {}
"""The object that stands for `data: [DONE]`; compare by identity."""


class SseError(ValueError):
    """What was sent is no event stream of JSON objects, or is too large. `said` quotes its beginning."""

    def __init__(self, problem: str, said: bytes = b"") -> None:
        super().__init__(problem)
        self.said = said[:2_000].decode("utf-8", "replace")


class SseParser:
    def __init__(self, line_cap: int = LINE_CAP, total_cap: int = TOTAL_CAP) -> None:
        self._line_cap = line_cap
        self._left = total_cap
        self._partial: list[bytes] = []
        self._partial_size = 0
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._begun = False

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The objects that `data` completes. Raises SseError after those that came before the trouble."""
        self._left -= len(data)
        if self._left < 0:
            raise SseError("the stream is longer than is accepted")
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._partial:
            lines[0] = self._whole(lines[0])
        for line in lines:
            yield from self._line(line)
        self._keep(rest)

    def end(self) -> Iterator[dict[str, Any]]:
        """The last object when its blank line is missing. A torn one is dropped: the caller sees no ending then."""
        try:
            yield from self._line(self._whole(b""))
            yield from self._dispatch()
        except SseError:
            return

    def _keep(self, data: bytes) -> None:
        if data:
            self._partial.append(data)
            self._partial_size += len(data)
            if self._partial_size > self._line_cap:
                raise SseError("a line is longer than is accepted", self._partial[0])

    def _whole(self, head: bytes) -> bytes:
        line = b"".join([*self._partial, head])
        self._partial.clear()
        self._partial_size = 0
        return line

    def _line(self, line: bytes) -> Iterator[dict[str, Any]]:
        if len(line) > self._line_cap:
            raise SseError("a line is longer than is accepted", line)
        if line[:5] == b"data:" and self._begun and not self._pending:
            yield from self._data(line[5:].strip())
        elif line.endswith(b"\r") or not self._begun:
            self._begun = True
            for part in line.removeprefix(_BOM).removesuffix(b"\r").split(b"\r"):
                yield from self._field(part)
        else:
            yield from self._field(line)

    def _field(self, line: bytes) -> Iterator[dict[str, Any]]:
        if not line:
            yield from self._dispatch()
        elif line.startswith(b"data:"):
            yield from self._data(line[5:].strip())
        elif line[:1] == b"{":  # some servers report an error as a bare object
            yield from self._data(line.strip())
        elif line.startswith(b"error:"):  # llama.cpp
            yield {"error": _loads(line[6:].strip())}

    def _data(self, payload: bytes) -> Iterator[dict[str, Any]]:
        if self._pending:
            self._pending_size += len(payload)
            if self._pending_size > self._line_cap:
                raise SseError("an event is longer than is accepted", self._pending[0])
            self._pending.append(payload)
        elif payload == b"[DONE]":
            yield DONE
        elif payload:
            try:
                value = orjson.loads(payload)
            except orjson.JSONDecodeError:  # perhaps the first of several lines: the blank line tells
                self._pending.append(payload)
                self._pending_size = len(payload)
                return
            yield _object(value, payload)

    def _dispatch(self) -> Iterator[dict[str, Any]]:
        if self._pending:
            payload = b"\n".join(self._pending)
            self._pending.clear()
            yield _object(_loads(payload), payload)


def _object(value: object, payload: bytes) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise SseError("an event is not an object", payload)


def _loads(payload: bytes) -> Any:
    try:
        return loads(payload)
    except ValueError:
        raise SseError("an event is not JSON", payload) from None


def loads(payload: bytes) -> Any:
    """JSON, also with invalid UTF-8 or lone surrogates (each becomes U+FFFD). Raises ValueError."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        pass
    try:
        value = json.loads(payload.decode("utf-8", "replace"), parse_constant=_refuse)
        return orjson.loads(_scrubbed(json.dumps(value, ensure_ascii=False)))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _scrubbed(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
