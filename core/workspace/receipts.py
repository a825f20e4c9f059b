"""Receipts, steps and notices as JSON beside a stored answer, and back."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core.events import AttemptReceipt, Notice, Receipt, Step, Usage


def receipt_to_json(receipt: Receipt | None) -> str | None:
    return None if receipt is None else json.dumps(dataclasses.asdict(receipt), default=str, ensure_ascii=False)


def receipt_from_json(text: str | None) -> Receipt | None:
    """None also for a receipt that an older or foreign version wrote and this one cannot read."""
    if not text:
        return None
    try:
        raw = json.loads(text)
        attempts = tuple(
            AttemptReceipt(**{**attempt, "usage": Usage(**attempt["usage"]), "cost": _decimal(attempt["cost"])})
            for attempt in raw["attempts"]
        )
        money = {"cost": _decimal(raw["cost"]), "saved": _decimal(raw["saved"])}
        return Receipt(**{**raw, **money, "attempts": attempts, "usage": Usage(**raw["usage"])})
    except (ValueError, TypeError, KeyError, InvalidOperation):
        return None


def steps_to_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(step) for step in steps]


def steps_from_json(raw: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(**step) for step in raw)


def notices_to_json(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(notice) for notice in notices]


def notices_from_json(raw: Iterable[Mapping[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(**notice) for notice in raw)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
