"""How long to wait before asking the same model again."""

import random

from core.errors import ModelError

BASE_S = 0.5
LONGEST_S = 8.0
PATIENCE_S = 60.0
"""The longest wish of a provider that is granted; a longer one means: somebody else, or not now."""


def pause_s(error: ModelError, retry: int, dice: random.Random) -> float | None:
    """Seconds until try number `retry` + 1; None when it is not worth waiting.

    Exponential with full jitter. A provider's own wish is a floor, with some jitter on top so that its callers do not
    all return in the same instant.
    """
    if not error.retryable:
        return None
    wish = error.retry_after_s
    jitter = dice.uniform(0.0, min(LONGEST_S, BASE_S * 2.0**retry))
    if wish is None or not wish > 0:
        return jitter
    if wish > PATIENCE_S:
        return None
    return wish + min(jitter, 0.1 + wish * 0.1)
