"""What is wrong with a provider, seen from where the service runs, and how to put it right."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from core.llm.discovery import Found, discover, headers, root
from core.llm.models import Diagnosis
from core.llm.probing import LIMIT_S, Reply, probe
from core.llm.providers import Provider

LOOPBACK = ("127.0.0.1", "localhost", "::1", "host.docker.internal")
SMALL_CONTEXT = 8_192
NO_LIST = (404, 405, 501)
COMPLAINTS = (400, 401, 422)


@dataclass(frozen=True, slots=True)
class Habits:
    """How a local server is usually found and put right."""

    port: int
    start: str
    listen: str
    install: str
    context: str


HABITS: Mapping[str, Habits] = {
    "ollama": Habits(
        11434,
        "start it with `ollama serve`",
        "set OLLAMA_HOST=0.0.0.0 where Ollama runs and restart it",
        "install one with `ollama pull llama3.2`",
        "Ollama cuts longer prompts silently; set OLLAMA_CONTEXT_LENGTH, or num_ctx in the model's Modelfile",
    ),
    "lm_studio": Habits(
        1234,
        "open LM Studio, load a model and start the server on its Developer page, or run `lms server start`",
        "turn on “Serve on Local Network” in LM Studio's server settings",
        "download a model in LM Studio and load it",
        "load the model again with a larger context length",
    ),
    "vllm": Habits(
        8000,
        "start it with `vllm serve MODEL`",
        "start vLLM with `--host 0.0.0.0`",
        "start vLLM with a model: `vllm serve MODEL`",
        "start vLLM with a larger `--max-model-len`",
    ),
}


async def diagnose(provider: Provider) -> tuple[Diagnosis, Found | None]:
    """One sentence with what to do, and the listing when there was one."""
    if provider.name == "demo":
        return Diagnosis("demo", True, "The simulated models are part of the app and always answer."), None
    if not provider.configured:
        return Diagnosis(provider.name, False, f"{provider.label} is not configured; set {provider.variable}."), None
    found = await discover(provider)
    if found.ok:
        return _well(provider, found), found
    if found.reply.status in NO_LIST and await _chats(provider):
        return (
            Diagnosis(
                provider.name,
                True,
                f"{provider.label} answers, but has no list of models; name one yourself, as {provider.name}/NAME.",
            ),
            found,
        )
    sentence, details = await _ill(provider, found.reply)
    return Diagnosis(provider.name, False, sentence, (f"Asked {provider.base_url}/models.", *details)), found


async def _chats(provider: Provider) -> bool:
    """Whether it takes questions all the same: it complains, in JSON, of one that asks nothing."""
    base = root(provider.base_url or "")
    url = f"{base}/v1/messages" if provider.dialect == "anthropic" else f"{provider.base_url}/chat/completions"
    reply = await probe(url, headers(provider), body={})
    return reply.status in COMPLAINTS and isinstance(reply.data, Mapping)


def _well(provider: Provider, found: Found) -> Diagnosis:
    able = [model for model in found.models if model.supports is None or "embeddings" not in model.supports]
    if not able:
        habits = HABITS.get(provider.name)
        cure = habits.install if habits else "check which models this key may use"
        return Diagnosis(provider.name, False, f"{provider.label} answers but has no model to chat with; {cure}.")
    details = [f"{len(able)} models: {', '.join(model.name for model in able[:8])}{' …' if len(able) > 8 else ''}"]
    if provider.local:
        details += _contexts(provider, found)
    count = f"{len(able)} model{'s' if len(able) != 1 else ''}"
    return Diagnosis(provider.name, True, f"{provider.label} answers and offers {count}.", tuple(details))


def _contexts(provider: Provider, found: Found) -> list[str]:
    habits, lines = HABITS[provider.name], []
    unknown = [model.name for model in found.models if model.context_window is None]
    small = [m for m in found.models if m.context_window is not None and m.context_window < SMALL_CONTEXT]
    lines += [
        f"{model.name} runs with a context of {model.context_window:,} tokens; {habits.context}." for model in small
    ]
    if unknown:
        lines.append(f"Context length unknown for {', '.join(unknown[:5])}; {habits.context}.")
    return lines


async def _ill(provider: Provider, reply: Reply) -> tuple[str, list[str]]:
    label, base = provider.label, provider.base_url or ""
    if reply.status in (401, 403):
        if not provider.api_key:
            return f"{label} wants a key; set {_key_variable(provider)}.", []
        return f"{label} refused the key (…{provider.api_key[-4:]}); set a valid one in {_key_variable(provider)}.", []
    if reply.status == 429:
        return f"{label} answers, but limits requests just now; try again in a minute.", []
    if reply.status is not None and reply.status >= 500:
        return f"{label} answers with an error (status {reply.status}); look at its log, or try again later.", []
    if reply.status is not None:
        return await _wrong_path(provider, reply)
    match reply.problem:
        case "unknown_host":
            return f"There is no host named {urlsplit(base).hostname!r}; correct {provider.variable}.", []
        case "tls":
            return f"The certificate of {base} cannot be trusted; correct the address or the certificate.", []
        case "timeout":
            return (
                (
                    f"{label} accepts connections at {base} but did not answer within {LIMIT_S:.0f} s; "
                    "it may be loading a model, or a firewall is in the way."
                ),
                await _elsewhere(provider),
            )
    if not provider.local:
        return f"{base} cannot be reached; check the network, a proxy, or {_base_variable(provider)}.", []
    return await _not_running(provider)


async def _wrong_path(provider: Provider, reply: Reply) -> tuple[str, list[str]]:
    status = f"status {reply.status}" + (", no JSON" if reply.problem == "not_json" else "")
    if not provider.local:
        return (
            f"{provider.base_url} is not {provider.label} ({status}); correct {_base_variable(provider)}.",
            [],
        )
    details = await _elsewhere(provider)
    return (
        (
            f"Something answers at {provider.base_url}, but not as {provider.label} ({status}); "
            f"another program may hold that port: correct {provider.variable}."
        ),
        details,
    )


async def _not_running(provider: Provider) -> tuple[str, list[str]]:
    habits = HABITS[provider.name]
    parts = urlsplit(provider.base_url or "")
    elsewhere = await _elsewhere(provider)
    if elsewhere:
        same_port = [place for place in elsewhere if f":{parts.port}" in place]
        if same_port and parts.hostname not in LOOPBACK:
            return (
                (
                    f"{provider.label} is bound to another address: nothing answers at {provider.base_url}, "
                    f"though it does here; {habits.listen}, or correct {provider.variable}."
                ),
                elsewhere,
            )
        return f"Nothing answers at {provider.base_url}; {elsewhere[0]} Correct {provider.variable}.", elsewhere
    return (
        f"{provider.label} is not running at {provider.base_url}; {habits.start}, or correct {provider.variable}.",
        [],
    )


async def _elsewhere(provider: Provider) -> list[str]:
    """Where something does answer as this provider would: its usual port, and this machine's own addresses."""
    parts = urlsplit(provider.base_url or "")
    habits = HABITS.get(provider.name)
    if habits is None or parts.hostname is None:
        return []
    hosts = dict.fromkeys([parts.hostname, *(LOOPBACK[:3])])
    ports = dict.fromkeys([parts.port or 80, habits.port])
    places = [_place(parts.scheme, host, port) for host in hosts for port in ports]
    places = [place for place in places if place != f"{parts.scheme}://{parts.netloc}"]
    keyless = replace(provider, api_key=None)  # a key goes to the configured address only
    replies = await asyncio.gather(*(probe(f"{place}/v1/models", headers(keyless), limit_s=1.0) for place in places))
    answering = [place for place, reply in zip(places, replies, strict=True) if _answers(reply)]
    return [f"A server answers at {place}." for place in answering]


def _answers(reply: Reply) -> bool:
    return reply.status == 401 or (reply.ok and isinstance(reply.data, Mapping) and "data" in reply.data)


def _place(scheme: str, host: str, port: int) -> str:
    named = f"[{host}]" if ":" in host else host
    return urlunsplit((scheme, f"{named}:{port}", "", "", ""))


def _key_variable(provider: Provider) -> str:
    return provider.variable if provider.key_needed else f"{provider.name.upper()}_API_KEY"


def _base_variable(provider: Provider) -> str:
    return f"{provider.name.upper()}_BASE_URL"
