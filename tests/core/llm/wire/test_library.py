"""What is dropped from LiteLLM to save memory comes back when it is asked for."""

from core.llm.wire import library


def test_the_packaged_tokenizer_is_read_when_it_is_used():
    litellm = library.load()
    assert "claude_json_str" not in vars(litellm.utils)
    assert len(litellm.rust_bridge.tokenizer.anthropic().encode("Hello there, friend").ids) == 4
    assert not hasattr(litellm.utils, "no_such_name")
