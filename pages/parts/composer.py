"""Beside Send: who is asked, what it is likely to cost, what waits, and the way to stop."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import streamlit as st

from charts import look
from core.errors import PlatformError
from core.guard.admission import matches
from core.messages import TurnRequest
from core.platform import Platform
from core.workspace.assistants import Assistant
from core.workspace.attachments import Attachment
from core.workspace.conversations import Conversation
from pages.parts.chat_state import ChatState, Waiting
from pages.parts.draft import watch_draft
from pages.parts.markup import label
from pages.parts.model_names import askable

BOX = "question-box"


def draw_composer(
    platform: Platform, state: ChatState, conversation: Conversation | None, assistants: Sequence[Assistant], turn: Any
) -> None:
    """The row above the question box, which stands at the bottom of the page."""
    with st.bottom, st.container(gap="xsmall", key="composer"):
        _problem(platform, state)
        _staged(state)
        _queue(state)
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="composer-row"):
            pick(platform, state, conversation, assistants)
            if turn is not None:
                st.button(
                    "Stop",
                    icon=":material/stop_circle:",
                    key="stop-answer",
                    on_click=turn.cancel,
                    help="Stop the answer (Esc); what has arrived is kept",
                )
            beside_send(platform, state, conversation)


def asked_assistant(state: ChatState, conversation: Conversation | None) -> str:
    """The id of the assistant that the next question goes to, "" for none."""
    if state.assistant_id is not None:
        return state.assistant_id
    return (conversation.assistant_id if conversation else None) or ""


def asked_model(
    platform: Platform, state: ChatState, conversation: Conversation | None, assistant: Assistant | None
) -> str:
    if state.model:
        return state.model
    if assistant is not None:
        return assistant.model or platform.ai.default_model()
    return (conversation.model if conversation else "") or platform.ai.default_model()


def pick(
    platform: Platform, state: ChatState, conversation: Conversation | None, assistants: Sequence[Assistant]
) -> None:
    """Assistant and model for the next question."""
    by_id = {assistant.id: assistant for assistant in assistants}
    current = asked_assistant(state, conversation)
    assistant = by_id.get(current)
    try:
        model = asked_model(platform, state, conversation, assistant)
    except PlatformError:
        model = ""
    models = askable(platform)
    who = label(assistant.name, 28) if assistant else "No assistant"
    what = models.get(model, model) or "no model"
    with st.popover(f"{who} · {label(what, 34)}", icon=":material/tune:", type="tertiary", key="pick"):
        ids = ["", *by_id]
        # The state owns the choice, the boxes show it: a button elsewhere may have changed it since the last run.
        key = f"pick-assistant-{state.conversation_id}"
        st.session_state[key] = current if current in ids else ""
        chosen = st.selectbox(
            "Assistant",
            ids,
            format_func=lambda id: by_id[id].name if id else "No assistant",
            key=key,
            on_change=_chose_assistant,
            args=(state, key),
        )
        model_now = state.model if state.model in models else ""
        key = f"pick-model-{state.conversation_id}-{chosen}"
        st.session_state[key] = model_now
        st.selectbox(
            "Model",
            ["", *models],
            format_func=lambda id: models[id] if id else "As set" + (f" ({what})" if not model_now else ""),
            key=key,
            on_change=_chose_model,
            args=(state, key),
            help="Overrides the assistant's own model for the questions from here on",
        )
        missing = [known for known in platform.ai.models() if not known.available]
        for known in missing[:6]:
            st.caption(f"{label(known.label, 40)}: {label(known.reason, 140)}")


@st.fragment(key="beside-send")
def beside_send(platform: Platform, state: ChatState, conversation: Conversation | None) -> None:
    """The estimate for what stands in the box now, redrawn as it is typed."""
    draft = watch_draft(state.scroll_to)
    attachments = state.staged + draft.attachments
    words, shares, warning = "", [], ""
    try:
        request = request_for(platform, state, conversation, draft.text, attachments)
        words = _estimate(platform, request)
        shares = [_share(platform, request, attachment) for attachment in attachments]
    except PlatformError as error:
        warning = str(error)
    with st.container(gap=None, key="estimate", horizontal_alignment="right"):
        if warning:
            st.caption(f":material/warning: {label(warning, 240)}", text_alignment="right")
        for share in shares:
            st.caption(share, text_alignment="right")
        for problem in draft.problems:
            st.caption(f":material/block: {label(problem, 200)}", text_alignment="right")
        if words:
            st.caption(label(words, 300), text_alignment="right")


def request_for(
    platform: Platform,
    state: ChatState,
    conversation: Conversation | None,
    text: str,
    attachments: Sequence[Attachment] = (),
) -> TurnRequest:
    return platform.chat.request_for(
        conversation.id if conversation else None,
        text,
        attachments=attachments,
        assistant_id=state.assistant_id,
        model=state.model,
    )


def _estimate(platform: Platform, request: TurnRequest) -> str:
    """What the question is likely to come to, in one line."""
    found = platform.ai.estimate(request)
    parts = []
    if found.input_tokens is not None:
        parts.append(f"{'' if found.exact else '≈ '}{look.tokens(found.input_tokens)} tokens in")
    free_of_price = platform.ai.model(request.model).price_in is None
    parts.append(look.UNPRICED if free_of_price else _range(found.cost_p50, found.cost_p90, look.money))
    parts.append(_range(found.seconds_p50, found.seconds_p90, look.seconds))
    if found.context_share is not None:
        parts.append(f"context {gauge(found.context_share)} {_percent(found.context_share)}")
    return " · ".join(part for part in (*parts, budget_left(platform, request)) if part)


def _range(low: Any, high: Any, words: Callable[[Any], str]) -> str:
    """From the median to the 90th percentile; with the upper bound alone, up to that."""
    if low is None:
        return f"up to {words(high)}" if high is not None else ""
    return words(low) if high is None or words(low) == words(high) else f"{words(low)}–{words(high)}"


def _percent(share: float) -> str:
    return "< 1 %" if 0 < share < 0.01 else f"{share * 100:.0f} %"


def gauge(share: float) -> str:
    """Five little blocks: how full the model's context is."""
    full = min(5, max(0, round(share * 5)))
    return "▰" * full + "▱" * (5 - full)


