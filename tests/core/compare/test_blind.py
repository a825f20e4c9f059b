"""What is hidden of an answer before the vote, and what is not: names, however written, and no ordinary words."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compare.blind import HIDDEN, Mask, balanced

NAMES = (
    "openai/gpt-4o", "openai/o3", "anthropic/claude-sonnet-4-5", "ollama/llama3.2:latest", "demo/frugal",
    "Frugal (simulated)", "Faulty: cut (simulated)", "OpenAI", "Anthropic", "LM Studio", "openai", "lm_studio",
    "openai/gpt-4o-search-preview", "hub/meta-llama/llama-3-8b:free",
)  # fmt: skip
MASK = Mask.of(NAMES, exactly=("api.example.com:8443",))


@pytest.mark.parametrize(
    "text",
    ["gpt-4o", "GPT 4o", "GPT-4o", "gpt4o", "ChatGPT", "GPT-5", "o3", "Claude Sonnet 4.5", "claude_sonnet_4_5",
     "Claude", "LLAMA 3.2", "llama3.2:latest", "Llama-3.3-70B", "Frugal", "OpenAI", "LM-Studio", "https://api.example.com:8443/v1",
     "I'm Sonnet, here to help", "_Claude_", "**gpt-4o**"],
)  # fmt: skip
def test_names_are_hidden_however_they_are_written(text: str) -> None:
    masked, named = MASK.hide(f"Well: {text}.")
    assert named
    assert HIDDEN in masked
    for word in ("gpt", "4o", "claude", "sonnet", "llama", "frugal", "openai", "studio", "example.com"):
        assert word not in masked.casefold()


@pytest.mark.parametrize(
    "text",
    ["Search the text for a cut.", "A sonnet has fourteen lines.", "The latest mini model is fast.", "O32", "8b"],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert MASK.hide(text) == (text, False)


@given(st.text(max_size=300))
def test_any_text_can_be_masked_and_masking_twice_changes_nothing(text: str) -> None:
    masked, named = MASK.hide(text)
    assert named == (masked != text)
    assert MASK.hide(masked)[0] == masked


def test_without_names_nothing_is_hidden() -> None:
    assert Mask.of(()).hide("gpt") == ("gpt", False)


def test_who_stands_left_evens_out() -> None:
    seen: list[list[str]] = []
    for _ in range(40):
        order = balanced(["a", "b"], seen, random.Random(len(seen)))
        seen.append([["a", "b"][index] for index in order])
    assert sum(match[0] == "a" for match in seen) == 20
