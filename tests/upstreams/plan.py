"""What an upstream will answer, chosen by the name of the model; pieces are joined by "+" ("tokens-50+nousage").

Replies: anything else echoes; `tokens-N[-rate-R]`, `stamped-N-rate-R` (each word says when it was sent),
`reasoning`, `reasoning-field`, `tools`, `tools-parallel`, `tools-interleaved`, `tools-noargs`, `tools-repeated-ids`,
`tools-missing-ids`, `tools-endless`, `json-bad`, `nousage`, `usage-last`, `usage-cached`, `usage-negative`,
`usage-huge`, `usage-text`, `length`, `filter`, `empty`, `slow-N` (ms).
Statuses: `401` … `529`, `429-retry-after-X`, `quota`, `credit`, `context`, `policy`, `nomodel`, `leak`, `huge-error`,
`html-502`, `redirect`, `flaky-N-STATUS` (the first N requests fail). Wire faults are listed in faults.py.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.upstreams.faults import FAULTS
from tests.upstreams.pacing import STAMP

PARAGRAPH = 80
WEATHER = '{"city": "Paris", "unit": "celsius"}'


@dataclass
class Plan:
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    reasoning_field: str = "reasoning_content"
    calls: list[tuple[str, str, list[str]]] = field(default_factory=list)
    """(id, name, argument pieces) of each tool call."""
    interleaved: bool = False
    ids: str = "first"
    finish: str = "stop"
    usage: str = "normal"
    service_tier: str | None = None
    input_tokens: int = 1
    rate: float = 0.0
    delay_s: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    fault: str = ""
    number: float = 0.0

    @property
    def output_tokens(self) -> int:
        return max(1, len(self.text) + len(self.reasoning) + sum(len(call[2]) for call in self.calls))


def plan_for(model: str, asked: "Asked", seen: int) -> Plan:
    """`seen`: how many requests this model name had before this one."""
    plan = Plan(input_tokens=max(1, asked.words))
    for piece in model.removeprefix("fault-").split("+"):
        _apply(plan, piece, asked, seen)
    if not plan.text and not plan.calls and "empty" not in model:
        plan.text = _pieces(asked.json_answer or f"{asked.echo}")
    return plan


@dataclass
class Asked:
    """What of a request matters to the answer, whatever its dialect."""

    echo: str
    words: int
    tools: list[dict[str, Any]]
    """{"name", "parameters"} each."""
    tool_results: list[str]
    json_answer: str = ""
    last_text: str = ""


def _apply(plan: Plan, piece: str, asked: Asked, seen: int) -> None:
    if found := re.fullmatch(r"tokens-(\d+)(?:-rate-([\d.]+))?", piece):
        plan.text = [f"w{number} " for number in range(int(found[1]))]
        plan.rate = float(found[2] or 0)
    elif found := re.fullmatch(r"stamped-(\d+)-rate-([\d.]+)", piece):
        ends = ["\n\n" if number % PARAGRAPH == 0 else " " for number in range(1, int(found[1]) + 1)]
        plan.text, plan.rate = [STAMP + end for end in ends], float(found[2])
    elif piece.startswith("tools") and asked.tools:
        _call_tools(plan, piece, asked)
    elif piece in ("reasoning", "reasoning-field"):
        plan.reasoning = ["Let me ", "think ", "about it."]
        plan.reasoning_field = "reasoning" if piece == "reasoning-field" else "reasoning_content"
    elif piece == "json-bad":
        plan.text = ['{"broken": ', "tru"]
    elif piece == "nousage" or piece.startswith("usage-"):
        plan.usage = piece.removeprefix("usage-")
    elif piece in ("length", "filter"):
        plan.finish = {"length": "length", "filter": "content_filter"}[piece]
    elif found := re.fullmatch(r"slow-(\d+)", piece):
        plan.delay_s = int(found[1]) / 1000
    else:
        _apply_trouble(plan, piece, seen)


def _apply_trouble(plan: Plan, piece: str, seen: int) -> None:
    if found := re.fullmatch(r"(\d{3})(?:-retry-after-(.+))?", piece):
        plan.status = int(found[1])
        if found[2]:
            plan.headers["Retry-After"] = found[2].replace("_", " ")
    elif found := re.fullmatch(r"flaky-(\d+)-(\d{3}|[a-z-]+)(?:-retry-after-(.+))?", piece):
        if seen < int(found[1]):
            tail = f"-retry-after-{found[3]}" if found[3] else ""
            _apply_trouble(plan, found[2] + tail, seen)
    elif piece in ("quota", "credit", "context", "policy", "nomodel", "leak", "huge-error", "html-502", "redirect"):
        plan.trouble = piece
        plan.status = {
            "quota": 429, "nomodel": 404, "leak": 401, "html-502": 502, "redirect": 307
        }.get(piece, 400)  # fmt: skip
    elif found := re.fullmatch(r"([a-z0-9-]*?)(?:-(\d+(?:\.\d+)?))?", piece):
        name = piece if piece in FAULTS else found[1]
        if name in FAULTS:
            plan.fault = name
            plan.number = float(found[2]) if found[2] and name != piece else FAULTS[name]


def _call_tools(plan: Plan, piece: str, asked: Asked) -> None:
    if asked.tool_results and piece != "tools-endless":
        plan.text = _pieces("The tool said: " + " | ".join(asked.tool_results))
        return
    plan.finish = "tool_calls"
    named = [tool for tool in asked.tools if tool["name"] in asked.last_text] or asked.tools
    many = len(named) if piece in ("tools-parallel", "tools-interleaved") and len(named) > 1 else 1
    if piece in ("tools-parallel", "tools-interleaved") and many == 1:
        named, many = [named[0], named[0]], 2
    for number, tool in enumerate(named[:many]):
        arguments = "" if piece == "tools-noargs" else arguments_for(tool["parameters"], asked.last_text)
        plan.calls.append((f"call_{number}", tool["name"], [arguments[i : i + 7] for i in range(0, len(arguments), 7)]))
    plan.interleaved = piece == "tools-interleaved"
    plan.ids = {"tools-repeated-ids": "repeated", "tools-missing-ids": "missing"}.get(piece, "first")


def arguments_for(schema: dict[str, Any], text: str = "") -> str:
    """JSON arguments: the {...} in what was asked, else one instance of the schema."""
    import json

    found = re.search(r"\{.*\}", text, re.DOTALL)
    return found[0] if found else json.dumps(instance(schema))


def instance(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        return {name: instance(inner) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [instance(schema.get("items", {}))]
    return {"integer": 2, "number": 1.5, "boolean": True, "null": None}.get(kind, "Paris")


def _pieces(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*?(?=\s|$)|\s+$", text) or [text]
