"""Cards in rows, so that those beside each other are of one height."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def rows(items: Sequence[Item], width: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), width):
        yield items[start : start + width]
