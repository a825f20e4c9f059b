"""The receipt under an answer: one line of truth, which opens to the attempts behind it."""

from typing import Any

import pandas as pd
import streamlit as st

from charts import look
from core.events import AttemptReceipt, Receipt
from pages.parts.links import page_link
from pages.parts.markup import label

ENDINGS = {
    "cancelled": "stopped",
    "error": "failed",
    "refused": "refused",
    "interrupted": "interrupted",
}


def line(receipt: Receipt) -> str:
    """The receipt in one line of plain text."""
    parts = [_who(receipt)]
    if receipt.status in ENDINGS:
        parts.append(ENDINGS[receipt.status])
    if receipt.cache_state in ("exact", "semantic"):
        parts.append(_cached(receipt))
    parts.append(_tokens(receipt))
    if receipt.ttft_s is not None:
        parts.append(f"first token {look.seconds(receipt.ttft_s)}")
    if receipt.tokens_per_s is not None:
        parts.append(look.rate(receipt.tokens_per_s))
    parts.append(look.money(receipt.cost))
    if receipt.price_source:
        parts.append(receipt.price_source)
    if not receipt.logged:
        parts.append("not logged yet")
    return " · ".join(part for part in parts if part)


def _who(receipt: Receipt) -> str:
    served = receipt.served_model
    again = sum(1 for attempt in receipt.attempts if attempt.hop or attempt.retry)
    suffix = f" after {again + 1} tries" if again else ""
    if not again and len(receipt.attempts) > 1:
        suffix = f" in {len(receipt.attempts)} calls"  # a call for each round of tool results
    if served and served != receipt.requested_model:
        return f"asked {receipt.requested_model}, answered by {served}{suffix}"
    return f"{served or receipt.requested_model}{suffix}"


def _cached(receipt: Receipt) -> str:
    similar = f", similarity {receipt.cache_similarity:.2f}" if receipt.cache_state == "semantic" else ""
    if receipt.cache_state == "semantic" and receipt.cache_similarity is None:
        similar = ""
    saved = f", saved {look.money(receipt.saved)}" if receipt.saved is not None else ""
    return f"from cache{similar}{saved}"


def _tokens(receipt: Receipt) -> str:
    usage = receipt.usage
    if usage.input_tokens is None and usage.output_tokens is None:
        return "tokens unknown"
    about = "≈ " if usage.source == "estimated" else ""
    extras = []
    if usage.cache_read:
        extras.append(f"{look.tokens(usage.cache_read)} cached")
    cached = f" ({', '.join(extras)})" if extras else ""
    thought = f" ({look.tokens(usage.reasoning_output)} reasoning)" if usage.reasoning_output else ""
    return f"{about}{look.tokens(usage.input_tokens)} in{cached} / {look.tokens(usage.output_tokens)} out{thought}"


def draw(receipt: Receipt, key: str, why: str = "") -> None:
    """The line; opened, the attempts, `why` this model was chosen, and the way to the log."""
    with st.expander(
        label(line(receipt), 400),
        type="compact",
        icon=":material/receipt_long:",
        key=f"receipt-{key}",
        on_change="rerun",
    ) as opened:
        if opened.open:
            details(receipt, why)


def details(receipt: Receipt, why: str = "") -> None:
    rows = pd.DataFrame([_row(attempt) for attempt in receipt.attempts])
    said = [name for name in rows.columns if (rows[name] != "").any()]
    st.dataframe(
        rows[said],
        hide_index=True,
        width="stretch",
        height="content",
    )
    if why:
        st.caption(label(why, 500))
    facts = [
        f"Took {look.seconds(receipt.total_s)} in all{_waited(receipt)}",
        f"ended: {receipt.finish_reason or 'not said by the provider'}",
        f"tokens: {_source(receipt.usage.source)}",
        f"cache {receipt.cache_state}",
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(label(" · ".join(facts), 300))
        page_link("calls", "See in Calls", ":material/open_in_new:", turns=receipt.turn_id)


def _waited(receipt: Receipt) -> str:
    """The first question after a start waits for the platform itself."""
    waited = receipt.queue_s or 0.0
    return f", sent after {look.seconds(waited)}" if waited >= 0.5 else ""


def _source(source: str) -> str:
    return {"provider": "as the provider reported", "estimated": "estimated here"}.get(source, "not known")


def _row(attempt: AttemptReceipt) -> dict[str, Any]:
    return {
        "Asked": visible_name(attempt.model),
        "Ended": attempt.status if attempt.status == "ok" else (attempt.error_kind or attempt.status).replace("_", " "),
        "HTTP": str(attempt.http_status or ""),
        "First token": look.seconds(attempt.ttft_s),
        "Total": look.seconds(attempt.total_s),
        "Tokens in": look.tokens(attempt.usage.input_tokens),
        "Tokens out": look.tokens(attempt.usage.output_tokens),
        "Cost": look.money(attempt.cost),
        "What went wrong": attempt.error_text or "",
    }


def visible_name(model: str) -> str:
    return model[:120]
