"""What one version of an assistant says, how it is stored, and the check of what a form or a file hands in."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from core.errors import InvalidError
from core.json_schema import check_schema
from core.messages import CacheMode, Json, Parameters
from core.workspace.plain_text import clean, one_line


@dataclass(frozen=True, slots=True)
class Choose:
    """ "Choose for me" knobs, as `AIService.select_model` takes them."""

    complexity: str = "medium"
    cost_sensitive: bool = False
    speed_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantContent:
    """What a version holds. `model` is a catalogue id "provider/model", "" for the default one."""

    name: str
    description: str = ""
    model: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    system_prompt: str = ""
    tools: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] | None = None
    """None: the configured chain; (): no fallback."""
    choose: Choose | None = None
    prompt_id: str | None = None
    prompt_version: int | None = None
    """None with a `prompt_id`: its production version."""
    response_schema: Json | None = None
    cache: CacheMode = "off"
    starters: tuple[str, ...] = ()
    budget_usd: Decimal | None = None
    shared: bool = False

    @property
    def provider(self) -> str:
        return self.model.partition("/")[0]

    @property
    def parameters(self) -> Parameters:
        return Parameters(
            temperature=self.temperature, max_tokens=self.max_tokens, response_schema=self.response_schema
        )


CONTENT = tuple(field.name for field in dataclasses.fields(AssistantContent))
COMPLEXITIES = ("low", "medium", "high")
CACHES = ("off", "exact", "semantic")
LONGEST_SYSTEM_PROMPT = 100_000
Content = TypeVar("Content", bound=AssistantContent)


def checked(draft: Content) -> Content:
    """`draft` with its texts cleaned. Raises InvalidError for what no assistant can be."""
    name = one_line(draft.name, 80)
    if not name:
        raise InvalidError("Give the assistant a name.")
    _within("The temperature", draft.temperature, 0, 2)
    _within("The most tokens an answer may have", draft.max_tokens, 1, 10_000_000)
    if len(draft.system_prompt) > LONGEST_SYSTEM_PROMPT:
        raise InvalidError(f"The instructions may have at most {LONGEST_SYSTEM_PROMPT:,} characters.")
    if draft.cache not in CACHES:
        raise InvalidError(f"The cache is {', '.join(CACHES[:-1])} or {CACHES[-1]}.")
    if draft.choose and draft.choose.complexity not in COMPLEXITIES:
        raise InvalidError(f"The complexity is {', '.join(COMPLEXITIES[:-1])} or {COMPLEXITIES[-1]}.")
    budget = draft.budget_usd
    if budget is not None and not (budget.is_finite() and 0 <= budget <= 10**9):
        raise InvalidError("The budget is an amount in US dollars, from 0 up.")
    if draft.prompt_version is not None and not draft.prompt_id:
        raise InvalidError("A prompt version needs a prompt.")
    _check_schema(draft.response_schema)
    return dataclasses.replace(
        draft,
        name=name,
        description=clean(draft.description)[:2_000],
        model=one_line(draft.model, 200),
        system_prompt=clean(draft.system_prompt),
        tools=_lines(draft.tools, "tools", 64, 100),
        fallbacks=None if draft.fallbacks is None else _lines(draft.fallbacks, "fallbacks", 10, 200),
        starters=_lines(draft.starters, "starters", 12, 500),
    )


def content_body(content: AssistantContent) -> dict[str, Any]:
    """JSON-ready, as it is stored and exported; sharing belongs to the assistant, not to a version."""
    body = {name: getattr(content, name) for name in CONTENT if name != "shared"}
    for name in ("tools", "starters", "fallbacks"):
        body[name] = None if body[name] is None else list(body[name])
    body["choose"] = dataclasses.asdict(content.choose) if content.choose else None
    body["budget_usd"] = None if content.budget_usd is None else str(content.budget_usd)
    body["response_schema"] = None if content.response_schema is None else dict(content.response_schema)
    return body


def content_from(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of AssistantContent out of stored or imported data. Raises InvalidError where a kind is wrong."""
    fields = {name: body[name] for name in CONTENT if name in body and body[name] is not None}
    for name in ("tools", "starters", "fallbacks"):
        if name in fields:
            fields[name] = tuple(_typed(name, item, str) for item in _typed(name, fields[name], list, tuple))
    for name in ("name", "description", "model", "system_prompt", "prompt_id", "cache"):
        if name in fields:
            _typed(name, fields[name], str)
    for name, kinds in (("temperature", (int, float)), ("max_tokens", (int,)), ("prompt_version", (int,))):
        if name in fields:
            _typed(name, fields[name], *kinds)
    if "shared" in fields:
        _typed("shared", fields["shared"], bool)
    if "response_schema" in fields:
        _typed("response_schema", fields["response_schema"], dict)
    if "choose" in fields:
        fields["choose"] = _choose(fields["choose"])
    if "budget_usd" in fields:
        fields["budget_usd"] = _money(fields["budget_usd"])
    if "name" not in fields:
        raise InvalidError("The assistant has no name.")
    return fields


def _typed(name: str, value: Any, *kinds: type) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise InvalidError(f"The assistant's {name.replace('_', ' ')} has the wrong kind of value.")
    return value


def _choose(raw: Any) -> Choose:
    _typed("choose", raw, dict)
    if set(raw) - {"complexity", "cost_sensitive", "speed_priority"}:
        raise InvalidError("The assistant's choose has an unknown entry.")
    if any(not isinstance(raw.get(name, False), bool) for name in ("cost_sensitive", "speed_priority")):
        raise InvalidError("The assistant's choose has the wrong kind of value.")
    return Choose(**{**raw, "complexity": _typed("choose", raw.get("complexity", "medium"), str)})


def _money(raw: Any) -> Decimal:
    try:
        return Decimal(str(raw)[:40])
    except InvalidOperation:
        raise InvalidError("The assistant's budget is not an amount.") from None


def _within(what: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise InvalidError(f"{what} lies between {low:,} and {high:,}.")


def _lines(items: tuple[str, ...], what: str, most: int, longest: int) -> tuple[str, ...]:
    if len(items) > most:
        raise InvalidError(f"An assistant has at most {most} {what}.")
    lines = (one_line(item, longest) for item in items)
    return tuple(dict.fromkeys(line for line in lines if line))


def _check_schema(schema: Json | None) -> None:
    if schema is None:
        return
    if len(json.dumps(dict(schema))) > 50_000:
        raise InvalidError("The answer's JSON schema is longer than 50,000 characters.")
    check_schema(dict(schema), "The answer's JSON schema")
