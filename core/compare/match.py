"""A match: one question asked of several panes at once, each turn on its own, some of them in line."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.compare.fair import RecordedTools, lanes
from core.compare.panes import PaneSpec
from core.compare.seams import Asks, Running
from core.errors import PlatformError
from core.events import Receipt, TurnView
from core.ledger.ids import uuid7
from core.messages import Message, Parameters, TurnRequest


@dataclass
class Lot:
    """One pane's share of a match: the turn that answers, or why there is none (yet)."""

    request: TurnRequest
    turn: Running | None = None
    still: TurnView | None = None
    note: str = ""
    behind: str = ""
    """The pane ahead of it in line: both run on one local server."""
    retried: bool = False
    spec: PaneSpec | None = None
    """What stood in the pane when it was asked; None on boards kept before this was written down."""

    @property
    def view(self) -> TurnView:
        if self.turn is not None:
            return self.turn.view
        return self.still or TurnView(self.request.turn_id, "running", self.request.model)

    @property
    def waiting(self) -> bool:
        return self.turn is None and self.still is None


@dataclass
class Match:
    """Starts, stops and repeats the turns. Every method may be called from any thread and returns at once."""

    match_id: str
    question: Message
    ai: Asks
    fair: bool
    user_id: str
    warm: Callable[[str], bool]
    """Says whether this model needs a warm-up call first, and remembers that it got one."""
    server_of: Callable[[str], str | None]
    """The local server a model runs on, None for a hosted one."""
    lots: dict[str, Lot] = field(default_factory=dict)
    tools: RecordedTools = field(default_factory=RecordedTools)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, requests: Mapping[str, TurnRequest], chance: random.Random, stood: Mapping[str, PaneSpec]) -> None:
        """`stood`: what stands in each pane now."""
        with self._lock:
            self.lots |= {key: Lot(self._framed(key, request), spec=stood[key]) for key, request in requests.items()}
            servers = {key: self.server_of(request.model) if self.fair else None for key, request in requests.items()}
            lines = lanes(list(requests), servers, chance)
            for line in lines:
                for ahead, key in in_line(line):
                    self.lots[key].behind = ahead
        for line in lines:
            self._next(line)

    def ask_again(self, key: str, request: TurnRequest, spec: PaneSpec) -> None:
        """Retry one pane, or ask a pane that was added later. Its earlier turn keeps its ledger row."""
        with self._lock:
            known = self.lots.get(key)
            if known is not None and known.turn is not None:
                known.turn.cancel()
            self.lots[key] = Lot(self._framed(key, request), retried=True, spec=spec)
        self._next([key])

    def stop(self, key: str | None = None) -> None:
        with self._lock:
            chosen = [lot for name, lot in self.lots.items() if key in (None, name)]
            for lot in chosen:
                if lot.waiting:
                    lot.still = TurnView(lot.request.turn_id, "cancelled", lot.request.model, error="Stopped.")
        for lot in chosen:
            if lot.turn is not None:
                lot.turn.cancel()

    def drop(self, key: str) -> None:
        self.stop(key)
        with self._lock:
            self.lots.pop(key, None)

    @property
    def running(self) -> bool:
        return any(lot.view.status == "running" for lot in tuple(self.lots.values()))

    def most_on_one_server(self) -> int:
        """How many panes the busiest local server answers."""
        servers = Counter(self.server_of(lot.request.model) for lot in tuple(self.lots.values()))
        return max((count for server, count in servers.items() if server is not None), default=0)

    def wait(self, timeout: float = 900.0) -> None:
        """Block until nothing runs and nothing waits in line any more; for threads, not for an event loop."""
        deadline = time.monotonic() + timeout
        while self.running and time.monotonic() < deadline:
            turns = [lot.turn for lot in tuple(self.lots.values()) if lot.turn is not None and not lot.turn.done]
            if turns:
                turns[0].wait(1.0)
            else:
                time.sleep(0.02)

    def _next(self, line: list[str]) -> None:
        """Start the first pane in line that still waits; its end starts the one behind it."""
        while line:
            key = line.pop(0)
            with self._lock:
                lot = self.lots.get(key)
                if lot is None or not lot.waiting:
                    continue
                lot.behind = ""
            if self.fair and self.server_of(lot.request.model) is not None and self.warm(lot.request.model):
                if self._warm_up(key, lot, line):
                    return
                continue
            if self._start(lot, line):
                return

    def _warm_up(self, key: str, lot: Lot, line: list[str]) -> bool:
        lot.note = "Warming up the local model."
        context = replace(lot.request.context, tags=(*lot.request.context.tags, "warm-up"))
        request = TurnRequest(
            lot.request.model,
            (Message.of("user", "Reply with OK."),),
            Parameters(max_tokens=1),
            fallbacks=(),
            retries=0,
            context=context,
            on_end=lambda _: self._next([key, *line]),
        )
        try:
            self.ai.start(request)
        except PlatformError:
            return self._start(lot, line)
        return True

    def _start(self, lot: Lot, line: list[str]) -> bool:
        lot.note = ""
        rest = tuple(line)
        own = lot.request.on_end

        def ended(outcome: Any) -> None:
            if own is not None:
                own(outcome)
            self._next(list(rest))

        try:
            turn = self.ai.start(replace(lot.request, on_end=ended))
        except PlatformError as error:
            kind = getattr(error, "kind", None)
            lot.still = TurnView(
                lot.request.turn_id, "refused", lot.request.model, error=str(error), error_kind=kind, receipt=None
            )
            return False
        with self._lock:
            lot.turn = turn
            gone = lot.still is not None
        if gone:
            turn.cancel()
        return True

    def _framed(self, key: str, request: TurnRequest) -> TurnRequest:
        context = replace(
            request.context, door="playground", match_id=self.match_id, user_id=self.user_id, tags=(f"pane:{key}",)
        )
        tools = self.tools.of(request.tools) if self.fair else request.tools
        fallbacks = () if self.fair else request.fallbacks
        cache = "off" if self.fair else request.cache
        return replace(
            request,
            context=context,
            tools=tools,
            fallbacks=fallbacks,
            cache=cache,
            turn_id=request.turn_id or uuid7(),  # known from now on, also while the pane still waits in line
        )


def in_line(line: list[str]) -> list[tuple[str, str]]:
    """Each pane with the one ahead of it, "" for the first."""
    return list(zip(["", *line], line, strict=False))


def call_ids(receipt: Receipt | None) -> tuple[str, ...]:
    """The last call of a turn is the one that gave the answer."""
    return (receipt.attempts[-1].call_id,) if receipt and receipt.attempts else ()
