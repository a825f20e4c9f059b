"""Test cases: rows of variables with an optional expectation, kept in datasets that experiments run over."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.errors import InvalidError, NotFoundError
from core.workspace.case_files import NewCase, checked_case, read_cases
from core.workspace.database import Database
from core.workspace.ids import new_id, now
from core.workspace.plain_text import clean, one_line
from core.workspace.schema import cases, datasets

MOST_CASES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    id: str
    name: str
    description: str
    user_id: str
    case_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(NewCase):
    id: str
    dataset_id: str
    created_at: datetime


class Datasets:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, *, user_id: str = "local") -> list[Dataset]:
        query = _counted().where(datasets.c.user_id == user_id, datasets.c.deleted_at.is_(None))
        with self._database.reading() as connection:
            return [_dataset(row) for row in connection.execute(query.order_by(datasets.c.name)).mappings()]

    def get(self, id: str, *, user_id: str = "local") -> Dataset:
        with self._database.reading() as connection:
            return _get(connection, id, user_id)

    def create(self, name: str, description: str = "", *, user_id: str = "local") -> Dataset:
        shown = one_line(name, 120)
        if not shown:
            raise InvalidError("Give the dataset a name.")
        moment, id = now(), new_id()
        row = {"id": id, "user_id": user_id, "name": shown, "description": clean(description)[:2_000]}
        with self._database.writing() as connection:
            connection.execute(sa.insert(datasets), row | {"created_at": moment, "updated_at": moment})
            return _get(connection, id, user_id)

    def rename(self, id: str, name: str, *, user_id: str = "local") -> Dataset:
        with self._database.writing() as connection:
            _get(connection, id, user_id)
            shown = one_line(name, 120) or "Untitled"
            connection.execute(sa.update(datasets).where(datasets.c.id == id).values(name=shown, updated_at=now()))
            return _get(connection, id, user_id)

    def delete(self, id: str, *, user_id: str = "local") -> str:
        """Hide it; returns the token that `undo` takes."""
        with self._database.writing() as connection:
            _get(connection, id, user_id)
            connection.execute(sa.update(datasets).where(datasets.c.id == id).values(deleted_at=now()))
        return id

    def undo(self, token: str, *, user_id: str = "local") -> Dataset:
        with self._database.writing() as connection:
            mine = sa.and_(datasets.c.id == token, datasets.c.user_id == user_id)
            connection.execute(sa.update(datasets).where(mine).values(deleted_at=None))
            return _get(connection, token, user_id)

    def cases(self, id: str, limit: int | None = None, offset: int = 0, *, user_id: str = "local") -> Sequence[Case]:
        """In the order they were added."""
        query = sa.select(cases).where(cases.c.dataset_id == id).order_by(cases.c.seq).limit(limit).offset(offset)
        with self._database.reading() as connection:
            _get(connection, id, user_id)
            rows = connection.execute(query).mappings().all()
        names = [field.name for field in dataclasses.fields(Case)]
        return [Case(**{name: row[name] for name in names}) for row in rows]

    def add(self, id: str, new: Iterable[NewCase], *, user_id: str = "local") -> int:
        """Append cases; returns how many. All or none. Raises InvalidError, NotFoundError."""
        rows = [dataclasses.asdict(checked_case(case)) for case in new]
        moment = now()
        for row in rows:
            row |= {"id": new_id(), "dataset_id": id, "created_at": moment}
        with self._database.writing() as connection:
            dataset = _get(connection, id, user_id)
            if dataset.case_count + len(rows) > MOST_CASES:
                raise InvalidError(f"A dataset holds at most {MOST_CASES:,} cases.")
            if rows:
                connection.execute(sa.insert(cases), rows)
            connection.execute(sa.update(datasets).where(datasets.c.id == id).values(updated_at=moment))
        return len(rows)

    def add_file(self, id: str, name: str, data: bytes, *, user_id: str = "local") -> int:
        """Append the rows of a CSV or JSONL file. Raises InvalidError."""
        return self.add(id, read_cases(name, data), user_id=user_id)

    def change_case(
        self, case_id: str, variables: Mapping[str, Any], expected: str | None, *, user_id: str = "local"
    ) -> None:
        case = checked_case(NewCase(variables=variables, expected=expected))
        with self._database.writing() as connection:
            _own_case(connection, case_id, user_id)
            change = sa.update(cases).where(cases.c.id == case_id)
            connection.execute(change.values(variables=dict(case.variables), expected=case.expected))

    def remove_case(self, case_id: str, *, user_id: str = "local") -> None:
        with self._database.writing() as connection:
            _own_case(connection, case_id, user_id)
            connection.execute(sa.delete(cases).where(cases.c.id == case_id))


def _counted() -> sa.Select[Any]:
    count = sa.select(sa.func.count()).where(cases.c.dataset_id == datasets.c.id).scalar_subquery()
    return sa.select(datasets, count.label("case_count"))


def _get(connection: Connection, id: str, user_id: str) -> Dataset:
    mine = (datasets.c.id == id, datasets.c.user_id == user_id, datasets.c.deleted_at.is_(None))
    row = connection.execute(_counted().where(*mine)).mappings().first()
    if row is None:
        raise NotFoundError("There is no such dataset, or it was deleted.")
    return _dataset(row)


def _own_case(connection: Connection, case_id: str, user_id: str) -> None:
    query = sa.select(cases.c.dataset_id).where(cases.c.id == case_id)
    dataset_id = connection.execute(query).scalar()
    if dataset_id is None:
        raise NotFoundError("There is no such test case.")
    _get(connection, dataset_id, user_id)


def _dataset(row: Mapping[str, Any] | sa.RowMapping) -> Dataset:
    return Dataset(**{str(name): value for name, value in row.items() if name != "deleted_at"})
