"""Blind mode: no name before the vote, answers that name themselves are masked and flagged, sides are balanced."""

import itertools
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

HIDDEN = "▮▮▮"
_SHORTEST = 3
_PERMUTATIONS = 120
_BETWEEN = r"[\s/:@_.\-\u2010-\u2015]"
_START, _END = r"(?:(?<![^\W_])|(?-i:(?<=[a-z])(?=[A-Z])))", r"(?![^\W_])"
_SELF = ("I am ", "I'm ", "I’m ", "name is ")
# first or later words of model names that ordinary text uses too: they tell nothing by themselves
_COMMON = frozenset(
    """
    the and for api chat instruct base pro max mini nano small large medium fast slow preview latest turbo model local
    vision text code tools simulated high low flash lite plus server hosted embedding embed new experimental command
    computer omni deep image audio realtime search research open use reasoning thinking free online exp moderation
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides every word that would tell which model answers."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, names: Iterable[str], exactly: Iterable[str] = ()) -> "Mask":
        """`names`: catalogue ids, labels, providers. Hidden are the whole name however it is punctuated, the name
        without what stands before a slash or behind a colon, and its family with a number behind it; its other words
        only where somebody names himself by them. `exactly`: addresses, hidden as they are."""
        bodies = {re.escape(one) for one in exactly if one}
        others: set[str] = set()
        for name in names:
            for whole in _wholes(name.strip()):
                parts = _parts(whole)
                if sum(map(len, parts)) >= _SHORTEST or any(sign.isdigit() for sign in whole):
                    bodies.add(f"{_BETWEEN}*".join(map(re.escape, parts)))
                family = re.match(r"[^\W\d_]{3,}", parts[0]) if parts else None
                if family and family[0].casefold() not in _COMMON:
                    bodies.add(rf"{family[0]}(?:{_BETWEEN}?\d[\w.\-]*)?")
                others.update(part for part in parts[1:] if len(part) > _SHORTEST and part.casefold() not in _COMMON)
        if not bodies:
            return cls(None)
        named = "|".join(f"(?<={word})(?:{_alternatives(others)})" for word in _SELF) if others else ""
        body = _alternatives(bodies) + (f"|{named}" if named else "")
        return cls(re.compile(f"{_START}(?:{body}){_END}", re.IGNORECASE))

    def hide(self, text: str) -> tuple[str, bool]:
        """The text with names hidden, and whether there were any."""
        return _hidden(self.pattern, text) if self.pattern is not None else (text, False)


def _wholes(name: str) -> list[str]:
    """ "Frugal (simulated)" and "openai/ft:x:y" also as "Frugal" and "ft:x:y", "ft"."""
    found = [name, re.sub(r"\s*\([^()]*\)$", "", name)]
    found += [found[1][place + 1 :] for place, sign in enumerate(found[1]) if sign == "/"]
    return [one for whole in found for one in {whole, whole.partition(":")[0] if "/" in name else whole} if one]


def _parts(whole: str) -> list[str]:
    return [part for part in re.split(rf"{_BETWEEN}+", whole) if part]


def _alternatives(bodies: Iterable[str]) -> str:
    """Longest first, and by their first sign, so that most places in a text are passed by at one look."""
    groups: dict[str, list[str]] = defaultdict(list)
    for body in sorted(bodies, key=lambda body: (-len(body), body)):
        groups[body[0].casefold() if body[0].isalnum() else ""].append(body)
    return "|".join(f"(?={first})(?:{'|'.join(group)})" for first, group in sorted(groups.items(), reverse=True))


@lru_cache(maxsize=64)
def _hidden(pattern: re.Pattern[str], text: str) -> tuple[str, bool]:
    masked, count = pattern.subn(HIDDEN, text)
    return masked, count > 0


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
