"""What works with which provider: every cell of docs/providers.md is a check against a server of that dialect.

`python -m tests.core.llm.provider_table` writes the file; a test fails when file and checks differ.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.messages import DocumentPart, ImagePart, Message, Parameters, TextPart, TurnRequest

FILE = Path(__file__).resolve().parents[3] / "docs" / "providers.md"
PROVIDERS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "ollama": "Ollama",
    "lm_studio": "LM Studio",
    "vllm": "vLLM",
    "demo": "Demo",
}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccf"
    "c0500f0004850180afb4d5b50000000049454e44ae426082"
)


@dataclass
class Weather:
    """A tool that answers at once."""

    name: str = "weather"
    description: str = "The weather in a city."
    side_effects: bool = False

    @property
    def parameters(self):
        return {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}

    async def call(self, arguments):
        return f"sunny for {json.loads(arguments)}"


class Clock(Weather):
    @property
    def parameters(self):
        return {"type": "object", "properties": {}}


def ask(service, provider, model, text="What is the weather in Paris?", parts=(), **more):
    simulated = "scholar" if model == "reasoning" else "swift"
    name = f"{provider}/{simulated if provider == 'demo' else model}"
    return service.start(TurnRequest(name, (Message("user", (TextPart(text), *parts)),), **more)).wait(20)


def chat(service, provider, journal, upstream):
    view = ask(service, provider, "echo", stream=False)
    return view.status == "ok" and bool(view.text)


def stream(service, provider, journal, upstream):
    name = "demo/swift" if provider == "demo" else f"{provider}/tokens-30-rate-300"
    turn = service.start(TurnRequest(name, (Message.of("user", "Hello"),)))
    lengths = [len(view.text) for view in turn.watch()]
    return lengths == sorted(lengths) and len(set(lengths)) > 2


def tools(service, provider, journal, upstream):
    view = ask(service, provider, "tools", tools=(Weather(),))
    return view.steps[0].result.startswith("sunny") and "sunny" in view.text and len(view.receipt.attempts) == 2


def parallel(service, provider, journal, upstream):
    text = "What is 2+2 and what is 3*7?" if provider == "demo" else "What is the weather in Paris?"
    tool = Weather("calculator", "Calculates") if provider == "demo" else Weather()
    view = ask(service, provider, "tools-parallel", text, tools=(tool,))
    return len(view.steps) == 2 and all(step.result.startswith("sunny") for step in view.steps)


def interleaved(service, provider, journal, upstream):
    view = ask(service, provider, "tools-interleaved", tools=(Weather(), Weather("time")))
    return all(step.result and json.loads(step.arguments) is not None for step in view.steps) and len(view.steps) > 1


def no_arguments(service, provider, journal, upstream):
    view = ask(service, provider, "tools-noargs", "What time is it? Use the time tool.", tools=(Clock("time"),))
    return view.steps[0].arguments == "{}" and view.steps[0].error is None


def images(service, provider, journal, upstream):
    view = ask(service, provider, "gpt-4o", parts=(ImagePart("image/png", PIXEL, "0" * 64, "dot.png"),))
    return "image" in view.text


def documents(service, provider, journal, upstream):
    paper = DocumentPart("notes.txt", "text/plain", "Plainsight keeps receipts.", "1" * 64)
    view = ask(service, provider, "echo", parts=(paper,))
    return "notes.txt" in view.text


def json_schema(service, provider, journal, upstream):
    model = "claude-sonnet-4-5" if provider == "anthropic" else "gpt-4o"
    view = ask(service, provider, model, parameters=Parameters(response_schema=SCHEMA))
    return set(json.loads(view.text)) == {"city"} and not view.notices


def reasoning(service, provider, journal, upstream):
    view = ask(service, provider, "reasoning", "Say something.")
    return bool(view.reasoning) and bool(view.text) and view.reasoning not in view.text


def usage(service, provider, journal, upstream):
    ask(service, provider, "echo")
    row = journal.calls[-1]
    return row.usage_source == "provider" and row.input_tokens > 0 and row.output_tokens > 0


def no_usage(service, provider, journal, upstream):
    ask(service, provider, "nousage")
    row = journal.calls[-1]
    return row.usage_source == "estimated" and row.output_tokens > 0


def embeddings(service, provider, journal, upstream):
    vectors = service.embed(["one", "two"], f"{provider}/text-embedding-3-small")
    return len(vectors) == 2 and journal.calls[-1].operation == "embeddings"


def stop(service, provider, journal, upstream):
    name = "demo/scholar" if provider == "demo" else f"{provider}/tokens-2000-rate-50"
    turn = service.start(TurnRequest(name, (Message.of("user", "Tell me everything."),)))
    for view in turn.watch():
        if view.text or view.reasoning:
            turn.cancel()
    closed = provider == "demo" or upstream.wait_for(lambda: upstream.chats()[-1].disconnected_at is not None, 1.0)
    return turn.view.status == journal.calls[-1].status == "cancelled" and closed


Check = Callable[..., bool]
FEATURES: dict[str, tuple[Check, frozenset[str]]] = {
    # what it is called: (check, providers that do not have it)
    "Whole answers": (chat, frozenset()),
    "Streaming": (stream, frozenset()),
    "Tools": (tools, frozenset()),
    "Several tools at once": (parallel, frozenset()),
    "Interleaved tool calls": (interleaved, frozenset({"demo"})),
    "Tools without arguments": (no_arguments, frozenset()),
    "Images": (images, frozenset()),
    "Documents": (documents, frozenset()),
    "Answers that fit a JSON schema": (json_schema, frozenset()),
    "Reasoning kept apart": (reasoning, frozenset()),
    "Usage as reported": (usage, frozenset()),
    "Usage estimated when none is reported": (no_usage, frozenset({"demo"})),
    "Embeddings": (embeddings, frozenset({"anthropic", "demo"})),
    "Stop closes the connection": (stop, frozenset()),
}

HEAD = """# Providers: what works with which

Every “yes” below is a test (`tests/core/llm/test_providers.py`) that asks a server speaking the provider's own
protocol over a real socket, through the service, with the ledger on. “–” means the provider has no such thing. Which
of your models can read images or call tools is up to the model; the Models page shows it, and the service checks it
before it sends anything. No key is needed for these tests, and none of them leaves the machine: the protocols are
those of our test servers, so a change at a provider shows first in use.

"""

TAIL = """
Any other provider that LiteLLM knows is reached as `provider/model` (for instance `groq/llama-3.3-70b-versatile`) with
its usual environment variables, over LiteLLM itself. OpenAI, Anthropic, Ollama, LM Studio and vLLM travel over the
platform's own wire; `DIRECT_WIRE=false` sends them through LiteLLM, too. What only the platform's own wire promises:

| | own wire | LiteLLM |
|---|---|---|
| Size of a body, a line, an error text | capped before anything parses it | LiteLLM reads it whole first |
| An answer that breaks off | always told | told for streams; a whole answer is as LiteLLM says |
| Status code and `Retry-After` | the provider's own | as far as LiteLLM's exception carries them |
| Class of service (flex, priority, …) | streamed and whole | not in Anthropic's streams |
| A long answer to `chat_completion` | judged by its pauses | must come within `TIMEOUT` |

This page is written by `python -m tests.core.llm.provider_table`.
"""


def render() -> str:
    names = list(PROVIDERS.values())
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for feature, (_, without) in FEATURES.items():
        cells = ["–" if provider in without else "yes" for provider in PROVIDERS]
        lines.append(f"| {feature} | {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n" + TAIL


if __name__ == "__main__":
    FILE.write_text(render(), "utf-8")
