"""One question to a chain of models: tries again what helps, moves on what does not, never restarts what was read."""

import asyncio
import random
from collections.abc import Sequence
from concurrent.futures import Future

from core.errors import (
    BadRequestError,
    ContextLengthError,
    ModelError,
    PlatformError,
    ProviderError,
    SettingsError,
    TimedOutError,
    UnsupportedError,
)
from core.llm.answer import Answer
from core.llm.attempt import Attempts, Place
from core.llm.backoff import Manners, pause_s
from core.llm.catalog import Catalog
from core.llm.cooldown import Cooldowns
from core.llm.fitness import unfit
from core.llm.models import ModelInfo
from core.llm.providers import Providers, address
from core.llm.run import Run
from core.llm.wire.seam import Deployment
from core.llm.wires import Wires
from core.messages import Message, Parameters


class Chain:
    def __init__(
        self,
        catalog: Catalog,
        providers: Providers,
        wires: Wires,
        attempts: Attempts,
        cooldowns: Cooldowns,
        ready: "Future[None]",
        manners: Manners,
    ) -> None:
        self._catalog, self._providers, self._wires = catalog, providers, wires
        self._attempts, self._cooldowns = attempts, cooldowns
        self._dice, self._ready, self._manners = random.Random(), ready, manners

    async def ask(
        self, run: Run, messages: Sequence[Message], parameters: Parameters, round_: int, *, quiet: bool = False
    ) -> Answer:
        """The first whole answer. Raises the last ModelError when nobody could give one."""
        failure: PlatformError | None = None
        while run.hop < len(run.chain):
            name = run.chain[run.hop]
            last = run.hop + 1 == len(run.chain)
            try:
                model, deployment = self._catalog.model(name), self._providers.deployment(name)
                self._check(run, model, deployment, messages, last and failure is None)
                return await self._hop(run, model, deployment, messages, parameters, round_, quiet)
            except (ModelError, SettingsError) as error:
                failure = error
                seen = run.answer is not None and run.answer.visible and not quiet
                if last or seen or isinstance(error, BadRequestError) or run.left_s <= 0:
                    raise
                following = run.chain[run.hop + 1]
                run.notice("fallback", f"{name} could not answer ({error}) Asking {following} instead.")
                run.hop += 1
                run.answer = None
        raise failure or SettingsError("No model is configured; add a provider's key or turn the demo models on.")

    def _check(
        self, run: Run, model: ModelInfo, deployment: Deployment, messages: Sequence[Message], only: bool
    ) -> None:
        """Raises before sending what cannot succeed: a missing ability, a small context, a resting deployment."""
        why = unfit(model, messages, run.request, run.estimate)
        if why:
            raise (ContextLengthError if "context" in why else UnsupportedError)(why)
        if not only and not self._cooldowns.closed(_place(deployment)):
            raise ProviderError(f"{model.id} failed repeatedly and is resting.")

    async def _hop(
        self,
        run: Run,
        model: ModelInfo,
        deployment: Deployment,
        messages: Sequence[Message],
        parameters: Parameters,
        round_: int,
        quiet: bool,
    ) -> Answer:
        wire = self._wires.of(deployment)
        if not self._ready.done():
            await asyncio.wrap_future(self._ready)
        retries = run.request.retries if run.request.retries is not None else self._manners.retries
        place = _place(deployment)
        for retry in range(retries + 1):
            try:
                answer = await self._attempts.make(
                    run, wire, deployment, model, messages, parameters, Place(round_, run.hop, retry), quiet=quiet
                )
            except asyncio.CancelledError:
                self._cooldowns.let_go(place)
                raise
            except ModelError as error:
                self._note(place, error)
                pause = pause_s(error, retry, self._manners, self._dice)
                seen = run.answer is not None and run.answer.visible and not quiet
                if pause is None or seen or retry == retries:
                    raise
                if pause >= run.left_s:
                    raise TimedOutError(f"{error} The total time allowed left no room for another try.") from error
                run.notice("retry", f"{error} Trying again in {pause:.1f} s ({retry + 1} of {retries}).")
                await asyncio.sleep(pause)
            else:
                self._cooldowns.succeeded(place)
                return answer
        raise AssertionError("unreachable: the last try returns or raises")

    def _note(self, place: str, error: ModelError) -> None:
        if error.retryable:
            self._cooldowns.failed(place)
        else:
            self._cooldowns.let_go(place)


def _place(deployment: Deployment) -> str:
    return f"{deployment.provider}/{deployment.model}@{address(deployment)}"
