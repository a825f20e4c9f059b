"""What the pages of assistants and prompts share: the bar over the gallery, export, import, archive and undo."""

from typing import Protocol

import streamlit as st

from core.errors import PlatformError
from pages.parts.markup import label
from pages.parts.registry_state import NEW, RegistryState

ACTS = {
    "duplicate": "Duplicate",
    "export": "Export …",
    "archive": "Archive",
    "unarchive": "Take out of the archive",
}


class Thing(Protocol):
    """An assistant or a prompt."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def archived(self) -> bool: ...


class Store(Protocol):
    def archive(self, id: str) -> None: ...
    def unarchive(self, id: str) -> None: ...
    def export(self, id: str, version: int | None = None) -> str: ...
    def import_(self, text: str) -> Thing: ...


def toolbar(state: RegistryState, store: Store, searched: str) -> str:
    """New, import, search, archived too; returns the words searched for."""
    kind = state.kind
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"New {kind}",
            type="primary",
            icon=":material/add:",
            key=f"new-{kind}",
            on_click=state.open,
            args=(NEW,),
        )
        if st.button("Import …", icon=":material/upload:", key=f"import-{kind}"):
            _import(state, store)
        wanted = st.text_input(
            "Search",
            live="250ms",
            type="search",
            placeholder=f"Search by {searched}",
            label_visibility="collapsed",
            icon=":material/search:",
            key=f"{kind}-search",
        )
        state.archived = st.toggle("Archived too", state.archived, key=f"{kind}s-archived")
    return wanted or ""


def has_words(text: str, wanted: str) -> bool:
    return all(word in text.casefold() for word in wanted.casefold().split())


def menu(state: RegistryState, store: Store, thing: Thing, key: str, *more: str) -> str | None:
    """What can be done with it; does it, except for `more`, which it returns when chosen."""
    chosen = st.menu_button(
        ":material/more_horiz:",
        [*more, "export", "unarchive" if thing.archived else "archive"],
        format_func=lambda act: ACTS[act],
        help="More",
        type="tertiary",
        key=key,
    )
    if chosen in more:
        return str(chosen)
    if chosen == "export":
        _export(state, store, thing)
    elif chosen:
        _put_away(state, store, thing, chosen)
    return None


def _put_away(state: RegistryState, store: Store, thing: Thing, chosen: str) -> None:
    try:
        if chosen == "archive":
            store.archive(thing.id)
            state.open(None)
            state.undo, state.said = thing.id, f"{thing.name} is archived. What used it keeps it."
        else:
            store.unarchive(thing.id)
            state.said = f"{thing.name} is back."
    except PlatformError as error:
        state.said = str(error)
    st.rerun()


def told(state: RegistryState, store: Store) -> None:
    """What was just done, with the way back."""
    if state.said and not state.undo:
        st.toast(label(state.said, 300), icon=":material/check:")
        state.said = ""
    elif state.undo:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(label(state.said, 300), width="stretch")
            st.button("Undo", icon=":material/undo:", on_click=_undo, args=(state, store), key="undo-archive")


def _undo(state: RegistryState, store: Store) -> None:
    store.unarchive(state.undo)
    state.undo = state.said = ""


@st.dialog("Export")
def _export(state: RegistryState, store: Store, thing: Thing) -> None:
    st.caption("One readable file that anybody can import; it holds words and settings, no keys.")
    text = store.export(thing.id, thing.version)
    name = "".join(letter if letter.isalnum() else "-" for letter in thing.name)[:50].strip("-") or state.kind
    st.download_button(
        "Download as YAML",
        text,
        file_name=f"{name}.yaml",
        mime="application/yaml",
        icon=":material/download:",
        on_click="ignore",
        type="primary",
        key=f"export-{state.kind}",
    )
    st.code(text, language="yaml", wrap_lines=True, height=320)


@st.dialog("Import")
def _import(state: RegistryState, store: Store) -> None:
    file = st.file_uploader("A file exported from here (YAML)", key=f"{state.kind}-file")
    if file is not None and st.button("Import", type="primary", key=f"import-{state.kind}-now"):
        try:
            made = store.import_(file.getvalue().decode("utf-8", "replace"))
        except PlatformError as error:
            st.error(label(str(error), 400), icon=":material/error:")
            return
        state.open(made.id)
        state.said = f"{made.name} is here now. Look it over before you use it."
        st.rerun()
