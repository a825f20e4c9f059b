"""Embeddings that are the same every time: letters counted into a few places."""

import base64
import struct
from typing import Any

from aiohttp import web

SIZE = 8


def vector(text: str) -> list[float]:
    places = [0.0] * SIZE
    for letter in text.lower():
        places[ord(letter) % SIZE] += 1.0
    length = sum(place * place for place in places) ** 0.5 or 1.0
    return [place / length for place in places]


def answer(body: dict[str, Any]) -> web.Response:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    model = body["model"]
    if model == "embed-401":
        return web.json_response(
            {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, status=401
        )
    rows: list[dict[str, Any]] = [
        {"object": "embedding", "index": index, "embedding": _spelled(vector(text), body.get("encoding_format"))}
        for index, text in enumerate(texts)
    ]
    if model == "embed-shuffled":
        rows.reverse()
    if model == "embed-short":
        rows.pop()
    used = sum(len(text.split()) for text in texts)
    return web.json_response(
        {"object": "list", "model": model, "data": rows, "usage": {"prompt_tokens": used, "total_tokens": used}}
    )


def _spelled(values: list[float], form: str | None) -> Any:
    if form == "base64":
        return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
    return values
