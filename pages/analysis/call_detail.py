"""One call opened whole: what was asked and answered, every attempt, tokens, money and times."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from charts import canvas, look, timeline
from core.analytics.zones import to_local
from core.errors import PlatformError
from core.ledger.words import CallPayload
from core.platform import Platform
from pages.analysis.bar import zone_of_browser
from pages.analysis.scheme import dark, watch_scheme
from pages.frame import plain, problem
from pages.parts.links import PLAYGROUND

LONG = 20_000
BADGES = {"ok": "green", "error": "red", "cancelled": "gray", "interrupted": "orange", "refused": "violet"}
PARTS = ("Conversation", "Tokens and money", "Times", "Everything")
BUCKETS = (
    ("Input", "uncached_input_tokens", "cost_input"),
    ("Read from the provider's cache", "cache_read_tokens", "cost_cache_read"),
    ("Written to the provider's cache", ("cache_write_5m_tokens", "cache_write_1h_tokens"), "cost_cache_write"),
    ("Output", "visible_output_tokens", "cost_output"),
    ("Reasoning", "reasoning_tokens", "cost_reasoning"),
)
TIMES = (
    ("Waited for a place", "queue_s"), ("Our own overhead", "overhead_s"), ("To response headers", "connect_s"),
    ("First token", "ttft_s"), ("Between tokens, median", "gap_p50_s"), ("Between tokens, p95", "gap_p95_s"),
    ("Between tokens, largest", "gap_max_s"), ("Whole call", "total_s"), ("Estimated, median", "estimate_seconds_p50"),
    ("Estimated, p90", "estimate_seconds_p90"),
)  # fmt: skip


def call_detail(platform: Platform, call_id: str) -> None:
    calls = platform.analytics.calls
    back = {name: st.query_params.get_all(name) for name in st.query_params if name != "call"}
    st.page_link("calls.py", label="All calls", icon=":material/arrow_back:", query_params=back)
    try:
        call = calls.one(call_id)
        attempts = calls.attempts(call["turn_id"])
        said = calls.said(call_id)
    except PlatformError as error:
        problem(error)
        return
    if said is not None and call["operation"] == "chat":
        st.link_button(
            "Compare in the playground",
            f"{PLAYGROUND}?{urlencode({'call': call_id})}",
            icon=":material/compare_arrows:",
            help="The same question, settings and model, beside another one",
        )
    _head(call)
    if len(attempts) > 1:
        _attempts(attempts, call_id, back)
    part = st.segmented_control(
        "Part", PARTS, default=PARTS[0], required=True, label_visibility="collapsed", key="call_part"
    )
    if part == "Conversation":
        _conversation(said)
    elif part == "Tokens and money":
        _money(call)
    elif part == "Times":
        _times(call)
    else:
        _everything(call, said)


def _head(call: Mapping[str, Any]) -> None:
    at = to_local(call["started_at"], zone_of_browser())
    st.title(plain(call["served_model"] or call["requested_model"]), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(call["status"], color=BADGES.get(call["status"], "gray"))
        if call["origin"] != "live":
            st.badge(f"{call['origin']} data", color="orange")
        if call["cache_state"] in ("exact", "semantic"):
            st.badge(f"{call['cache_state']} cache hit", color="blue")
        if call["requested_model"] != call["served_model"]:
            st.badge(f"fallback from {plain(call['requested_model'])}", color="blue")
        for tag in call["tags"] or ():
            st.badge(plain(tag, 40), color="gray")
        who = f", by {plain(call['user_id'], 60)}" if call["user_id"] else ""
        st.caption(
            f"{at:%a %d %b %Y, %H:%M:%S} · through {call['door']}{who} · attempt {call['attempt']}", width="content"
        )
    if call["error_text"]:
        code = f" (HTTP {call['http_status']})" if call["http_status"] else ""
        st.error(plain(call["error_text"]) + code, icon=":material/error:")
    speed = None
    if call["output_tokens"] and call["ttft_s"] is not None and (call["total_s"] or 0) > call["ttft_s"]:
        speed = call["output_tokens"] / (call["total_s"] - call["ttft_s"])
    with st.container(horizontal=True, gap="small"):
        for label, value in (
            ("Cost", look.money(call["cost_total"])),
            ("First token", look.seconds(call["ttft_s"])),
            ("Whole call", look.seconds(call["total_s"])),
            ("Speed", look.rate(speed)),
            ("Input tokens", look.tokens(call["input_tokens"])),
            ("Output tokens", look.tokens(call["output_tokens"])),
        ):
            with st.container(border=True, width=170):
                st.metric(label, value.replace("$", r"\$"))


def _attempts(attempts: list[dict[str, Any]], call_id: str, back: Mapping[str, Any]) -> None:
    watch_scheme()
    with st.container(border=True):
        event = st.plotly_chart(
            timeline.attempts(attempts, f"All {len(attempts)} calls of this turn", dark=dark()),
            theme=None, config=canvas.config("attempts"), key="call_attempts", on_select="rerun",
            selection_mode="points",
        )  # fmt: skip
        st.caption("Click a bar to open that call.")
        for point in event.selection.points:
            other = next(iter(dict(enumerate(point.get("customdata") or ())).values()), None)
            other = point["customdata"].get("0") if isinstance(point.get("customdata"), dict) else other
            if other and other != call_id:
                st.switch_page("calls.py", query_params={**back, "call": str(other)})


def _conversation(said: CallPayload | None) -> None:
    if said is None:
        st.info("What was said was not kept for this call.", icon=":material/visibility_off:")
        return
    for message in said.request:
        _message(str(message.get("role", "")), message.get("content"), message.get("tool_calls"))
    if said.response is not None:
        st.divider()
        if said.response.get("reasoning"):
            with st.expander("Reasoning"):
                _text(str(said.response["reasoning"]))
        _message("answer", said.response.get("text"), said.response.get("tool_calls"))


def _message(role: str, content: Any, tool_calls: Any) -> None:
    with st.container(border=True):
        st.caption(plain(role).capitalize())
        for part in content if isinstance(content, list) else [{"type": "text", "text": content or ""}]:
            if part.get("type") == "text":
                _text(str(part.get("text", "")))
            else:
                name, kind = part.get("name") or part.get("type"), part.get("media_type", "")
                st.markdown(f":material/attach_file: {plain(name)} ({plain(kind)})")
                if part.get("text"):
                    with st.expander("Text that was sent"):
                        _text(str(part["text"]))
        for call in tool_calls or ():
            name = call.get("name") or (call.get("function") or {}).get("name")
            st.markdown(f":material/build: {plain(name)}")
            st.code(
                str(call.get("arguments") or (call.get("function") or {}).get("arguments") or ""),
                language="json",
                wrap_lines=True,
            )


def _text(text: str) -> None:
    """As it stands: what a model or a person wrote is never rendered here."""
    st.code(text[:LONG] or " ", language=None, wrap_lines=True)
    if len(text) > LONG:
        st.caption(f"The first {LONG:,} of {len(text):,} characters; the rest is in the download under Everything.")


def _money(call: Mapping[str, Any]) -> None:
    rows = []
    for label, columns, cost in BUCKETS:
        counts = [call[column] for column in ((columns,) if isinstance(columns, str) else columns)]
        known = [count for count in counts if count is not None]
        rows.append({"Part": label, "Tokens": sum(known) if known else None, "Cost": look.money(call[cost])})
    rows.append({"Part": "Together", "Tokens": None, "Cost": look.money(call["cost_total"])})
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config={"Tokens": st.column_config.NumberColumn(format="localized")}
    )
    source = plain(call["price_version"]) if call["price_version"] else "no price is known for this model"
    st.caption(f"Price: {source}. Tokens counted by: {plain(call['usage_source'])}.")
    if call["saved"] is not None:
        st.caption(plain(f"The cache saved {look.money(call['saved'])}."))
    if call["estimate_cost_p50"] is not None:
        middle, most = look.money(call["estimate_cost_p50"]), look.money(call["estimate_cost_p90"])
        st.caption(plain(f"Estimated before: {middle}, with 9 in 10 at most {most}."))


def _times(call: Mapping[str, Any]) -> None:
    rows = [{"What": label, "Seconds": look.seconds(call[column])} for label, column in TIMES]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _everything(call: Mapping[str, Any], said: CallPayload | None) -> None:
    st.dataframe(
        pd.DataFrame([{"Column": name, "Value": "–" if value is None else str(value)} for name, value in call.items()]),
        hide_index=True, height=500,
    )  # fmt: skip
    whole = {"call": dict(call), "request": said.request if said else None, "response": said.response if said else None}
    st.download_button(
        "Download as JSON", data=lambda: json.dumps(whole, default=str, indent=1).encode(), mime="application/json",
        file_name=f"call-{call['call_id']}.json", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
