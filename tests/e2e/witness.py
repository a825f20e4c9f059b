"""What a page and its server said to each other last, told when a browser test fails."""

import time
from collections import deque
from collections.abc import Iterator

from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

KEPT = 400


class Witness:
    """Kept as it came and read only when it is asked for: a frame costs next to nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._began = time.monotonic()
        self._heard: deque[tuple[float, str, str | bytes]] = deque(maxlen=KEPT)
        page.on("websocket", self._listen)
        page.on("console", lambda said: self._hear("console", f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self._hear("error", str(error)))

    def _listen(self, socket: WebSocket) -> None:
        self._hear("socket", "opened")
        socket.on("framereceived", lambda frame: self._hear("server", frame))
        socket.on("framesent", lambda frame: self._hear("browser", frame))
        socket.on("close", lambda _: self._hear("socket", "closed"))

    def _hear(self, who: str, what: str | bytes) -> None:
        self._heard.append((time.monotonic() - self._began, who, what))

    def tell(self) -> Iterator[str]:
        for at, who, what in self._heard:
            yield f"{at:9.3f} {who:8}{_read(who, what)[:240]}"


def _read(who: str, what: str | bytes) -> str:
    if isinstance(what, str):
        return what
    try:
        return _forward(ForwardMsg.FromString(what)) if who == "server" else _back(BackMsg.FromString(what))
    except Exception as error:  # noqa: BLE001  a frame that cannot be read must not hide the others
        return f"unreadable: {type(error).__name__}"


def _forward(message: ForwardMsg) -> str:
    kind = message.WhichOneof("type")
    run = message.metadata.run
    if kind in ("new_session", "script_finished"):
        ending = ForwardMsg.ScriptFinishedStatus.Name(message.script_finished) if kind == "script_finished" else ""
        return f"{kind} {run.script_run_id[:6]} fragments={[each[:6] for each in run.fragment_ids]} {ending}"
    if kind == "delta":
        place = list(message.metadata.delta_path)
        what = message.delta.WhichOneof("type")
        element = message.delta.new_element.WhichOneof("type") if what == "new_element" else what
        return f"delta {place} {element} fragment={message.delta.fragment_id[:6]} {message.ByteSize()} bytes"
    return " ".join(str(message).split())


def _back(message: BackMsg) -> str:
    if message.WhichOneof("type") != "rerun_script":
        return " ".join(str(message).split())
    asked = message.rerun_script
    acts = [" ".join(str(state).split())[:90] for state in asked.widget_states.widgets if "trigger" in str(state)]
    acts += [" ".join(str(state).split())[:90] for state in asked.widget_states.widgets if "chat_input" in str(state)]
    return f"rerun fragment={asked.fragment_id[:6]} ?{asked.query_string} auto={asked.is_auto_rerun} {acts}"
