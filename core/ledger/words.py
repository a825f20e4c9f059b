"""What was said in a call, put together again from the messages that are stored once for all calls."""

from dataclasses import dataclass
from typing import Any

import orjson

from core.ledger.reading import Reading

_TIMEOUT_S = 10.0
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class CallPayload:
    """What was said in one call, as it was recorded; `response` None when there was none."""

    request: list[dict[str, Any]]
    response: dict[str, Any] | None


class Words:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def of_call(self, call_id: str) -> CallPayload | None:
        """None when there is no such call or nothing of it was kept."""
        found = self._rows("select request_ref, response_ref from calls where call_id = ? limit 1", [call_id])
        if not found or found[0] == (None, None):
            return None
        request_ref, response_ref = found[0]
        listing = self._body(request_ref, "request")
        response = self._body(response_ref, "response")
        return CallPayload(self._messages(listing or []), response)

    def of_turn(self, turn_id: str) -> list[CallPayload]:
        """Every call of the turn that something was kept of, in their order."""
        found = self._rows("select call_id from calls where turn_id = ? order by attempt", [turn_id])
        payloads = [self.of_call(call_id) for (call_id,) in found]
        return [payload for payload in payloads if payload is not None]

    def _body(self, seq: int | None, kind: str) -> Any:
        if seq is None:
            return None
        found = self._rows("select body from payloads where seq = ? and kind = ? limit 1", [seq, kind])
        return orjson.loads(found[0][0]) if found else None

    def _messages(self, listing: list[str]) -> list[dict[str, Any]]:
        references = [(int(seq), sha) for seq, _, sha in (item.partition(":") for item in listing)]
        if not references:
            return []
        numbers = ", ".join(str(seq) for seq in sorted({seq for seq, _ in references}))
        found = self._rows(f"select seq, sha, body from payloads where seq in ({numbers}) and kind = 'message'")
        bodies = {(seq, sha): body for seq, sha, body in found}
        return [orjson.loads(bodies[key]) for key in references if key in bodies]

    def _rows(self, sql: str, parameters: tuple[Any, ...] | list[Any] = ()) -> list[tuple[Any, ...]]:
        return self._reading.rows(sql, parameters, _TIMEOUT_S, _MOST)
