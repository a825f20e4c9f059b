"""The simulated models behind LiteLLM's own custom-provider hook. Imported late, because LiteLLM takes seconds."""

import asyncio
import itertools
import random
import re
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import litellm
from litellm.types.utils import Delta, ModelResponseStream, StreamingChoices, Usage

from core.llm.demo.brain import Reply, reply
from core.llm.demo.cast import Actor, actor
from core.llm.demo.scene import read_scene

PIECE = re.compile(r"\s*\S{1,7}|\s+")
LONGEST = 8_192


class DemoProvider(litellm.CustomLLM):
    """One instance serves every `demo/…` model."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = itertools.count()
        self._dice = random.Random()

    async def acompletion(self, model: str, messages: list[Any], *_: Any, **given: Any) -> Any:
        played, said, usage, finish = await self._play(model, messages, given["optional_params"])
        await asyncio.sleep((usage["completion_tokens"]) / played.per_second / 4)
        message: dict[str, Any] = {"role": "assistant", "content": said.text, "tool_calls": _calls(said)}
        if said.reasoning:
            message["reasoning_content"] = said.reasoning
        response = given["model_response"]
        response.choices = [litellm.Choices(finish_reason=finish, index=0, message=litellm.Message(**message))]
        response.model = played.name
        response.usage = Usage(**usage)
        return response

    async def astreaming(self, model: str, messages: list[Any], *_: Any, **given: Any) -> AsyncIterator[Any]:
        played, said, usage, finish = await self._play(model, messages, given["optional_params"])
        pieces = [("reasoning_content", piece) for piece in PIECE.findall(said.reasoning)]
        pieces += [("content", piece) for piece in PIECE.findall(said.text)]
        if played.fault == "cut":
            pieces, finish = pieces[: max(3, len(pieces) // 3)], ""
        due = time.monotonic()
        for name, piece in pieces:
            yield _chunk(model, Delta(**{name: piece}))
            due += self._dice.uniform(0.6, 1.4) / played.per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        for call in _calls(said):
            yield _chunk(model, Delta(tool_calls=[call]))
        if finish:
            yield _chunk(model, Delta(content=""), usage=Usage(**usage))
            yield _chunk(model, Delta(content=""), finish=finish)

    async def _play(
        self, model: str, messages: list[Any], options: Mapping[str, Any]
    ) -> tuple[Actor, Reply, dict[str, Any], str]:
        """Who plays, what they say, what it uses, and why they stop. Waits for as long as the first token takes."""
        played = actor(model)
        if played is None:
            raise litellm.NotFoundError(f"There is no demo model {model}.", model, "demo")
        await asyncio.sleep(played.first_s * self._dice.uniform(0.8, 1.3))
        await self._fail(played)
        said, finish = _cut(reply(played, read_scene(messages, options)), options)
        prompt = sum(len(str(message.get("content") or "")) for message in _without_images(messages))
        thought, visible = _count(said.reasoning), _count(said.text) + sum(_count(c.arguments) for c in said.tool_calls)
        usage: dict[str, Any] = {"prompt_tokens": 8 + prompt // 4, "completion_tokens": thought + visible}
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
        if thought:
            usage["completion_tokens_details"] = {"reasoning_tokens": thought}
        return played, said, usage, finish

    async def _fail(self, played: Actor) -> None:
        match played.fault:
            case "silent":
                await asyncio.sleep(3600)
            case "key":
                raise litellm.AuthenticationError("This simulated key is wrong.", "demo", played.name)
            case "down":
                raise litellm.ServiceUnavailableError("Simulated outage.", "demo", played.name)
            case "busy":
                raise _busy(played)
            case "flaky" if next(self._calls) % 2 == 0:
                raise litellm.ServiceUnavailableError("Simulated hiccup.", "demo", played.name)


def _busy(played: Actor) -> Exception:
    error = litellm.RateLimitError("Simulated rate limit.", "demo", played.name)
    error.litellm_response_headers = {"retry-after": "1"}
    return error


def _cut(said: Reply, options: Mapping[str, Any]) -> tuple[Reply, str]:
    """The reply within max_tokens and before a stop sequence, and the finish reason."""
    text, finish = said.text, "tool_calls" if said.tool_calls else "stop"
    stops = options.get("stop") or ()
    for stop in [stops] if isinstance(stops, str) else stops:
        text = text.split(stop)[0] if stop else text
    most = min(LONGEST, int(options.get("max_tokens") or options.get("max_completion_tokens") or LONGEST))
    if _count(text) > most:
        text, finish = text[: most * 4], "length"
    return Reply(text, said.reasoning, said.tool_calls), finish


def _count(text: str) -> int:
    return -(-len(text) // 4)


def _without_images(messages: list[Any]) -> list[Mapping[str, Any]]:
    return [
        {"content": [part.get("text", "picture" * 400) for part in message["content"]]}
        if isinstance(message.get("content"), list)
        else message
        for message in messages
    ]


def _calls(said: Reply) -> list[dict[str, Any]]:
    return [
        {"index": at, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for at, call in enumerate(said.tool_calls)
    ]


def _chunk(model: str, delta: Any, finish: str | None = None, usage: Any = None) -> Any:
    chunk = ModelResponseStream(model=model, choices=[StreamingChoices(index=0, delta=delta, finish_reason=finish)])
    if usage is not None:
        chunk.usage = usage
    return chunk
