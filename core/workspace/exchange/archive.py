"""This product's own JSON: the whole tree with branches, files, steps and receipts; import is the inverse of export."""

import base64
import binascii
import hashlib
import json
from collections.abc import Collection, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidError, NotFoundError
from core.events import Notice, Receipt, Step
from core.workspace.attachments import read_attachment
from core.workspace.conversation_rows import Conversation
from core.workspace.exchange.imported import ImportedConversation, ImportedMessage, moment
from core.workspace.files import Files
from core.workspace.message_tree import AttachmentRef, NewMessage, StoredMessage
from core.workspace.receipts import receipt_to_json

KIND = "conversation"


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeptFile(Closed):
    name: str
    media_type: str
    base64: str


class KeptMessage(Closed):
    id: str = Field(min_length=1, max_length=100)
    parent: str | None = None
    role: Literal["system", "user", "assistant"]
    text: str = ""
    reasoning: str = ""
    steps: tuple[Step, ...] = ()
    attachments: tuple[AttachmentRef, ...] = ()
    notices: tuple[Notice, ...] = ()
    turn_id: str | None = None
    status: Literal["running", "ok", "error", "cancelled", "refused", "interrupted"] = "ok"
    receipt: Receipt | None = None
    error: str | None = None
    error_kind: str | None = None
    model: str = ""
    assistant_id: str | None = None
    assistant_version: int | None = None
    at: str = ""


class Archive(Closed):
    plainsight: Literal["conversation"]
    format: Literal[1]
    title: str
    folder: str | None = None
    pinned: bool = False
    model: str = ""
    assistant_id: str | None = None
    at: str = ""
    shown: str | None = None
    messages: tuple[KeptMessage, ...] = ()
    files: dict[str, KeptFile] = Field(default_factory=dict)


def to_json(conversation: Conversation, messages: Sequence[StoredMessage], files: Files) -> bytes:
    kept = {sha256: file for message in messages for sha256, file in _files(message, files)}
    whole = [_message(message, kept.keys()) for message in messages]
    archive = {
        "plainsight": KIND,
        "format": 1,
        "title": conversation.title,
        "folder": conversation.folder,
        "pinned": conversation.pinned,
        "model": conversation.model,
        "assistant_id": conversation.assistant_id,
        "at": conversation.created_at.isoformat(),
        "shown": conversation.leaf_id,
        "messages": whole,
        "files": kept,
    }
    return json.dumps(archive, ensure_ascii=False, indent=1, default=str).encode()


def from_json(found: Any, files: Files) -> ImportedConversation:
    """Keeps the files it carries. Raises InvalidError."""
    try:
        archive = Archive.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"][:4]) or "the whole"
        raise InvalidError(f"This conversation file cannot be read: {where}: {first['msg'][:120]}.") from None
    for sha256, file in archive.files.items():
        _keep(sha256, file, files)
    for ref in {ref.sha256: ref for kept in archive.messages for ref in kept.attachments}.values():
        _check(ref, files, archive)
    return ImportedConversation(
        title=archive.title,
        messages=[ImportedMessage(kept.id, kept.parent, _new(kept), moment(kept.at)) for kept in archive.messages],
        leaf_key=archive.shown,
        folder=archive.folder,
        pinned=archive.pinned,
        model=archive.model,
        assistant_id=archive.assistant_id,
        at=moment(archive.at),
    )


def _message(message: StoredMessage, kept_files: Collection[str]) -> dict[str, Any]:
    same = ("id", "role", "text", "reasoning", "turn_id", "status", "error", "error_kind", "model")
    kept = {name: getattr(message, name) for name in same}
    receipt = message.receipt
    return kept | {
        "parent": message.parent_id,
        "steps": [_plain(step) for step in message.steps],
        "attachments": [
            _plain(attachment)
            for attachment in message.attachments
            if {attachment.sha256, attachment.text_sha256 or attachment.sha256} <= set(kept_files)
        ],
        "notices": [_plain(notice) for notice in message.notices],
        "receipt": None if receipt is None else json.loads(receipt_to_json(receipt) or "null"),
        "assistant_id": message.assistant_id,
        "assistant_version": message.assistant_version,
        "at": message.created_at.isoformat(),
    }


def _plain(value: Step | Notice | AttachmentRef) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _new(kept: KeptMessage) -> NewMessage:
    fields = {name: getattr(kept, name) for name in KeptMessage.model_fields if name not in _NOT_STORED}
    status = "interrupted" if kept.status == "running" else kept.status
    return NewMessage(**{**fields, "status": status}, receipt_json=receipt_to_json(kept.receipt))


def _check(ref: AttachmentRef, files: Files, archive: Archive) -> None:
    """A picture must be one, and no reference may reach for a file that was not brought along."""
    named = {ref.sha256, ref.text_sha256 or ref.sha256}
    if ref.kind not in ("image", "document") or not named <= archive.files.keys():
        raise InvalidError("A message in this conversation file names an attachment that is not in it.")
    if ref.kind == "image" and read_attachment(ref.name, files.read(ref.sha256)).kind != "image":
        raise InvalidError(f"{ref.name[:80]} in this conversation file is not a picture.")


_NOT_STORED = {"id", "parent", "receipt", "at"}


def _files(message: StoredMessage, files: Files) -> list[tuple[str, dict[str, str]]]:
    found = []
    for attachment in message.attachments:
        for sha256 in filter(None, (attachment.sha256, attachment.text_sha256)):
            try:
                data = files.read(sha256)
            except NotFoundError:
                continue
            text = base64.b64encode(data).decode()
            found.append((sha256, {"name": attachment.name, "media_type": attachment.media_type, "base64": text}))
    return found


def _keep(sha256: str, file: KeptFile, files: Files) -> None:
    try:
        data = base64.b64decode(file.base64, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise InvalidError("A file inside this conversation file is damaged; export it again.")
    files.put(data, file.name, file.media_type)
