"""The turns that run, and for a while those that ran, so that a page can find the one it was watching."""

from threading import Lock
from time import monotonic

from core.llm.turn import Turn

KEPT_S = 15 * 60


class Turns:
    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}
        self._lock = Lock()

    def add(self, turn: Turn) -> None:
        with self._lock:
            self._forget(monotonic() - KEPT_S)
            self._turns[turn.id] = turn

    def _forget(self, oldest: float) -> None:
        """From the oldest on, up to the first that is still wanted."""
        while self._turns:
            first = next(iter(self._turns.values()))
            if first.ended_at is None or first.ended_at > oldest:
                return
            del self._turns[first.id]

    def get(self, turn_id: str) -> Turn | None:
        return self._turns.get(turn_id)

    def running(self) -> list[Turn]:
        with self._lock:
            return [turn for turn in self._turns.values() if not turn.done]

    def of_conversation(self, conversation_id: str) -> Turn | None:
        """The newest that runs."""
        found = [turn for turn in self.running() if turn.request.context.conversation_id == conversation_id]
        return found[-1] if found else None
