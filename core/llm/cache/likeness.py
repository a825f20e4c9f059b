"""How alike two questions are: by their words alone, offline, or by the vectors of an embedding model."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NEGATION = frozenset(
    WORD.findall(
        "no not never none without except isn don doesn didn cannot won aren wasn couldn wouldn shouldn nicht kein "
        "ohne pas sans"
    )
)
FILLER = frozenset(
    WORD.findall(
        "a an the is are was were be been do does did of to in on at for from by with and or what whats which who s t "
        "please tell me give us i we you it its this that can could would should will how about as there here so then"
    )
)
LONGEST = 2_000
LEXICAL = "lexical"
THRESHOLDS = {LEXICAL: 0.9}
EMBEDDED_THRESHOLD = 0.96


def threshold(name: str) -> float:
    return THRESHOLDS.get(name, EMBEDDED_THRESHOLD)


def comparable(first: str, second: str) -> bool:
    """Questions with other numbers, or that deny what the other asserts, are never the same, however alike."""
    return _guards(first) == _guards(second)


def _guards(text: str) -> tuple[list[str], bool]:
    words = set(WORD.findall(text[:LONGEST].lower()))
    return sorted(NUMBER.findall(text[:LONGEST])), bool(words & NEGATION)


def lexical(first: str, second: str) -> float:
    """Cosine over content words and their neighbours; 0 when one has a content word that the other lacks.

    Such a word ("Germany" for "France") changes the answer and hardly the sentence, so no share of it is tolerated.
    """
    words = [_content(text) for text in (first, second)]
    if not words[0] or set(words[0]) != set(words[1]):
        return 0.0
    left, right = (Counter([*found, *map(" ".join, pairwise(found))]) for found in words)
    return _cosine_of_counts(left, right)


def _content(text: str) -> list[str]:
    return [_stem(word) for word in WORD.findall(text[:LONGEST].lower()) if word not in FILLER]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _cosine_of_counts(left: Counter[str], right: Counter[str]) -> float:
    dot = sum(count * right[feature] for feature, count in left.items())
    return dot / math.sqrt(sum(c * c for c in left.values()) * sum(c * c for c in right.values()))


def cosine(left: Sequence[float], right: Sequence[float]) -> float:
    if len(left) != len(right):
        return 0.0
    norm = math.sqrt(math.fsum(a * a for a in left) * math.fsum(b * b for b in right))
    return math.fsum(a * b for a, b in zip(left, right, strict=True)) / norm if norm else 0.0
