"""A turn as code to take along: a Python script on this platform, and the link to the playground."""

from typing import Any
from urllib.parse import quote, urlencode

from core.compare.panes import PaneSpec, Setup
from core.messages import ImagePart, Message, Part, TextPart, TurnRequest
from core.platform import Platform
from core.workspace.message_tree import StoredMessage

SENT = ("temperature", "max_tokens", "top_p", "seed", "reasoning_effort", "response_schema")
SCRIPT = """\
# Run in the product's folder. One process owns the data: stop the server first,
# or choose another folder with DATA_DIR=/tmp/elsewhere.
{imports}
MESSAGES = [
{messages}]

with open_platform() as platform:
    answer = platform.ai.chat_completion(
        MESSAGES,
        model={model!r},
{settings}    )
    print(answer.text)
    print(answer.receipt)
"""


def python(platform: Platform, request: TurnRequest) -> str:
    """A script that makes the same logged request, run from the product's folder."""
    chosen: dict[str, Any] = {name: value for name in SENT if (value := getattr(request.parameters, name)) is not None}
    chosen["stream"] = request.stream
    if request.fallbacks is not None:
        chosen["fallbacks"] = request.fallbacks
    if request.cache != "off":
        chosen["cache"] = request.cache
    settings = [f"{name}={value!r}" for name, value in chosen.items()]
    if request.tools:
        settings.append(f"tools=platform.tools.named({tuple(tool.name for tool in request.tools)!r})")
    messages = "".join(f"    {_message(platform, message)},\n" for message in request.messages)
    imports = "from core.platform import open_platform\n"
    if "Message(" in messages:
        imports = (
            "from pathlib import Path\n\n"
            "from core.messages import DocumentPart, ImagePart, Message, TextPart, ToolCall\n" + imports
        )
    lines = "".join(f"        {setting},\n" for setting in settings)
    return SCRIPT.format(imports=imports, messages=messages, model=request.model, settings=lines)


def _message(platform: Platform, message: Message) -> str:
    """As plain as it can be: a dictionary for text, a Message for everything else."""
    plain = len(message.parts) == 1 and not message.tool_calls and message.tool_call_id is None
    if plain and isinstance(message.parts[0], TextPart):
        return repr({"role": message.role, "content": message.text})
    parts = "".join(f"{_part(platform, part)}, " for part in message.parts)
    called = f", tool_calls={message.tool_calls!r}" if message.tool_calls else ""
    answered = f", tool_call_id={message.tool_call_id!r}" if message.tool_call_id is not None else ""
    return f"Message({message.role!r}, ({parts.rstrip()}){called}{answered})"


def _part(platform: Platform, part: Part) -> str:
    """A picture's bytes stay in the file where they are kept."""
    if not isinstance(part, ImagePart):
        return repr(part)
    kept = str(platform.workspace.files.path(part.sha256).resolve())
    return f"ImagePart({part.media_type!r}, Path({kept!r}).read_bytes(), {part.sha256!r}, {part.name!r})"


def playground_link(base: str, platform: Platform, question: str, answer: StoredMessage) -> str:
    """The playground with the question filled in, and beside the one that answered the first other model."""
    own = PaneSpec(answer.model, answer.assistant_id, answer.assistant_version)
    others = (info.id for info in platform.ai.models() if info.available and "embeddings" not in info.supports)
    other = next((id for id in others if id != answer.model), answer.model)
    setup = Setup((own, PaneSpec(other, answer.assistant_id, answer.assistant_version)))
    return f"{base}?{urlencode({'compare': setup.link(), 'question': question[:6000]}, quote_via=quote)}"
