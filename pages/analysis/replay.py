"""A call asked again: the playground with the same question, its model and settings, and another model beside it."""

from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from core.compare.panes import PaneSpec, Setup
from core.ledger.words import CallPayload
from core.messages import Parameters
from core.platform import Platform
from pages.parts.links import PLAYGROUND

LONGEST_QUESTION, LONGEST_SYSTEM = 6_000, 4_000


def replay_button(platform: Platform, call: dict[str, Any], said: CallPayload | None) -> None:
    """Nothing when what was asked was not kept: there is nothing to ask again."""
    question = _last(said, "user")
    if question:
        st.link_button("Replay in the playground", replay_link(platform, call, said), icon=":material/replay:")


def replay_link(platform: Platform, call: dict[str, Any], said: CallPayload | None) -> str:
    """The last question alone, as it stands; what was said before it is not replayed."""
    first = PaneSpec(
        model=call["requested_model"],
        system_prompt=_last(said, "system")[:LONGEST_SYSTEM],
        parameters=Parameters(temperature=call["temperature"], max_tokens=call["max_tokens"]),
    )
    others = (each.id for each in platform.ai.models() if each.available and "embeddings" not in each.supports)
    other = next((id for id in others if id != first.model), first.model)
    setup = Setup((first, first.chosen(other)))
    query = {"compare": setup.link(), "question": _last(said, "user")[:LONGEST_QUESTION]}
    return f"{PLAYGROUND}?{urlencode(query, quote_via=quote)}"


def _last(said: CallPayload | None, role: str) -> str:
    for message in reversed(said.request if said else ()):
        if message.get("role") == role:
            content = message.get("content")
            parts = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
            return "\n".join(str(part.get("text") or "") for part in parts if part.get("type") == "text").strip()
    return ""
