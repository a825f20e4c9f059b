"""Receipts, steps and notices as JSON beside a stored answer, and back, checked field by field."""

import dataclasses
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.events import Notice, Receipt, Step
from core.workspace.plain_text import clean


def receipt_to_json(receipt: Receipt | None) -> str | None:
    return None if receipt is None else json.dumps(dataclasses.asdict(receipt), default=str, ensure_ascii=False)


def receipt_from_json(text: str | None) -> Receipt | None:
    """None also for a receipt that an older or foreign version wrote and this one cannot read."""
    try:
        return _receipts().validate_json(text) if text else None
    except ValidationError:
        return None


def steps_to_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [_cleaned(step) for step in steps]


def steps_from_json(raw: Iterable[Any]) -> tuple[Step, ...]:
    return tuple(Step(**step) for step in raw)


def notices_to_json(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    return [_cleaned(notice) for notice in notices]


def notices_from_json(raw: Iterable[Any]) -> tuple[Notice, ...]:
    return tuple(Notice(**notice) for notice in raw)


def _cleaned(value: Step | Notice) -> dict[str, Any]:
    return {name: clean(text) if isinstance(text, str) else text for name, text in dataclasses.asdict(value).items()}


@cache
def _receipts() -> TypeAdapter[Receipt]:
    return TypeAdapter(Receipt)
