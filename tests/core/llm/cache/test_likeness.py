"""Questions that say the same are alike; questions that ask for something else never are, however near their words."""

import time

import pytest

from core.llm.cache.likeness import comparable, cosine, lexical, threshold

SAME = [
    ("What is the capital of France?", "what's the capital of france"),
    ("How do I connect Ollama?", "how to connect Ollama"),
    ("Explain budgets please", "Can you explain budgets?"),
]
OTHER = [
    ("What is the capital of France?", "What is the capital of Germany?"),
    ("Convert euros to dollars", "Convert dollars to euros"),
    ("What is 12 + 30?", "What is 12 + 31?"),
    ("Is the earth flat?", "Is the earth not flat?"),
    ("Who won in 1998?", "Who won in 1989?"),
    ("Summarise the first chapter", "Summarise the second chapter"),
    ("", "?"),
]
UNRELATED = [
    "How do I bake bread?",
    "What is the speed of light?",
    "Write a haiku about rain",
    "Which planet is the largest?",
    "How does a budget stop a call?",
    "Translate good morning into French",
    "What year did the war end?",
    "Name three prime numbers",
    "Why is the sky blue?",
    "How do magnets work?",
]


def hits(first, second):
    return comparable(first, second) and lexical(first, second) >= threshold("lexical")


@pytest.mark.parametrize(("first", "second"), SAME)
def test_alike(first, second):
    assert hits(first, second)


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_not_alike(first, second):
    assert not hits(first, second)


def test_ten_unrelated_questions_never_hit():
    assert not any(hits(a, b) for a in UNRELATED for b in UNRELATED if a != b)


def test_hostile_text_is_quick():
    text = "1,." * 16_000 + "a" * 50_000
    began = time.perf_counter()
    comparable(text, text[::-1])
    lexical(text, text)
    assert time.perf_counter() - began < 1


def test_vectors():
    assert cosine([1, 0], [2, 0]) == 1
    assert cosine([1, 0], [0, 1]) == 0
    assert cosine([0, 0], [0, 0]) == 0
    assert cosine([1], [1, 2]) == 0
