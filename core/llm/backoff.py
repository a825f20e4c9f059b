"""How long to wait before asking the same model again."""

import random
from dataclasses import dataclass

from core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Manners:
    """`patience_s`: the longest wish of a provider that is granted; a longer one means somebody else, or not now."""

    retries: int = 3
    base_s: float = 0.5
    longest_s: float = 8.0
    patience_s: float = 60.0


def chance(dice: random.Random) -> float:
    """One draw for all retries of a call: each pause has full jitter, and is still longer than the one before it.

    Never quite nothing: asking again in the same instant helps nobody.
    """
    return dice.uniform(0.1, 1.0)


def pause_s(error: ModelError, retry: int, manners: Manners, chance: float) -> float | None:
    """Seconds until try number `retry` + 1; None when it is not worth waiting. `chance`: the call's own.

    Exponential with full jitter. A provider's own wish is a floor, with some jitter on top so that its callers do not
    all return in the same instant.
    """
    if not error.retryable:
        return None
    wish = error.retry_after_s
    jitter = chance * min(manners.longest_s, manners.base_s * 2.0**retry)
    if wish is None or not wish > 0:
        return jitter
    if wish > manners.patience_s:
        return None
    return wish + min(jitter, 0.1 + wish * 0.1)
