"""A stored conversation as the messages a model is sent, with the attached files read back from where they are kept."""

from collections.abc import Iterable

from core.errors import NotFoundError
from core.messages import DocumentPart, ImagePart, Message, Part, Role, TextPart
from core.workspace.attachments import Attachment
from core.workspace.files import Files
from core.workspace.message_tree import AttachmentRef, StoredMessage
from core.workspace.past_tools import tool_messages


def keep_attachment(files: Files, attachment: Attachment) -> AttachmentRef:
    """Keep what a follow-up question needs: a document and its text, of a picture only what is sent.

    A photo as it was uploaded may say where it was taken.
    """
    part = attachment.part
    if isinstance(part, ImagePart):
        sent = files.put(part.data, part.name, part.media_type)
        return AttachmentRef(sent.sha256, part.name, part.media_type, "image", sent.size, None, attachment.note)
    original = files.put(attachment.original, part.name, part.media_type)
    text = files.put(part.text.encode(), part.name, "text/plain")
    return AttachmentRef(
        original.sha256, part.name, part.media_type, "document", original.size, text.sha256, attachment.note
    )


def attached_parts(files: Files, refs: Iterable[AttachmentRef]) -> tuple[Part, ...]:
    """A file that is gone is named in its place, so that the conversation can go on."""
    return tuple(_part(files, ref) for ref in refs)


def _part(files: Files, ref: AttachmentRef) -> Part:
    try:
        data = files.read(ref.text_sha256 or ref.sha256)
    except NotFoundError:
        return TextPart(f"[The file {ref.name} is no longer kept.]")
    if ref.kind == "image":
        return ImagePart(ref.media_type, data, ref.sha256, ref.name)
    text = data.decode("utf-8", "replace")
    return DocumentPart(ref.name, ref.media_type, text, ref.sha256)


def as_messages(files: Files, path: Iterable[StoredMessage]) -> tuple[Message, ...]:
    """Questions with their files, answers with what their tools said and their text; an empty answer is left out."""
    said: list[Message] = []
    for message in path:
        attached = attached_parts(files, message.attachments)
        text = (TextPart(message.text),) if message.text else ()
        said += tool_messages(message)
        if attached or text:
            role: Role = "user" if message.role == "user" else "assistant" if message.role == "assistant" else "system"
            said.append(Message(role, attached + text))
    return tuple(said)


def without_tools(messages: Iterable[Message]) -> tuple[Message, ...]:
    """For a request that offers no tools: providers refuse tool calls in it."""
    return tuple(message for message in messages if message.role != "tool" and not message.tool_calls)


def fitting(messages: tuple[Message, ...], share: float) -> tuple[Message, ...]:
    """The system message and the newest others, together at most about `share` of the whole length.

    Begins with a question, and always keeps the last message.
    """
    system = tuple(message for message in messages[:1] if message.role == "system")
    rest = messages[len(system) :]
    room = share * 0.95 * sum(_length(message) for message in messages) - sum(_length(message) for message in system)
    first = len(rest) - 1
    room -= _length(rest[first])
    while first > 0 and room >= _length(rest[first - 1]):
        first -= 1
        room -= _length(rest[first])
    while first < len(rest) - 1 and rest[first].role != "user":
        first += 1
    return system + rest[first:]


def _length(message: Message) -> int:
    """In characters; a picture counts as the 4,000 that its usual share of tokens is worth."""
    called = sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return 16 + called + sum(4_000 if isinstance(part, ImagePart) else len(part.text) for part in message.parts)
