"""Conversations: titled, foldered, pinned, deleted with undo; their messages are a tree walked one path at a time."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.errors import NotFoundError
from core.workspace.database import Database
from core.workspace.files import Files
from core.workspace.ids import new_id, now
from core.workspace.message_tree import (
    NewMessage,
    StoredMessage,
    insert_message,
    newest_leaf,
    path_rows,
    with_siblings,
)
from core.workspace.plain_text import one_line, title_from
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


class Conversations:
    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files

    def list(
        self,
        folder: str | None = None,
        pinned: bool | None = None,
        limit: int = 50,
        offset: int = 0,
        *,
        user_id: str = "local",
    ) -> list[ConversationSummary]:
        """Newest first. `folder` "" means: in no folder."""
        query = sa.select(conversations).where(*_alive(user_id))
        if folder is not None:
            query = query.where(conversations.c.folder == folder if folder else conversations.c.folder.is_(None))
        if pinned is not None:
            query = query.where(conversations.c.pinned == pinned)
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc()).limit(limit).offset(offset)
        names = [field.name for field in dataclasses.fields(ConversationSummary)]
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [ConversationSummary(**{name: row[name] for name in names}) for row in rows]

    def get(self, id: str, *, user_id: str = "local") -> Conversation:
        with self._database.reading() as connection:
            return _get(connection, id, user_id)

    def create(
        self,
        title: str = "",
        *,
        first_message: str = "",
        folder: str | None = None,
        assistant_id: str | None = None,
        model: str = "",
        user_id: str = "local",
    ) -> Conversation:
        with self._database.writing() as connection:
            id = insert_conversation(
                connection,
                user_id,
                title=one_line(title, 120) or title_from(first_message),
                folder=_folder(folder),
                assistant_id=assistant_id,
                model=model,
            )
            return _get(connection, id, user_id)

    def rename(self, id: str, title: str, *, user_id: str = "local") -> None:
        self._change(id, user_id, title=one_line(title, 120) or "New conversation")

    def pin(self, id: str, pinned: bool = True, *, user_id: str = "local") -> None:
        self._change(id, user_id, pinned=pinned)

    def move(self, id: str, folder: str | None, *, user_id: str = "local") -> None:
        self._change(id, user_id, folder=_folder(folder))

    def delete(self, id: str, *, user_id: str = "local") -> str:
        """Hide it; returns the token that `undo` takes."""
        self._change(id, user_id, deleted_at=now())
        return id

    def undo(self, token: str, *, user_id: str = "local") -> Conversation:
        with self._database.writing() as connection:
            mine = sa.and_(conversations.c.id == token, conversations.c.user_id == user_id)
            connection.execute(sa.update(conversations).where(mine).values(deleted_at=None))
            return _get(connection, token, user_id)

    def folders(self, *, user_id: str = "local") -> Sequence[str]:
        named = conversations.c.folder.is_not(None)
        with self._database.reading() as connection:
            found = connection.execute(sa.select(conversations.c.folder).where(*_alive(user_id), named).distinct())
            return sorted((str(folder) for folder in found.scalars()), key=str.casefold)

    def path(
        self,
        conversation_id: str,
        leaf_id: str | None = None,
        limit: int | None = None,
        before: str | None = None,
        *,
        user_id: str = "local",
    ) -> Sequence[StoredMessage]:
        """The messages from the first (or the `limit` newest) to the leaf; `before` a message pages further up."""
        with self._database.reading() as connection:
            conversation = _get(connection, conversation_id, user_id)
            if before is not None:
                end = _message(connection, before, user_id, conversation_id).parent_id
            else:
                end = leaf_id or conversation.leaf_id
            if end is None:
                return []
            _message(connection, end, user_id, conversation_id)
            return with_siblings(connection, path_rows(connection, end, limit))

    def message(self, id: str, *, user_id: str = "local") -> StoredMessage:
        with self._database.reading() as connection:
            return with_siblings(connection, [_message(connection, id, user_id)])[0]

    def add(
        self,
        conversation_id: str,
        *new: NewMessage,
        parent_id: str | None = None,
        user_id: str = "local",
    ) -> tuple[str, ...]:
        """Append messages, each below the one before, the first below `parent_id` (None: a root); the last is shown."""
        with self._database.writing() as connection:
            _get(connection, conversation_id, user_id)
            ids: tuple[str, ...] = ()
            for message in new:
                parent_id = insert_message(connection, conversation_id, parent_id, message)
                ids += (parent_id,)
            touch(connection, conversation_id, leaf_id=parent_id)
        return ids

    def set_leaf(self, conversation_id: str, message_id: str, *, user_id: str = "local") -> None:
        """Show the branch that runs through `message_id`, to its newest end."""
        with self._database.writing() as connection:
            _message(connection, message_id, user_id, conversation_id)
            leaf = newest_leaf(connection, conversation_id, message_id)
            connection.execute(
                sa.update(conversations).where(conversations.c.id == conversation_id).values(leaf_id=leaf)
            )

    def _change(self, id: str, user_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            _get(connection, id, user_id)
            connection.execute(sa.update(conversations).where(conversations.c.id == id).values(**values))


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


def _alive(user_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return conversations.c.user_id == user_id, conversations.c.deleted_at.is_(None)


def _get(connection: Connection, id: str, user_id: str) -> Conversation:
    query = sa.select(conversations).where(conversations.c.id == id, *_alive(user_id))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError("There is no such conversation, or it was deleted.")
    return Conversation(**{name: value for name, value in row.items() if name != "deleted_at"})


def _message(connection: Connection, id: str, user_id: str, conversation_id: str | None = None) -> Row[Any]:
    query = (
        sa.select(messages)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.id == id, *_alive(user_id))
    )
    row = connection.execute(query).first()
    if row is None or conversation_id not in (None, row.conversation_id):
        raise NotFoundError("There is no such message, or its conversation was deleted.")
    return row


def _folder(name: str | None) -> str | None:
    return one_line(name or "", 60) or None
