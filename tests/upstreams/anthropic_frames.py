"""A plan rendered in the Anthropic dialect: what was asked, the stream's frames, and the whole body."""

import json
from typing import Any

from tests.upstreams.plan import Asked, Plan, instance

NAME = "anthropic"
FINISH = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal"}
SIGNATURE = "c2lnbmF0dXJl"


def asked(body: dict[str, Any]) -> Asked:
    seen, text, words, results = [], "", 0, []
    for message in body.get("messages") or []:
        content = message.get("content") or ""
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        spoken = "".join(part.get("text", "") for part in parts if part.get("type") == "text")
        words += len(spoken.split())
        returned = [_flat(part.get("content")) for part in parts if part.get("type") == "tool_result"]
        if message["role"] == "user":
            results = returned
            text = spoken or text
            seen += [part["source"] for part in parts if part.get("type") == "image"]
    words += len(_flat(body.get("system")).split())
    images = [f"{source.get('media_type')} of {len(source.get('data', ''))} characters" for source in seen]
    look = f" [saw {len(images)} image: {', '.join(images)}]" if images else ""
    tools = [
        {"name": tool["name"], "parameters": tool.get("input_schema", {})}
        for tool in body.get("tools") or ()
        if "name" in tool
    ]
    form = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    answer = json.dumps(instance(form["schema"])) if form.get("type") == "json_schema" else ""
    return Asked(f"You said: {text}{look}", words, tools, results, answer, text)


def _flat(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def usage(plan: Plan) -> dict[str, Any] | None:
    if plan.usage == "nousage":
        return None
    prompt: Any = plan.input_tokens
    out: Any = plan.output_tokens
    if plan.usage in ("negative", "huge", "text"):
        prompt = out = {"negative": -5, "huge": 10**15, "text": "many"}[plan.usage]
    cached = {"cache_read_input_tokens": 7, "cache_creation_input_tokens": 3} if plan.usage == "cached" else {}
    tier = {"service_tier": plan.service_tier} if plan.service_tier else {}
    return {"input_tokens": prompt, "output_tokens": out, **cached, **tier}


def _blocks(plan: Plan) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if plan.reasoning:
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in plan.reasoning]
        deltas.append({"type": "signature_delta", "signature": SIGNATURE})
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
    if plan.text:
        blocks.append(({"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in plan.text]))
    for call_id, name, pieces in plan.calls:
        start = {"type": "tool_use", "id": f"toolu_{call_id}", "name": name, "input": {}}
        blocks.append((start, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]))
    return blocks


def frames(plan: Plan, model: str) -> tuple[list[bytes], int]:
    message: dict[str, Any] = {
        "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": model,
        "stop_reason": None, "stop_sequence": None,
    }  # fmt: skip
    counted = usage(plan)
    if counted:
        message["usage"] = {**counted, "output_tokens": 1 if isinstance(counted["output_tokens"], int) else "many"}
    rows: list[dict[str, Any]] = [{"type": "message_start", "message": message}, {"type": "ping"}]
    each = []
    for index, (block, deltas) in enumerate(_blocks(plan)):
        rows_of_block = [{"type": "content_block_start", "index": index, "content_block": block}]
        rows_of_block += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        rows_of_block.append({"type": "content_block_stop", "index": index})
        each.append(rows_of_block)
    if plan.interleaved:
        longest = max(map(len, each), default=0)
        rows += [block[turn] for turn in range(longest) for block in each if turn < len(block)]
    else:
        rows += [row for block in each for row in block]
    end: dict[str, Any] = {
        "type": "message_delta",
        "delta": {"stop_reason": FINISH[plan.finish], "stop_sequence": None},
    }
    end["usage"] = {"output_tokens": counted["output_tokens"]} if counted else {}
    rows += [end, {"type": "message_stop"}]
    return [f"event: {row['type']}\ndata: {json.dumps(row)}\n\n".encode() for row in rows], 2


def whole(plan: Plan, model: str) -> bytes:
    content: list[dict[str, Any]] = []
    if plan.reasoning:
        content.append({"type": "thinking", "thinking": "".join(plan.reasoning), "signature": SIGNATURE})
    if plan.text:
        content.append({"type": "text", "text": "".join(plan.text)})
    for call_id, name, pieces in plan.calls:
        arguments = json.loads("".join(pieces) or "{}")
        content.append({"type": "tool_use", "id": f"toolu_{call_id}", "name": name, "input": arguments})
    body: dict[str, Any] = {
        "id": "msg_1", "type": "message", "role": "assistant", "content": content, "model": model,
        "stop_reason": FINISH[plan.finish], "stop_sequence": None,
    }  # fmt: skip
    counted = usage(plan)
    if counted:
        body["usage"] = counted
    return json.dumps(body).encode()


TROUBLE = {
    "quota": ("rate_limit_error", "You exceeded your current quota, please check your plan and billing details."),
    "credit": ("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "context": ("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "policy": ("invalid_request_error", "Output blocked by content filtering policy"),
    "nomodel": ("not_found_error", "model: no-such-model"),
}
_BY_STATUS = {
    400: ("invalid_request_error", "messages: something is wrong"),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key does not have permission."),
    404: ("not_found_error", "model: no-such-model"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    529: ("overloaded_error", "Overloaded"),
}


def error_body(trouble: str, status: int, key: str) -> bytes:
    kind, message = TROUBLE.get(trouble) or _BY_STATUS.get(status, ("api_error", "Internal server error"))
    if trouble == "leak":
        message = f"invalid x-api-key: {key}"
    if trouble == "huge-error":
        message = f"{key} is wrong. " * 80_000
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()


def error_frame(kind: str) -> bytes:
    error = {"type": "api_error", "message": "The engine fell over"}
    if kind == "rate":
        error = {"type": "rate_limit_error", "message": "Slow down"}
    return b"event: error\ndata: " + json.dumps({"type": "error", "error": error}).encode() + b"\n\n"
