"""Whether a question was answered before, and keeping an answer for the next who asks."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import PlatformError
from core.llm.answer import Answer
from core.llm.cache.key import Key, key_of
from core.llm.cache.likeness import LEXICAL, comparable, cosine, lexical, threshold
from core.llm.cache.store import Store, Stored
from core.messages import Context, TurnRequest

log = logging.getLogger(__name__)
COMPARING = frozenset({"playground", "experiment", "judge"})
LONGEST = 1_000_000
Embed = Callable[[Sequence[str], Context], Awaitable[list[list[float]]]]


@dataclass(frozen=True, slots=True)
class Hit:
    """`cost`: what the answer cost when it was made, so what is saved now."""

    state: str
    similarity: float | None
    text: str
    reasoning: str
    cost: Decimal | None


class AnswerCache:
    """On the engine loop; the file is read on worker threads. A cache that fails is a miss, never an error.

    `embed` makes vectors with the embedding model named `likeness`; without one, words alone are compared.
    """

    def __init__(self, store: Store, embed: Embed | None = None, likeness: str = LEXICAL) -> None:
        self._store, self._embed, self._likeness = store, embed, likeness

    @staticmethod
    def applies(request: TurnRequest) -> bool:
        """Never for a comparison, whose answers must be independent, nor where a tool could change something."""
        comparing = request.context.match_id or request.context.experiment_id or request.context.door in COMPARING
        return request.cache != "off" and not comparing and not any(tool.side_effects for tool in request.tools)

    async def find(self, request: TurnRequest, model: str) -> Hit | None:
        key = key_of(request, model)
        if key is None:
            return None
        try:
            stored = await asyncio.to_thread(self._store.get, key.exact)
            if stored is not None:
                return await self._hit(stored, "exact", None)
            if request.cache != "semantic" or not key.question.strip():
                return None
            best = await self._nearest(key, request.context)
            return await self._hit(best[0], "semantic", best[1]) if best else None
        except (sqlite3.Error, OSError, ValueError, KeyError, PlatformError) as error:
            log.warning("the cache could not be asked: %s", error)
            return None

    async def _nearest(self, key: Key, whose: Context) -> tuple[Stored, float] | None:
        candidates = await asyncio.to_thread(self._store.near, key.scope, self._likeness)
        candidates = [stored for stored in candidates if comparable(stored.question, key.question)]
        if not candidates:
            return None
        vector = (await self._embed([key.question], whose))[0] if self._embed else None
        scored = [(self._score(stored, key.question, vector), at) for at, stored in enumerate(candidates)]
        similarity, at = max(scored, key=lambda pair: (pair[0], -pair[1]))
        return (candidates[at], similarity) if similarity >= threshold(self._likeness) else None

    def _score(self, stored: Stored, question: str, vector: Sequence[float] | None) -> float:
        if vector is None:
            return lexical(stored.question, question)
        return cosine(stored.vector, vector) if stored.vector is not None else 0.0

    async def _hit(self, stored: Stored, state: str, similarity: float | None) -> Hit:
        response = json.loads(stored.response)
        await asyncio.to_thread(self._store.touch, stored.exact)
        cost = Decimal(stored.cost) if stored.cost is not None else None
        return Hit(state, similarity, response["text"], response["reasoning"], cost)

    async def keep(self, request: TurnRequest, model: str, answer: Answer, cost: Decimal | None) -> None:
        """Only a whole answer without tool calls is worth keeping."""
        key = key_of(request, model)
        response = json.dumps({"text": answer.text, "reasoning": answer.reasoning})
        if key is None or answer.tools or answer.finish != "stop" or not answer.texts or len(response) > LONGEST:
            return
        try:
            wanted = self._embed is not None and request.cache == "semantic"
            vector = (await self._embed([key.question], request.context))[0] if wanted and self._embed else None
            money = None if cost is None else str(cost)
            await asyncio.to_thread(
                self._store.put, key.exact, key.scope, key.question, self._likeness, vector, response, money
            )
        except (sqlite3.Error, OSError, PlatformError) as error:
            log.warning("an answer could not be cached: %s", error)

    def close(self) -> None:
        self._store.close()
