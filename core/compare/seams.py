"""What comparing needs of the engine, in its own words; the AI service satisfies it, and so does a small fake."""

from collections.abc import Sequence
from typing import Any, Protocol

from core.events import TurnView
from core.messages import TurnRequest


class Running(Protocol):
    """A turn: watch it, stop it, wait for it."""

    @property
    def id(self) -> str: ...
    @property
    def view(self) -> TurnView: ...
    @property
    def done(self) -> bool: ...
    def cancel(self) -> None: ...
    def wait(self, timeout: float | None = None) -> TurnView: ...


class Asks(Protocol):
    """Starts turns from any thread and at once, and knows which models there are."""

    def start(self, request: TurnRequest) -> Running: ...
    def models(self, refresh: bool = False) -> Sequence[Any]: ...
    def default_model(self) -> str: ...
