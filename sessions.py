"""A page's session, mended where Streamlit would lose what the browser or the page has said."""

import asyncio
import weakref
from collections.abc import Mapping
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime import websocket_session_manager
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import _has_active_trigger_value as acts_once

ANSWERS = ("file_urls_response", "backend_operation_response")


class Session(AppSession):
    """Three things get lost otherwise.

    - What a page's run has said and its loop has not yet passed on, when a fragment begins to run just after that run
      ended: half a page, or a refusal that nobody sees. The run that ended is heard out first.
    - The drawing after a click that falls together with news of a fragment. The browser sends both at once, as the
      fragment's: the click's callback is called, and of the page only the fragment is drawn. The whole page runs then.
    - What the browser has asked for, such as where a file is to be sent, when the page begins to run before the answer
      is on its way: the file stays where it was.
    """

    ended: ScriptRunner | None = None
    _scriptrunner: ScriptRunner | None
    _script_event_loop: asyncio.AbstractEventLoop
    _told: Mapping[str, WidgetState]

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._told = {}
        # A session that ends while its page runs leaves its loop open, and a collector that comes upon both may close
        # the loop's sockets first, which Python prints as a crash.
        weakref.finalize(self, self._script_event_loop.close)

    def request_rerun(self, client_state: ClientState | None) -> None:
        if client_state is not None:
            self._take_apart(client_state)
        super().request_rerun(client_state)

    def _take_apart(self, asked: ClientState) -> None:
        if asked.is_auto_rerun:  # a timer's, which takes along what is about to be sent: it would act twice
            for state in [state for state in asked.widget_states.widgets if acts_once(state)]:
                asked.widget_states.widgets.remove(state)
            return
        before, self._told = self._told, {state.id: state for state in asked.widget_states.widgets}
        if asked.fragment_id and any(
            acts_once(state) or state != before.get(state.id, state)
            for state in asked.widget_states.widgets
            if self._fragment_of(state.id) != asked.fragment_id
        ):
            asked.fragment_id = ""

    def _fragment_of(self, widget: str) -> str:
        known = self._session_state._new_widget_state.widget_metadata.get(widget)
        return (known.fragment_id if known is not None else None) or ""

    def _clear_queue(self, fragment_ids_this_run: list[str] | None = None) -> None:
        answers = [said for said in self._browser_queue._queue if said.WhichOneof("type") in ANSWERS]
        super()._clear_queue(fragment_ids_this_run)
        if fragment_ids_this_run is None:  # a fragment's run lets them be
            for answer in answers:
                self._browser_queue.enqueue(answer)

    def _create_scriptrunner(self, initial_rerun_data: RerunData) -> None:
        self.ended = self._scriptrunner
        super()._create_scriptrunner(initial_rerun_data)

    def _handle_scriptrunner_event_on_event_loop(
        self, sender: ScriptRunner | None, event: ScriptRunnerEvent, *args: Any, **named: Any
    ) -> None:
        running = self._scriptrunner
        late = sender is not None and sender is self.ended and sender is not running
        if late and event is ScriptRunnerEvent.SHUTDOWN:
            self.ended = None
        elif late:
            self._scriptrunner = sender
        try:
            super()._handle_scriptrunner_event_on_event_loop(sender, event, *args, **named)
        finally:
            if late:
                self._scriptrunner = running


def lose_nothing() -> None:
    websocket_session_manager.AppSession = Session  # Streamlit has no setting for it
