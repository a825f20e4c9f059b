"""What comparing keeps in the workspace: set-ups, experiments and decisions, each a named JSON document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.compare.panes import Setup, from_json, to_json
from core.errors import InvalidError, NotFoundError

SETUP, EXPERIMENT, DECISION = "setup", "experiment", "decision"


@dataclass(frozen=True)
class Shelf:
    """`documents` is the workspace's store of comparison documents; `what` in a body tells the three kinds apart."""

    documents: Any

    def put(self, what: str, name: str, body: Mapping[str, Any], id: str | None = None) -> str:
        return str(self.documents.save(name, {**body, "what": what}, id=id).id)

    def get(self, what: str, id: str) -> Any:
        """The document: `.id .name .body .updated_at`. Raises NotFoundError."""
        document = self.documents.get(id)
        if document.body.get("what") != what:
            raise NotFoundError(f"There is no such {what}, or it was deleted.")
        return document

    def all(self, what: str) -> list[Any]:
        """Newest first."""
        return [document for document in self.documents.list() if document.body.get("what") == what]

    # set-ups

    def save_setup(self, setup: Setup, name: str) -> str:
        """Saving under a name that is taken replaces what it stood for. Raises InvalidError without a name."""
        if not name.strip():
            raise InvalidError("Give the comparison a name first.")
        known = next((found for found in self.all(SETUP) if found.name == name.strip()), None)
        return self.put(SETUP, name.strip(), to_json(setup), known.id if known else None)

    def setups(self) -> list[tuple[str, str]]:
        """(name, id)"""
        return [(found.name, found.id) for found in self.all(SETUP)]

    def setup(self, id: str) -> Setup | None:
        """None when `id` is not the id of a saved set-up."""
        try:
            return from_json(self.get(SETUP, id).body)
        except NotFoundError:
            return None
