"""Fair mode: what makes panes comparable, how they are started, and the verdict whether they were."""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import PlatformError
from core.events import TurnView
from core.messages import Json, Tool

ALIKE = "Same question, same attachments, no cache, no fallback."
WARMED = "The local model was warmed up."
IN_TURN = "Local models were warmed up and answered in turn."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The badge. `comparable` is None while it cannot be said yet; every reason is one plain sentence."""

    comparable: bool | None
    reasons: tuple[str, ...] = ()


def lanes(keys: Sequence[str], server_of: Mapping[str, str | None], chance: random.Random) -> list[list[str]]:
    """Panes in random order. Those on one local server share a lane and run in turn: at once they would only
    measure each other. Every other pane has a lane of its own."""
    order = list(keys)
    chance.shuffle(order)
    shared: dict[str, list[str]] = {}
    result: list[list[str]] = []
    for key in order:
        server = server_of.get(key)
        if server is None:
            result.append([key])
        elif server in shared:
            shared[server].append(key)
        else:
            shared[server] = [key]
            result.append(shared[server])
    return result


def verdict(fair: bool, views: Mapping[str, TurnView], retried: Iterable[str] = (), locally: int = 0) -> Verdict:
    """`views`: letter -> how that pane's answer stands; an empty mapping is a board without a question. `locally`: the
    most panes that any one local server answered."""
    if not views:
        return Verdict(None, ("Ask a question to compare.",))
    if any(view.status == "running" for view in views.values()):
        return Verdict(None, ("Still running.",))
    reasons = [] if fair else ["Fair mode was off: cache, fallbacks and starting order may differ."]
    again = set(retried)
    for letter, view in views.items():
        reasons.extend(f"{letter} {fault}" for fault in _faults(view, letter in again))
    return Verdict(not reasons, tuple(reasons) or (ALIKE, *([IN_TURN] if locally > 1 else [WARMED] if locally else [])))


def _faults(view: TurnView, again: bool) -> list[str]:
    if view.status == "cancelled":
        return ["was stopped."]
    if view.status != "ok":
        return ["did not answer."]
    faults = ["was asked again, at another time than the rest."] if again else []
    receipt = view.receipt
    cut = {"length", "max_tokens", "MAX_TOKENS", "model_length"}
    if any(notice.kind == "truncated" for notice in view.notices):
        faults.append("was given only a part of the question: its server cut the prompt.")
    if receipt is not None and receipt.finish_reason in cut:
        faults.append("was cut off at its token limit.")
    if receipt is None:
        return faults
    if receipt.cache_state in ("exact", "semantic"):
        faults.append("was answered from the cache.")
    if receipt.served_model is not None and receipt.served_model != receipt.requested_model:
        faults.append("was answered by a fallback.")
    if sum(attempt.hop == 0 and attempt.retry > 0 for attempt in receipt.attempts):
        faults.append("needed a retry, so its times are not comparable.")
    return faults


@dataclass
class RecordedTools:
    """The same tool results for all panes of one question: the first call runs, the rest are handed its result.

    Used on the engine's loop only, so a plain dict is enough.
    """

    results: dict[tuple[str, str], "asyncio.Future[str]"] = field(default_factory=dict)

    def of(self, tools: Iterable[Tool]) -> tuple[Tool, ...]:
        return tuple(RecordedTool(tool, self) for tool in tools)


@dataclass(frozen=True, slots=True)
class RecordedTool:
    tool: Tool
    record: RecordedTools

    @property
    def name(self) -> str:
        return self.tool.name

    @property
    def description(self) -> str:
        return self.tool.description

    @property
    def parameters(self) -> Json:
        return self.tool.parameters

    @property
    def side_effects(self) -> bool:
        return self.tool.side_effects

    async def call(self, arguments: str) -> str:
        key = (self.tool.name, " ".join(arguments.split()))
        known = self.record.results.get(key)
        if known is not None and not known.cancelled():
            return await asyncio.shield(known)
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.record.results[key] = waiting
        try:
            waiting.set_result(await self.tool.call(arguments))
        except PlatformError as error:
            waiting.set_exception(error)
        except BaseException:  # cancelled or broken: whoever waits runs the tool itself next time
            self.record.results.pop(key, None)
            waiting.cancel()
            raise
        return await waiting
