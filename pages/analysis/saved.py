"""Views with a name: the filters and period of an analysis page, kept for another day."""

import streamlit as st

from core.platform import Platform
from core.workspace.documents import Documents
from pages.analysis.view import View
from pages.frame import plain, told

KIND, DROPPED = "analysis_view", "view_dropped"


def saved_views(platform: Platform, view: View) -> View:
    """Draws the menu; returns the view that was picked, else the one that was given."""
    with st.popover("Views", icon=":material/bookmark:", on_change="rerun", key="views") as box:
        if not box.open:
            return view
        store = platform.workspace.documents(KIND)
        for document in store.list(limit=50):
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button(plain(document.name, 60), key=f"view_{document.id}", type="tertiary", width="stretch"):
                    _open({str(name): values for name, values in document.body.items()})
                if st.button(
                    "", key=f"view_drop_{document.id}", icon=":material/delete:", type="tertiary", help="Remove"
                ):
                    st.session_state[DROPPED] = (store.delete(document.id), document.name)
                    st.rerun()
        _undo(store)
        name = st.text_input("Save what you see as", max_chars=100, key="view_name", placeholder="My team, this month")
        if st.button("Save", key="view_save", disabled=not name):
            with told():
                query = view.but(said_origin=True).query()
                body = {key: [value] if isinstance(value, str) else list(value) for key, value in query.items()}
                store.save(name, body)
                st.toast("Saved.")
                st.rerun()
    return view


def _undo(store: Documents) -> None:
    if DROPPED not in st.session_state:
        return
    token, name = st.session_state[DROPPED]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"Removed: {plain(name, 60)}", width="content")
        if st.button("Undo", key="view_undo", icon=":material/undo:", type="tertiary"):
            del st.session_state[DROPPED]
            with told():
                store.undo(token)
                st.rerun()


def _open(body: dict[str, object]) -> None:
    query = {name: [str(value) for value in values] for name, values in body.items() if isinstance(values, list)}
    for key in [key for key in st.session_state if str(key).startswith("bar_")]:
        del st.session_state[key]
    st.session_state.pop("analysis_view", None)
    st.query_params.from_dict(query)
    st.rerun()
