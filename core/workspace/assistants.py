"""Assistants: a model with instructions and manners; every save is a new version that never changes again."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.errors import ConflictError, NotFoundError
from core.messages import CacheMode, Json, Parameters
from core.workspace.database import Database
from core.workspace.ids import new_id, now
from core.workspace.plain_text import one_line
from core.workspace.schema import assistant_versions, assistants


@dataclass(frozen=True, slots=True)
class Choose:
    """ "Choose for me" knobs, as `AIService.select_model` takes them."""

    complexity: str = "medium"
    cost_sensitive: bool = False
    speed_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantContent:
    """What a version holds. `model` is a catalogue id "provider/model", "" for the default one."""

    name: str
    description: str = ""
    model: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    system_prompt: str = ""
    tools: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] | None = None
    """None: the configured chain; (): no fallback."""
    choose: Choose | None = None
    prompt_id: str | None = None
    prompt_version: int | None = None
    """None with a `prompt_id`: its production version."""
    response_schema: Json | None = None
    cache: CacheMode = "off"
    starters: tuple[str, ...] = ()
    budget_usd: Decimal | None = None
    shared: bool = False

    @property
    def provider(self) -> str:
        return self.model.partition("/")[0]

    @property
    def parameters(self) -> Parameters:
        return Parameters(
            temperature=self.temperature, max_tokens=self.max_tokens, response_schema=self.response_schema
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantDraft(AssistantContent):
    """What a form hands in. `id` "" makes a new one; `base_version` refuses the save if somebody else saved since."""

    id: str = ""
    base_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant(AssistantContent):
    id: str
    version: int
    archived: bool
    created_at: datetime
    """UTC, of this version."""
    note: str
    user_id: str

    def draft(self) -> AssistantDraft:
        content = {field.name: getattr(self, field.name) for field in dataclasses.fields(AssistantContent)}
        return AssistantDraft(**content, id=self.id, base_version=self.version)


class Assistants:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, include_archived: bool = False, *, user_id: str = "local") -> list[Assistant]:
        """The newest version of one's own and the shared ones, by name."""
        query = _joined().where(_visible(user_id), assistant_versions.c.version == assistants.c.version)
        if not include_archived:
            query = query.where(assistants.c.archived_at.is_(None))
        with self._database.reading() as connection:
            found = [_assistant(row) for row in connection.execute(query)]
        return sorted(found, key=lambda assistant: assistant.name.casefold())

    def get(self, id: str, version: int | None = None, *, user_id: str = "local") -> Assistant:
        """The newest version, or the one asked for. Raises NotFoundError."""
        with self._database.reading() as connection:
            return _get(connection, id, version, user_id)

    def versions(self, id: str, *, user_id: str = "local") -> Sequence[Assistant]:
        """All versions, newest first. Raises NotFoundError."""
        query = _joined().where(assistants.c.id == id, _visible(user_id))
        with self._database.reading() as connection:
            found = [_assistant(row) for row in connection.execute(query.order_by(assistant_versions.c.version.desc()))]
        if not found:
            raise _unknown()
        return found

    def save(self, draft: AssistantDraft, note: str = "", *, user_id: str = "local") -> Assistant:
        """Append a version. Raises InvalidError, NotFoundError, ConflictError."""
        body = _body(draft)
        with self._database.writing() as connection:
            if not draft.id:
                id, version = new_id(), 1
                row = {"id": id, "user_id": user_id, "version": 1, "shared": draft.shared, "created_at": now()}
                connection.execute(sa.insert(assistants), row)
            else:
                id, version = draft.id, _owned(connection, draft.id, user_id).version + 1
                if draft.base_version is not None and draft.base_version != version - 1:
                    raise ConflictError(
                        f"Version {version - 1} was saved while you were editing version {draft.base_version}; "
                        "look at it, then save again."
                    )
                change = sa.update(assistants).where(assistants.c.id == id)
                connection.execute(change.values(version=version, shared=draft.shared))
            line = one_line(note, 200)
            row = {"assistant_id": id, "version": version, "body": body, "note": line, "created_at": now()}
            connection.execute(sa.insert(assistant_versions), row)
            return _get(connection, id, version, user_id)

    def restore(self, id: str, version: int, *, user_id: str = "local") -> Assistant:
        """A new version with an old one's content."""
        old = self.get(id, version, user_id=user_id)
        draft = dataclasses.replace(old.draft(), base_version=None)
        return self.save(draft, f"Version {version} restored", user_id=user_id)

    def duplicate(self, id: str, *, user_id: str = "local") -> Assistant:
        old = self.get(id, user_id=user_id)
        draft = dataclasses.replace(old.draft(), id="", base_version=None, name=f"{old.name[:70]} (copy)", shared=False)
        return self.save(draft, f"Copied from {old.name}, version {old.version}", user_id=user_id)

    def archive(self, id: str, *, user_id: str = "local") -> None:
        self._set_archived(id, now(), user_id)

    def unarchive(self, id: str, *, user_id: str = "local") -> None:
        self._set_archived(id, None, user_id)

    def _set_archived(self, id: str, at: datetime | None, user_id: str) -> None:
        with self._database.writing() as connection:
            _owned(connection, id, user_id)
            connection.execute(sa.update(assistants).where(assistants.c.id == id).values(archived_at=at))


def _unknown() -> NotFoundError:
    return NotFoundError("There is no such assistant, or it belongs to somebody else.")


def _visible(user_id: str) -> sa.ColumnElement[bool]:
    return sa.or_(assistants.c.user_id == user_id, assistants.c.shared)


def _joined() -> sa.Select[Any]:
    owner = (assistants.c.id, assistants.c.user_id, assistants.c.shared, assistants.c.archived_at)
    version = assistant_versions.c
    return sa.select(*owner, version.version, version.body, version.note, version.created_at).join(
        assistant_versions, version.assistant_id == assistants.c.id
    )


def _get(connection: Connection, id: str, version: int | None, user_id: str) -> Assistant:
    wanted = assistants.c.version if version is None else version
    query = _joined().where(assistants.c.id == id, assistant_versions.c.version == wanted, _visible(user_id))
    row = connection.execute(query).first()
    if row is None:
        raise _unknown()
    return _assistant(row)


def _owned(connection: Connection, id: str, user_id: str) -> Row[Any]:
    query = sa.select(assistants).where(assistants.c.id == id, assistants.c.user_id == user_id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise _unknown()
    return row


def _body(draft: AssistantDraft) -> dict[str, Any]:
    content = {field.name: getattr(draft, field.name) for field in dataclasses.fields(AssistantContent)}
    content["choose"] = dataclasses.asdict(draft.choose) if draft.choose else None
    content["budget_usd"] = None if draft.budget_usd is None else str(draft.budget_usd)
    content["response_schema"] = None if draft.response_schema is None else dict(draft.response_schema)
    del content["shared"]
    return content


def _assistant(row: Row[Any]) -> Assistant:
    body = dict(row.body)
    for name in ("tools", "starters"):
        body[name] = tuple(body[name])
    body["fallbacks"] = None if body["fallbacks"] is None else tuple(body["fallbacks"])
    body["choose"] = Choose(**body["choose"]) if body["choose"] else None
    body["budget_usd"] = None if body["budget_usd"] is None else Decimal(body["budget_usd"])
    return Assistant(
        **body,
        shared=row.shared,
        id=row.id,
        version=row.version,
        archived=row.archived_at is not None,
        created_at=row.created_at,
        note=row.note,
        user_id=row.user_id,
    )
