"""Prompts: templates with typed variables in versions that never change, one of which may be in production."""

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import InvalidError
from core.workspace.assistants import Assistant, Assistants
from core.workspace.database import Database
from core.workspace.ids import now
from core.workspace.plain_text import clean, one_line
from core.workspace.schema import prompt_versions, prompts
from core.workspace.templates import render_template, template_variables
from core.workspace.untrusted import only_keys, read_yaml
from core.workspace.variables import Variable, check_variables, read_values
from core.workspace.versions import Version, Versions
from core.workspace.yaml_text import write_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContent:
    """`text` is a template: {{ variables }}, {% if %} and a few filters."""

    name: str
    description: str = ""
    text: str = ""
    variables: tuple[Variable, ...] = ()

    @property
    def asked(self) -> tuple[Variable, ...]:
        """The variables that the template uses: only these are anybody's to fill in. Raises InvalidError."""
        used = template_variables(self.text)
        return tuple(variable for variable in self.variables if variable.name in used)

    def render(self, values: Mapping[str, Any]) -> str:
        """The template filled in. Raises InvalidError."""
        return render_template(self.text, read_values(self.variables, values, template_variables(self.text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptDraft(PromptContent):
    """`id` "" makes a new one; `base_version` refuses the save if somebody else saved since."""

    id: str = ""
    base_version: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(PromptContent):
    id: str
    version: int
    newest_version: int
    production_version: int | None
    shared: bool
    archived: bool
    created_at: datetime
    note: str
    user_id: str

    @property
    def in_production(self) -> bool:
        return self.version == self.production_version

    def draft(self) -> PromptDraft:
        content = {field.name: getattr(self, field.name) for field in dataclasses.fields(PromptContent)}
        return PromptDraft(**content, id=self.id, base_version=self.newest_version, shared=self.shared)


class Prompts:
    def __init__(self, database: Database, assistants: Assistants) -> None:
        self._versions = Versions(database, prompts, prompt_versions, "prompt")
        self._assistants = assistants

    def list(self, include_archived: bool = False, *, user_id: str = "local") -> list[Prompt]:
        found = [_prompt(version) for version in self._versions.newest(user_id, include_archived)]
        return sorted(found, key=lambda prompt: prompt.name.casefold())

    def get(self, id: str, version: int | None = None, *, user_id: str = "local") -> Prompt:
        """The newest version, or the one asked for. Raises NotFoundError."""
        return _prompt(self._versions.get(id, version, user_id))

    def production(self, id: str, *, user_id: str = "local") -> Prompt:
        """The version in production, the newest when none is."""
        newest = self.get(id, user_id=user_id)
        pinned = newest.production_version
        return newest if pinned is None else self.get(id, pinned, user_id=user_id)

    def versions(self, id: str, *, user_id: str = "local") -> Sequence[Prompt]:
        return [_prompt(version) for version in self._versions.all(id, user_id)]

    def save(self, draft: PromptDraft, note: str = "", *, user_id: str = "local") -> Prompt:
        """Append a version; variables that the template uses and the draft does not name are added as text.

        Raises InvalidError, NotFoundError, ConflictError.
        """
        body = _body(draft)
        return _prompt(self._versions.append(draft.id, body, note, user_id, draft.shared, draft.base_version))

    def restore(self, id: str, version: int, *, user_id: str = "local") -> Prompt:
        old = self.get(id, version, user_id=user_id)
        draft = dataclasses.replace(old.draft(), base_version=None)
        return self.save(draft, f"Version {version} restored", user_id=user_id)

    def pin_production(self, id: str, version: int | None, *, user_id: str = "local") -> Prompt:
        """Put a version into production; None takes the pin away."""
        if version is not None:
            self.get(id, version, user_id=user_id)
        self._versions.change_head(id, user_id, production_version=version)
        return self.production(id, user_id=user_id)

    def rollback(self, id: str, *, user_id: str = "local") -> Prompt:
        """Put the version before the one in production into production."""
        current = self.production(id, user_id=user_id)
        if current.version == 1:
            raise InvalidError("There is no earlier version to go back to.")
        return self.pin_production(id, current.version - 1, user_id=user_id)

    def render(self, id: str, values: Mapping[str, Any], version: int | None = None, *, user_id: str = "local") -> str:
        """Version `version` (None: production) filled in. Raises InvalidError, NotFoundError."""
        found = self.production(id, user_id=user_id) if version is None else self.get(id, version, user_id=user_id)
        return found.render(values)

    def diff(self, id: str, old: int, new: int, *, user_id: str = "local") -> Sequence[str]:
        """Lines that begin with "  ", "- " or "+ "."""
        before, after = (self.get(id, version, user_id=user_id).text.splitlines() for version in (old, new))
        lines: list[str] = []
        for _, a, b, c, d in difflib.SequenceMatcher(None, before, after).get_opcodes():
            if before[a:b] == after[c:d]:
                lines += [f"  {line}" for line in before[a:b]]
            else:
                lines += [f"- {line}" for line in before[a:b]] + [f"+ {line}" for line in after[c:d]]
        return lines

    def where_used(self, id: str, *, user_id: str = "local") -> Sequence[Assistant]:
        used = self._assistants.list(include_archived=True, user_id=user_id)
        return [assistant for assistant in used if assistant.prompt_id == id]

    def archive(self, id: str, *, user_id: str = "local") -> None:
        self._versions.change_head(id, user_id, archived_at=now())

    def unarchive(self, id: str, *, user_id: str = "local") -> None:
        self._versions.change_head(id, user_id, archived_at=None)

    def export(self, id: str, version: int | None = None, *, user_id: str = "local") -> str:
        content = _body(self.get(id, version, user_id=user_id))
        return write_yaml({"plainsight": "prompt", "format": 1, **content})

    def import_(self, text: str, *, user_id: str = "local") -> Prompt:
        """A new prompt out of an exported file. Raises InvalidError."""
        what = "prompt file"
        found = only_keys(read_yaml(text, what), {"plainsight", "format", *_CONTENT}, what)
        if (found.pop("plainsight", None), found.pop("format", None)) != ("prompt", 1):
            raise InvalidError("This is not a prompt's file; it should begin with 'plainsight: prompt'.")
        return self.save(PromptDraft(**_content(found)), "Imported", user_id=user_id)


_CONTENT = frozenset(field.name for field in dataclasses.fields(PromptContent))
_VARIABLE = frozenset(field.name for field in dataclasses.fields(Variable))


def _body(content: PromptContent) -> dict[str, Any]:
    name = one_line(content.name, 80)
    if not name:
        raise InvalidError("Give the prompt a name.")
    named = {variable.name for variable in content.variables}
    found = tuple(Variable(name) for name in template_variables(content.text) if name not in named)
    variables = content.variables + found
    check_variables(variables)
    return {
        "name": name,
        "description": clean(content.description)[:2_000],
        "text": clean(content.text),
        "variables": [{**dataclasses.asdict(variable), "choices": list(variable.choices)} for variable in variables],
    }


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    raw = body.get("variables") or []
    texts = {name: body.get(name, "") for name in ("name", "description", "text")}
    if not isinstance(raw, list) or not all(isinstance(text, str) for text in texts.values()):
        raise InvalidError("The prompt has an entry with the wrong kind of value.")
    return {**texts, "variables": tuple(_variable(variable) for variable in raw)}


def _variable(raw: Any) -> Variable:
    found = dict(only_keys(raw, _VARIABLE, "prompt's variable"))
    choices, required = found.pop("choices", []), found.pop("required", True)
    listed = isinstance(choices, list) and all(isinstance(choice, str) for choice in choices)
    if not listed or not isinstance(required, bool) or not all(isinstance(text, str) for text in found.values()):
        raise InvalidError("A variable of the prompt has an entry with the wrong kind of value.")
    if "name" not in found:
        raise InvalidError("A variable of the prompt has no name.")
    return Variable(**found, choices=tuple(choices), required=required)


def _prompt(version: Version) -> Prompt:
    return Prompt(
        **_content(version.body),
        id=version.head["id"],
        version=version.version,
        newest_version=version.head["version"],
        production_version=version.head["production_version"],
        shared=version.head["shared"],
        archived=version.head["archived_at"] is not None,
        created_at=version.created_at,
        note=version.note,
        user_id=version.head["user_id"],
    )
