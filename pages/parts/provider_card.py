"""One provider: where it is asked, with which key (masked), whether it answers, and what to do when it does not."""

import streamlit as st

from core.errors import PlatformError
from core.llm.models import Diagnosis, ProviderInfo
from core.platform import Platform
from pages.parts.markup import code, label
from pages.parts.models_state import ModelsState

SIMULATED = "demo"


def draw_provider(platform: Platform, state: ModelsState, info: ProviderInfo) -> None:
    with st.container(border=True, key=f"provider-{info.name}", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{label(info.label, 60)}**", width="stretch")
            _badge(info, state.checked.get(info.name))
        st.caption(_facts(platform, info))
        with st.container(horizontal=True, gap="xsmall"):
            if info.configured and st.button(
                "Test connection", icon=":material/network_check:", key=f"test-{info.name}"
            ):
                check(platform, state, info)
            if info.name != SIMULATED and st.button(
                "Change key …" if info.configured else "Connect …",
                icon=":material/key:",
                key=f"key-{info.name}",
                type="secondary" if info.configured else "primary",
            ):
                change_key(platform, state, info)
        found = state.checked.get(info.name)
        if found is not None:
            _told(found)


def _badge(info: ProviderInfo, found: Diagnosis | None) -> None:
    if info.name == SIMULATED:
        st.badge("simulated", color="violet")
    elif found is not None:
        st.badge("answers" if found.ok else "does not answer", color="green" if found.ok else "red")
    elif info.configured:
        st.badge("configured", color="blue")
    else:
        st.badge("not configured", color="gray")


def _facts(platform: Platform, info: ProviderInfo) -> str:
    if info.name == SIMULATED:
        count = sum(1 for model in platform.ai.models() if model.simulated)
        return f"{count} models that play without a key, for trying things out. Their prices are made up."
    facts = [code(info.base_url)] if info.base_url else []
    if info.masked_key:
        facts.append(f"key {label(info.masked_key, 30)}")
    elif info.configured:
        facts.append("no key")
    if not info.configured:
        facts.append(f"set `{info.variable}`, or connect here for as long as the server runs")
    return " · ".join(facts)


def check(platform: Platform, state: ModelsState, info: ProviderInfo) -> None:
    with st.spinner(f"Asking {label(info.label, 40)} …"):
        try:
            state.checked[info.name] = platform.ai.check_provider(info.name)
        except PlatformError as error:
            state.checked[info.name] = Diagnosis(info.name, False, str(error))
    st.rerun()


def _told(found: Diagnosis) -> None:
    show = st.success if found.ok else st.error
    show(label(found.sentence, 600), icon=":material/check_circle:" if found.ok else ":material/error:")
    if found.details:
        with st.expander("What was tried", type="compact", key=f"tried-{found.provider}"):
            st.code("\n".join(found.details)[:6000], language=None, wrap_lines=True)


@st.dialog("Key and address")
def change_key(platform: Platform, state: ModelsState, info: ProviderInfo) -> None:
    st.caption(
        f"Kept in memory until the server stops; nothing is written to disk. Put `{info.variable}` into the "
        "environment or into .env to keep it."
    )
    with st.form(f"key-form-{info.name}", border=False):
        base_url = st.text_input(
            "Address",
            info.base_url or "",
            key=f"base-{info.name}",
            placeholder="http://localhost:11434",
            help="A new address drops the key that went with the old one; enter it again",
        )
        key = st.text_input(
            "New key",
            type="password",
            key=f"new-key-{info.name}",
            autocomplete="off",
            placeholder="Leave empty to keep the present one" if info.masked_key else "None",
        )
        pressed = st.form_submit_button("Use it", type="primary")
    if not pressed:
        return
    try:
        platform.ai.set_key(info.name, key or None, base_url or None)
    except PlatformError as error:
        st.error(label(str(error), 400), icon=":material/error:")
        return
    state.checked.pop(info.name, None)
    state.said = f"{info.label} uses the new settings from now on."
    st.rerun()
