"""What payload policy "masked" leaves out: e-mail addresses, long runs of digits, keys and tokens."""

from typing import Any

import re2

_PATTERNS = (
    (re2.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+"), "[e-mail]"),
    (re2.compile(r"-----BEGIN [A-Z ]{1,40}-----[A-Za-z0-9+/=\s]+-----END [A-Z ]{1,40}-----"), "[key]"),
    (re2.compile(r"\b(?:sk|pk|rk|ghp|gho|ghs|xox[abprs]|hf|AKIA|ASIA|AIza)[_\-A-Za-z0-9]{12,}"), "[key]"),
    (re2.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"), "[key]"),
    (
        re2.compile(r"(?i)\b(bearer|api[_\-]?key|password|secret|token)(\s*[:=]\s*|\s+)[\"']?[^\s\"',;]{8,}"),
        r"\1\2[key]",
    ),
    (re2.compile(r"(?:\+?\d[ \-./]?){8,30}\d"), "[digits]"),
)
_KEPT_KEYS = frozenset({"role", "type", "id", "tool_call_id", "sha256", "media_type", "finish_reason"})


def mask_text(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def mask(value: Any) -> Any:
    """`value` (JSON-ready) with every text in it masked; structure, ids and hashes stay."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: item if key in _KEPT_KEYS else mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value
