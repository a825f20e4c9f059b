"""The general wire against a real server: truth about endings, usage, cancellation and errors."""

import asyncio
from contextlib import aclosing

import pytest

from core.errors import ModelError, TimedOutError, TruncatedError
from core.llm.wire import library
from core.llm.wire.general import GeneralWire
from core.llm.wire.litellm_stream import LiteLLMStream
from core.llm.wire.seam import RawUsage, Text
from tests.core.llm.wire.asking import KEY, deployment, hear, request
from tests.upstreams.server import Upstream

WIRE = GeneralWire()
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama", "lm_studio", "vllm"])
async def test_an_answer_with_usage_and_finish(upstream: Upstream, provider: str, stream: bool) -> None:
    heard = await hear(WIRE, request(deployment(upstream, "echo", provider), stream=stream))
    assert heard.error is None, heard.error.provider_text
    assert (heard.text, heard.finish) == ("You said: hello there", "stop")
    assert heard.usage is not None
    assert heard.usage["prompt_tokens"] == 2
    assert len(upstream.chats()) == 1


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("provider", ["openai", "anthropic", "vllm"])
async def test_usage_is_never_invented(upstream: Upstream, provider: str, stream: bool) -> None:
    heard = await hear(WIRE, request(deployment(upstream, "nousage", provider), stream=stream))
    assert heard.usage is None
    if (provider, stream) == ("anthropic", False):  # LiteLLM cannot read such an answer at all
        assert heard.error is not None
        assert heard.error.kind == "provider_error"
    else:
        assert heard.finish == "stop"


@pytest.mark.parametrize("provider", ["openai", "anthropic", "vllm"])
async def test_a_cut_stream_is_not_an_ending(upstream: Upstream, provider: str) -> None:
    heard = await hear(WIRE, request(deployment(upstream, "eof-no-finish", provider)))
    assert isinstance(heard.error, TruncatedError)
    assert heard.finish is None


@pytest.mark.parametrize("provider", ["openai", "anthropic", "vllm"])
async def test_closing_hangs_up_on_the_provider(upstream: Upstream, provider: str) -> None:
    stream = WIRE.stream(request(deployment(upstream, "tokens-500-rate-50", provider)))
    async with aclosing(stream):
        async for chunk in stream:
            if isinstance(chunk, Text):
                break
    await asyncio.sleep(0.1)
    assert upstream.wait_for(lambda: upstream.chats()[0].disconnected_at is not None)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "vllm"])
async def test_cancelling_the_task_hangs_up_too(upstream: Upstream, provider: str) -> None:
    task = asyncio.ensure_future(hear(WIRE, request(deployment(upstream, "tokens-500-rate-50", provider))))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.1)
    assert upstream.wait_for(lambda: upstream.chats()[0].disconnected_at is not None)


async def test_the_first_token_deadline_holds(upstream: Upstream) -> None:
    heard = await hear(WIRE, request(deployment(upstream, "stall-first"), first_token_s=0.3))
    assert isinstance(heard.error, TimedOutError)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "vllm"])
@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("401", "authentication"),
        ("404", "model_not_found"),
        ("429-retry-after-7", "rate_limit"),
        ("quota", "quota"),
        ("credit", "quota"),
        ("503", "provider_error"),
        ("context", "context_length"),
        ("policy", "content_policy"),
        ("leak", "authentication"),
    ],
)
async def test_errors_have_their_kind_and_hide_the_key(
    upstream: Upstream, model: str, kind: str, provider: str
) -> None:
    heard = await hear(WIRE, request(deployment(upstream, model, provider)))
    assert heard.error is not None
    assert heard.error.kind == kind
    assert len(upstream.chats()) == 1
    if model.startswith("429"):
        assert heard.error.retry_after_s == 7
    seen = f"{heard.error} {heard.error!r} {heard.error.args} {heard.error.provider_text}"
    assert KEY not in seen
    assert heard.error.__cause__ is None
    assert heard.error.__context__ is None


async def test_nobody_listens(upstream: Upstream) -> None:
    for provider in ("openai", "anthropic", "vllm"):
        heard = await hear(WIRE, request(deployment("http://127.0.0.1:9", "echo", provider)))
        assert heard.error is not None
        assert heard.error.kind == "connection"


async def test_embeddings_come_in_order(upstream: Upstream) -> None:
    vectors, usage = await WIRE.embed(deployment(upstream, "embed"), ["abc", "something else"], 5.0)
    assert [len(vector) for vector in vectors] == [8, 8]
    assert usage["prompt_tokens"] == 3


