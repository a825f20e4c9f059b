"""One question to a chain of models: the next is asked when one could not answer and nothing of it has been read."""

from core.errors import (
    BadRequestError,
    ContextLengthError,
    ModelError,
    PlatformError,
    ProviderError,
    SettingsError,
    UnsupportedError,
)
from core.llm.answer import Answer
from core.llm.catalog import Catalog
from core.llm.cooldown import Cooldowns
from core.llm.fitness import unfit
from core.llm.models import ModelInfo
from core.llm.providers import Providers, place
from core.llm.run import Ask, Run
from core.llm.structured import Structured
from core.llm.wire.seam import Deployment


class Chain:
    def __init__(self, catalog: Catalog, providers: Providers, cooldowns: Cooldowns, structured: Structured) -> None:
        self._catalog, self._providers, self._cooldowns, self._structured = catalog, providers, cooldowns, structured

    async def ask(self, run: Run, ask: Ask) -> Answer:
        """The first whole answer. Raises the last error when nobody could give one.

        A turn stays with the model that answered its first round: `run.hop` is kept from round to round.
        """
        while True:
            name = run.chain[run.hop]
            last = run.hop + 1 == len(run.chain)
            run.answer = None
            try:
                model, deployment = self._catalog.model(name), self._providers.deployment(name)
                self._check(run, ask, model, deployment, may_rest=last and run.attempts == 0)
                return await self._structured.answer(run, ask, model, deployment)
            except (ModelError, SettingsError) as error:
                if last or not _may_move(run, error):
                    raise _in_words(run, error) from None
                run.notice("fallback", f"{_sentence(error)} Asking {run.chain[run.hop + 1]} instead.")
                run.hop += 1

    def _check(self, run: Run, ask: Ask, model: ModelInfo, deployment: Deployment, *, may_rest: bool) -> None:
        """Raises for what cannot succeed: a missing ability, a small context, a resting deployment.

        The only model there is gets asked even while it rests: its own error says more than ours.
        """
        why = unfit(model, ask.messages, run.request, run.estimate)
        if why:
            raise (ContextLengthError if why.context else UnsupportedError)(why.sentence)
        if not may_rest and not self._cooldowns.closed(place(deployment)):
            raise ProviderError(f"{model.id} failed repeatedly and rests for a moment.")


def _may_move(run: Run, error: PlatformError) -> bool:
    """Another model is no help for a request that is wrong in itself, nor once something was read or time is up."""
    seen = run.answer is not None and run.answer.seen
    return not seen and not isinstance(error, BadRequestError) and run.left_s > 0


def _in_words(run: Run, error: PlatformError) -> PlatformError:
    """After fallbacks, say that they were tried."""
    if run.hop and isinstance(error, ModelError):
        run.notice("fallback", f"None of {', '.join(run.chain[: run.hop + 1])} could answer.")
    return error


def _sentence(error: PlatformError) -> str:
    text = str(error).strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
