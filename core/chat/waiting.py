"""Questions that wait for the running answer to end; kept in the workspace, so that they outlive page and process."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.errors import NotFoundError, PlatformError, UnsupportedError
from core.workspace.attachments import Attachment, read_attachment
from core.workspace.conversations import WAITING
from core.workspace.documents import Document
from core.workspace.history import keep_attachment
from core.workspace.message_tree import AttachmentRef
from core.workspace.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`problem`: why it could not be sent when its turn came, in one sentence; it waits for a person then."""

    id: str = ""
    conversation_id: str
    text: str
    attachments: tuple[AttachmentRef, ...] = ()
    assistant_id: str | None = None
    model: str | None = None
    user_id: str = "local"
    door: str = "chat"
    problem: str = field(default="", compare=False)
    needs_images: bool = field(default=False, compare=False)
    """The problem is that the model cannot read the pictures of this conversation."""


class Queue:
    """`send` asks one question, which takes it out of the queue; raises PlatformError when it cannot be asked."""

    def __init__(self, workspace: Workspace, send: Callable[[Waiting], object]) -> None:
        self._documents = workspace.documents(WAITING)
        self._files = workspace.files
        self._send = send
        self._one_at_a_time = threading.RLock()
        self._closed = False

    def put(
        self,
        conversation_id: str,
        text: str,
        *,
        attachments: Sequence[Attachment] = (),
        assistant_id: str | None = None,
        model: str | None = None,
        user_id: str = "local",
    ) -> None:
        refs = tuple(keep_attachment(self._files, attachment) for attachment in attachments)
        waiting = Waiting(conversation_id=conversation_id, text=text, attachments=refs, user_id=user_id)
        self._save(replace(waiting, assistant_id=assistant_id, model=model))

    def of(self, conversation_id: str, *, user_id: str = "local") -> tuple[Waiting, ...]:
        """In the order in which they will be sent."""
        found = sorted(self._documents.list(user_id=user_id), key=lambda document: (document.created_at, document.id))
        return tuple(_waiting(document) for document in found if document.name == conversation_id)

    def take_back(self, id: str, *, user_id: str = "local") -> tuple[str, tuple[Attachment, ...]]:
        """Its words and files, and it waits no longer. Raises NotFoundError when it was sent meanwhile."""
        with self._one_at_a_time:
            waiting = _waiting(self._documents.get(id, user_id=user_id))
            self._documents.delete(id, user_id=user_id)
        return waiting.text, tuple(self._attached(waiting))

    def give_to(self, id: str, model: str | None, *, user_id: str = "local") -> None:
        """Let this model answer it (None: as set), and try again. Raises NotFoundError."""
        with self._one_at_a_time:
            waiting = _waiting(self._documents.get(id, user_id=user_id))
            self._save(replace(waiting, model=model, problem="", needs_images=False))

    def send_next(self, conversation_id: str, *, user_id: str = "local") -> bool:
        """Ask the first that waits; False when none does, or when it waits for a person."""
        with self._one_at_a_time:
            line = [] if self._closed else self.of(conversation_id, user_id=user_id)
            if not line or line[0].problem:
                return False
            try:
                self._send(line[0])
            except PlatformError as error:
                if line[0] not in self.of(conversation_id, user_id=user_id):
                    return True  # refused after it was asked: its answer says why
                blind = isinstance(error, UnsupportedError)
                self._save(replace(line[0], problem=str(error), needs_images=blind))
                return False
            return True

    def close(self) -> None:
        """What waits stays for the next start; the end of the running answers sends nothing more."""
        with self._one_at_a_time:
            self._closed = True

    def _save(self, waiting: Waiting) -> None:
        self._documents.save(waiting.conversation_id, asdict(waiting), id=waiting.id or None, user_id=waiting.user_id)

    def _attached(self, waiting: Waiting) -> Sequence[Attachment]:
        found = []
        for ref in waiting.attachments:
            try:
                found.append(read_attachment(ref.name, self._files.read(ref.sha256)))
            except NotFoundError:
                log.warning("a file of a waiting question is gone: %s", ref.sha256)
        return found


def _waiting(document: Document) -> Waiting:
    body: Mapping[str, Any] = document.body
    refs = tuple(AttachmentRef(**ref) for ref in body["attachments"])
    return Waiting(**{**body, "id": document.id, "attachments": refs})
