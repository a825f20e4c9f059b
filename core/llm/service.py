"""The AI service: takes a question from any door, hands back a turn, and answers what can be asked about models."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import fields, replace
from typing import Any

from core.errors import InvalidError, PlatformError
from core.events import Ended, Event
from core.ledger.ids import uuid7
from core.llm.attempt import Attempts, Limits
from core.llm.billing import Billing
from core.llm.catalog import Catalog
from core.llm.chain import Chain
from core.llm.completion import Completion
from core.llm.cooldown import Cooldowns
from core.llm.demo.wire import DemoWire
from core.llm.engine import Engine
from core.llm.estimate import Estimate
from core.llm.guard import Guard
from core.llm.models import ModelInfo, ProviderInfo
from core.llm.pricebook import PriceBook
from core.llm.providers import Providers
from core.llm.record import Ledger, Recorder
from core.llm.runner import Runner, as_messages, chain_for
from core.llm.toolbox import Toolbox
from core.llm.turn import Turn
from core.llm.turns import Turns
from core.llm.warmup import Warmup
from core.llm.wire.direct import DirectWire
from core.llm.wire.general import GeneralWire
from core.llm.wire.seam import Wire
from core.llm.wires import Wires
from core.messages import Message, Parameters, TurnRequest
from core.settings import Settings

log = logging.getLogger(__name__)
Asked = TurnRequest | str | Sequence[Message | dict[str, str]]


class AIService:
    def __init__(self, settings: Settings, ledger: Ledger, *, guard: Guard | None = None) -> None:
        self._settings = settings
        self._engine = Engine()
        self._turns = Turns()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._providers = Providers(settings)
        self.prices = PriceBook(ledger, self._providers.local)
        self.catalog = Catalog(settings, self._providers, self.prices, self._engine)
        general = GeneralWire()
        direct: Wire = DirectWire(fallback=general) if settings.direct_wire else general
        wires: dict[str, Wire] = {"demo": DemoWire(general), "openai": direct, "anthropic": direct, "": general}
        self._wires = Wires(wires, settings.max_retries)
        limits = Limits(settings.first_token_s, settings.idle_s, settings.total_timeout)
        self._warmup = Warmup()
        attempts = Attempts(Recorder(ledger), Billing(self.prices), limits)
        chain = Chain(self.catalog, self._providers, self._wires, attempts, Cooldowns(), self._warmup.ready)
        self._toolbox = Toolbox()
        self._runner = Runner(chain, self._toolbox, guard, settings.total_timeout)
        self._opening = threading.Lock()

    def open(self) -> "AIService":
        with self._opening:
            if not self._engine.running:
                self._engine.start()
                self.prices.read()
                self.catalog.look()
                self._warmup.start(self._engine)
        return self

    def close(self) -> None:
        """Cancels what runs, waits for its rows, and stops the loop."""
        for turn in self._turns.running():
            turn.cancel()
        for turn in self._turns.running():
            turn.wait(5.0)
        if self._engine.running:
            self._engine.submit(self._wires.close()).result(5.0)
            self._engine.stop()

    # asking

    def start(self, request: TurnRequest) -> Turn:
        """Any thread; returns at once. Whatever goes wrong is told by the turn's end."""
        request = replace(request, turn_id=request.turn_id or uuid7(), model=request.model or self.default_model())
        turn = Turn(request.turn_id, request, cancel=self._cancel, approve=self._approve)
        self._turns.add(turn)
        self._engine.soon(self._begin, turn)
        return turn

    def turn(self, turn_id: str) -> Turn | None:
        return self._turns.get(turn_id)

    def running(self, conversation_id: str) -> Turn | None:
        return self._turns.of_conversation(conversation_id)

    async def run(self, asked: Asked, model: str | None = None, **parameters: Any) -> AsyncIterator[Event]:
        """The turn's events, on any loop. Closing the iterator before the end cancels the turn."""
        turn = self.start(self._request(asked, model, parameters))
        try:
            async for event in turn.events():
                yield event
        finally:
            turn.cancel()

    def chat_completion(self, messages: Asked, model: str | None = None, **parameters: Any) -> Completion:
        """The whole answer; blocks. Raises PlatformError when there is none."""
        turn = self.start(self._request(messages, model, {"stream": False, **parameters}))
        turn.wait()
        return self._completion(turn)

    async def achat_completion(self, messages: Asked, model: str | None = None, **parameters: Any) -> Completion:
        turn = self.start(self._request(messages, model, {"stream": False, **parameters}))
        try:
            await turn.finished()
        finally:
            turn.cancel()
        return self._completion(turn)

    # about models

    def models(self, refresh: bool = False) -> tuple[ModelInfo, ...]:
        return self.catalog.models(refresh)

    def model(self, model_id: str) -> ModelInfo:
        return self.catalog.model(model_id)

    def default_model(self) -> str:
        return self.catalog.default_model()

    def estimate(self, request: TurnRequest) -> Estimate:
        return Estimate()

    def providers(self) -> tuple[ProviderInfo, ...]:
        return self._providers.infos()

    def set_key(self, provider: str, key: str | None, base_url: str | None = None) -> None:
        """Rotation while running: memory only. Changing `base_url` without a key drops the one that went with it."""
        self._providers.set_key(provider, key, base_url)
        self.catalog.forget(provider)

    # inside

    def _request(self, asked: Asked, model: str | None, settings: dict[str, Any]) -> TurnRequest:
        if isinstance(asked, TurnRequest):
            return replace(asked, model=model or asked.model, **settings)
        own = {field.name for field in fields(TurnRequest)} & settings.keys()
        known = {field.name for field in fields(Parameters)}
        unknown = settings.keys() - own - known
        if unknown:
            raise InvalidError(f"Unknown parameter {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}.")
        request = TurnRequest(model or "", as_messages(asked), **{name: settings[name] for name in own})
        chosen = {name: value for name, value in settings.items() if name in known}
        return replace(request, parameters=replace(request.parameters, **chosen))

    def _completion(self, turn: Turn) -> Completion:
        view, ended = turn.view, turn.ended
        if ended is not None and ended.status in ("error", "refused"):
            raise turn.error or PlatformError(ended.error or "The call failed.")
        steps = view.steps
        calls = tuple(call for call in turn.tool_calls if call.id not in {step.id for step in steps})
        return Completion(view.text, view.reasoning, calls, steps, view.receipt, view.status)

    def _begin(self, turn: Turn) -> None:
        chain = chain_for(turn.request, turn.request.model, self._settings.fallback_models)
        task = asyncio.get_running_loop().create_task(self._runner.run(turn, chain, self.estimate(turn.request)))
        self._tasks[turn.id] = task
        task.add_done_callback(lambda done: self._over(turn, done))
        if turn.cancelled:
            task.cancel()

    def _over(self, turn: Turn, task: "asyncio.Task[None]") -> None:
        self._tasks.pop(turn.id, None)
        if not turn.done:
            if not task.cancelled() and task.exception() is not None:
                log.error("turn %s was lost", turn.id, exc_info=task.exception())
            turn.end(Ended("cancelled", None, None, "cancelled"))

    def _cancel(self, turn: Turn) -> None:
        def stop() -> None:
            task = self._tasks.get(turn.id)
            if task is not None and not task.cancelling():
                task.cancel()

        self._engine.soon(stop)

    def _approve(self, turn: Turn, tool_call_id: str, yes: bool) -> None:
        self._engine.soon(self._toolbox.approve, turn.id, tool_call_id, yes)
