"""Conversations: titled, foldered, pinned, deleted with undo; their messages are a tree walked one path at a time."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa

from core.errors import InvalidError
from core.workspace.conversation_rows import (
    Conversation,
    ConversationSummary,
    alive,
    folder_name,
    get_conversation,
    get_message,
    insert_conversation,
    touch,
)
from core.workspace.database import Database
from core.workspace.documents import hide
from core.workspace.exchange.archive import to_json
from core.workspace.exchange.imported import write
from core.workspace.exchange.markdown import to_markdown
from core.workspace.exchange.pdf import to_pdf
from core.workspace.exchange.reading import read_export
from core.workspace.files import Files
from core.workspace.ids import now
from core.workspace.message_tree import (
    NewMessage,
    StoredMessage,
    all_messages,
    copy_path,
    insert_message,
    newest_leaf,
    path_rows,
    with_siblings,
)
from core.workspace.plain_text import one_line, title_from
from core.workspace.schema import conversations
from core.workspace.search import Hit, search

Format = Literal["markdown", "json", "pdf"]
WAITING = "waiting"
"""The kind of document that holds a question until its turn comes."""
__all__ = ["Conversation", "ConversationSummary", "Conversations", "Hit"]


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
        query = sa.select(conversations).where(*alive(user_id))
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
            return get_conversation(connection, id, user_id)

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
                folder=folder_name(folder),
                assistant_id=assistant_id,
                model=model,
            )
            return get_conversation(connection, id, user_id)

    def rename(self, id: str, title: str, *, user_id: str = "local") -> None:
        self._change(id, user_id, title=one_line(title, 120) or "New conversation")

    def pin(self, id: str, pinned: bool = True, *, user_id: str = "local") -> None:
        self._change(id, user_id, pinned=pinned)

    def move(self, id: str, folder: str | None, *, user_id: str = "local") -> None:
        self._change(id, user_id, folder=folder_name(folder))

    def delete(self, id: str, *, user_id: str = "local") -> str:
        """Hide it; returns the token that `undo` takes."""
        self._change(id, user_id, deleted_at=now())
        return id

    def undo(self, token: str, *, user_id: str = "local") -> Conversation:
        with self._database.writing() as connection:
            mine = sa.and_(conversations.c.id == token, conversations.c.user_id == user_id)
            connection.execute(sa.update(conversations).where(mine).values(deleted_at=None))
            return get_conversation(connection, token, user_id)

    def folders(self, *, user_id: str = "local") -> Sequence[str]:
        named = conversations.c.folder.is_not(None)
        with self._database.reading() as connection:
            found = connection.execute(sa.select(conversations.c.folder).where(*alive(user_id), named).distinct())
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
            conversation = get_conversation(connection, conversation_id, user_id)
            if before is not None:
                end = get_message(connection, before, user_id, conversation_id).parent_id
            else:
                end = leaf_id or conversation.leaf_id
            if end is None:
                return []
            get_message(connection, end, user_id, conversation_id)
            return with_siblings(connection, path_rows(connection, end, limit))

    def message(self, id: str, *, user_id: str = "local") -> StoredMessage:
        with self._database.reading() as connection:
            return with_siblings(connection, [get_message(connection, id, user_id)])[0]

    def add(
        self,
        conversation_id: str,
        *new: NewMessage,
        parent_id: str | None = None,
        waited_as: str | None = None,
        user_id: str = "local",
    ) -> tuple[str, ...]:
        """Append messages, each below the one before, the first below `parent_id` (None: a root); the last is shown.

        `waited_as`: the document that held them until now; it goes in the same moment, or nothing is appended.
        """
        with self._database.writing() as connection:
            get_conversation(connection, conversation_id, user_id)
            if waited_as is not None:
                hide(connection, WAITING, waited_as, user_id)
            ids: tuple[str, ...] = ()
            for message in new:
                parent_id = insert_message(connection, conversation_id, parent_id, message)
                ids += (parent_id,)
            touch(connection, conversation_id, leaf_id=parent_id)
        return ids

    def set_leaf(self, conversation_id: str, message_id: str, *, user_id: str = "local") -> None:
        """Show the branch that runs through `message_id`, to its newest end."""
        with self._database.writing() as connection:
            get_message(connection, message_id, user_id, conversation_id)
            leaf = newest_leaf(connection, conversation_id, message_id)
            connection.execute(
                sa.update(conversations).where(conversations.c.id == conversation_id).values(leaf_id=leaf)
            )

    def fork(self, id: str, message_id: str | None, *, user_id: str = "local") -> Conversation:
        """A new conversation with a copy of the branch down to a message (None: to the end of the shown one)."""
        with self._database.writing() as connection:
            old = get_conversation(connection, id, user_id)
            end = message_id or old.leaf_id
            new_id = insert_conversation(
                connection,
                user_id,
                title=one_line(f"{old.title} (fork)", 120),
                folder=old.folder,
                assistant_id=old.assistant_id,
                model=old.model,
                forked_from=old.id,
            )
            if end is not None:
                get_message(connection, end, user_id, id)
                touch(connection, new_id, leaf_id=copy_path(connection, end, new_id))
            return get_conversation(connection, new_id, user_id)

    def search(self, text: str, limit: int = 50, *, user_id: str = "local") -> Sequence[Hit]:
        """Titles first, then messages, newest first; every word or "quoted phrase" must occur."""
        with self._database.reading() as connection:
            return search(connection, text, user_id, limit)

    def export(self, id: str, format: Format, *, user_id: str = "local") -> bytes:
        """JSON holds the whole tree with its files and can be imported; Markdown and PDF hold the shown branch."""
        conversation = self.get(id, user_id=user_id)
        if format == "json":
            with self._database.reading() as connection:
                everything = all_messages(connection, id)
            return to_json(conversation, everything, self._files)
        if format not in ("markdown", "pdf"):
            raise InvalidError("A conversation is exported as markdown, json or pdf.")
        shown = self.path(id, user_id=user_id)
        return to_markdown(conversation, shown) if format == "markdown" else to_pdf(conversation, shown)

    def import_(self, data: bytes, *, user_id: str = "local") -> Sequence[Conversation]:
        """New conversations out of an export file, all or none. Raises InvalidError."""
        found = read_export(data, self._files)
        with self._database.writing() as connection:
            ids = [write(connection, user_id, conversation) for conversation in found]
            return [get_conversation(connection, id, user_id) for id in ids]

    def _change(self, id: str, user_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            get_conversation(connection, id, user_id)
            connection.execute(sa.update(conversations).where(conversations.c.id == id).values(**values))
