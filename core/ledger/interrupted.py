"""Calls that began and never ended: found in the journal at the next start, and ended as `interrupted`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from core.ledger.entries import Entry
from core.ledger.lines import Kind, Line
from core.ledger.rows import content_of


def interrupted(opened: dict[str, Line], last_sign: datetime | None) -> Iterator[Entry]:
    """The end lines of calls whose process died.

    The end time is the last sign of life in the journal, for lack of a better one; the cost is the estimate made
    before the call, marked by `usage_source` estimated, and NULL when there was none.
    """
    for name, line in opened.items():
        content = content_of(line)
        call = orjson.loads(content.head)
        entry = Entry(Kind.ENDED, name, orjson.dumps(_ended(call, last_sign)), call.get("origin", "live"))
        entry.request = content.request
        entry.size = len(entry.head)
        yield entry


def _ended(call: dict[str, Any], last_sign: datetime | None) -> dict[str, Any]:
    started = datetime.fromisoformat(call["started_at"]).replace(tzinfo=None)
    ended = max(started, last_sign) if last_sign is not None else None
    cost = call.get("cost_total") or call.get("estimate_cost_p50")
    return {
        **call,
        "status": "interrupted",
        "error_kind": "interrupted",
        "error_text": "The platform stopped while this call was running.",
        "ended_at": None if ended is None else ended.isoformat(),
        "total_s": None if ended is None else (ended - started).total_seconds(),
        "cost_total": cost,
        "usage_source": "estimated" if cost is not None else call.get("usage_source", "none"),
    }


def last_sign(path: Path) -> datetime:
    """When a segment was last written, UTC."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
