"""The messages of a conversation: a tree in which every edit or new try is a branch beside the old one."""

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.errors import InvalidError, NotFoundError
from core.events import Notice, Receipt, Step
from core.workspace.ids import new_id, now
from core.workspace.plain_text import clean
from core.workspace.receipts import (
    notices_from_json,
    notices_to_json,
    receipt_from_json,
    steps_from_json,
    steps_to_json,
)
from core.workspace.schema import messages


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A file that belongs to a message. `kind`: image or document; `text_sha256` names a document's extracted text."""

    sha256: str
    name: str
    media_type: str
    kind: str
    size: int
    text_sha256: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """What a message begins as. `status`: ok for what is complete, running for an answer that is on its way."""

    role: str
    text: str = ""
    reasoning: str = ""
    steps: tuple[Step, ...] = ()
    attachments: tuple[AttachmentRef, ...] = ()
    notices: tuple[Notice, ...] = ()
    turn_id: str | None = None
    status: str = "ok"
    receipt_json: str | None = None
    error: str | None = None
    error_kind: str | None = None
    model: str = ""
    assistant_id: str | None = None
    assistant_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage(NewMessage):
    """`siblings` are the ids at the same fork, oldest first, this one included; `sibling_index` counts from 1."""

    id: str
    conversation_id: str
    parent_id: str | None
    created_at: datetime
    siblings: tuple[str, ...] = ()

    @property
    def sibling_index(self) -> int:
        return self.siblings.index(self.id) + 1 if self.id in self.siblings else 1

    @property
    def sibling_count(self) -> int:
        return len(self.siblings) or 1

    @property
    def receipt(self) -> Receipt | None:
        return receipt_from_json(self.receipt_json)


ROLES = ("system", "user", "assistant")


def message_row(
    conversation_id: str, parent_id: str | None, message: NewMessage, at: datetime | None = None
) -> dict[str, Any]:
    """A message as it is stored, with a new id. Raises InvalidError."""
    if message.role not in ROLES:
        raise InvalidError(f"A message is from system, user or assistant, not from {message.role[:40]!r}.")
    row = {field.name: getattr(message, field.name) for field in dataclasses.fields(NewMessage)}
    return row | {
        "id": new_id(),
        "conversation_id": conversation_id,
        "parent_id": parent_id,
        "text": clean(message.text),
        "reasoning": clean(message.reasoning),
        "error": None if message.error is None else clean(message.error),
        "steps": steps_to_json(message.steps),
        "notices": notices_to_json(message.notices),
        "attachments": [dataclasses.asdict(attachment) for attachment in message.attachments],
        "created_at": at or now(),
    }


def insert_message(connection: Connection, conversation_id: str, parent_id: str | None, message: NewMessage) -> str:
    """Append one message below `parent_id` (None: a root); returns its id."""
    if parent_id is not None:
        parent = sa.select(messages.c.conversation_id).where(messages.c.id == parent_id)
        if connection.execute(parent).scalar() != conversation_id:
            raise NotFoundError("The message to answer is not in this conversation.")
    row = message_row(conversation_id, parent_id, message)
    connection.execute(sa.insert(messages), row)
    return str(row["id"])


def copy_path(connection: Connection, leaf_id: str, conversation_id: str) -> str:
    """Copy the branch that ends in `leaf_id` into another conversation; returns the copy's leaf."""
    copies = []
    parent_id = None
    for row in path_rows(connection, leaf_id, None):
        copy = {name: value for name, value in row._mapping.items() if name not in ("seq", "depth")}
        status = "interrupted" if row.status == "running" else row.status
        copy |= {"id": new_id(), "conversation_id": conversation_id, "parent_id": parent_id, "status": status}
        parent_id = copy["id"]
        copies.append(copy)
    connection.execute(sa.insert(messages), copies)
    return str(parent_id)


def all_messages(connection: Connection, conversation_id: str) -> list[StoredMessage]:
    """The whole tree, oldest first, so that parents come before their children."""
    query = sa.select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.seq)
    return [stored(row, (row.id,)) for row in connection.execute(query)]


def path_rows(connection: Connection, leaf_id: str, limit: int | None) -> list[Row[Any]]:
    """From the root (or the `limit` newest) down to `leaf_id`, in order."""
    start = sa.select(messages, sa.literal(0).label("depth")).where(messages.c.id == leaf_id)
    walk = start.cte("walk", recursive=True)
    step = sa.select(messages, walk.c.depth + 1).join(walk, messages.c.id == walk.c.parent_id)
    if limit is not None:
        step = step.where(walk.c.depth < limit - 1)
    walk = walk.union_all(step)
    return list(connection.execute(sa.select(walk).order_by(walk.c.depth.desc())))


def with_siblings(connection: Connection, rows: Sequence[Row[Any]]) -> list[StoredMessage]:
    parents = {row.parent_id for row in rows if row.parent_id is not None}
    families: dict[str | None, list[str]] = defaultdict(list)
    at_fork: list[sa.ColumnElement[bool]] = [messages.c.parent_id.in_(parents)]
    if any(row.parent_id is None for row in rows):
        at_fork.append(sa.and_(messages.c.parent_id.is_(None), messages.c.conversation_id == rows[0].conversation_id))
    query = sa.select(messages.c.id, messages.c.parent_id).where(sa.or_(*at_fork)).order_by(messages.c.seq)
    for id, parent_id in connection.execute(query):
        families[parent_id].append(id)
    return [stored(row, tuple(families[row.parent_id])) for row in rows]


def newest_leaf(connection: Connection, conversation_id: str, message_id: str) -> str:
    """Down from a message along the newest children, to the end of that branch."""
    query = (
        sa.select(messages.c.id, messages.c.parent_id)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.seq)
    )
    newest_child = {parent_id: id for id, parent_id in connection.execute(query)}
    leaf = message_id
    while leaf in newest_child:
        leaf = newest_child[leaf]
    return leaf


def stored(row: Row[Any], siblings: tuple[str, ...]) -> StoredMessage:
    return StoredMessage(
        id=row.id,
        conversation_id=row.conversation_id,
        parent_id=row.parent_id,
        created_at=row.created_at,
        siblings=siblings,
        role=row.role,
        text=row.text,
        reasoning=row.reasoning,
        steps=steps_from_json(row.steps),
        attachments=tuple(AttachmentRef(**attachment) for attachment in row.attachments),
        notices=notices_from_json(row.notices),
        turn_id=row.turn_id,
        status=row.status,
        receipt_json=row.receipt_json,
        error=row.error,
        error_kind=row.error_kind,
        model=row.model,
        assistant_id=row.assistant_id,
        assistant_version=row.assistant_version,
    )
