"""A prompt's versions: notes, the pin that says which is in production, differences, and the way back."""

from collections.abc import Callable

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.prompts import Prompt
from pages.parts.markup import label, visible
from pages.parts.registry_state import RegistryState


def draw_versions(platform: Platform, state: RegistryState, prompt: Prompt) -> None:
    versions = list(platform.workspace.prompts.versions(prompt.id))
    for version in versions:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"version-{version.version}"):
            st.markdown(f"**Version {version.version}** · {label(version.note, 120) or 'no note'}", width="stretch")
            if version.in_production:
                st.badge("in production", color="green")
            st.caption(f"{version.created_at:%Y-%m-%d %H:%M} UTC", width="content")
            _buttons(platform, state, prompt, version)
    if prompt.production_version is not None and prompt.production_version > 1:
        st.button(
            f"Roll back to version {prompt.production_version - 1}",
            icon=":material/undo:",
            key="roll-back",
            on_click=_do,
            args=(state, lambda: platform.workspace.prompts.rollback(prompt.id), _pinned),
        )
    if len(versions) < 2:
        st.caption("Every save adds a version here; none ever changes. Two of them can be compared.")
        return
    st.divider()
    numbers = [version.version for version in versions]
    with st.container(horizontal=True):
        old = st.selectbox("Compare version", numbers, index=1, key="diff-old")
        new = st.selectbox("with version", numbers, index=0, key="diff-new")
    lines = platform.workspace.prompts.diff(prompt.id, old, new)
    changed = any(line[:1] in "+-" for line in lines if line)
    if changed:
        st.code(visible("\n".join(lines)), language="diff", wrap_lines=True)
    else:
        st.caption("Their templates say the same.")


def _buttons(platform: Platform, state: RegistryState, prompt: Prompt, version: Prompt) -> None:
    store = platform.workspace.prompts
    if version.in_production:
        st.button(
            "Unpin",
            key=f"unpin-{version.version}",
            type="tertiary",
            on_click=_do,
            args=(state, lambda: store.pin_production(prompt.id, None), _pinned),
        )
    else:
        st.button(
            "Put into production",
            key=f"pin-{version.version}",
            type="tertiary",
            icon=":material/verified:",
            on_click=_do,
            args=(state, lambda: store.pin_production(prompt.id, version.version), _pinned),
        )
    if version.version != prompt.newest_version:
        st.button(
            "Restore",
            key=f"restore-{version.version}",
            type="tertiary",
            icon=":material/history:",
            help="Saves its text again as a new version",
            on_click=_do,
            args=(
                state,
                lambda: store.restore(prompt.id, version.version),
                lambda restored: f"Version {version.version} is back as version {restored.version}.",
            ),
        )


def _do(state: RegistryState, act: Callable[[], Prompt], told: Callable[[Prompt], str]) -> None:
    try:
        done = act()
    except PlatformError as error:
        state.said = str(error)
        return
    state.open(done.id)
    state.said = told(done)


def _pinned(prompt: Prompt) -> str:
    number = prompt.production_version
    return f"Version {number} is in production." if number else "No version is in production; the newest is used."
