"""What a simulated model has in front of it: the conversation as LiteLLM hands it over, taken apart."""

import base64
import binascii
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from core.llm.demo.judge import Case, read_case

OPENING, CLOSING = '<document name="', "</document>"
LONGEST_QUESTION = 4_000


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels are None when the image could not be read; `colour` is the average, as hexadecimal."""

    kind: str
    size: int
    width: int | None = None
    height: int | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    name: str
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Scene:
    """`results`: what tools answered since the question, as (tool name, text). `turn` counts the person's messages."""

    question: str
    system: str = ""
    pictures: tuple[Picture, ...] = ()
    papers: tuple[Paper, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    schema: Mapping[str, Any] | None = None
    earlier: str = ""
    turn: int = 1
    case: Case | None = None
    """What it is to judge, when that is what it was asked."""


def read_scene(messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Scene:
    """`messages` and `options` in OpenAI's shape."""
    asked = [at for at, message in enumerate(messages) if message.get("role") == "user"]
    last = asked[-1] if asked else len(messages)
    text, pictures, papers = _parts(messages[last].get("content") if asked else "")
    names = {
        call["id"]: call["function"]["name"] for message in messages for call in message.get("tool_calls") or () if call
    }
    results = tuple(
        (names.get(message.get("tool_call_id", ""), "tool"), _parts(message.get("content"))[0])
        for message in messages[last:]
        if message.get("role") == "tool"
    )
    system = "\n".join(_parts(message.get("content"))[0] for message in messages if message.get("role") == "system")
    calls_no_tools = options.get("tool_choice") == "none"
    return Scene(
        text[:LONGEST_QUESTION],
        system,
        pictures,
        papers,
        results,
        () if calls_no_tools else tuple(options.get("tools") or ()),
        _schema(options.get("response_format")),
        _parts(messages[asked[-2]].get("content"))[0] if len(asked) > 1 else "",
        len(asked),
        read_case(text),
    )


def _schema(wished: Any) -> Mapping[str, Any] | None:
    if not isinstance(wished, Mapping):
        return None
    if wished.get("type") == "json_object":
        return {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    found = (wished.get("json_schema") or {}).get("schema")
    return found if isinstance(found, Mapping) else None


def _parts(content: Any) -> tuple[str, tuple[Picture, ...], tuple[Paper, ...]]:
    if content is None or isinstance(content, str):
        whole = content or ""
        pictures: tuple[Picture, ...] = ()
    else:
        whole = "\n".join(part.get("text", "") for part in content if part.get("type") == "text")
        urls = [part["image_url"]["url"] for part in content if part.get("type") == "image_url"]
        pictures = tuple(_picture(url) for url in urls)
    said, papers = _papers(whole)
    return said.strip(), pictures, papers


def _papers(whole: str) -> tuple[str, tuple[Paper, ...]]:
    """Documents travel inside the text; what is said stands around them."""
    first, *rest = whole.split(OPENING)
    said, papers = [first], []
    for piece in rest:
        document, _, after = piece.partition(CLOSING)
        name, _, text = document.partition('">')
        papers.append(Paper(name, text.strip()))
        said.append(after)
    return "".join(said), tuple(papers)


def _picture(url: str) -> Picture:
    head, _, body = url.partition(",")
    kind = head.removeprefix("data:").partition(";")[0] or "image"
    try:
        data = base64.b64decode(body)
    except (binascii.Error, ValueError):
        return Picture(kind, 0)
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            if width * height > 40_000_000:
                return Picture(kind, len(data), width, height)
            red, green, blue = image.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Picture(kind, len(data))
    return Picture(kind, len(data), width, height, f"#{red:02x}{green:02x}{blue:02x}")
