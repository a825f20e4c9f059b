"""The rows of conversations: what one is, how it is found for its owner, made and touched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.errors import NotFoundError
from core.workspace.ids import new_id, now
from core.workspace.plain_text import one_line
from core.workspace.schema import conversations, messages


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """One line of the list. `leaf_id` is the end of the branch that is shown."""

    id: str
    title: str
    folder: str | None
    pinned: bool
    assistant_id: str | None
    model: str
    leaf_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(ConversationSummary):
    user_id: str
    forked_from: str | None = None


def insert_conversation(connection: Connection, user_id: str, **values: Any) -> str:
    moment = now()
    row = {
        "id": new_id(),
        "user_id": user_id,
        "folder": None,
        "pinned": False,
        "assistant_id": None,
        "model": "",
        "leaf_id": None,
        "created_at": moment,
        "updated_at": moment,
    } | values
    connection.execute(sa.insert(conversations), row)
    return str(row["id"])


def touch(connection: Connection, id: str, **values: Any) -> None:
    connection.execute(sa.update(conversations).where(conversations.c.id == id).values(updated_at=now(), **values))


def alive(user_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return conversations.c.user_id == user_id, conversations.c.deleted_at.is_(None)


def get_conversation(connection: Connection, id: str, user_id: str) -> Conversation:
    query = sa.select(conversations).where(conversations.c.id == id, *alive(user_id))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError("There is no such conversation, or it was deleted.")
    return Conversation(**{name: value for name, value in row.items() if name != "deleted_at"})


def get_message(connection: Connection, id: str, user_id: str, conversation_id: str | None = None) -> Row[Any]:
    query = (
        sa.select(messages)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.id == id, *alive(user_id))
    )
    row = connection.execute(query).first()
    if row is None or conversation_id not in (None, row.conversation_id):
        raise NotFoundError("There is no such message, or its conversation was deleted.")
    return row


def folder_name(name: str | None) -> str | None:
    return one_line(name or "", 60) or None
