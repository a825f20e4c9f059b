"""Assistants: a model with instructions and manners; every save is a new version that never changes again."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import InvalidError
from core.workspace.assistant_content import CONTENT, AssistantContent, checked, content_body, content_from
from core.workspace.database import Database
from core.workspace.ids import now
from core.workspace.schema import assistant_versions, assistants
from core.workspace.untrusted import only_keys, read_yaml
from core.workspace.versions import Version, Versions
from core.workspace.yaml_text import write_yaml


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
        self._versions = Versions(database, assistants, assistant_versions, "assistant")
        self.budgets_changed: Callable[[], None] = lambda: None
        """Called after a save or an archiving that changes what `with_budget` says."""

    def list(self, include_archived: bool = False, *, user_id: str = "local") -> list[Assistant]:
        """The newest version of one's own and the shared ones, by name."""
        found = [_assistant(version) for version in self._versions.newest(user_id, include_archived)]
        return sorted(found, key=lambda assistant: assistant.name.casefold())

    def get(self, id: str, version: int | None = None, *, user_id: str = "local") -> Assistant:
        """The newest version, or the one asked for. Raises NotFoundError."""
        return _assistant(self._versions.get(id, version, user_id))

    def with_budget(self) -> Sequence[Assistant]:
        """Everybody's assistants that have a budget of their own, for the guard."""
        found = (_assistant(version) for version in self._versions.newest(None))
        return [assistant for assistant in found if assistant.budget_usd is not None]

    def versions(self, id: str, *, user_id: str = "local") -> Sequence[Assistant]:
        """All versions, newest first. Raises NotFoundError."""
        return [_assistant(version) for version in self._versions.all(id, user_id)]

    def save(self, draft: AssistantDraft, note: str = "", *, user_id: str = "local") -> Assistant:
        """Append a version. Raises InvalidError, NotFoundError, ConflictError."""
        body = content_body(checked(draft))
        before = self.get(draft.id, user_id=user_id).budget_usd if draft.id else None
        version = self._versions.append(draft.id, body, note, user_id, draft.shared, draft.base_version)
        if draft.budget_usd != before:
            self.budgets_changed()
        return _assistant(version)

    def restore(self, id: str, version: int, *, user_id: str = "local") -> Assistant:
        """A new version with an old one's content."""
        old = self.get(id, version, user_id=user_id)
        draft = dataclasses.replace(old.draft(), base_version=None)
        return self.save(draft, f"Version {version} restored", user_id=user_id)

    def duplicate(self, id: str, *, user_id: str = "local") -> Assistant:
        old = self.get(id, user_id=user_id)
        draft = dataclasses.replace(old.draft(), id="", base_version=None, name=f"{old.name[:70]} (copy)", shared=False)
        return self.save(draft, f"Copied from {old.name}, version {old.version}", user_id=user_id)

    def compare(self, id: str, old: int, new: int, *, user_id: str = "local") -> dict[str, tuple[Any, Any]]:
        """What differs between two versions: field -> (in the old one, in the new one)."""
        one, two = self.get(id, old, user_id=user_id), self.get(id, new, user_id=user_id)
        pairs = {name: (getattr(one, name), getattr(two, name)) for name in CONTENT if name != "shared"}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def archive(self, id: str, *, user_id: str = "local") -> None:
        self._set_archived(id, now(), user_id)

    def unarchive(self, id: str, *, user_id: str = "local") -> None:
        self._set_archived(id, None, user_id)

    def _set_archived(self, id: str, at: datetime | None, user_id: str) -> None:
        self._versions.change_head(id, user_id, archived_at=at)
        if self.get(id, user_id=user_id).budget_usd is not None:
            self.budgets_changed()

    def export(self, id: str, version: int | None = None, *, user_id: str = "local") -> str:
        """One readable YAML file."""
        found = self.get(id, version, user_id=user_id)
        return write_yaml({"plainsight": "assistant", "format": 1, **content_body(found)})

    def import_(self, text: str, *, user_id: str = "local") -> Assistant:
        """A new assistant out of an exported file. Raises InvalidError."""
        what = "assistant file"
        found = only_keys(read_yaml(text, what), {"plainsight", "format", *CONTENT}, what)
        if (found.pop("plainsight", None), found.pop("format", None)) != ("assistant", 1):
            raise InvalidError("This is not an assistant's file; it should begin with 'plainsight: assistant'.")
        return self.save(AssistantDraft(**content_from(found)), "Imported", user_id=user_id)


def _assistant(version: Version) -> Assistant:
    return Assistant(
        **content_from(version.body),
        shared=version.head["shared"],
        id=version.head["id"],
        version=version.version,
        archived=version.head["archived_at"] is not None,
        created_at=version.created_at,
        note=version.note,
        user_id=version.head["user_id"],
    )
