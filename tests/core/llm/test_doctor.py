"""The doctor's sentences, from real servers in real trouble; keys never leave for anywhere but their own address."""

import asyncio
import http.server
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from core.errors import SettingsError
from core.llm.doctor import HABITS, diagnose
from core.llm.probing import probe
from core.llm.providers import Provider
from core.messages import Message, TurnRequest
from tests.core.llm.conftest import KEY
from tests.upstreams.server import Upstream


def provider(name, base_url, key=None, **more):
    labels = {
        "ollama": "Ollama",
        "lm_studio": "LM Studio",
        "vllm": "vLLM",
        "openai": "OpenAI",
        "anthropic": "Anthropic",
    }
    local = name not in ("openai", "anthropic")
    variable = f"{name.upper()}_BASE_URL" if local else f"{name.upper()}_API_KEY"
    dialect = "anthropic" if name == "anthropic" else "openai"
    return Provider(name, labels[name], dialect, "hosted_vllm", variable, local, base_url, key, not local)


async def sentence(*asked, **more):
    diagnosis, _ = await diagnose(provider(*asked, **more))
    return diagnosis


@contextmanager
def serving(handle):
    """A bare HTTP server whose answers are `handle(request handler)`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            handle(self)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            handle(self)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def answer(body, status=200):
    def handle(request):
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return handle


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_all_is_well(upstream):
    for name in ("ollama", "lm_studio", "vllm", "openai"):
        told = await sentence(name, upstream.v1, KEY)
        assert told.ok
        assert "5 models" in told.sentence
    assert (await sentence("anthropic", upstream.url, KEY)).ok


async def test_nothing_runs_there():
    told = await sentence("vllm", f"http://127.0.0.1:{free_port()}/v1")
    assert not told.ok
    assert "vllm serve" in told.sentence
    assert "VLLM_BASE_URL" in told.sentence


async def test_bound_to_another_address(upstream):
    told = await sentence("ollama", f"http://127.0.0.77:{upstream.port}/v1")
    assert "bound to another address" in told.sentence
    assert "OLLAMA_HOST=0.0.0.0" in told.sentence
    assert any(f"127.0.0.1:{upstream.port}" in line for line in told.details)


async def test_the_wrong_port(upstream):
    """It runs where it usually does, and somewhere else was configured."""
    try:
        usual = Upstream(port=HABITS["lm_studio"].port).__enter__()
    except OSError:
        pytest.skip("another program holds LM Studio's usual port")
    try:
        told = await sentence("lm_studio", f"http://127.0.0.1:{free_port()}/v1")
    finally:
        usual.__exit__()
    assert not told.ok
    assert f"answers at http://127.0.0.1:{usual.port}" in told.sentence
    assert "Correct LM_STUDIO_BASE_URL" in told.sentence


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[1, 2]", b"", b'{"models": 1}'])
async def test_something_else_answers(body):
    with serving(answer(body)) as base:
        told = await sentence("lm_studio", base)
    assert not told.ok
    assert "LM_STUDIO_BASE_URL" in told.sentence or "load it" in told.sentence


async def test_a_path_that_is_not_there():
    with serving(answer(b"{}", 404)) as base:
        told = await sentence("vllm", base)
        assert "not as vLLM (status 404)" in told.sentence
        assert "OPENAI_BASE_URL" in (await sentence("openai", base, KEY)).sentence


@pytest.mark.parametrize("provider", ["vllm", "openai", "anthropic"])
async def test_a_server_without_a_list_of_models_is_well_when_it_takes_questions(provider):
    def complain(request):
        asks = request.command == "POST" and request.path.endswith(("/chat/completions", "/messages"))
        answer(b'{"detail": "model is missing"}', 422 if asks else 404)(request)

    with serving(complain) as base:
        told = await sentence(provider, base, KEY)
    assert told.ok
    assert f"name one yourself, as {provider}/NAME" in told.sentence


async def test_no_model_is_installed(upstream):
    upstream.models = ()
    assert "ollama pull" in (await sentence("ollama", upstream.v1)).sentence


async def test_a_key_is_wanted_or_refused(upstream):
    upstream.required_key = "another"
    assert "set VLLM_API_KEY" in (await sentence("vllm", upstream.v1)).sentence
    told = await sentence("openai", upstream.v1, KEY)
    assert "refused the key (…cdef)" in told.sentence
    assert KEY not in repr(told)


async def test_silence_ends_after_two_seconds():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        told = await sentence("ollama", f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
    assert "did not answer within 2 s" in told.sentence


async def test_an_unknown_host():
    told = await sentence("ollama", "http://no-such-host.invalid:11434/v1")
    assert "There is no host named" in told.sentence


async def test_a_long_answer_is_not_read():
    with serving(answer(b"x" * (5 * 1024 * 1024))) as base:
        assert not (await sentence("vllm", base)).ok


async def test_a_small_or_unknown_context_is_said(upstream):
    upstream.models = ("echo",)
    told = await sentence("ollama", upstream.v1)
    assert any("Context length unknown for echo" in line for line in told.details)


@pytest.mark.parametrize("said", [b'"max_model_len": 2048', b'"meta": {"n_ctx": 2048, "n_ctx_train": 8192}'])
async def test_a_small_context_is_said(said):
    """As vLLM says it, and as llama.cpp does."""
    with serving(answer(b'{"data": [{"id": "small", %b}]}' % said)) as base:
        told = await sentence("vllm", base)
    assert any("small runs with a context of 2,048 tokens" in line for line in told.details)
    assert any("--max-model-len" in line for line in told.details)


def test_a_prompt_that_was_silently_cut_raises_an_alarm(make, journal, upstream):
    """The server counts words, so one word of many letters is a prompt of which it read next to nothing."""
    view = make().start(TurnRequest("ollama/echo", (Message.of("user", "x" * 12_000),))).wait(20)
    assert view.status == "ok"
    assert [notice.kind for notice in view.notices] == ["truncated"]
    assert "its server cut the prompt. Raise its context length" in view.notices[0].text
    assert journal.calls[-1].truncated_input is True
    make().start(TurnRequest("ollama/echo", (Message.of("user", "word " * 2_000),))).wait(20)
    assert journal.calls[-1].truncated_input is False


def test_a_prompt_longer_than_the_context_is_not_sent(make, upstream):
    view = make().start(TurnRequest("openai/gpt-4", (Message.of("user", "word " * 40_000),))).wait(20)
    assert view.error_kind == "context_length"
    assert upstream.chats() == []


async def test_a_redirect_takes_no_key_along():
    with Upstream() as elsewhere:

        def handle(request):
            request.send_response(302)
            request.send_header("Location", f"{elsewhere.v1}/models")
            request.end_headers()

        with serving(handle) as base:
            assert not (await sentence("openai", base, KEY)).ok
        assert elsewhere.requests == []


async def test_a_busy_process_is_not_the_servers_slowness():
    with serving(answer(b"{}")) as base:
        asked = asyncio.ensure_future(probe(base, {}, limit_s=0.3))
        for _ in range(4):
            await asyncio.sleep(0)
            time.sleep(0.4)  # noqa: ASYNC251 - the loop is held up on purpose
        assert (await asked).ok


async def test_a_server_that_never_answers_is_left():
    done = threading.Event()
    with serving(lambda _: done.wait(20)) as base:
        assert (await probe(base, {}, limit_s=0.3)).problem == "timeout"
        done.set()


def test_through_the_service(make, upstream):
    service = make()
    assert service.check_provider("vllm").ok
    assert service.check_provider("demo").ok
    with pytest.raises(SettingsError):
        service.check_provider("nobody")
