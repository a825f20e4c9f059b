"""A conversation on its way in, whoever wrote it, and the one place that puts it into the database."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.errors import InvalidError
from core.workspace.conversation_rows import insert_conversation
from core.workspace.ids import now
from core.workspace.message_tree import NewMessage, message_row
from core.workspace.plain_text import one_line, title_from
from core.workspace.schema import conversations, messages

MOST_MESSAGES = 50_000


@dataclass(frozen=True, slots=True)
class ImportedMessage:
    """`key` and `parent_key` are the other product's ids; a parent that is not there makes it a first message."""

    key: str
    parent_key: str | None
    message: NewMessage
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedConversation:
    title: str
    messages: Sequence[ImportedMessage]
    leaf_key: str | None = None
    folder: str | None = None
    pinned: bool = False
    model: str = ""
    assistant_id: str | None = None
    at: datetime | None = None


def write(connection: Connection, user_id: str, found: ImportedConversation) -> str:
    """Insert it as a new conversation; returns its id. Raises InvalidError for a tree that is none."""
    if len(found.messages) > MOST_MESSAGES:
        raise InvalidError(f"A conversation in this file has more than {MOST_MESSAGES:,} messages.")
    first = next((item.message.text for item in found.messages if item.message.role == "user"), "")
    moment = found.at or now()
    id = insert_conversation(
        connection,
        user_id,
        title=one_line(found.title, 120) or title_from(first),
        folder=one_line(found.folder or "", 60) or None,
        pinned=found.pinned,
        model=one_line(found.model, 200),
        assistant_id=found.assistant_id,
        created_at=moment,
        updated_at=moment,
    )
    ids: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for item in _parents_first(found.messages):
        row = message_row(id, ids.get(item.parent_key or ""), item.message, item.at or moment)
        ids[item.key] = row["id"]
        rows.append(row)
    if rows:
        connection.execute(sa.insert(messages), rows)
        leaf = ids.get(found.leaf_key or "") or rows[-1]["id"]
        connection.execute(sa.update(conversations).where(conversations.c.id == id).values(leaf_id=leaf))
    return id


def moment(value: Any) -> datetime | None:
    """A time in naive UTC out of seconds since 1970 or ISO text; None when it is neither."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
        if isinstance(value, str):
            found = datetime.fromisoformat(value[:40])
            return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _parents_first(items: Sequence[ImportedMessage]) -> list[ImportedMessage]:
    keys = {item.key for item in items}
    if len(keys) != len(items):
        raise InvalidError("Two messages of a conversation in this file have the same id.")
    children: dict[str | None, list[ImportedMessage]] = defaultdict(list)
    for item in items:
        children[item.parent_key if item.parent_key in keys else None].append(item)
    ordered: list[ImportedMessage] = []
    waiting = list(reversed(children[None]))
    seen_order = {item.key: number for number, item in enumerate(items)}
    while waiting:
        item = waiting.pop()
        ordered.append(item)
        waiting.extend(reversed(children[item.key]))
    if len(ordered) != len(items):
        raise InvalidError("The messages of a conversation in this file answer each other in a circle.")
    if all(item.parent_key not in keys or seen_order[item.parent_key] < seen_order[item.key] for item in items):
        return list(items)
    return ordered
