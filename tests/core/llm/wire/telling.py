"""A parser fed in tests: what it told, chunk by chunk, and how it ended."""

from itertools import chain
from typing import Any

import orjson

from core.errors import ModelError
from core.llm.wire.anthropic_dialect import AnthropicStream
from core.llm.wire.openai_dialect import OpenAIStream
from core.llm.wire.seam import Chunk, Deployment
from tests.core.llm.wire.asking import KEY, Heard
from tests.upstreams import anthropic_frames, openai_frames

OPENAI = Deployment("openai", "m", "openai", "openai/m", "http://h/v1", KEY)
ANTHROPIC = Deployment("anthropic", "m", "anthropic", "anthropic/m", "http://h", KEY)
DIALECTS = {
    "openai": (OpenAIStream, OPENAI, openai_frames),
    "anthropic": (AnthropicStream, ANTHROPIC, anthropic_frames),
}


def fresh(dialect: str) -> Any:
    made, deployment, _ = DIALECTS[dialect]
    return made(deployment)


def story(parser: Any, pieces: list[bytes]) -> tuple[list[Chunk], type[ModelError] | None]:
    """Every chunk, neighbouring ones kept apart, and the kind of error at the end."""
    chunks: list[Chunk] = []
    ended: type[ModelError] | None = None
    said = ""
    try:
        for chunk in chain(chain.from_iterable(parser.feed(piece) for piece in pieces), parser.end()):
            chunks.append(chunk)  # noqa: PERF402  what came before an error counts
    except ModelError as error:
        ended, said = type(error), f"{error!r}{error.provider_text}"
    assert KEY not in said
    return chunks, ended


def heard(dialect: str, data: bytes) -> Heard:
    chunks, error = story(fresh(dialect), [data])
    assert error is None
    collected = Heard()
    for chunk in chunks:
        collected.take(chunk)
    return collected


def openai_stream(*rows: dict[str, Any] | str) -> bytes:
    return b"".join(b"data: " + (row.encode() if isinstance(row, str) else orjson.dumps(row)) + b"\n\n" for row in rows)


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"id": "x", "model": "m", "choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}
