"""The AI service: takes a question from any door, hands back a turn, and answers what can be asked about models."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.errors import PlatformError, SettingsError
from core.events import Event
from core.ledger.ids import uuid7
from core.llm.asking import Asked, completion_of, messages_of, request_of
from core.llm.attempt import Attempts, Limits
from core.llm.backoff import Manners
from core.llm.billing import Billing
from core.llm.cache.answers import AnswerCache
from core.llm.cache.store import Store
from core.llm.catalog import Catalog
from core.llm.chain import Chain
from core.llm.choice import Choice, Chooser
from core.llm.completion import Completion
from core.llm.cooldown import Cooldowns
from core.llm.dispatch import Dispatch
from core.llm.doctor import diagnose
from core.llm.embedding import Embedder
from core.llm.engine import Engine
from core.llm.estimate import Estimate, Estimator
from core.llm.guard import Guard
from core.llm.history import History
from core.llm.models import Diagnosis, ModelInfo, ProviderInfo
from core.llm.persistence import Persistence
from core.llm.pricebook import PriceBook
from core.llm.providers import Providers
from core.llm.record import Ledger, Recorder
from core.llm.replay import Replay
from core.llm.repricing import Repricer
from core.llm.runner import Runner
from core.llm.structured import Structured
from core.llm.toolbox import Toolbox
from core.llm.turn import Turn
from core.llm.warmup import Warmup
from core.llm.wires import Wires
from core.messages import Context, Message, TurnRequest
from core.settings import Settings


class AIService:
    """Open it once per process. Every method may be called from any thread."""

    def __init__(
        self, settings: Settings, ledger: Ledger, *, guard: Guard | None = None, manners: Manners | None = None
    ) -> None:
        """`manners`: how retries wait; from the settings when None."""
        self._settings = settings
        self._engine, self._warmup = Engine(), Warmup()
        self._providers = Providers(settings)
        self.prices = PriceBook(ledger, self._providers.local)
        self.repricer = Repricer(ledger, self.prices)
        self.catalog = Catalog(settings, self._providers, self.prices, self._engine)
        self._history = History(ledger)
        self._estimator = Estimator(self._history, self.prices)
        self._chooser = Chooser(self.catalog, self.prices, self._history)
        recorder, toolbox = Recorder(ledger), Toolbox()
        self._wires, self._cooldowns = Wires(settings.direct_wire), Cooldowns(told=recorder.rested)
        limits = Limits(settings.first_token_s, settings.idle_s, settings.total_timeout)
        self._embedder = Embedder(self._providers, self._wires, recorder, self.prices, guard, self._warmup.ready)
        attempts = Attempts(recorder, Billing(self.prices), limits)
        persistence = Persistence(
            attempts, self._wires, self._cooldowns, manners or Manners(settings.max_retries), self._warmup.ready
        )
        chain = Chain(self.catalog, self._providers, self._cooldowns, Structured(persistence))
        self._cache = self._make_cache(settings)
        runner = Runner(
            chain,
            self._cache,
            Replay(recorder),
            toolbox,
            guard,
            self._foretell,
            settings.fallback_models,
            settings.total_timeout,
            self._engine.done,
        )
        self._dispatch = Dispatch(self._engine, toolbox, runner.run)
        self._opening = threading.Lock()
        self._background: Future[None] | None = None

    def open(self, *, warm_after_s: float = 0.0) -> "AIService":
        """`warm_after_s`: how long LiteLLM's import, seconds of CPU, makes room for others, unless somebody asks."""
        with self._opening:
            if not self._engine.running:
                self._engine.start()
                self.prices.read()
                self.catalog.look()
                self._warmup.start(self._engine, warm_after_s)
        return self

    def wait_until_warm(self, timeout_s: float) -> bool:
        """Whether LiteLLM is loaded, waiting at most so long. Nobody needs to: the first question waits by itself."""
        self.warm()
        return bool(wait([self._warmup.ready], timeout_s).done)

    def warm(self) -> None:
        """Load LiteLLM now, in the background, if that was put off."""
        self._warmup.hurry()

    def close(self) -> None:
        """Cancels what runs, waits for its rows, and stops the loop."""
        self._warmup.stop()
        self._dispatch.stop(5.0)
        if self._engine.running:
            if self._background is not None:
                wait([self._background], 5.0)
            wait([self._engine.submit(self._wires.close())], 5.0)
            self._cache.close()
            self._engine.stop()

    # asking

    def start(self, request: TurnRequest) -> Turn:
        """Returns at once; whatever goes wrong with the call is told by the turn's end.

        Raises SettingsError when no model is named and none is configured.
        """
        if not request.turn_id or not request.model:
            turn_id, model = request.turn_id or uuid7(), request.model or self.default_model()
            request = replace(request, turn_id=turn_id, model=model)
        self.warm()
        return self._dispatch.start(request)

    def turn(self, turn_id: str) -> Turn | None:
        """A turn that runs, or ended within the last quarter of an hour."""
        return self._dispatch.turns.get(turn_id)

    def running(self, conversation_id: str) -> Turn | None:
        return self._dispatch.turns.of_conversation(conversation_id)

    async def run(self, asked: Asked, model: str | None = None, **settings: Any) -> AsyncIterator[Event]:
        """The turn's events, on any loop. Closing the iterator before the end cancels the turn."""
        turn = self.start(request_of(asked, model, settings))
        try:
            async for event in turn.events():
                yield event
        finally:
            turn.cancel()

    def chat_completion(self, messages: Asked, model: str | None = None, **settings: Any) -> Completion:
        """The whole answer; blocks. Raises PlatformError when there is none.

        Streamed where that costs nothing, so that only a pause may not be longer than TIMEOUT, unless `stream` is set.
        As nobody has read any of it, an answer that breaks off is asked for again, as one that never began.
        """
        turn = self.start(self._gathered(messages, model, settings))
        try:
            turn.wait()
        finally:
            turn.cancel()
        return completion_of(turn)

    async def achat_completion(self, messages: Asked, model: str | None = None, **settings: Any) -> Completion:
        """As `chat_completion`, on any loop; cancelling the caller cancels the turn."""
        turn = self.start(self._gathered(messages, model, settings))
        try:
            await turn.finished()
        finally:
            turn.cancel()
        return completion_of(turn)

    def embed(self, texts: Sequence[str], model: str, context: Context | None = None) -> list[list[float]]:
        """One vector per text by an embedding model such as openai/text-embedding-3-small; blocks."""
        self.warm()
        asked = self._embedder.embed(texts, model, context or Context(), self._settings.timeout)
        return self._engine.submit(asked).result()

    # models

    def models(self, refresh: bool = False) -> tuple[ModelInfo, ...]:
        return self.catalog.models(refresh)

    def model(self, model_id: str) -> ModelInfo:
        return self.catalog.model(model_id)

    def default_model(self) -> str:
        return self.catalog.default_model()

    def estimate(self, request: TurnRequest) -> Estimate:
        """Tokens counted exactly where the tokenizer is at hand; not for the engine loop."""
        self._history.refresh(self._in_background)
        try:
            return self._estimator.of(request, self.model(request.model or self.default_model()), exactly=True)
        except PlatformError:
            return Estimate()

    def select_model(
        self,
        complexity: str = "medium",
        cost_sensitive: bool = False,
        speed_priority: bool = False,
        needs: Iterable[str] = (),
    ) -> Choice:
        """The best fit of what can be asked now, with its reasons in words. `needs` as in ModelInfo.supports."""
        self._know()
        resting = self._cooldowns.resting()
        return self._chooser.select(complexity, cost_sensitive, speed_priority, frozenset(needs), resting)

    def optimize_for_cost(
        self, messages: str | Sequence[Message | dict[str, str]], max_cost: Decimal | float | str
    ) -> Choice:
        """The most able model that answers within `max_cost` US dollars. Raises BudgetError when none does."""
        self._know()
        return self._chooser.within(messages_of(messages), Decimal(str(max_cost)), self._cooldowns.resting())

    # providers

    def providers(self) -> tuple[ProviderInfo, ...]:
        return self._providers.infos()

    def set_key(self, provider: str, key: str | None, base_url: str | None = None) -> None:
        """Rotation while running, in memory only. A changed `base_url` drops the key that went with the old one."""
        self._providers.set_key(provider, key, base_url)
        self.catalog.forget(provider)
        self.catalog.look()

    def resting(self) -> dict[str, float]:
        """Deployments that failed repeatedly and rest now, with the seconds that are left of it."""
        return self._cooldowns.left()

    def check_provider(self, name: str) -> Diagnosis:
        """Asks the provider now, from here; a few seconds at most."""
        provider = self._providers.get(name)
        if provider is None:
            raise SettingsError(f"There is no provider {name!r}.")
        diagnosis, found = self._engine.submit(diagnose(provider)).result(30)
        if found is not None:
            self.catalog.remember(provider, found)
        return diagnosis

    # inside

    def _gathered(self, asked: Asked, model: str | None, settings: dict[str, Any]) -> TurnRequest:
        request = replace(request_of(asked, model, settings), held=True)
        if "stream" in settings:
            return request
        provider = self._providers.get((request.model or self.default_model()).partition("/")[0])
        return replace(request, stream=provider is not None and self._wires.own(provider.dialect))

    def _make_cache(self, settings: Settings) -> AnswerCache:
        store, model = Store(settings.data_dir / "cache.db"), settings.embedding_model
        if model is None:
            return AnswerCache(store)
        embed = self._embedder.embed
        return AnswerCache(store, lambda texts, whose: embed(texts, model, whose, settings.timeout), model)

    def _foretell(self, request: TurnRequest, model: str) -> Estimate:
        """On the engine loop: cheap."""
        self._history.refresh(self._in_background)
        return self._estimator.of(request, self.model(model))

    def _know(self) -> None:
        """Choosing is worth one query when nothing has been read yet."""
        if not self._history.known:
            self._history.read()
        self._history.refresh(self._in_background)

    def _in_background(self, work: Callable[[], None]) -> None:
        self._background = self._engine.submit(asyncio.to_thread(work))
