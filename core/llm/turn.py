"""A turn while it runs: written by the engine loop alone, watched from any thread and any loop."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

from core.errors import PlatformError
from core.events import Ended, Event, Notice, ReasoningDelta, Step, TextDelta, ToolEnded, ToolStarted, TurnView
from core.llm.bells import Belfry, Bells, LoopBell, ThreadBell
from core.messages import ToolCall, TurnRequest


class Turn:
    """Appending a piece of text costs a list append; everything else is worked out when somebody looks."""

    def __init__(
        self,
        turn_id: str,
        request: TurnRequest,
        belfry: Belfry,
        *,
        cancel: Callable[["Turn"], None],
        approve: Callable[["Turn", str, bool], None],
    ) -> None:
        self.id = turn_id
        self.request = request
        self.started = time.monotonic()
        self.ended: Ended | None = None
        self.ended_at: float | None = None
        self.first_at: float | None = None
        """When the first text or reasoning came."""
        self.sent_at: float | None = None
        """When the first call left."""
        self.cancelled = False
        self.ending = False
        """All is said and its rows are being written: a stop comes too late."""
        self.error: PlatformError | None = None
        """What ended it, for callers that want an exception."""
        self.tool_calls: tuple[ToolCall, ...] = ()
        """Those of the last answer, whether they ran or not."""
        self._belfry, self._cancel, self._approve = belfry, cancel, approve
        self._log: list[str | Event] = []
        self._bells: Bells = set()
        self._last_bells: Bells = set()
        self._seen = _Seen()

    def __repr__(self) -> str:
        return f"Turn({self.id}, {self.request.model}, {self.view.status})"

    # written by the engine loop

    def text(self, text: str) -> None:
        self._log.append(text)
        if self.first_at is None:
            self.first_at = time.monotonic()
            self._belfry.now(self._bells)
        elif self._bells:
            self._belfry.soon(self._bells)

    def sent(self) -> None:
        if self.sent_at is None:
            self.sent_at = time.monotonic()

    def emit(self, event: Event) -> None:
        self._log.append(event)
        if self.first_at is None and type(event) is ReasoningDelta:
            self.first_at = time.monotonic()
            self._belfry.now(self._bells)
        elif self._bells:
            self._belfry.soon(self._bells)

    def end(self, ended: Ended) -> None:
        self.ended_at = time.monotonic()
        self.ended = ended
        self._log.append(ended)
        self._belfry.now(self._bells, self._last_bells)

    # read and steered from anywhere

    @property
    def done(self) -> bool:
        return self.ended is not None

    def cancel(self) -> None:
        if not self.done:
            self.cancelled = True
            self._cancel(self)

    def approve(self, tool_call_id: str, yes: bool) -> None:
        self._approve(self, tool_call_id, yes)

    @property
    def sent_s(self) -> float | None:
        return None if self.sent_at is None else self.sent_at - self.started

    @property
    def view(self) -> TurnView:
        return self._view(self.ended)

    def final_view(self, ended: Ended) -> TurnView:
        """As `view` will be once `ended` is announced."""
        return self._view(ended)

    def _view(self, ended: Ended | None) -> TurnView:
        seen = self._seen = self._seen.grown(self._log)
        receipt = ended.receipt if ended else None
        return TurnView(
            self.id,
            ended.status if ended else "running",
            (receipt.served_model if receipt else None) or self.request.model,
            seen.text,
            seen.reasoning,
            seen.steps,
            seen.notices,
            receipt,
            ended.error if ended else None,
            ended.error_kind if ended else None,
            (self.ended_at or time.monotonic()) - self.started,
            None if self.first_at is None else self.first_at - self.started,
            self.sent_s,
        )

    def wait(self, timeout: float | None = None) -> TurnView:
        """Block until the turn has ended, or `timeout` seconds; the view tells which."""
        if not self.done:
            bell = ThreadBell()
            bell.listen(self._last_bells)
            if not self.done:
                bell.sleep(timeout)
        return self.view

    def watch(self, per_second: float = 30) -> Iterator[TurnView]:
        """Views for a script thread: one at once, then one per change, at most `per_second`; the last is final."""
        bell, last_bell, seen = ThreadBell(), ThreadBell(), -1
        while True:
            done, size = self.done, len(self._log)
            if size != seen:
                seen = size
                yield self.view
            if done:
                return
            last_bell.listen(self._last_bells)
            if not self.done:
                last_bell.sleep(1 / per_second)
            bell.listen(self._bells)
            if len(self._log) == seen and not self.done:
                bell.sleep(None)

    async def views(self, per_second: float = 30) -> AsyncIterator[TurnView]:
        """As `watch`, for a task on any loop."""
        bell, last_bell, seen = LoopBell(), LoopBell(), -1
        while True:
            done, size = self.done, len(self._log)
            if size != seen:
                seen = size
                yield self.view
            if done:
                return
            await self._rest(last_bell, 1 / per_second)
            await self._change(bell, seen)

    async def events(self) -> AsyncIterator[Event]:
        """Every event from the beginning, in order, neighbouring text joined; the last is `Ended`."""
        bell, at = LoopBell(), 0
        while True:
            fresh = self._log[at:]
            at += len(fresh)
            for event in joined(fresh):
                yield event
                if type(event) is Ended:
                    return
            await self._change(bell, at)

    async def finished(self) -> Ended:
        """The end, on any loop, without waking for anything before it."""
        bell = LoopBell()
        while self.ended is None:
            bell.listen(self._last_bells)
            if self.done:
                bell.ring()
            await bell.sleep()
        return self.ended

    async def _rest(self, bell: LoopBell, seconds: float) -> None:
        bell.listen(self._last_bells)
        if self.done:
            bell.ring()
        await bell.sleep(seconds)

    async def _change(self, bell: LoopBell, seen: int) -> None:
        bell.listen(self._bells)
        if len(self._log) != seen:
            bell.ring()
        await bell.sleep()


def joined(entries: list[str | Event]) -> Iterator[Event]:
    """The entries as events, runs of text and of reasoning as one event each."""
    at, count = 0, len(entries)
    while at < count:
        kind, begin = type(entries[at]), at
        at += 1
        if kind is str or kind is ReasoningDelta:
            while at < count and type(entries[at]) is kind:
                at += 1
            run = entries[begin:at]
            if kind is str:
                yield TextDelta("".join(run))  # type: ignore[arg-type]
            else:
                yield ReasoningDelta("".join(entry.text for entry in run))  # type: ignore[union-attr]
        else:
            yield entries[begin]  # type: ignore[misc]


class _Seen:
    """What the first `size` entries add up to. Immutable, so that two threads may both look."""

    __slots__ = ("notices", "reasoning", "size", "steps", "text")

    def __init__(
        self,
        size: int = 0,
        text: str = "",
        reasoning: str = "",
        steps: tuple[Step, ...] = (),
        notices: tuple[Notice, ...] = (),
    ) -> None:
        self.size, self.text, self.reasoning, self.steps, self.notices = size, text, reasoning, steps, notices

    def grown(self, log: list[str | Event]) -> "_Seen":
        fresh = log[self.size :]
        if not fresh:
            return self
        text, reasoning, steps, notices = self.text, self.reasoning, self.steps, self.notices
        for event in joined(fresh):
            if isinstance(event, TextDelta):
                text += event.text
            elif isinstance(event, ReasoningDelta):
                reasoning += event.text
            elif isinstance(event, ToolStarted):
                step = Step(event.id, event.name, event.arguments, needs_approval=event.needs_approval)
                steps = (*(known for known in steps if known.id != event.id), step)
            elif isinstance(event, ToolEnded):
                steps = tuple(_ended(step, event) if step.id == event.id else step for step in steps)
            elif isinstance(event, Notice):
                notices = (*notices, event)
        return _Seen(self.size + len(fresh), text, reasoning, steps, notices)


def _ended(step: Step, event: ToolEnded) -> Step:
    return replace(step, result=event.result, seconds=event.seconds, error=event.error, needs_approval=False)
