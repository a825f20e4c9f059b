"""A browser tab without a browser: it speaks the page's own protocol to the real door and keeps what would be shown."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4

import httpx
from gradio_client.utils import apply_diff

Values = dict[int, dict[str, Any]]


class Tab:
    """`values`: component id -> the properties it was last given. Closing it is what a reload does to a page."""

    def __init__(self, url: str, query: str = "") -> None:
        self.url, self.query = url.rstrip("/"), query
        self.session = uuid4().hex
        self.http = httpx.Client(timeout=60, trust_env=False)
        self.page = self.http.get(f"{self.url}/?{query}").text
        self.config = self.http.get(f"{self.url}/config").json()
        self.values: Values = {one["id"]: dict(one["props"]) for one in self.config["components"]}
        self.by_name = {one["props"].get("elem_id"): one["id"] for one in self.config["components"]}
        self._pending: dict[str, tuple[list[int], list[Any]]] = {}
        self._reader: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._broken: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self.http.close()

    # what a person does

    def load(self) -> None:
        root = self.config["components"][0]["id"] if "root" not in self.config else None
        for function in self.config["dependencies"]:
            for target, event in function["targets"]:
                if event == "load" and function["backend_fn"] and target not in (root,):
                    self._fire(function, target)

    def do(self, component: int, event: str, **changed: Any) -> None:
        """Fire what `event` on the component sets off; `changed` are its new properties first."""
        self.values[component].update(changed)
        found = [
            function
            for function in self.config["dependencies"]
            if [component, event] in function["targets"] and function["backend_fn"]
        ]
        assert found, f"nothing listens to {event}"
        for function in found:
            self._fire(function, component)

    def idle(self, timeout: float = 30) -> None:
        until = time.monotonic() + timeout
        while self._pending:
            assert self._broken is None, f"the door went away: {self._broken}"
            assert time.monotonic() < until, "the door did not finish"
            time.sleep(0.01)

    def heard(self) -> None:
        """Until the door has answered everything asked of it at least once, so that it has begun with all of it."""
        self.until(lambda: all(shown for _, shown in list(self._pending.values())))

    def until(self, true: Callable[[], Any], timeout: float = 30) -> None:
        end = time.monotonic() + timeout
        while not true():
            assert time.monotonic() < end, "it never came"
            time.sleep(0.01)

    # where things are

    def within(self, name: str) -> list[int]:
        """The ids of everything laid out inside the element of that name, in order."""

        def walk(node: dict[str, Any], inside: bool) -> list[int]:
            here = inside or node["id"] == self.by_name[name]
            own = [node["id"]] if inside else []
            return own + [one for child in node.get("children") or () for one in walk(child, here)]

        return walk(self.config["layout"], False)

    def kind(self, component: int) -> str:
        return next(str(one["type"]) for one in self.config["components"] if one["id"] == component)

    def labelled(self, text: str) -> int:
        return next(id for id, props in self.values.items() if text in (props.get("label"), props.get("value")))

    # the protocol

    def _fire(self, function: dict[str, Any], trigger: int) -> None:
        body = {
            "data": [self.values[one].get("value") for one in function["inputs"]],
            "fn_index": function["id"], "session_hash": self.session, "trigger_id": trigger, "event_data": None,
        }  # fmt: skip
        with self._lock:
            answer = self.http.post(f"{self.url}/gradio_api/queue/join?{self.query}", json=body).raise_for_status()
            self._pending[answer.json()["event_id"]] = (function["outputs"], [])
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, daemon=True)
                self._reader.start()

    def _read(self) -> None:
        """Ends when nothing is awaited any more, or with the door; who still waits for it is told by `idle`."""
        try:
            while self._awaits():
                stream = self.http.stream(
                    "GET", f"{self.url}/gradio_api/queue/data", params={"session_hash": self.session}
                )
                with stream as answer:
                    for line in answer.iter_lines():
                        if line.startswith("data:"):
                            told = json.loads(line[5:])
                            with self._lock:  # an event may be told of before the answer that names it was read
                                self._heard(told)
        except (httpx.HTTPError, httpx.StreamError, RuntimeError) as error:
            self._broken = error

    def _awaits(self) -> bool:
        with self._lock:
            if self._pending and not self._closed:
                return True
            self._reader = None
            return False

    def _heard(self, told: dict[str, Any]) -> None:
        event = self._pending.get(told.get("event_id", ""))
        if event is None or told["msg"] not in ("process_generating", "process_completed"):
            return
        outputs, shown = event
        data = (told.get("output") or {}).get("data") or []
        if told["msg"] == "process_generating" and shown:
            data = [apply_diff(old, change) for old, change in zip(shown, data, strict=True)]
        if told["msg"] == "process_generating":
            shown[:] = data
        for component, value in zip(outputs, data, strict=False):
            self._show(component, value)
        if told["msg"] == "process_completed":
            self._pending.pop(told["event_id"])

    def _show(self, component: int, value: Any) -> None:
        if isinstance(value, dict) and value.get("__type__") == "update":
            self.values[component].update({name: one for name, one in value.items() if name != "__type__"})
        else:
            self.values[component]["value"] = value
