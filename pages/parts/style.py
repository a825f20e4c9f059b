"""The few strokes that Streamlit's own settings cannot draw: how tight a thread is, what chosen looks like."""

import streamlit as st

_HOUSE = """
<style>
[data-testid="stMainBlockContainer"] { padding-top: 4.4rem; }
[data-testid="stButtonGroup"] [data-variant][data-selected] {
  color: inherit !important; background-color: rgb(34 121 184 / .26); font-weight: 600; }
[data-testid="stMetric"] { container-type: inline-size; }
[data-testid="stMetricValue"] { font-size: clamp(1rem, 15cqi, 1.5rem); }
</style>
"""
_CHAT = """
<style>
[data-testid="stStatusWidget"] { display: none; }
[data-testid="stMainBlockContainer"] { padding-bottom: 2rem; }
[data-testid="stBottomBlockContainer"] { padding-top: .5rem; padding-bottom: 1.4rem; }
[data-testid="stChatMessage"] { gap: .7rem; padding: .75rem; }
[data-testid="stChatMessageContent"] > [data-testid="stVerticalBlock"],
[data-testid="stChatMessageContent"] [data-testid="stLayoutWrapper"] > [data-testid="stVerticalBlock"] { gap: .55rem; }
[data-testid="stChatMessageContent"] h1 { font-size: 1.3rem; padding: .4rem 0 .2rem; }
[data-testid="stChatMessageContent"] h2 { font-size: 1.15rem; padding: .4rem 0 .2rem; }
[data-testid="stChatMessageContent"] h3 { font-size: 1.05rem; padding: .3rem 0 .1rem; }
[data-testid="stChatMessageContent"] pre { max-width: 100%; }
[data-testid="stChatMessageContent"] [data-testid="stMarkdownContainer"] { overflow-x: auto; }
[class*="st-key-acts-"] { opacity: .72; transition: opacity .12s; margin-left: -.4rem; min-height: 2rem; }
[class*="st-key-acts-"]:hover, [class*="st-key-acts-"]:focus-within { opacity: 1; }
[class*="st-key-acts-"] button { min-height: 2rem; padding: .1rem .4rem; }
[data-testid="stSidebar"] [class*="st-key-chat-"] button, .st-key-search-chats button,
.st-key-older-chats button, .st-key-import-chats button {
  justify-content: flex-start; text-align: left; padding: .2rem .6rem; min-height: 2rem; }
[data-testid="stSidebar"] [class*="st-key-chat-"] button > div,
[data-testid="stSidebar"] [class*="st-key-chat-"] button p,
.st-key-search-chats button > div { justify-content: flex-start; text-align: left; min-width: 0; }
[data-testid="stSidebar"] [class*="st-key-chat-"] button p { white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
[data-testid="stSidebar"] [class*="st-key-chat-"] button > div,
[data-testid="stSidebar"] [class*="st-key-chat-"] button [data-testid="stMarkdownContainer"] { width: 100%;
  overflow: hidden; }
[class*="st-key-starter-"] button { justify-content: flex-start; padding: .55rem .9rem; }
[class*="st-key-starter-"] button > *, [class*="st-key-starter-"] button p {
  justify-content: flex-start; text-align: left; }
.st-key-composer-row { min-height: 2.2rem; }
[class*="st-key-queue-row-"], [class*="st-key-staged-"] { flex-wrap: nowrap; }
.st-key-estimate { font-variant-numeric: tabular-nums; }
.st-key-estimate p { line-height: 1.35; }
.st-key-draft-watcher { position: absolute; height: 0; overflow: hidden; }
@media (max-width: 640px) {
  [data-testid="stChatMessage"] { padding: .5rem .25rem; gap: .5rem; }
  .st-key-composer-row > div:has(.st-key-estimate) { flex-basis: 100%; }
  .st-key-estimate { align-items: flex-start; }
  .st-key-estimate p { text-align: left; }
  [data-testid="stMainBlockContainer"] { padding-left: .8rem; padding-right: .8rem; }
  [data-testid="stBottomBlockContainer"] { padding-left: .8rem; padding-right: .8rem; padding-bottom: .8rem; }
}
</style>
"""


def house_style() -> None:
    """For every page: it begins below the menu, what is chosen is read easily, also in the dark, and a figure fits
    its tile."""
    st.html(_HOUSE)


def chat_style() -> None:
    st.html(_CHAT)
