"""What the question in the box is likely to come to: tokens, money, seconds, the context it fills, the budget left."""

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
from core.workspace.attachments import Attachment
from core.workspace.conversations import Conversation
from pages.parts.chat_state import ChatState
from pages.parts.draft import watch_draft
from pages.parts.markup import label


@st.fragment(key="beside-send")
def beside_send(platform: Platform, state: ChatState, conversation: Conversation | None) -> None:
    """The estimate for what stands in the box now, redrawn as it is typed."""
    draft = watch_draft(state)
    if draft.text:
        platform.ai.warm()  # a question is on its way
    attachments = state.staged + draft.attachments
    words, shares, warning = "", [], ""
    try:
        request = request_for(platform, state, conversation, draft.text, attachments)
        words = _estimate(platform, request)
        shares = [_share(platform, request, attachment) for attachment in attachments]
    except PlatformError as error:
        warning = str(error)
    with st.container(gap=None, key="estimate", horizontal_alignment="right"):
        if warning and warning != state.problem:
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
    return "< 1%" if 0 < share < 0.01 else f"{share * 100:.0f}%"


def gauge(share: float) -> str:
    """Five little blocks: how full the model's context is."""
    full = min(5, max(0, round(share * 5)))
    return "▰" * full + "▱" * (5 - full)


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
