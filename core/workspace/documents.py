"""Named JSON documents of one kind: saved comparisons, experiments, decision records, filters, SQL queries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from core.errors import ConflictError, InvalidError, NotFoundError
from core.workspace.database import Database
from core.workspace.ids import new_id, now
from core.workspace.plain_text import clean, one_line
from core.workspace.schema import documents

LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`revision` counts its saves, from 1."""

    id: str
    kind: str
    name: str
    body: Mapping[str, Any]
    revision: int
    user_id: str
    created_at: datetime
    updated_at: datetime


class Documents:
    def __init__(self, database: Database, kind: str) -> None:
        self._database = database
        self.kind = kind

    def list(self, *, user_id: str = "local", limit: int = 500) -> list[Document]:
        """Newest first."""
        query = sa.select(documents).where(*self._mine(user_id)).order_by(documents.c.updated_at.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_document(row) for row in connection.execute(query).mappings()]

    def get(self, id: str, *, user_id: str = "local") -> Document:
        with self._database.reading() as connection:
            return self._get(connection, id, user_id)

    def save(
        self,
        name: str,
        body: Mapping[str, Any],
        *,
        id: str | None = None,
        base_revision: int | None = None,
        user_id: str = "local",
    ) -> Document:
        """Make one, or overwrite `id`; `base_revision` refuses the save if somebody else saved since.

        `body` is JSON-ready. Raises InvalidError, NotFoundError, ConflictError.
        """
        plain = _plain(body)
        with self._database.writing() as connection:
            moment, shown = now(), one_line(name, 120) or "Untitled"
            if id is None:
                id = new_id()
                row = {"id": id, "kind": self.kind, "user_id": user_id, "name": shown, "body": plain, "revision": 1}
                connection.execute(sa.insert(documents), row | {"created_at": moment, "updated_at": moment})
            else:
                known = self._get(connection, id, user_id)
                if base_revision not in (None, known.revision):
                    raise ConflictError(
                        f"{known.name} was saved by somebody else meanwhile; reload it, then save again."
                    )
                change = sa.update(documents).where(documents.c.id == id)
                connection.execute(
                    change.values(name=shown, body=plain, revision=known.revision + 1, updated_at=moment)
                )
            return self._get(connection, id, user_id)

    def delete(self, id: str, *, user_id: str = "local") -> str:
        """Hide it; returns the token that `undo` takes."""
        with self._database.writing() as connection:
            hide(connection, self.kind, id, user_id)
        return id

    def undo(self, token: str, *, user_id: str = "local") -> Document:
        with self._database.writing() as connection:
            mine = sa.and_(documents.c.id == token, documents.c.user_id == user_id, documents.c.kind == self.kind)
            connection.execute(sa.update(documents).where(mine).values(deleted_at=None))
            return self._get(connection, token, user_id)

    def _get(self, connection: Connection, id: str, user_id: str) -> Document:
        row = connection.execute(sa.select(documents).where(documents.c.id == id, *self._mine(user_id))).mappings()
        found = row.first()
        if found is None:
            raise _gone(self.kind)
        return _document(found)

    def _mine(self, user_id: str) -> Sequence[sa.ColumnElement[bool]]:
        return _theirs(self.kind, user_id)


def hide(connection: Connection, kind: str, id: str, user_id: str) -> None:
    """Delete one within a transaction that does more. Raises NotFoundError when it is gone already."""
    there = sa.update(documents).where(documents.c.id == id, *_theirs(kind, user_id))
    if not connection.execute(there.values(deleted_at=now())).rowcount:
        raise _gone(kind)


def _theirs(kind: str, user_id: str) -> Sequence[sa.ColumnElement[bool]]:
    return documents.c.kind == kind, documents.c.user_id == user_id, documents.c.deleted_at.is_(None)


def _gone(kind: str) -> NotFoundError:
    return NotFoundError(f"There is no such {kind}, or it was deleted.")


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(dict(body), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InvalidError("This cannot be saved: it holds something that is not plain data.") from None
    if len(text) > LARGEST:
        raise InvalidError("This is too large to be saved.")
    return dict(json.loads(clean(text.replace("\\u0000", "\ufffd"))))


def _document(row: RowMapping) -> Document:
    return Document(**{str(name): value for name, value in row.items() if name != "deleted_at"})
