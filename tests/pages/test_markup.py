"""Hostile text stays on the page as text; ordinary Markdown stays as it was."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts.markup import DRAWN, LONGEST_BLOCK, Blocks, blocks, label, plain, tame, visible

PARAGRAPHS = "\n\n".join(f"Paragraph {n} says *this* and `that`." for n in range(200))


def one(text: str) -> str:
    return tame(text)[0]


def test_ordinary_markdown_is_left_alone() -> None:
    text = "# Title\n\n- a **b** [c](https://example.com)\n\n1. x\n2. y\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote"
    assert one(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "![a](http://x/i.png)",
        "![a][r]\n\n[r]: http://x/i.png",
        "![a ![b](http://x)](http://y)",
        "x ![](//h/p)",
        "> ![a](b)",
    ],
)
def test_no_image_survives_outside_code(text: str) -> None:
    assert "![" not in one(text)
    assert "not loaded" in one(text)


def test_code_keeps_every_sign() -> None:
    text = "`![a](b)` and $5\n\n```python\nprint('![a](b) $x :red[y]')\n```"
    safe = one(text)
    assert "`![a](b)`" in safe
    assert "print('![a](b) $x :red[y]')" in safe
    assert "\\$5" in safe


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("costs $5 and $6 a day", "costs \\$5 and \\$6 a day"),
        ("so $x^2$ is", "so $x^2$ is"),
        ("so \\(x^2\\) is", "so $x^2$ is"),
        ("$$\\frac{1}{2}$$", "$$\\frac{1}{2}$$"),
        ("from $5 to $10 = twice", "from \\$5 to \\$10 = twice"),
        ("at 12:30:45 today", "at 12:30:45 today"),
    ],
)
def test_money_and_formulas_are_told_apart(text: str, kept: str) -> None:
    assert one(text) == kept


@pytest.mark.parametrize("marks", ["!", "!!", "!!!!", "a!!", "!\u200b!", "!\x00"])
def test_no_number_of_marks_makes_a_picture(marks: str) -> None:
    assert "![" not in one(f"{marks}[x](https://elsewhere.example/a.png)")


def test_colour_codes_and_icons_are_text() -> None:
    assert one(":red[x]") == "\\:red[x]"
    assert ":smile:" not in one("a :smile: b")


def test_diagrams_are_shown_as_source() -> None:
    assert one("```mermaid\ngraph TD\n```") == "```text\ngraph TD\n```"


def test_depth_is_bounded() -> None:
    assert one(">" * 3000 + " hi").count(">") - one(">" * 3000 + " hi").count("\\>") <= 10
    deepest = max(
        len(line) - len(line.lstrip()) for line in one("\n".join(" " * n + "- x" for n in range(900))).split("\n")
    )
    assert deepest <= 40
    assert one("- " * 2000 + "x").startswith("-" + " -" * 9)


def test_invisible_characters_go() -> None:
    assert visible("a\u202eb\u200bc\U000e0041d\x00e\x1bf\ud800g") == "abcdefg"


def test_labels_are_one_plain_line() -> None:
    assert label("**a**\n[b](c) $5") == "\\*\\*a\\*\\* \\[b\\]\\(c\\) \\$5"
    assert len(label("x" * 5000)) == 90
    assert plain("a\n* b") == "a  \n\\* b"


def test_blocks_are_the_same_however_the_text_arrives() -> None:
    text = PARAGRAPHS + "\n\n```python\n" + "x = 1\n" * 3000 + "```\n\nend"
    whole = Blocks()
    tail = whole.feed(text)
    grown = Blocks()
    for end in [*range(0, len(text), 97), len(text)]:
        grown_tail = grown.feed(text[:end])
    assert grown.finished == whole.finished
    assert grown_tail == tail
    assert all(len(block) <= LONGEST_BLOCK * 2 for block in whole.finished)


def test_a_fence_over_a_cut_is_closed_and_opened_again() -> None:
    parts = list(blocks("```python\n" + "x = 1\n" * 3000 + "```\nafter"))
    assert len(parts) > 2
    assert all(part.startswith("```python\n") for part in parts[:-1])
    assert all(part.rstrip().endswith("```") for part in parts[:-1])


@given(st.text(alphabet="ab `~\n>-*![]()$:\\{}1.|#", max_size=400))
def test_any_text_streams_as_it_reads(text: str) -> None:
    whole = list(blocks(text))
    grown = Blocks()
    for end in range(0, len(text) + 1, 7):
        grown.feed(text[:end])
    tail = grown.feed(text)
    assert [*grown.finished, *([tail] if tail.strip() else [])] == whole
    for block in whole:
        outside = re.sub(r"(`+|~+).*", "", block, flags=re.S)
        assert "![" not in outside


@pytest.mark.parametrize(
    "text",
    [
        "`" * 50_000,
        "a`" * 25_000,
        "$" * 50_000,
        ":a" * 25_000,
        ">" * 50_000,
        "- " * 25_000,
        "![" * 25_000,
        "\n" * 50_000,
    ],
)
def test_hostile_lengths_cost_little(text: str) -> None:
    began = time.process_time()
    list(blocks(text))
    label(text)
    assert time.process_time() - began < 1.5
    assert len(text) <= DRAWN