def can_read_images(platform: Platform) -> tuple[str, ...]:
    return tuple(info.id for info in platform.ai.models() if info.available and "images" in info.supports)


def _share(platform: Platform, request: TurnRequest, attachment: Attachment) -> str:
    """One attachment's part of the question, in tokens and money."""
    part = attachment.part
    without = tuple(_without(message, part) for message in request.messages)
    whole = platform.ai.estimate(request).input_tokens
    rest = platform.ai.estimate(_with_messages(request, without)).input_tokens
    name = label(part.name, 50)
    icon = ":material/image:" if attachment.kind == "image" else ":material/description:"
    if whole is None or rest is None:
        return f"{icon} {name} · tokens unknown"
    used = max(0, whole - rest)
    price = platform.ai.model(request.model).price_in
    money = look.money(price * used) if price is not None else look.UNPRICED
    note = f" · {label(attachment.note, 120)}" if attachment.note else ""
    return f"{icon} {name} · ≈ {look.tokens(used)} tokens · {label(money)}{note}"


def _without(message: Any, part: Any) -> Any:
    return replace(message, parts=tuple(other for other in message.parts if other is not part))


def _with_messages(request: TurnRequest, messages: Any) -> TurnRequest:
    return replace(request, messages=messages)


def budget_left(platform: Platform, request: TurnRequest) -> str:
    """What the tightest budget over this question still allows."""
    left = [
        (standing.plan.limit_usd - standing.spent - standing.reserved, standing.plan.name)
        for standing in platform.guard.standings()
        if matches(standing.plan, request)
    ]
    if not left:
        return ""
    amount, name = min(left)
    return f"{look.money(max(amount, Decimal(0)))} left of {name[:40]}"


def _chose_assistant(state: ChatState, key: str) -> None:
    state.assistant_id, state.model = st.session_state[key], None


def _chose_model(state: ChatState, key: str) -> None:
    state.model = st.session_state[key] or None
    state.problem, state.able = "", ()


def _problem(platform: Platform, state: ChatState) -> None:
    if not state.problem:
        return
    with st.container(gap="xsmall", key="ask-problem"):
        st.warning(label(state.problem, 500), icon=":material/error:")
        with st.container(horizontal=True, gap="xsmall"):
            for model in state.able[:3]:
                st.button(f"Use {label(model, 40)}", key=f"able-{model}", on_click=_use, args=(state, model))
            st.button("Dismiss", type="tertiary", key="dismiss-problem", on_click=_use, args=(state, None))


def _use(state: ChatState, model: str | None) -> None:
    state.problem, state.able = "", ()
    if model:
        state.model = model


def _staged(state: ChatState) -> None:
    for number, attachment in enumerate(state.staged):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.caption(f":material/attach_file: {label(attachment.part.name, 60)}", width="content")
            st.button(
                ":material/close:", key=f"unstage-{number}", type="tertiary", on_click=_unstage, args=(state, number)
            )


def _unstage(state: ChatState, number: int) -> None:
    state.staged = state.staged[:number] + state.staged[number + 1 :]


def _queue(state: ChatState) -> None:
    for number, waiting in enumerate(state.queue()):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"queued-{number}"):
            st.caption(f":material/schedule_send: Next: {label(waiting.text, 80)}", width="content")
            st.button(
                ":material/close:",
                key=f"unqueue-{number}",
                type="tertiary",
                help="Take it back",
                on_click=_unqueue,
                args=(state, waiting),
            )


def _unqueue(state: ChatState, waiting: Waiting) -> None:
    if waiting in state.queue():
        state.queue().remove(waiting)
        state.put_back = waiting.text
        state.staged = waiting.attachments
