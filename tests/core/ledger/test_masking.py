"""Payload policies: full keeps all, masked leaves out what could identify or unlock, off keeps nothing."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.facts import CallEnded, Payload
from core.ledger.ledger import Ledger
from core.ledger.masking import mask, mask_text

SECRETS = [
    "anna.muster@example.org", "sk-proj-abcdefghij0123456789", "AKIAABCDEFGHIJKLMNOP", "4111 1111 1111 1111",
    "+49 170 1234567", "ghp_abcdefghijklmnopqrstuvwxyz0123", "Bearer abcdefghijklmnop", "password: hunter2hunter2",
    "DE89 3704 0044 0532 0130 00", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghij",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_masked_and_words_are_not(secret):
    masked = mask_text(f"Please write to {secret} before Tuesday, room 12.")
    assert secret not in masked
    assert masked.startswith("Please write to ")
    assert masked.endswith("before Tuesday, room 12.")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_masking_keeps_the_shape(value):
    def shape(item):
        if isinstance(item, dict):
            return {key: shape(part) for key, part in item.items()}
        return [shape(part) for part in item] if isinstance(item, list) else type(item)

    assert shape(mask(value)) == shape(value)


@pytest.mark.parametrize(
    "hostile", ["a" * 50_000, "a@" * 25_000, "1" * 50_000, "1 " * 25_000, "-----BEGIN " * 5000, "eyJ" * 16_000]
)
def test_hostile_text_takes_no_long_time(hostile):
    began = time.process_time()
    mask_text(hostile)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("policy", ["masked", "off"])
def test_policies(tmp_path: Path, call, policy):
    secret = "write to anna@example.org"
    message = {"role": "user", "content": [{"type": "text", "text": secret}]}
    one = call()
    ledger = Ledger.open(tmp_path, payloads=policy)
    ledger.submit(CallEnded(one, Payload((message,), {"text": secret, "usage_raw": {"a": 1}}))).result(5)
    ledger.settle()
    found = ledger.payload(one.call_id)
    ledger.close()
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"anna@example.org" not in everything
    if policy == "off":
        assert found is None
    else:
        assert found is not None
        assert found.request[0]["content"][0]["text"] == "write to [e-mail]"
        assert found.response == {"text": "write to [e-mail]", "usage_raw": {"a": 1}}
