"""The models that can be asked: abilities, context, prices, and an own price where one is needed."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from charts import look
from core.errors import PlatformError
from core.llm.models import ModelInfo
from core.platform import Platform
from pages.parts.markup import label
from pages.parts.models_state import ModelsState

ABILITIES = {
    "tools": "tools",
    "images": "images",
    "documents": "documents",
    "json_schema": "JSON",
    "reasoning": "reasoning",
    "embeddings": "embeddings",
}
BUCKETS = {
    "uncached_input": "Input",
    "cache_read": "Input read from cache",
    "visible_output": "Output",
}
MILLION = Decimal(1_000_000)


def draw_models(platform: Platform, models: Sequence[ModelInfo]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.text_input(
            "Search",
            live="250ms",
            type="search",
            icon=":material/search:",
            placeholder="Search by name, provider or ability",
            label_visibility="collapsed",
            key="model-search",
        )
        if st.button(
            "Look again", icon=":material/refresh:", key="look-again", help="Asks local servers for their models"
        ):
            platform.ai.models(refresh=True)
            st.rerun()
    rows = [_row(platform, info) for info in models if _matches(info, wanted or "")]
    if not rows:
        st.caption("No model has these words." if models else "No model yet: connect a provider on the left.")
        return
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height="content" if len(rows) <= 18 else 640,
        column_config={
            "In": st.column_config.TextColumn(
                "In, $/1M", help="Input, US dollars per million tokens", alignment="right"
            ),
            "Out": st.column_config.TextColumn(
                "Out, $/1M", help="Output, US dollars per million tokens", alignment="right"
            ),
            "Context": st.column_config.TextColumn(alignment="right"),
            "Longest answer": st.column_config.TextColumn(alignment="right"),
        },
    )
    st.caption("“unpriced” is not free: such calls are counted apart on every chart until somebody gives a price.")


def _matches(info: ModelInfo, wanted: str) -> bool:
    text = " ".join((info.id, info.label, *(ABILITIES.get(ability, "") for ability in info.supports))).casefold()
    return all(word in text for word in wanted.casefold().split())


def _row(platform: Platform, info: ModelInfo) -> dict[str, Any]:
    line = platform.ai.prices.current(info.id)
    return {
        "Model": info.id[:120],
        "In": _per_million(line.prices.get("uncached_input") if line else None),
        "Out": _per_million(line.prices.get("visible_output") if line else None),
        "Context": look.tokens(info.context_window),
        "Longest answer": look.tokens(info.max_output),
        "Can": ", ".join(words for ability, words in ABILITIES.items() if ability in info.supports) or "text",
        "Price from": line.source if line else look.UNPRICED,
        "State": "ready" if info.available else info.reason[:160],
    }


def _per_million(text: str | None) -> str:
    if text is None:
        return look.UNPRICED
    amount = Decimal(text) * MILLION
    return f"{amount:.4f}".rstrip("0").rstrip(".") if amount else "0"


def draw_prices(platform: Platform, state: ModelsState, models: Sequence[ModelInfo]) -> None:
    """A form for an own price; every call from then on stores which line priced it."""
    st.markdown("**Own price**")
    st.caption("Counts from now on, before the built-in price map. A name may end in * for a whole family.")
    names = [info.id for info in models]
    with st.form("own-price", border=False):
        model = st.selectbox(
            "Model", names, accept_new_options=True, index=None, placeholder="provider/model or vllm/*"
        )
        with st.container(horizontal=True):
            typed = {
                bucket: st.text_input(f"{words}, $ per 1M tokens", key=f"price-{bucket}", placeholder="–")
                for bucket, words in BUCKETS.items()
            }
        hour = st.text_input(
            "Or dollars per hour of the machine", key="price-hour", placeholder="–", help="For own GPUs, paid by time"
        )
        since = st.date_input(
            "Counts from", value=None, max_value="today", format="YYYY-MM-DD", help="Empty: from now on"
        )
        pressed = st.form_submit_button("Set price", type="primary")
    if not pressed:
        return
    try:
        prices = {"hour": _amount(hour)} if hour else {k: _amount(v) / MILLION for k, v in typed.items() if v}
        line = platform.ai.prices.set_price(model or "", prices, _moment(since))
    except InvalidOperation:
        st.error("A price is a number such as 0.15.", icon=":material/error:")
        return
    except PlatformError as error:
        st.error(label(str(error), 400), icon=":material/error:")
        return
    state.said = f"{line.model} is priced by your own line from now on."
    st.rerun()


def _moment(since: object) -> datetime | None:
    return datetime(since.year, since.month, since.day) if isinstance(since, date) else None


def _amount(text: str | None) -> Decimal:
    return Decimal((text or "").strip().lstrip("$").replace(",", ""))
