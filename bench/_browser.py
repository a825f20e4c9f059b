"""A browser tab without a browser: Streamlit's own protocol over its websocket, as far as a chat needs it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import aiohttp
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState


class Tab:
    """One session. `heard(frame, size)` is called for every frame as it arrives, before anything else is done."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, url: str, heard: Callable[[ForwardMsg, int], None]):
        self._socket, self._url, self._heard = socket, url, heard
        self._query = self._page = ""
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._box: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def live(self) -> None:
        """Loads the page and answers the server until the socket is closed."""
        try:
            await self._rerun()
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    frame = ForwardMsg.FromString(message.data)
                    self._heard(frame, len(message.data))
                    self._obey(frame)
        finally:
            for timer in self._timers.values():
                timer.cancel()

    async def ask(self, question: str) -> None:
        """Types into the chat box, once it is there."""
        state = WidgetState(id=await self._box)
        state.chat_input_value.data = question
        await self._rerun(state)

    def _obey(self, frame: ForwardMsg) -> None:
        kind = frame.WhichOneof("type")
        if kind == "new_session":
            self._page = frame.new_session.page_script_hash
        elif kind == "page_info_changed":
            self._query = frame.page_info_changed.query_string
        elif kind == "auto_rerun":
            fragment = frame.auto_rerun.fragment_id
            self._stop(fragment)
            self._timers[fragment] = asyncio.create_task(self._tick(fragment, frame.auto_rerun.interval))
        elif kind == "stop_auto_rerun":
            for fragment in frame.stop_auto_rerun.fragment_ids:
                self._stop(fragment)
        elif kind == "delta" and frame.delta.new_element.HasField("chat_input") and not self._box.done():
            self._box.set_result(frame.delta.new_element.chat_input.id)

    def _stop(self, fragment: str) -> None:
        timer = self._timers.pop(fragment, None)
        if timer is not None:
            timer.cancel()

    async def _tick(self, fragment: str, seconds: float) -> None:
        with suppress(ConnectionError):  # the tab is being closed
            while True:
                await asyncio.sleep(seconds)
                await self._rerun(fragment=fragment)

    async def _rerun(self, *changed: WidgetState, fragment: str = "") -> None:
        state = ClientState(query_string=self._query, page_script_hash=self._page, fragment_id=fragment)
        state.is_auto_rerun = bool(fragment)
        state.widget_states.widgets.extend(changed)
        state.context_info.url, state.context_info.timezone = self._url, "UTC"
        state.context_info.locale = "en-US"
        await self._socket.send_bytes(BackMsg(rerun_script=state).SerializeToString())