@pytest.mark.parametrize("stream", [True, False])
async def test_litellm_keeps_no_books_of_our_calls(upstream: Upstream, stream: bool) -> None:
    """A callback hears of a call made past the wire, and of none made by it: the ledger's are the only ones."""
    litellm = library.load()
    told: list[object] = []
    past = asyncio.Event()

    class Listener(litellm.integrations.custom_logger.CustomLogger):  # type: ignore[name-defined]
        async def async_log_success_event(self, kwargs, **_: object) -> None:
            told.append(kwargs["input"])
            past.set()

    litellm.callbacks = [Listener()]
    try:
        heard = await hear(WIRE, request(deployment(upstream, "echo", "openai"), stream=stream))
        assert heard.finish == "stop"
        await WIRE.embed(deployment(upstream, "embed", "openai"), ["past nobody"], 10)
        messages = [{"role": "user", "content": "past the wire"}]
        await litellm.acompletion("openai/echo", messages, api_base=f"{upstream.url}/v1", api_key=KEY)
        await asyncio.wait_for(past.wait(), 10)
    finally:
        litellm.callbacks = []
        litellm.logging_callback_manager._reset_all_callbacks()
    assert told == [messages]


async def test_a_burst_is_told_from_its_first_word_on(upstream: Upstream) -> None:
    """LiteLLM reads what has arrived without giving way, a third of a millisecond apiece."""
    begun = asyncio.Event()
    read, turns = 0, []

    async def watch() -> None:
        await begun.wait()
        while read < 500:
            turns.append(read)
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    stream = WIRE.stream(request(deployment(upstream, "tokens-500", "openai")))
    async with aclosing(stream):
        async for chunk in stream:
            if isinstance(chunk, Text):
                read += 1
                begun.set()
    await watching
    assert read == 500
    assert turns[0] == 1
    assert len(turns) > 5


async def test_what_has_been_read_of_a_stream_is_let_go(upstream: Upstream) -> None:
    there = deployment(upstream, "tokens-500", "openai")
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    answer = await library.load().acompletion(
        "openai/tokens-500",
        [{"role": "user", "content": "Say something."}],
        api_base=f"{upstream.url}/v1",
        api_key=KEY,
        **asked,
    )
    reader = LiteLLMStream(answer, there)
    most, heard = 0, []
    ends = asyncio.get_running_loop().time() + 30
    async for chunk in reader.chunks(ends, ends, 30):
        most = max(most, len(answer.chunks))
        heard.append(chunk)
    await reader.close()
    assert most <= 3
    assert sum(isinstance(chunk, Text) for chunk in heard) == 500
    (usage,) = [chunk.raw for chunk in heard if isinstance(chunk, RawUsage)]
    assert usage["completion_tokens"] == 500


async def test_a_custom_provider_is_reached_through_the_hook() -> None:
    litellm = library.load()

    class Parrot(litellm.CustomLLM):  # type: ignore[misc, name-defined]
        async def astreaming(self, *_: object, **given: object) -> object:
            for piece in ("po", "lly"):
                yield {
                    "text": piece,
                    "is_finished": False,
                    "finish_reason": "",
                    "usage": None,
                    "index": 0,
                    "tool_use": None,
                }
            used = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
            yield {
                "text": "",
                "is_finished": True,
                "finish_reason": "stop",
                "usage": used,
                "index": 0,
                "tool_use": None,
            }

    library.register_custom_provider("parrot", Parrot())
    place = deployment("http://unused", "any")
    heard = await hear(WIRE, request(type(place)("parrot", "any", "litellm", "parrot/any")))
    assert (heard.text, heard.finish, heard.error) == ("polly", "stop", None)
    assert heard.usage is not None
    assert heard.usage["completion_tokens"] == 2


async def test_what_litellm_refuses_before_the_call_is_told_in_the_trees_words(upstream: Upstream) -> None:
    """Its rules run while the call's log is made: what they raise is no crash, and quotes nothing."""
    litellm = library.load()

    def no_questions(question: str) -> bool:
        raise ValueError(f"{question} with {KEY}")

    litellm.pre_call_rules = [no_questions]
    try:
        heard = await hear(WIRE, request(deployment(upstream, "echo", "openai")))
    finally:
        litellm.pre_call_rules = []
    assert isinstance(heard.error, ModelError)
    assert KEY not in str(heard.error)
    assert KEY not in heard.error.provider_text
    assert not upstream.chats()
