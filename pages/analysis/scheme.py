"""Light or dark, as the reader's system is: charts are drawn for one, and drawn anew when it changes."""

import streamlit as st

_JS = """
export default function ({ setTriggerValue }) {
  const scheme = window.matchMedia('(prefers-color-scheme: dark)');
  const tell = () => setTimeout(() => setTriggerValue('changed', true), 100);  // the page has changed by then
  scheme.addEventListener('change', tell);
  return () => scheme.removeEventListener('change', tell);
}
"""
_watcher = st.components.v2.component("plainsight_scheme", js=_JS)


def dark() -> bool:
    return st.context.theme.type == "dark"


def watch_scheme() -> None:
    """Once on every page with charts."""
    _watcher(key="scheme", on_changed_change=_ignore, height=1)


def _ignore() -> None:
    """That the page runs again is all."""
