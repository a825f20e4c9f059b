"""Whether a simulated model should reach for a tool, and with which arguments."""

import json
import re
from collections.abc import Mapping
from typing import Any

from core.llm.demo.scene import Scene
from core.llm.demo.shelf import terms
from core.messages import ToolCall

SUM = re.compile(r"[-+*/^×÷%().,\d ]{3,200}")
URL = re.compile(r"https?://[^\s<>\")]+")
PLACE = re.compile(r"\b(?:in|at|for|of)\s+([A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)*)")
QUOTED = re.compile(r"[\"“‘']([^\"”’']{2,200})[\"”’']")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
MOST = 4


def reach(scene: Scene) -> tuple[ToolCall, ...]:
    """The calls to make: none, one, or several at once when several sums are asked for."""
    if scene.results:
        return ()
    best = max(scene.tools, key=lambda tool: _score(tool, scene), default=None)
    if best is None or _score(best, scene) < 2:
        return ()
    function = best["function"]
    sums = expressions(scene.question)
    if _takes_sum(function) and len(sums) > 1:
        fills = [_arguments(function, scene, sum_) for sum_ in sums[:MOST]]
    else:
        fills = [_arguments(function, scene, sums[0] if sums else "")]
    return tuple(
        ToolCall(f"call_demo_{scene.turn}_{at}", function["name"], json.dumps(fill, ensure_ascii=False))
        for at, fill in enumerate(fills)
    )


def expressions(text: str) -> list[str]:
    """Sums in the text, spelled for a calculator."""
    found = []
    for match in SUM.findall(text):
        sum_ = match.strip(" .,").replace("×", "*").replace("÷", "/").replace("^", "**").replace(",", "")
        if re.search(r"\d\s*[-+*/%]+\s*\(*-?\d", sum_) and not re.fullmatch(r"\d{4}-\d\d-\d\d", sum_):
            found.append(sum_.strip())
    return found


def _takes_sum(function: Mapping[str, Any]) -> bool:
    return "expression" in _properties(function) or "calculat" in function["name"].lower()


def _score(tool: Mapping[str, Any], scene: Scene) -> float:
    """Words shared by question and tool; its name counts double."""
    function = tool["function"]
    asked = set(terms(scene.question))
    name = terms(function["name"].replace("_", " "))
    score = 2.0 * len(asked & set(name)) + len(asked & set(terms(function.get("description") or "")))
    if _takes_sum(function):
        score = score + 6 if expressions(scene.question) else 0.0
    if "url" in _properties(function):
        score = score + 3 if URL.search(scene.question) else 0.0
    if re.search(r"\bwhat(?:’s|'s| is)? (?:the )?(?:time|date|day)|\b(?:today|now)\b", scene.question.lower()):
        score += 3.0 * bool({"time", "date", "now", "clock"} & set(name))
    return score


def _properties(function: Mapping[str, Any]) -> Mapping[str, Any]:
    return (function.get("parameters") or {}).get("properties") or {}


def _arguments(function: Mapping[str, Any], scene: Scene, sum_: str) -> dict[str, Any]:
    required = set((function.get("parameters") or {}).get("required") or ())
    numbers = [float(number) for number in NUMBER.findall(scene.question)]
    filled: dict[str, Any] = {}
    for name, schema in _properties(function).items():
        value = _value(name.lower(), schema, scene, sum_, numbers)
        if value is not None and (name in required or name.lower() in ("url", "expression", "query")):
            filled[name] = value
    return filled


def _value(name: str, schema: Mapping[str, Any], scene: Scene, sum_: str, numbers: list[float]) -> Any:
    question = scene.question
    if schema.get("enum"):
        return next((item for item in schema["enum"] if str(item).lower() in question.lower()), schema["enum"][0])
    kind = schema.get("type")
    if kind in ("integer", "number"):
        number = numbers.pop(0) if numbers else 1.0
        return int(number) if kind == "integer" or number.is_integer() else number
    if kind == "boolean":
        return False
    if kind == "array":
        return []
    if kind == "object":
        return {}
    if "url" in name:
        found = URL.search(question)
        return found.group(0).rstrip(".,") if found else question
    if name in ("expression", "formula", "sum"):
        return sum_ or question
    if any(word in name for word in ("city", "place", "location", "country", "zone")):
        found = PLACE.search(question)
        return found.group(1) if found else "UTC" if "zone" in name else question
    quoted = QUOTED.search(question)
    return quoted.group(1) if quoted else question
