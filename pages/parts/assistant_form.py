"""The fields of an assistant; what stands in them is a draft that can be tried before it is saved."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, cast

import streamlit as st

from core.errors import InvalidError, PlatformError
from core.messages import CacheMode
from core.platform import Platform
from core.workspace.assistant_content import Choose
from core.workspace.assistants import AssistantDraft
from pages.parts.markup import label
from pages.parts.model_names import askable
from pages.parts.namesakes import choices

CACHES = {
    "off": "Off: always ask",
    "exact": "Exact: the same question again",
    "semantic": "Semantic: a similar question",
}
LEVELS = {"low": "Simple", "medium": "Medium", "high": "Demanding"}


@dataclass(frozen=True, slots=True)
class Fields:
    """The draft as it stands; `problem` says why it could not be read."""

    draft: AssistantDraft
    problem: str = ""


def draw_fields(platform: Platform, draft: AssistantDraft, key: str) -> Fields:
    """Every field of `draft`; `key` keeps the fields of two assistants apart."""
    values: dict[str, Any] = {"id": draft.id, "base_version": draft.base_version}
    values["name"] = st.text_input("Name", draft.name, max_chars=80, key=f"{key}-name", placeholder="Support reply")
    values["description"] = st.text_input(
        "What it is for",
        draft.description,
        max_chars=300,
        key=f"{key}-description",
        placeholder="Drafts an answer to a customer, kind and exact",
    )
    values["system_prompt"] = st.text_area(
        "Instructions (system prompt)",
        draft.system_prompt,
        height=220,
        key=f"{key}-system",
        placeholder="You write replies to customers of … Keep them under 120 words. Never promise a refund.",
    )
    values |= _prompt(platform, draft, key)
    values |= _model(platform, draft, key)
    choice = st.container()
    values |= _manners(draft, key)
    names = [tool.name for tool in platform.tools.all()]
    values["tools"] = tuple(
        st.multiselect(
            "Tools it may call",
            [*dict.fromkeys([*names, *draft.tools])],
            list(draft.tools),
            key=f"{key}-tools",
            placeholder="None" if names else "No tools are installed",
            help=_tools_help(platform),
        )
    )
    for problem in platform.tools.problems:
        st.caption(f":material/warning: {label(problem, 200)}")
    if values["choose"]:
        with choice:
            _chosen_now(platform, values["choose"], values["tools"])
    starters = st.text_area(
        "Starters, one a line",
        "\n".join(draft.starters),
        height=90,
        key=f"{key}-starters",
        help="Shown as buttons on an empty chat with this assistant",
    )
    values["starters"] = tuple(line.strip() for line in (starters or "").splitlines() if line.strip())
    with st.expander("More: fallbacks, cache, budget, JSON answers, sharing", key=f"{key}-more"):
        rest, problem = _rest(platform, draft, key)
    return Fields(AssistantDraft(**(values | rest)), problem)


def _tools_help(platform: Platform) -> str | None:
    tools = platform.tools.all()
    return "\n\n".join(f"**{label(tool.name)}**: {label(tool.description, 160)}" for tool in tools[:20]) or None


def _prompt(platform: Platform, draft: AssistantDraft, key: str) -> dict[str, Any]:
    prompts = {prompt.id: prompt for prompt in platform.workspace.prompts.list()}
    if not prompts:
        return {"prompt_id": draft.prompt_id, "prompt_version": draft.prompt_version}
    called = choices("None", prompts.values())
    with st.container(horizontal=True):
        ids = list(called)
        chosen = st.selectbox(
            "Prompt from the registry",
            ids,
            index=ids.index(draft.prompt_id) if draft.prompt_id in ids else 0,
            format_func=called.__getitem__,
            key=f"{key}-prompt",
            help="Added after the instructions; its version stands on every call",
        )
        if not chosen:
            return {"prompt_id": None, "prompt_version": None}
        versions = [None, *range(prompts[chosen].newest_version, 0, -1)]
        version = st.selectbox(
            "Version",
            versions,
            index=versions.index(draft.prompt_version) if draft.prompt_version in versions else 0,
            format_func=lambda number: "In production" if number is None else f"Version {number}",
            key=f"{key}-prompt-version-{chosen}",
        )
    return {"prompt_id": chosen, "prompt_version": version}


def _model(platform: Platform, draft: AssistantDraft, key: str) -> dict[str, Any]:
    models = askable(platform, draft.model)
    way = st.segmented_control(
        "Model",
        ["One model", "Choose for me"],
        default="Choose for me" if draft.choose else "One model",
        required=True,
        key=f"{key}-way",
    )
    if way == "One model":
        ids = ["", *models]
        model = st.selectbox(
            "Which",
            ids,
            index=ids.index(draft.model) if draft.model in ids else 0,
            format_func=lambda id: models[id] if id else f"Default ({platform.ai.default_model()})",
            key=f"{key}-model",
            label_visibility="collapsed",
        )
        return {"model": model, "choose": None}
    knobs = draft.choose or Choose()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        complexity = st.segmented_control(
            "Questions are",
            list(LEVELS),
            default=knobs.complexity if knobs.complexity in LEVELS else "medium",
            format_func=lambda level: LEVELS[level],
            required=True,
            key=f"{key}-complexity",
        )
        cheap = st.toggle("Cost matters", knobs.cost_sensitive, key=f"{key}-cheap")
        fast = st.toggle("Speed matters", knobs.speed_priority, key=f"{key}-fast")
    st.caption(
        "Picked for each question by this installation's own prices, speeds and votes; the receipt says which and why."
    )
    return {"model": "", "choose": Choose(complexity or "medium", cheap, fast)}


def _chosen_now(platform: Platform, choose: Choose, tools: Sequence[str]) -> None:
    """Whom a question would go to now, so that turning a knob is seen to do something."""
    try:
        choice = platform.ai.select_model(**asdict(choose), needs={"tools"} if tools else ())
    except PlatformError as error:
        st.caption(f":material/warning: {label(str(error), 300)}")
        return
    st.caption(f"Now it would be **{label(choice.model, 80)}**. {label(' '.join(choice.reasons), 500)}")


def _manners(draft: AssistantDraft, key: str) -> dict[str, Any]:
    with st.container(horizontal=True):
        temperature = st.number_input(
            "Temperature",
            value=draft.temperature,  # a bound here would keep what is wrong to the browser: Save tells of it
            step=0.1,
            format="%g",
            key=f"{key}-temperature",
            placeholder="Default",
            help="0 is steady, 1 is varied; empty leaves it to the provider",
        )
        longest = st.number_input(
            "Longest answer (tokens)",
            value=draft.max_tokens,
            step=64,
            key=f"{key}-max",
            placeholder="Default",
        )
    return {"temperature": temperature, "max_tokens": longest}


def _rest(platform: Platform, draft: AssistantDraft, key: str) -> tuple[dict[str, Any], str]:
    values: dict[str, Any] = {"fallbacks": _fallbacks(platform, draft, key)}
    cache = st.selectbox(
        "Cache",
        list(CACHES),
        index=list(CACHES).index(draft.cache),
        format_func=lambda mode: CACHES[mode],
        key=f"{key}-cache",
        help="Off by default; a hit says so and offers to ask fresh",
    )
    values["cache"] = cast(CacheMode, cache)
    budget = st.number_input(
        "Budget (US dollars a month)",
        value=float(draft.budget_usd) if draft.budget_usd is not None else None,
        step=1.0,
        format="%g",  # as it was typed: an amount below a cent is not nothing
        key=f"{key}-budget",
        placeholder="None",
    )
    values["budget_usd"] = None if budget is None else Decimal(str(budget))
    written = json.dumps(draft.response_schema, indent=2) if draft.response_schema is not None else ""
    text = st.text_area(
        "JSON schema of the answer",
        written,
        key=f"{key}-schema",
        height=120,
        placeholder='{"type": "object", "properties": {"summary": {"type": "string"}}}',
    )
    values["shared"] = st.toggle("Share with everyone on this installation", draft.shared, key=f"{key}-shared")
    values["response_schema"] = draft.response_schema
    try:
        values["response_schema"] = _schema(text or "")
    except InvalidError as error:
        return values, str(error)
    return values, ""


def _fallbacks(platform: Platform, draft: AssistantDraft, key: str) -> tuple[str, ...] | None:
    ways = ["As configured", "These", "None"]
    now = "As configured" if draft.fallbacks is None else "These" if draft.fallbacks else "None"
    way = st.segmented_control("When the model fails", ways, default=now, required=True, key=f"{key}-fall")
    if way == "As configured":
        return None
    if way == "None":
        return ()
    models = askable(platform, *(draft.fallbacks or ()))
    chosen: Sequence[str] = st.multiselect(
        "Ask these, in this order",
        list(models),
        [id for id in draft.fallbacks or () if id in models],
        format_func=lambda id: models[id],
        key=f"{key}-fallbacks",
    )
    return tuple(chosen)


def _schema(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidError("The JSON schema is not valid JSON; correct it or clear the field.") from None
    if not isinstance(found, dict):
        raise InvalidError('The JSON schema must be an object, such as {"type": "object"}.')
    return found
