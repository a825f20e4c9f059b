"""What stands in the question box before it is sent: its words and its files, told by a small script both ways."""

from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import PlatformError
from core.workspace.attachments import Attachment, read_attachment
from pages.parts.chat_state import ChatState

KEY = "draft-watcher"
WEIGHED = "draft-weighed"
COUNTED = "draft-weighed-count"
MOST = 10
"""Files that are weighed before they are sent."""
_JS = """
const box = () => document.querySelector('[data-testid="stChatInputTextArea"]');
const chips = () => document.querySelectorAll('[data-testid="stChatInput"] [data-testid="stFileChip"]').length;
const memory = (window.__plainsight_draft ??= { sent: '\\u00000', scrolled: '', tell: null, timer: 0 });

// A file is on the page before it is on the server: look again, ever more seldom, until all have been weighed.
const again = () => {
  const ticks = memory.ticks ?? 0;
  return [1, 2, 4, 8, 16].includes(ticks) || (ticks % 16 === 0 && chips() > (memory.weighed ?? 0)) ? ticks : 0;
};

// Into the box, before what was typed meanwhile; nothing given means that the box is to be empty.
const give = () => {
  const at = box(), what = memory.give;
  if (!at || !what) return;
  memory.give = null;
  memory.given = what.id;
  const typed = what.text && at.value !== what.text ? at.value : '';
  const text = typed ? what.text + '\\n' + typed : what.text;
  if (at.value !== text) {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(at, text);
    at.dispatchEvent(new Event('input', { bubbles: true }));
  }
  setTimeout(() => memory.tell?.(), 0);
};

// Listens once for the whole visit: what it acts on is looked up at every key, so that no redrawing gets in between.
if (!memory.listening) {
  memory.listening = true;
  const soon = () => { clearTimeout(memory.timer); memory.timer = setTimeout(() => memory.tell?.(), 400); };
  document.addEventListener('input', (event) => { if (event.target === box()) soon(); }, true);
  document.addEventListener('keydown', (event) => {
    const at = document.activeElement;
    const inField = at && (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable);
    if (event.key === '/' && box() && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault(); box().focus();
    }
    if (event.key === 'Escape') {
      const dialog = document.querySelector('[role="dialog"]');
      if (!dialog) document.querySelector('.st-key-stop-answer button')?.click();
      // A button that greyed out under the hand took the focus out of the dialog, which then hears no key.
      else if (at === document.body) dialog.querySelector('button[aria-label="Close"]')?.click();
    }
  }, true);
  setInterval(() => {
    const typing = document.activeElement === box() && memory.sent.endsWith('\\u0000' + chips());
    memory.ticks = (memory.ticks ?? 0) + 1;
    give();
    if (box() && (!typing || again())) memory.tell?.();
  }, 500);
}

export default function ({ setStateValue, data }) {
  const tell = () => {
    const text = (box()?.value ?? '').slice(0, 200000);
    const files = chips();
    if (files !== memory.files) { memory.files = files; memory.ticks = 0; }
    const look = files ? again() : 0;
    const now = (memory.given ?? '') + '\\u0000' + text + '\\u0000' + files;
    if (now === memory.sent && !look) return;
    memory.sent = now;
    setStateValue('draft', { text, files, again: look, given: memory.given ?? '' });
  };
  memory.tell = tell;
  memory.weighed = data.weighed;
  // Told until the page answers that the box holds it: what is said once only can be lost on its way.
  if (data.give && data.give.id !== memory.given) { memory.give = data.give; give(); }
  if (data.scroll_to && memory.scrolled !== data.scroll_to) {
    memory.scrolled = data.scroll_to;
    setTimeout(() => document.querySelector('.st-key-' + data.scroll_to)?.scrollIntoView({ block: 'start' }), 250);
  }
  if (!memory.focused && window.matchMedia('(pointer: fine)').matches) { memory.focused = true; box()?.focus(); }
  return () => { if (memory.tell === tell) memory.tell = null; };
}
"""
_watcher = st.components.v2.component("plainsight_draft", js=_JS)


@dataclass(frozen=True, slots=True)
class Draft:
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()


def typed() -> str:
    """The words in the box, as the page told them last."""
    return str(_told().get("text", ""))


def _told() -> dict[str, Any]:
    return getattr(st.session_state.get(KEY), "draft", None) or {}


def _ignore() -> None:
    """A change needs no answer of its own: the fragment around the watcher runs again anyway."""


def watch_draft(page: ChatState) -> Draft:
    """Also puts into the box what is to stand there, and gives the page its keys: "/" goes to the box, Escape stops
    the answer."""
    if page.put_back is not None and _told().get("given") == page.put_back.id:
        page.put_back = None
    give = asdict(page.put_back) if page.put_back is not None else None
    data = {"scroll_to": page.scroll_to, "weighed": st.session_state.get(COUNTED, 0), "give": give}
    state = _watcher(key=KEY, data=data, default={"draft": {}}, on_draft_change=_ignore, height=1)
    draft = getattr(state, "draft", None) or {}
    if not draft.get("files"):
        for key in (WEIGHED, COUNTED):
            st.session_state.pop(key, None)
        return Draft(str(draft.get("text", "")))
    weighed = [_weighed(id, name, content) for id, name, content in _lying_files(int(draft["files"]))]
    st.session_state[COUNTED] = len(weighed) if len(weighed) < MOST else draft["files"]
    return Draft(
        str(draft.get("text", "")),
        tuple(found for found in weighed if isinstance(found, Attachment)),
        tuple(found for found in weighed if isinstance(found, str)),
    )


def _weighed(id: str, name: str, data: bytes) -> Attachment | str:
    """Read once, however often the words beside it change. A refusal is its sentence."""
    known: dict[str, Attachment | str] = st.session_state.setdefault(WEIGHED, {})
    if id not in known:
        while len(known) >= MOST:
            del known[next(iter(known))]
        try:
            known[id] = read_attachment(name, data)
        except PlatformError as error:
            known[id] = str(error)
    return known[id]


def _lying_files(count: int) -> list[tuple[str, str, bytes]]:
    """The newest files that this session uploaded; Streamlit itself tells a script of them only after the send."""
    context = get_script_run_ctx(suppress_warning=True)
    storage = getattr(getattr(context, "uploaded_file_mgr", None), "file_storage", None)
    if context is None or not storage:
        return []
    records = list(storage.get(context.session_id, {}).values())
    return [(record.file_id, record.name, record.data) for record in records[-min(count, MOST) :]]
