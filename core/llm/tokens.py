"""Counting tokens without the network: exact where the model's own tokenizer is at hand, flagged where it is not."""

import importlib.util
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from core.messages import DocumentPart, ImagePart, Message, TextPart, Tool

BYTES_PER_TOKEN = 4
"""Of UTF-8. Fits English prose; for other scripts it is nearer than counting characters."""
IMAGE_TOKENS = 765
"""What OpenAI charges for a 1024 × 1024 image; others are of the same order."""
PER_MESSAGE, PER_ANSWER = 4, 3
LONGEST_EXACT = 400_000
"""Characters beyond which the tokenizer would hold up whoever asks."""
O200K = re.compile(r"^(ft:)?(gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|gpt-6|o1|o3|o4|chatgpt-4o)")
CL100K = re.compile(r"^(ft:)?(gpt-4|gpt-3\.5)")


@dataclass(frozen=True, slots=True)
class Count:
    tokens: int
    exact: bool


def count_text(model: str, text: str, *, exactly: bool = False) -> Count:
    """`exactly` allows for loading the tokenizer, some 0.3 s the first time; not on the engine loop."""
    encoding = _encoding(model) if exactly and len(text) <= LONGEST_EXACT else None
    if encoding is None:
        return Count(approximate(text), False)
    return Count(len(encoding.encode(text, disallowed_special=())), True)


def approximate(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def count_messages(
    model: str, messages: Sequence[Message], tools: Sequence[Tool] = (), *, exactly: bool = False
) -> Count:
    """What the model will read. Images and tool definitions are never exact."""
    total, exact = PER_ANSWER, True
    for message in messages:
        texts = [call.name + call.arguments for call in message.tool_calls]
        for part in message.parts:
            match part:
                case TextPart(text):
                    texts.append(text)
                case DocumentPart():
                    texts.append(f'<document name="{part.name}">\n{part.text}\n</document>')
                case ImagePart():
                    total, exact = total + IMAGE_TOKENS, False
        counted = count_text(model, "".join(texts), exactly=exactly)
        total, exact = total + counted.tokens + PER_MESSAGE, exact and counted.exact
    if tools:
        spelled = orjson.dumps([[tool.name, tool.description, dict(tool.parameters)] for tool in tools], default=str)
        total, exact = total + len(spelled) // BYTES_PER_TOKEN, False
    return Count(total, exact)


def _encoding(model: str) -> Any:
    """tiktoken's encoding for one of OpenAI's models; None for everybody else's."""
    provider, _, name = model.partition("/")
    if provider != "openai":
        return None
    if O200K.match(name):
        return _load("o200k_base")
    return _load("cl100k_base") if CL100K.match(name) else None


@lru_cache(maxsize=2)
def _load(name: str) -> Any:
    """From the files LiteLLM carries, so that nothing is fetched. The import is slow and large, hence late."""
    package = importlib.util.find_spec("litellm")
    folder = Path(package.origin).parent / "litellm_core_utils" / "tokenizers" if package and package.origin else None
    if folder is None or not folder.is_dir():
        return None
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    import tiktoken

    return tiktoken.get_encoding(name)
