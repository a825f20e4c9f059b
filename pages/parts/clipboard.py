"""A small button that copies a text as it was written, not as it is drawn."""

import streamlit as st

_HTML = (
    '<button type="button" title="Copy" aria-label="Copy"><svg viewBox="0 0 24 24" aria-hidden="true"></svg></button>'
)
_CSS = """
button { all: unset; box-sizing: border-box; width: 2rem; height: 2rem; display: grid; place-items: center;
  border-radius: var(--st-button-radius, 8px); color: var(--st-text-color); opacity: .65; cursor: pointer; }
button:hover { opacity: 1; background: var(--st-secondary-background-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); opacity: 1; }
svg { width: 1.15rem; height: 1.15rem; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round;
  stroke-linejoin: round; }
"""
_JS = """
const COPY = '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15V6a2 2 0 0 1 2-2h9"/>';
const DONE = '<path d="M5 12.5l4.5 4.5L19 7.5"/>';
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector('button');
  const icon = button.querySelector('svg');
  if (!icon.innerHTML) icon.innerHTML = COPY;
  const fallback = (text) => {
    const area = document.createElement('textarea');
    area.value = text; document.body.appendChild(area); area.select();
    document.execCommand('copy'); area.remove();
  };
  button.onclick = async () => {
    try { await navigator.clipboard.writeText(data.text); } catch { fallback(data.text); }
    icon.innerHTML = DONE; button.title = 'Copied';
    setTimeout(() => { icon.innerHTML = COPY; button.title = 'Copy'; }, 1400);
  };
}
"""
_button = st.components.v2.component("plainsight_copy", html=_HTML, css=_CSS, js=_JS)


def copy_button(text: str, key: str) -> None:
    _button(key=key, data={"text": text}, width="content", height="content")
