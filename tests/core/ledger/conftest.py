"""A ledger in a folder of its own, and facts to put into it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.ledger.facts import Call, CallEnded, CallStarted, Payload
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger


def make_call(**given: Any) -> Call:
    values: dict[str, Any] = {
        "call_id": uuid7(),
        "turn_id": uuid7(),
        "started_at": datetime.now(UTC).replace(tzinfo=None),
        "ended_at": datetime.now(UTC).replace(tzinfo=None),
        "requested_model": "demo/quick",
        "served_model": "demo/quick",
        "provider": "demo",
        "input_tokens": 12,
        "output_tokens": 5,
        "cost_total": Decimal("0.000123000"),
        "ttft_s": 0.25,
        "total_s": 1.5,
        "tags": ("a", "b"),
    }
    return Call(**{**values, **given})


def said(*texts: str, answer: str | None = None) -> Payload:
    request = tuple({"role": "user", "content": [{"type": "text", "text": text}]} for text in texts)
    return Payload(request, None if answer is None else {"text": answer})


@pytest.fixture
def call() -> Callable[..., Call]:
    return make_call


@pytest.fixture
def ended() -> Callable[..., CallEnded]:
    """A finished call that said `texts` and was answered."""

    def make(*texts: str, answer: str = "yes", **given: Any) -> CallEnded:
        return CallEnded(make_call(**given), said(*texts, answer=answer))

    return make


@pytest.fixture
def started() -> Callable[..., CallStarted]:
    def make(*texts: str, **given: Any) -> CallStarted:
        return CallStarted(make_call(ended_at=None, **given), said(*texts))

    return make


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path / "data")
    yield opened
    opened.close()
