"""The fault table: every fault, streamed and whole, in both dialects: right kind, one request, in time, key unseen."""

import tracemalloc

import pytest

from core.llm.wire.direct import DirectWire
from tests.core.llm.wire.asking import KEY, Stopwatch, deployment, hear, request
from tests.upstreams.server import Upstream

FAULTS: dict[str, tuple[str | None, str | None]] = {
    # model: (kind when streamed, kind when whole); None: no error at all
    "400": ("bad_request", "bad_request"),
    "401": ("authentication", "authentication"),
    "402": ("quota", "quota"),
    "403": ("permission", "permission"),
    "404": ("model_not_found", "model_not_found"),
    "408": ("timeout", "timeout"),
    "409": ("provider_error", "provider_error"),
    "413": ("bad_request", "bad_request"),
    "422": ("bad_request", "bad_request"),
    "429": ("rate_limit", "rate_limit"),
    "500": ("provider_error", "provider_error"),
    "501": ("unsupported", "unsupported"),
    "503": ("provider_error", "provider_error"),
    "504": ("provider_error", "provider_error"),
    "529": ("provider_error", "provider_error"),
    "quota": ("quota", "quota"),
    "credit": ("quota", "quota"),
    "context": ("context_length", "context_length"),
    "policy": ("content_policy", "content_policy"),
    "nomodel": ("model_not_found", "model_not_found"),
    "leak": ("authentication", "authentication"),
    "huge-error": ("bad_request", "bad_request"),
    "html-502": ("provider_error", "provider_error"),
    "redirect": ("bad_request", "bad_request"),
    "reset": ("connection", "connection"),
    "cut-after": ("truncated", "truncated"),
    "eof-after": ("truncated", "truncated"),
    "eof-no-finish": ("truncated", "truncated"),
    "done-without-finish": ("truncated", None),
    "no-done": (None, None),
    "finish-then-hang": (None, "timeout"),
    "stall": ("timeout", "timeout"),
    "stall-first": ("timeout", "timeout"),
    "stall-headers": ("timeout", "timeout"),
    "dribble": ("timeout", "timeout"),
    "keepalive-forever": ("timeout", "timeout"),
    "html-200": ("protocol", "protocol"),
    "text-200": ("protocol", "protocol"),
    "empty-200": ("protocol", "protocol"),
    "empty-object": ("protocol", "protocol"),
    "null-choices": ("protocol", "protocol"),
    "json-for-stream": (None, None),
    "bad-json": ("protocol", "truncated"),
    "bad-utf8": (None, None),
    "error-event": ("provider_error", "provider_error"),
    "error-event-rate": ("rate_limit", "provider_error"),
    "error-200": ("provider_error", "provider_error"),
    "endless-line": ("protocol", "protocol"),
    "endless-stream": ("timeout", "protocol"),
    "long-line": (None, None),
    "gzip-bomb-60": ("protocol", "protocol"),
    "gzip": (None, None),
    "brotli-claim": ("protocol", "protocol"),
    "deep-json": ("protocol", "protocol"),
    "huge-header": ("protocol", "protocol"),
    "lying-length": ("truncated", "truncated"),
    "bad-chunking": ("protocol", "protocol"),
    "split": (None, None),
    "crlf-bom": (None, None),
    "comments": (None, None),
    "multi-data": (None, None),
    "surrogates": (None, None),
    "nul": (None, None),
}
assert len(FAULTS) > 30


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("model", FAULTS)
async def test_a_fault_has_its_kind(upstream: Upstream, model: str, provider: str, stream: bool) -> None:
    wire = DirectWire()
    place = deployment(upstream, model, provider)
    patience = 0.4 if FAULTS[model][not stream] == "timeout" or model == "finish-then-hang" else 10.0
    total = 1.0 if model == "endless-stream" else 20.0
    async with Stopwatch() as watch:
        heard = await hear(wire, request(place, stream=stream, first_token_s=patience, idle_s=patience, total_s=total))
    await wire.close()
    expected = FAULTS[model][0 if stream else 1]
    assert (heard.error.kind if heard.error else None) == expected, heard.error
    assert len(upstream.requests) == 1
    assert watch.seconds < min(total, 2 * patience) + 1  # to the first token, and once more to the next
    if heard.error is None:
        assert heard.finish == "stop"
        assert "said" in heard.text
        return
    assert heard.finish is None
    assert str(heard.error).endswith(".")
    assert len(heard.error.provider_text) <= 2_000
    assert KEY not in f"{heard.error} {heard.error!r} {heard.error.args} {vars(heard.error)}"
    assert heard.error.__cause__ is None
    assert heard.error.__context__ is None


@pytest.mark.parametrize("model", ["cut-after-5", "eof-after-5", "stall-5", "error-event-5", "bad-json-5"])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_the_text_so_far_is_kept(upstream: Upstream, model: str, provider: str) -> None:
    wire = DirectWire()
    heard = await hear(wire, request(deployment(upstream, model, provider), idle_s=0.4))
    await wire.close()
    assert heard.error is not None
    assert heard.text.startswith("You said")


@pytest.mark.parametrize("model", ["gzip-bomb-300", "endless-line"])
@pytest.mark.parametrize("stream", [True, False])
async def test_memory_stays_bounded(upstream: Upstream, model: str, stream: bool) -> None:
    wire = DirectWire()
    tracemalloc.start()
    try:
        heard = await hear(wire, request(deployment(upstream, model), stream=stream))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        await wire.close()
    assert heard.error is not None
    assert peak < 100_000_000


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("-5", None),
        ("soon", None),
        ("999999999999", 86_400.0),
        ("Wed,_21_Oct_2015_07:28:00_GMT", 0.0),
        ("Wed,_21_Oct_2099_07:28:00_GMT", 86_400.0),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_retry_after_is_passed_on(upstream: Upstream, said: str, expected: float | None, provider: str) -> None:
    wire = DirectWire()
    heard = await hear(wire, request(deployment(upstream, f"429-retry-after-{said}", provider)))
    await wire.close()
    assert heard.error is not None
    assert heard.error.retry_after_s == expected


async def test_nobody_listens_or_the_address_is_nonsense() -> None:
    wire = DirectWire()
    heard = await hear(wire, request(deployment("http://127.0.0.1:9", "echo")))
    assert heard.error is not None
    assert heard.error.kind == "connection"
    heard = await hear(wire, request(deployment("http://127.0.0.1:99999", "echo")))
    assert heard.error is not None
    assert heard.error.kind in ("bad_request", "connection")
    heard = await hear(wire, request(deployment("http://127.0.0.1:9", "echo", key="sk-пароль\n")))
    assert heard.error is not None
    assert heard.error.kind == "authentication"
    await wire.close()
