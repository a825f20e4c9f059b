"""One model, asked again while that can help: not after a wrong request, not after something was read."""

import asyncio
import random
from concurrent.futures import Future

from core.errors import ModelError, TimedOutError
from core.llm.answer import Answer
from core.llm.attempt import Attempts
from core.llm.backoff import Manners, chance, pause_s
from core.llm.cooldown import Cooldowns
from core.llm.models import ModelInfo
from core.llm.providers import place
from core.llm.run import Ask, Run
from core.llm.wire.seam import Deployment
from core.llm.wires import Wires


class Persistence:
    """`ready`: nothing can be sent before it has resolved."""

    def __init__(
        self, attempts: Attempts, wires: Wires, cooldowns: Cooldowns, manners: Manners, ready: "Future[None]"
    ) -> None:
        self._attempts, self._wires, self._cooldowns = attempts, wires, cooldowns
        self._manners, self._ready, self._dice = manners, ready, random.Random()

    async def answer(self, run: Run, ask: Ask, model: ModelInfo, deployment: Deployment) -> Answer:
        """Raises the last try's ModelError."""
        wire, name = self._wires.of(deployment), place(deployment)
        if not self._ready.done():
            await asyncio.shield(asyncio.wrap_future(self._ready))  # one that stops waiting must not stop the rest
        retries = run.request.retries if run.request.retries is not None else self._manners.retries
        luck = chance(self._dice)
        for retry in range(retries + 1):
            try:
                answer = await self._attempts.make(run, ask, wire, deployment, model, retry)
            except asyncio.CancelledError:
                self._cooldowns.let_go(name)
                raise
            except ModelError as error:
                self._cooldowns.note(name, error)
                await self._pause(run, error, retry, retries, luck)
            else:
                self._cooldowns.succeeded(name)
                return answer
        raise AssertionError("unreachable: after the last try _pause raises")

    async def _pause(self, run: Run, error: ModelError, retry: int, retries: int, luck: float) -> None:
        """Sleeps until the next try; raises when there should be none."""
        pause = pause_s(error, retry, self._manners, luck)
        seen = run.answer is not None and run.answer.seen
        if seen or retry >= retries or not error.retryable:
            raise error
        if pause is None:
            wish = error.retry_after_s or 0.0
            run.notice("retry", f"The provider asks to wait {wish:,.0f} s, which is too long to hold the answer for.")
            raise error
        if pause >= run.left_s:
            raise TimedOutError(f"{error} The total time allowed leaves no room for another try.") from None
        run.notice("retry", f"{error} Trying again in {pause:.1f} s ({retry + 1} of {retries}).")
        await asyncio.sleep(pause)
