"""A plan rendered in the OpenAI dialect: what was asked, the stream's frames, and the whole body."""

import json
from typing import Any

from tests.upstreams.plan import Asked, Plan, instance

NAME = "openai"


def asked(body: dict[str, Any]) -> Asked:
    messages = body.get("messages") or []
    seen, text, words, results = [], "", 0, []
    for message in messages:
        content = message.get("content") or ""
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        spoken = "".join(part.get("text", "") for part in parts if part.get("type") == "text")
        words += len(spoken.split())
        if message["role"] == "user":
            text, results = spoken, []
            seen += [part["image_url"]["url"] for part in parts if part.get("type") == "image_url"]
        elif message["role"] == "tool":
            results.append(spoken)
    images = [f"{url[5:].split(';')[0]} of {len(url)} characters" for url in seen]
    look = f" [saw {len(images)} image: {', '.join(images)}]" if images else ""
    form = body.get("response_format") or {}
    answer = json.dumps(instance(form["json_schema"]["schema"])) if form.get("type") == "json_schema" else ""
    tools = [
        {"name": tool["function"]["name"], "parameters": tool["function"].get("parameters", {})}
        for tool in body.get("tools") or ()
    ]
    return Asked(f"You said: {text}{look}", words, tools, results, answer, text)


def usage(plan: Plan) -> dict[str, Any] | None:
    if plan.usage == "nousage":
        return None
    prompt: Any = plan.input_tokens
    out: Any = plan.output_tokens
    cached = prompt // 2 if plan.usage == "cached" else 0
    if plan.usage in ("negative", "huge", "text"):
        prompt = out = {"negative": -5, "huge": 10**15, "text": "many"}[plan.usage]
    return {
        "prompt_tokens": prompt,
        "completion_tokens": out,
        "total_tokens": prompt + out if isinstance(out, int) else "many",
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": len(plan.reasoning)},
    }


def frames(plan: Plan, model: str) -> tuple[list[bytes], int]:
    """(frames, how many at the end say that it is over)."""
    rows = [_chunk(model, {"role": "assistant", "content": ""})]
    rows += [_chunk(model, {plan.reasoning_field: piece}) for piece in plan.reasoning]
    rows += [_chunk(model, {"content": piece}) for piece in plan.text]
    rows += [_chunk(model, {"tool_calls": [delta]}) for delta in _tool_deltas(plan)]
    endings = [_chunk(model, {}, plan.finish)]
    counted = usage(plan)
    if plan.usage == "last" and counted:
        endings[0]["usage"] = counted
    elif counted:
        endings.append({**_chunk(model, {}), "choices": [], "usage": counted})
    for row in rows + endings if plan.service_tier else ():
        row["service_tier"] = plan.service_tier
    done = [*(b"data: " + json.dumps(row).encode() + b"\n\n" for row in rows + endings), b"data: [DONE]\n\n"]
    return done, len(endings) + 1


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}


def _tool_deltas(plan: Plan) -> list[dict[str, Any]]:
    each: list[list[dict[str, Any]]] = []
    for index, (call_id, name, pieces) in enumerate(plan.calls):
        first = {"index": index, "type": "function", "function": {"name": name, "arguments": ""}}
        if plan.ids != "missing":
            first["id"] = call_id
        deltas = [first]
        for piece in pieces:
            delta: dict[str, Any] = {"index": index, "function": {"arguments": piece}}
            if plan.ids == "repeated":
                delta |= {"id": call_id, "function": {"name": name, "arguments": piece}}
            deltas.append(delta)
        each.append(deltas)
    if not plan.interleaved:
        return [delta for deltas in each for delta in deltas]
    longest = max((len(deltas) for deltas in each), default=0)
    return [deltas[turn] for turn in range(longest) for deltas in each if turn < len(deltas)]


def whole(plan: Plan, model: str) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(plan.text) or None}
    if plan.reasoning:
        message[plan.reasoning_field] = "".join(plan.reasoning)
    if plan.calls:
        message["tool_calls"] = [
            {"id": call_id, "type": "function", "function": {"name": name, "arguments": "".join(pieces)}}
            for call_id, name, pieces in plan.calls
        ]
        if plan.ids == "missing":
            for call in message["tool_calls"]:
                del call["id"]
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": plan.finish}],
    }
    counted = usage(plan)
    if counted:
        body["usage"] = counted
    if plan.service_tier:
        body["service_tier"] = plan.service_tier
    return json.dumps(body).encode()


TROUBLE: dict[str, tuple[str, str, str]] = {
    "quota": ("insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan."),
    "credit": ("billing_hard_limit_reached", "invalid_request_error", "Billing hard limit has been reached."),
    "context": (
        "context_length_exceeded",
        "invalid_request_error",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    ),
    "policy": ("content_policy_violation", "invalid_request_error", "Your request was rejected by our safety system."),
    "nomodel": ("model_not_found", "invalid_request_error", "The model does not exist or you do not have access."),
}
_BY_STATUS = {
    400: ("", "invalid_request_error", "Something about the request is wrong."),
    401: ("invalid_api_key", "invalid_request_error", "Incorrect API key provided."),
    403: ("", "permission_error", "You may not."),
    404: ("model_not_found", "invalid_request_error", "The model does not exist."),
    429: ("rate_limit_exceeded", "requests", "Rate limit reached for requests."),
}


def error_body(trouble: str, status: int, key: str) -> bytes:
    code, kind, message = TROUBLE.get(trouble) or _BY_STATUS.get(status, ("", "server_error", "Something broke."))
    if trouble == "leak":
        message = f"Incorrect API key provided: {key}. Header was Authorization: Bearer {key}"
    if trouble == "huge-error":
        message = f"{key} is wrong. " * 80_000
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code or None}}).encode()


def error_frame(kind: str) -> bytes:
    error = {"message": "The engine fell over", "type": "server_error", "code": None}
    if kind == "rate":
        error = {"message": "Slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}
    return b"data: " + json.dumps({"error": error}).encode() + b"\n\n"
