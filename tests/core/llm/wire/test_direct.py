"""The direct wire against real servers: what it sends, what it keeps, and how it lets go."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from aiohttp import web

from core.llm.wire import translate
from core.llm.wire.connection import kept_headers, proxy_for
from core.llm.wire.direct import DirectWire
from core.llm.wire.general import GeneralWire
from core.llm.wire.seam import Deployment, Text
from core.messages import ImagePart, Message, TextPart
from tests.core.llm.provider_table import PIXEL
from tests.core.llm.wire.asking import KEY, deployment, hear, request
from tests.core.llm.wire.certificates import self_signed
from tests.upstreams.server import Upstream

PROVIDERS = ["openai", "anthropic", "ollama", "lm_studio", "vllm"]


@pytest.fixture
async def wire() -> AsyncIterator[DirectWire]:
    made = DirectWire()
    yield made
    await made.close()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_answer_with_status_headers_and_identity(
    upstream: Upstream, wire: DirectWire, provider: str, stream: bool
) -> None:
    heard = await hear(wire, request(deployment(upstream, "echo", provider), stream=stream))
    assert heard.error is None
    assert (heard.text, heard.finish) == ("You said: hello there", "stop")
    assert heard.opened is not None
    assert heard.opened.http_status == 200
    assert heard.opened.headers["x-request-id"] == "req_1"
    assert heard.identity is not None
    assert heard.identity.model == "echo"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_is_sent(upstream: Upstream, wire: DirectWire, provider: str) -> None:
    await hear(wire, request(deployment(upstream, "echo", provider)))
    sent = upstream.chats()[0].headers
    assert sent["Accept-Encoding"] == "identity"
    assert sent["User-Agent"] == "Plainsight"
    assert KEY in (sent.get("Authorization", "") + sent.get("x-api-key", ""))
    upstream.reset()
    await hear(wire, request(deployment(upstream, "echo", provider, key=None)))
    assert not {"Authorization", "x-api-key"} & set(upstream.chats()[0].headers)


async def test_keys_travel_with_each_request(upstream: Upstream, wire: DirectWire) -> None:
    for key in ("sk-first-0123456789", "sk-second-0123456789"):
        await hear(wire, request(deployment(upstream, "echo", key=key)))
    sent = [one.headers["Authorization"] for one in upstream.chats()]
    assert sent == ["Bearer sk-first-0123456789", "Bearer sk-second-0123456789"]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_stopping_hangs_up_on_the_provider(upstream: Upstream, wire: DirectWire, provider: str, how: str) -> None:
    asked = request(deployment(upstream, "tokens-500-rate-50", provider))
    if how == "close":
        async with aclosing(wire.stream(asked)) as stream:  # type: ignore[type-var]
            async for chunk in stream:
                if isinstance(chunk, Text):
                    break
    else:
        task = asyncio.ensure_future(hear(wire, asked))
        await asyncio.to_thread(
            upstream.wait_for, lambda: bool(upstream.requests) and upstream.requests[0].frames_sent > 2
        )
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await asyncio.to_thread(upstream.wait_for, lambda: upstream.chats()[0].disconnected_at is not None)
    assert upstream.chats()[0].frames_sent < 100


async def test_connections_are_used_again_but_not_after_trouble(wire: DirectWire) -> None:
    peers: list[object] = []

    async def answer(asked: web.Request) -> web.StreamResponse:
        peers.append(asked.transport.get_extra_info("peername") if asked.transport else None)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(asked)
        await response.write(b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n')
        if len(peers) == 3:
            await asyncio.sleep(5)
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    for _ in range(3):
        heard = await hear(wire, request(deployment(url, "any"), idle_s=0.3))
        assert heard.text == "a"
        await asyncio.sleep(0.05)
    await hear(wire, request(deployment(url, "any")))
    await runner.cleanup()
    assert peers[0] == peers[1] == peers[2]
    assert peers[3] != peers[2]


async def test_a_redirect_is_not_followed(upstream: Upstream, wire: DirectWire) -> None:
    heard = await hear(wire, request(deployment(upstream, "redirect")))
    assert heard.error is not None
    assert "redirect" in str(heard.error)
    assert [one.path for one in upstream.requests] == ["/v1/chat/completions"]


async def test_a_certificate_nobody_vouches_for_is_refused(wire: DirectWire, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    heard = await hear(wire, request(deployment(f"https://127.0.0.1:{runner.addresses[0][1]}", "any")))
    await runner.cleanup()
    assert heard.error is not None
    assert heard.error.kind == "connection"
    assert "certificate" in str(heard.error)


async def test_embeddings(upstream: Upstream, wire: DirectWire) -> None:
    for model in ("embed", "embed-shuffled"):
        vectors, usage = await wire.embed(deployment(upstream, model), ["abc", "x y z"], 5.0)
        assert [len(vector) for vector in vectors] == [8, 8]
        assert vectors[0] != vectors[1]
        assert usage["prompt_tokens"] == 4


@pytest.mark.parametrize(("model", "kind"), [("embed-401", "authentication"), ("embed-short", "protocol")])
async def test_embeddings_that_fail(upstream: Upstream, wire: DirectWire, model: str, kind: str) -> None:
    with pytest.raises(Exception, match=r"\.$") as caught:
        await wire.embed(deployment(upstream, model), ["a", "b"], 5.0)
    assert caught.value.kind == kind  # type: ignore[attr-defined]


async def test_half_an_emoji_in_a_question_is_sent_as_a_replacement(upstream: Upstream, wire: DirectWire) -> None:
    asked = request(deployment(upstream, "echo"), messages=(Message("user", (TextPart("a\ud83d"),)),))
    assert (await hear(wire, asked)).text == "You said: a\ufffd"


async def test_a_provider_whose_configuration_moved_is_asked_over_the_general_wire(
    upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    wire = DirectWire(fallback=GeneralWire())
    place = deployment(upstream, "echo")
    moved = Deployment("elsewhere", "echo", "openai", "no-such-provider/echo", place.base_url, KEY)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            await hear(wire, request(moved))
    await wire.close()
    warnings = [record.message for record in caplog.records if "moved" in record.message]
    assert len(warnings) == 1
    assert KEY not in caplog.text


def test_a_letter_shows_no_key() -> None:
    place = deployment("http://127.0.0.1:1", "echo")
    assert KEY not in repr(translate.translate(request(place)))
    assert KEY not in repr(place)


@pytest.mark.parametrize("provider", ["ollama", "lm_studio", "vllm"])
async def test_a_local_provider_without_an_address_is_never_asked_elsewhere(wire: DirectWire, provider: str) -> None:
    place = deployment("http://127.0.0.1:1", "echo", provider)
    nowhere = Deployment(place.provider, "echo", "openai", place.litellm_model, None, KEY)
    for each in (wire, GeneralWire()):
        heard = await hear(each, request(nowhere))
        assert heard.error is not None
        assert heard.error.kind == "bad_request"
        assert f"{provider.upper()}_BASE_URL" in str(heard.error)


def test_only_headers_worth_keeping_are_kept() -> None:
    kept = kept_headers({"Retry-After": "3", "Set-Cookie": "a=b", "X-Request-Id": f"id {KEY}", "Server": "x"}, KEY)
    assert kept == {"retry-after": "3", "x-request-id": "id [redacted]"}


def test_loopback_needs_no_proxy() -> None:
    assert proxy_for("http://127.0.0.1:8000/v1/chat/completions") is None


async def test_anthropic_gets_a_text_alone_as_a_string_and_pieces_as_pieces(
    upstream: Upstream, wire: DirectWire
) -> None:
    """Servers that imitate it often take nothing else."""
    place = deployment(upstream, "echo", "anthropic")
    said = (Message.of("system", "Be brief."), Message.of("user", "hello"))
    assert (await hear(wire, request(place, messages=said))).finish == "stop"
    looked = Message("user", (TextPart("What is this?"), ImagePart("image/png", PIXEL, "0" * 64, "dot.png")))
    await hear(wire, request(place, messages=(looked,)))
    first, second = (one.body for one in upstream.chats())
    assert first["system"] == "Be brief."
    assert [message["content"] for message in first["messages"]] == ["hello"]
    assert [part["type"] for part in second["messages"][0]["content"]] == ["text", "image"]
