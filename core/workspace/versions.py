"""Things whose every save is a new version that never changes again: the part assistants and prompts have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.errors import ConflictError, NotFoundError
from core.workspace.database import Database
from core.workspace.ids import new_id, now
from core.workspace.plain_text import one_line


@dataclass(frozen=True, slots=True)
class Version:
    """`head`: the row that all versions share (id, user_id, shared, archived_at, …); `body`: what this one says."""

    head: Mapping[str, Any]
    version: int
    body: Mapping[str, Any]
    note: str
    created_at: datetime


class Versions:
    """`heads` has one row per thing with its newest version's number, `bodies` one row per version."""

    def __init__(self, database: Database, heads: sa.Table, bodies: sa.Table, noun: str) -> None:
        self._database = database
        self._heads = heads
        self._bodies = bodies
        self._owner = bodies.c[f"{noun}_id"]
        self._noun = noun

    def newest(self, user_id: str | None, include_archived: bool = False) -> list[Version]:
        """The newest version of one's own things and the shared ones; of everybody's for None."""
        query = self._joined(user_id).where(self._bodies.c.version == self._heads.c.version)
        if not include_archived:
            query = query.where(self._heads.c.archived_at.is_(None))
        with self._database.reading() as connection:
            return [self._version(row) for row in connection.execute(query)]

    def get(self, id: str, version: int | None, user_id: str) -> Version:
        with self._database.reading() as connection:
            return self._get(connection, id, version, user_id)

    def all(self, id: str, user_id: str) -> Sequence[Version]:
        """Newest first. Raises NotFoundError."""
        query = self._joined(user_id).where(self._heads.c.id == id).order_by(self._bodies.c.version.desc())
        with self._database.reading() as connection:
            found = [self._version(row) for row in connection.execute(query)]
        if not found:
            raise self._unknown()
        return found

    def append(
        self, id: str, body: Mapping[str, Any], note: str, user_id: str, shared: bool, base_version: int | None = None
    ) -> Version:
        """The next version of `id`, or the first of a new thing ("")."""
        with self._database.writing() as connection:
            if not id:
                id, version = new_id(), 1
                head = {"id": id, "user_id": user_id, "version": 1, "shared": shared, "created_at": now()}
                connection.execute(sa.insert(self._heads), head)
            else:
                version = self._owned(connection, id, user_id).version + 1
                if base_version not in (None, version - 1):
                    raise ConflictError(
                        f"Version {version - 1} was saved while you were editing version {base_version}; "
                        "look at it, then save again."
                    )
                change = sa.update(self._heads).where(self._heads.c.id == id)
                connection.execute(change.values(version=version, shared=shared))
            row = {"version": version, "body": body, "note": one_line(note, 200), "created_at": now()}
            connection.execute(sa.insert(self._bodies), {self._owner.name: id, **row})
            return self._get(connection, id, version, user_id)

    def change_head(self, id: str, user_id: str, **values: Any) -> None:
        """Only its owner may. Raises NotFoundError."""
        with self._database.writing() as connection:
            self._owned(connection, id, user_id)
            connection.execute(sa.update(self._heads).where(self._heads.c.id == id).values(**values))

    def _joined(self, user_id: str | None) -> sa.Select[Any]:
        heads, bodies = self._heads.c, self._bodies.c
        columns = (bodies.version.label("v"), bodies.body, bodies.note, bodies.created_at.label("at"))
        visible = sa.true() if user_id is None else sa.or_(heads.user_id == user_id, heads.shared)
        return sa.select(*heads, *columns).join(self._bodies, self._owner == heads.id).where(visible)

    def _get(self, connection: Connection, id: str, version: int | None, user_id: str) -> Version:
        wanted = self._heads.c.version if version is None else version
        query = self._joined(user_id).where(self._heads.c.id == id, self._bodies.c.version == wanted)
        row = connection.execute(query).first()
        if row is None:
            raise self._unknown()
        return self._version(row)

    def _owned(self, connection: Connection, id: str, user_id: str) -> Row[Any]:
        heads = self._heads.c
        query = sa.select(self._heads).where(heads.id == id, heads.user_id == user_id).with_for_update()
        row = connection.execute(query).first()
        if row is None:
            raise self._unknown()
        return row

    def _version(self, row: Row[Any]) -> Version:
        found = row._mapping
        head = {column.name: found[column.name] for column in self._heads.columns}
        return Version(head, found["v"], found["body"], found["note"], found["at"])

    def _unknown(self) -> NotFoundError:
        return NotFoundError(f"There is no such {self._noun}, or it belongs to somebody else.")
