"""An assistant's versions: what was changed when and why, two of them side by side, and the way back."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.assistant_content import Choose
from core.workspace.assistants import Assistant
from pages.parts.assistant_form import CACHES, LEVELS
from pages.parts.markup import label, visible
from pages.parts.registry_state import RegistryState

FIELDS = {
    "system_prompt": "Instructions",
    "max_tokens": "Longest answer",
    "choose": "Choose for me",
    "prompt_id": "Prompt",
    "prompt_version": "Prompt version",
    "response_schema": "JSON schema",
    "budget_usd": "Budget",
}


def draw_versions(platform: Platform, state: RegistryState, assistant: Assistant) -> None:
    versions = list(platform.workspace.assistants.versions(assistant.id))
    for version in versions:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"version-{version.version}"):
            newest = " · newest" if version.version == assistant.version else ""
            note = label(version.note, 120) or "no note"
            st.markdown(f"**Version {version.version}**{newest} · {note}", width="stretch")
            st.caption(f"{version.created_at:%Y-%m-%d %H:%M} UTC", width="content")
            if version.version != assistant.version:
                st.button(
                    "Restore",
                    key=f"restore-{version.version}",
                    type="tertiary",
                    icon=":material/history:",
                    on_click=_restore,
                    args=(platform, state, assistant.id, version.version),
                )
    if len(versions) < 2:
        st.caption("Every save adds a version here; none ever changes. Two of them can be compared.")
        return
    st.divider()
    numbers = [version.version for version in versions]
    with st.container(horizontal=True):
        old = st.selectbox("Compare version", numbers, index=1, key="compare-old")
        new = st.selectbox("with version", numbers, index=0, key="compare-new")
    _differences(platform, platform.workspace.assistants.compare(assistant.id, old, new), old, new)


def _restore(platform: Platform, state: RegistryState, id: str, version: int) -> None:
    restored = platform.workspace.assistants.restore(id, version)
    state.open(id)
    state.said = f"Version {version} is back as version {restored.version}."


def _differences(platform: Platform, found: dict[str, tuple[Any, Any]], old: int, new: int) -> None:
    if not found:
        st.caption("These two versions say the same.")
        return
    for name, (before, after) in found.items():
        st.markdown(f"**{FIELDS.get(name, name.replace('_', ' ').capitalize())}**")
        left, right = st.columns(2)
        for side, number, value in ((left, old, before), (right, new, after)):
            with side:
                st.caption(f"Version {number}")
                st.code(visible(_shown(platform, name, value))[:20_000], language=None, wrap_lines=True)


def _shown(platform: Platform, name: str, value: Any) -> str:
    """As the form says it."""
    if name == "fallbacks":
        return "As configured" if value is None else "\n".join(value) or "None"
    if name == "prompt_version":
        return "In production" if value is None else str(value)
    if name == "model" and not value:
        return "No fixed one"
    if name in ("temperature", "max_tokens") and value is None:
        return "Default"
    if value is None or value == "" or value == ():
        return "–"
    if name == "prompt_id":
        return _prompt(platform, value)
    if name == "cache":
        return CACHES[value]
    if name == "budget_usd":
        return f"${value:f} a month"
    if isinstance(value, Choose):
        wishes = (("cost matters", value.cost_sensitive), ("speed matters", value.speed_priority))
        level = LEVELS.get(value.complexity, value.complexity)
        return ", ".join([f"{level} questions", *(words for words, wished in wishes if wished)])
    if isinstance(value, tuple):
        return "\n".join(str(item) for item in value)
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def _prompt(platform: Platform, id: str) -> str:
    try:
        return platform.workspace.prompts.get(id).name
    except PlatformError:
        return id
