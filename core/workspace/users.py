"""Who uses this installation. A one-person installation has one user, "local"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.errors import InvalidError, NotFoundError
from core.workspace.database import Database
from core.workspace.ids import now
from core.workspace.plain_text import one_line
from core.workspace.schema import users

LOCAL = "local"
ROLES = ("member", "administrator")


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    team: str | None
    role: str
    created_at: datetime


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._begin()

    def list(self) -> Sequence[User]:
        with self._database.reading() as connection:
            return [User(*row) for row in connection.execute(sa.select(users).order_by(users.c.name))]

    def get(self, id: str) -> User:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(users).where(users.c.id == id)).first()
        if row is None:
            raise NotFoundError("There is no such user.")
        return User(*row)

    def save(self, id: str, name: str, *, team: str | None = None, role: str = "member") -> User:
        """Add a user, or change one. Raises InvalidError."""
        if role not in ROLES:
            raise InvalidError(f"A role is {' or '.join(ROLES)}.")
        if not id or one_line(id, 100) != id:
            raise InvalidError("A user's id is one short word.")
        values = {"name": one_line(name, 100) or id, "team": one_line(team or "", 100) or None, "role": role}
        with self._database.writing() as connection:
            if not connection.execute(sa.update(users).where(users.c.id == id).values(**values)).rowcount:
                connection.execute(sa.insert(users), {"id": id, "created_at": now(), **values})
        return self.get(id)

    def _begin(self) -> None:
        with self._database.reading() as connection:
            known = connection.execute(sa.select(users.c.id).where(users.c.id == LOCAL)).first()
        if known is None:
            self.save(LOCAL, "You", role="administrator")
