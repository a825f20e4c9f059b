"""The simulated models as a wire of their own."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from core.errors import UnknownModelError
from core.llm.demo.brain import reply
from core.llm.demo.cast import CAST
from core.llm.tokens import count_messages, count_text
from core.llm.wire.seam import (
    Chunk,
    Deployment,
    Finish,
    Identity,
    Opened,
    RawUsage,
    Reasoning,
    Text,
    ToolDelta,
    WireRequest,
)


class DemoWire:
    name = "general"

    async def stream(self, request: WireRequest) -> AsyncIterator[Chunk]:
        actor = next((actor for actor in CAST if actor.name == request.deployment.model), None)
        if actor is None:
            raise UnknownModelError(f"There is no demo model {request.deployment.model!r}.")
        said = reply(actor, request.messages, request.parameters, request.tools)
        await asyncio.sleep(actor.first_s)
        yield Opened(200, {})
        yield Identity(None, actor.name)
        pause = 1 / actor.per_second
        for piece in re.findall(r"\S+\s*|\s+", said.reasoning):
            yield Reasoning(piece)
            await asyncio.sleep(pause)
        for piece in re.findall(r"\S+\s*|\s+", said.text):
            yield Text(piece)
            await asyncio.sleep(pause)
        for index, call in enumerate(said.tool_calls):
            yield ToolDelta(index, call.id, call.name, call.arguments)
        yield RawUsage(
            {
                "prompt_tokens": count_messages(actor.id, request.messages).tokens,
                "completion_tokens": count_text(actor.id, said.text + said.reasoning).tokens,
            }
        )
        yield Finish("tool_calls" if said.tool_calls else "stop")

    async def embed(
        self, deployment: Deployment, texts: list[str], timeout_s: float
    ) -> tuple[list[list[float]], Mapping[str, Any]]:
        raise UnknownModelError("The demo models make no embeddings.")

    async def close(self) -> None:
        pass
