"""Blind mode: no name before the vote, answers that name themselves are masked and flagged, sides are balanced."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HIDDEN = "▮▮▮"
_SHORTEST = 3
_PERMUTATIONS = 120


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides every word that would tell which model answers."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, names: Iterable[str]) -> "Mask":
        """`names`: catalogue ids, labels, providers, deployments; their telling parts count too."""
        words: set[str] = set()
        for name in names:
            whole = name.strip()
            if len(whole) >= _SHORTEST:
                words.add(whole)
            words.update(part for part in re.split(r"[\s/:@_.\-]+", whole) if _telling(part))
        if not words:
            return cls(None)
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        body = "|".join(re.escape(word) for word in longest_first)
        return cls(re.compile(rf"(?<![^\W_])(?:{body})(?![^\W\d_])", re.IGNORECASE))

    def hide(self, text: str) -> tuple[str, bool]:
        """The text with names hidden, and whether there were any."""
        if self.pattern is None:
            return text, False
        masked, count = self.pattern.subn(HIDDEN, text)
        return masked, count > 0


def _telling(part: str) -> bool:
    """A part of a name that would give it away; "the", "7b" or "pro" would not."""
    return len(part) >= _SHORTEST and not part.isdigit() and part.casefold() not in _COMMON


_COMMON = frozenset(
    """
    the and for api chat instruct base pro max mini nano small large medium fast slow preview latest
    turbo model local vision text code tools simulated high low flash lite plus server hosted embedding
    embed new experimental
    """.split()  # noqa: SIM905
)


def balanced(keys: Sequence[str], seen: Iterable[Sequence[str]], chance: random.Random) -> list[int]:
    """An order of `keys` (indices, left to right) that evens out who stood where in the earlier matches `seen`."""
    stood = Counter((key, place) for match in seen for place, key in enumerate(match))
    indices = list(range(len(keys)))
    if len(indices) <= 4:
        orders = [list(order) for order in itertools.permutations(indices)]
    else:
        orders = [chance.sample(indices, len(indices)) for _ in range(_PERMUTATIONS)]
    chance.shuffle(orders)
    return min(orders, key=lambda order: sum(stood[keys[index], place] for place, index in enumerate(order)))
