"""What the frame shows as text is text: no markup of a model or a provider comes to life."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pages.frame import plain

HOSTILE = [
    "![x](http://evil.example/a.png)", "<img src=x onerror=y>",
    "[a][b]\n\n[b]: javascript:alert(1)", "<script>alert(1)</script>",
    "http://evil.example", "www.evil.example", "a@evil.example", ":red[x] :material/home: :smile:", "$\\href{http://e}{x}$",
    "`code` **bold** ~~gone~~", "# title", "- item", "1. item", "> quote", "a | b\n--|--\n1 | 2", "```\nx\n```",
    "&lt;b&gt; &#60;",
]  # fmt: skip


def shown(text: str) -> str:
    """What a reader of the rendered Markdown sees, without the word joiner that breaks addresses.

    Nothing but paragraphs may be made of it.
    """
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(plain(text, 10_000))
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}, tokens
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= {"text", "text_special", "softbreak", "hardbreak"}, inline
    return "".join(child.content for child in inline).replace("\u2060", "")


def test_hostile_text_stays_text() -> None:
    for text in HOSTILE:
        assert "".join(shown(text).split()) == "".join(text.split())


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_makes_paragraphs_only(text: str) -> None:
    shown(text)


def test_hidden_characters_are_gone_and_length_is_bounded() -> None:
    assert plain("a\u202eb\u200bc\x00d\ud800e\U000e0041f") == "abcdef"
    assert len(plain("x" * 10**6)) == 2000
