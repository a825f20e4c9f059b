"""A turn as code to take along: a Python script on this platform, a curl command to the provider."""

import json
import shlex
from typing import Any
from urllib.parse import quote, urlencode

from core.compare.panes import PaneSpec, Setup
from core.errors import InvalidError
from core.messages import DocumentPart, ImagePart, Message, TextPart, TurnRequest
from core.platform import Platform
from core.workspace.history import as_messages
from core.workspace.message_tree import StoredMessage

SENT = ("temperature", "max_tokens", "top_p", "seed", "reasoning_effort")


def request_of(platform: Platform, answer: StoredMessage) -> TurnRequest:
    """The request behind a stored answer, rebuilt from the conversation and the assistant's version."""
    conversations = platform.workspace.conversations
    if answer.parent_id is None:
        raise InvalidError("This message answers no question.")
    said = as_messages(platform.workspace.files, conversations.path(answer.conversation_id, answer.parent_id))
    if not answer.assistant_id:
        return TurnRequest(answer.model, said)
    assistant = platform.workspace.assistants.get(answer.assistant_id, answer.assistant_version)
    system = (Message.of("system", assistant.system_prompt),) if assistant.system_prompt.strip() else ()
    return TurnRequest(answer.model, system + said, parameters=assistant.parameters)


def python(request: TurnRequest) -> str:
    """A script that makes the same logged request, run from the product's folder."""
    settings = "".join(
        f"        {name}={value!r},\n" for name in SENT if (value := getattr(request.parameters, name)) is not None
    )
    messages = "".join(f"    {_plain(message)!r},\n" for message in request.messages)
    return (
        "# Run in the product's folder. One process owns the data: stop the server first,\n"
        "# or choose another folder with DATA_DIR=/tmp/elsewhere.\n"
        "from core.platform import open_platform\n\n"
        f"MESSAGES = [\n{messages}]\n\n"
        "with open_platform() as platform:\n"
        "    answer = platform.ai.chat_completion(\n"
        "        MESSAGES,\n"
        f"        model={request.model!r},\n{settings}"
        "    )\n"
        "    print(answer.text)\n"
        "    print(answer.receipt)\n"
    )


def curl(platform: Platform, request: TurnRequest) -> str:
    """The same question straight to the provider; the key stays in the environment."""
    provider, _, model = request.model.partition("/")
    known = {info.name: info for info in platform.ai.providers()}.get(provider)
    if provider == "demo" or known is None:
        raise InvalidError("Simulated models have no address of their own; take the Python script.")
    chosen: dict[str, Any] = {
        name: value for name in SENT[:4] if (value := getattr(request.parameters, name)) is not None
    }
    base = (known.base_url or "").rstrip("/")
    if provider == "anthropic":
        system = "\n\n".join(message.text for message in request.messages if message.role == "system")
        chosen = {name: value for name, value in chosen.items() if name != "seed"} | {"model": model}
        chosen.setdefault("max_tokens", 1024)
        chosen["messages"] = [_plain(message) for message in request.messages if message.role != "system"]
        body = chosen | ({"system": system} if system else {})
        headers = ['"x-api-key: $ANTHROPIC_API_KEY"', "'anthropic-version: 2023-06-01'"]
        url = f"{base}/v1/messages"
    else:
        body = {"model": model, "messages": [_plain(message) for message in request.messages], **chosen}
        headers = [] if known.local else [f'"Authorization: Bearer ${known.variable}"']
        url = f"{base}/chat/completions" if base.endswith("/v1") else f"{base}/v1/chat/completions"
    lines = [f"curl {shlex.quote(url)}", "-H 'Content-Type: application/json'", *(f"-H {head}" for head in headers)]
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return " \\\n  ".join([*lines, f"-d {shlex.quote(text)}"])


def _plain(message: Message) -> dict[str, str]:
    """A message as role and text; a document as its text, an image by its name."""
    parts = []
    for part in message.parts:
        if isinstance(part, TextPart):
            parts.append(part.text)
        elif isinstance(part, DocumentPart):
            parts.append(f"[{part.name}]\n{part.text}")
        elif isinstance(part, ImagePart):
            parts.append(f"[image {part.name or part.sha256[:12]}]")
    return {"role": message.role, "content": "\n\n".join(parts)}


def playground_link(base: str, platform: Platform, question: str, answer: StoredMessage) -> str:
    """The playground with the question filled in, and beside the one that answered the first other model."""
    own = PaneSpec(answer.model, answer.assistant_id, answer.assistant_version)
    others = (info.id for info in platform.ai.models() if info.available and "embeddings" not in info.supports)
    other = next((id for id in others if id != answer.model), answer.model)
    setup = Setup((own, PaneSpec(other, answer.assistant_id, answer.assistant_version)))
    return f"{base}?{urlencode({'compare': setup.link(), 'question': question[:6000]}, quote_via=quote)}"
