"""The process itself: it starts, guards its doors, looks right, and stops when asked."""

import http.client
import resource
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.server import Server


def ask(server: Server, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


@pytest.mark.parametrize("path", ["/", "/healthz", "/playground/", "/assets/inter.woff2", "/favicon.png"])
def test_every_answer_carries_the_policy(server: Server, path: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    line.request("GET", path)
    answer = line.getresponse()
    assert answer.status == 200
    assert "img-src 'self' data: blob:" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    line.close()


@pytest.mark.parametrize("query", ["", "?compare=%5B%22demo%2Fswift%22%5D&question=why?"])
def test_the_playground_is_found_without_its_slash(server: Server, query: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    line.request("GET", f"/playground{query}")
    answer = line.getresponse()
    assert (answer.status, answer.headers["Location"]) == (307, f"/playground/{query}")
    line.close()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "a@b"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/playground/", "/_stcore/stream"])
def test_a_forged_host_is_refused(server: Server, host: str, path: str) -> None:
    assert ask(server, path, Host=host)[0] == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_writes_from_other_sites_are_refused(server: Server, origin: str) -> None:
    assert ask(server, "/playground/gradio_api/queue/join", "POST", b"{}", Origin=origin)[0] == 403
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert ask(server, "/_stcore/stream", Origin=origin, **upgrade, **key)[0] == 403


def test_a_body_too_large_is_refused_unread(server: Server) -> None:
    assert ask(server, "/playground/gradio_api/queue/join", "POST", None, Content_Length=str(2**31))[0] == 413
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    line.request("POST", "/playground/gradio_api/queue/join", iter([b"x" * 2**20] * 20), encode_chunked=True)
    assert line.getresponse().status == 413
    line.close()


def test_an_idle_server_sleeps(server: Server) -> None:
    """Gradio left to itself looks a thousand times a second whether a page asks something."""
    assert ask(server, "/playground/")[0] == 200  # the door is built
    status = Path(f"/proc/{server.process.pid}/status")

    def wakings() -> int:
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("voluntary")]
        return int(line.split()[1])

    before, began = wakings(), time.monotonic()
    time.sleep(1)
    assert (wakings() - before) / (time.monotonic() - began) < 400


def test_health_tells_of_the_ledger(server: Server) -> None:
    health = server.health()
    assert health["status"] == "ok"
    assert set(health["ledger"]) >= {"path", "rows", "queued", "lost"}
    assert health["ledger"]["lost"] == 0


def test_it_says_where_its_threads_stand_and_goes_on(server: Server) -> None:
    assert "most recent call first" in server.threads()
    assert server.health()["status"] == "ok"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_asked_though_pages_are_open(own_server, open_page, by: signal.Signals) -> None:
    running = own_server(PYTHONWARNINGS="always::ResourceWarning")
    open_page(running.url + "/")
    open_page(running.url + "/playground/").wait_for_selector("#question textarea")
    running.stop(by=by)
    assert "Traceback" not in running.log
    assert "unclosed event loop" not in running.log, "collected in an unlucky order, one prints a traceback"


def test_many_pages_find_files_to_open(own_server) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        running = own_server()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    allowed, _ = resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE)
    assert allowed > 256


def test_a_second_process_is_told_who_holds_the_data(server: Server) -> None:
    before = len(server.log)
    second = Server(server.home)
    second.process = second.launch()
    try:
        assert second.process.wait(30) == 1
    finally:
        second.kill()
    said = server.log[before:]
    assert str(server.process.pid) in said
    assert "Traceback" not in said
    assert server.health()["status"] == "ok"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TIMEOUT", "soon"), ("OLLAMA_BASE_URL", "not a url"), ("PORT", "99999"), ("PAYLOADS", "some")],
)
def test_a_wrong_setting_gives_one_sentence(tmp_path, variable: str, value: str) -> None:
    server = Server(tmp_path / "server", {variable: value})
    assert server.launch().wait(30) == 1
    said = server.log.strip()
    assert variable in said
    assert "\n" not in said


def test_a_port_in_use_gives_one_sentence(server: Server, tmp_path) -> None:
    late = Server(tmp_path / "server", port=server.port)
    assert late.launch().wait(30) == 1
    said = late.log.strip()
    assert str(server.port) in said
    assert "PORT" in said
    assert "\n" not in said
