"""Filling a JSON schema with plausible values, so that structured answers can be tried without a key."""

import json
from collections.abc import Mapping
from typing import Any

DEEPEST = 6


def fill(schema: Mapping[str, Any], question: str) -> str:
    """JSON text that fits the usual schemas; strings quote the question."""
    return json.dumps(_value(schema, question, schema, 0, "answer"), ensure_ascii=False, indent=2)


def _value(schema: Any, question: str, root: Mapping[str, Any], depth: int, name: str) -> Any:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    if "$ref" in schema:
        return _value(_resolved(root, str(schema["$ref"])), question, root, depth + 1, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if schema.get(choice):
            return _value(schema[choice][0], question, root, depth + 1, name)
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if schema.get("enum"):
        named = [item for item in schema["enum"] if str(item).lower() in question.lower()]
        return (named or schema["enum"])[0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        required = schema.get("required") or list(schema.get("properties") or {})
        properties = schema.get("properties") or {}
        return {key: _value(properties.get(key), question, root, depth + 1, key) for key in required}
    if kind == "array":
        count = max(1, min(3, int(schema.get("minItems") or 2), int(schema.get("maxItems") or 3)))
        return [_value(schema.get("items"), question, root, depth + 1, f"{name} {at + 1}") for at in range(count)]
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        return min(low + 1, schema.get("maximum", low + 1))
    if kind == "boolean":
        return True
    return None if kind == "null" else _text(schema, question, name)


def _text(schema: Mapping[str, Any], question: str, name: str) -> str:
    formats = {"date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "email": "someone@example.com"}
    formats |= {"uri": "https://example.com", "uuid": "00000000-0000-4000-8000-000000000000", "time": "12:00:00Z"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    text = f"Simulated {name.replace('_', ' ')} for: {question[:80]}".strip()
    text = text.ljust(int(schema.get("minLength") or 0), ".")
    return text[: int(schema.get("maxLength") or 200)]


def _resolved(root: Mapping[str, Any], reference: str) -> Any:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
