"""Calls that began and never ended: found at the next start, and ended as `interrupted`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from core.ledger.database import Database
from core.ledger.entries import Entry
from core.ledger.journal import Journal
from core.ledger.lines import Kind, Line
from core.ledger.rows import content_of


def begun(line: Line) -> Entry:
    """The start of a call as it was before it became a line."""
    content = content_of(line)
    return Entry(
        Kind.STARTED, line.id, content.head, content.origin or "live", request=content.request, size=len(content.head)
    )


def unknown(left: Sequence[Entry], journal: Journal, start: int, database: Database) -> list[Entry]:
    """Of the starts that a kill left behind, those that no line from `start` on, no row and no removal accounts for."""
    if not left:
        return []
    named = {entry.id: orjson.loads(entry.head)["call_id"] for entry in left}
    known = {line.id for line in journal.walk(start) if line.id in named}
    with database.cursor() as cursor:
        found = cursor.execute("select call_id from calls where call_id in (select unnest(?))", [list(named.values())])
        rows = {row[0] for row in found.fetchall()}
        removals = cursor.execute(
            """select origin, coalesce("before", "at") from removals where table_name = 'calls'"""
        ).fetchall()

    def accounted(entry: Entry) -> bool:
        return (
            entry.id in known
            or named[entry.id] in rows
            or any(
                origin in (None, entry.origin) and entry.at is not None and entry.at < until
                for origin, until in removals
            )
        )  # a power cut may bring back what had been wiped

    return [entry for entry in left if not accounted(entry)]


def interrupted(opened: Iterable[Entry], last_sign: datetime | None) -> Iterator[Entry]:
    """The ends of calls whose process died.

    The end time is the last sign of life in the journal, for lack of a better one; the cost is the estimate made
    before the call, marked by `usage_source` estimated, and NULL when there was none.
    """
    for entry in opened:
        head = orjson.dumps(_ended(orjson.loads(entry.head), last_sign))
        yield replace(entry, kind=Kind.ENDED, head=head, size=entry.size + len(head))


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
