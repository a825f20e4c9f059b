"""Text from a provider made fit to keep: keys taken out, length capped before any pattern sees it."""

import re

ERROR_TEXT_CAP = 2_000
_WINDOW = 8_000
_REDACTED = "[redacted]"
_SHAPES = re.compile(
    r"(?i:\b(?:bearer|basic)[ \t]{1,4}[^\s\"',;<>]{6,})"
    r"|\b(?:sk|pk|rk|ghp|gho|xai|gsk|hf|AIza|AKIA|ASIA|eyJ)[-_A-Za-z0-9][-_.A-Za-z0-9]{10,}"
    r"|(?i:\b(?:x-)?(?:api[-_]?key|authorization|token|secret|password)"
    r"[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?[^\s\"',;<>]{6,})"
)


def redact(text: str, *secrets: str | None, cap: int = ERROR_TEXT_CAP) -> str:
    """At most `cap` characters of `text`, without the given secrets and without anything shaped like a key."""
    known = sorted({secret for secret in secrets if secret and len(secret) >= 4}, key=len, reverse=True)
    margin = max((len(secret) for secret in known), default=0) + 200
    window = max(_WINDOW, cap) + margin
    cut = len(text) > window
    text = text[:window]
    for secret in known:
        text = text.replace(secret, _REDACTED)
    text = _SHAPES.sub(_REDACTED, text)
    if cut:  # a key that straddles the edge of the window may survive in part: drop the edge
        text = text[:-margin]
    text = "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in text)
    return text if len(text) <= cap else text[: cap - 1] + "…"
