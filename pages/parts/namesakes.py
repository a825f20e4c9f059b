"""Names in lists to choose from: a list tells its entries apart by their words, so no two may say the same."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

NOBODY = "No assistant"


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def told_apart(things: Iterable[Named], *taken: str) -> dict[str, str]:
    """Id -> name, in the order given; namesakes, and whatever is called like an entry that is `taken`, carry the end
    of their id."""
    listed = list(things)
    count = Counter([*(thing.name for thing in listed), *taken])
    return {thing.id: thing.name if count[thing.name] == 1 else f"{thing.name} · {thing.id[-4:]}" for thing in listed}


def choices(nothing: str, things: Iterable[Named]) -> dict[str, str]:
    """Id -> name, and first of all `nothing`, whose id is empty."""
    return {"": nothing, **told_apart(things, nothing)}
