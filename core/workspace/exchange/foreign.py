"""What ChatGPT, Claude and Open WebUI export, as conversations of ours; whatever has another shape is left out."""

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import InvalidError
from core.workspace.exchange.imported import ImportedConversation, ImportedMessage, moment
from core.workspace.message_tree import NewMessage

ROLES = {"user": "user", "human": "user", "assistant": "assistant"}
Reader = Callable[[Mapping[str, Any]], ImportedConversation]


def reader_for(found: Mapping[str, Any]) -> Reader:
    """Which product wrote this conversation. Raises InvalidError."""
    if isinstance(found.get("mapping"), dict):
        return chatgpt
    if isinstance(found.get("chat_messages"), list):
        return claude
    chat = found.get("chat")
    if isinstance(chat, dict) and ("history" in chat or "messages" in chat):
        return open_webui
    raise InvalidError(
        "This is not a conversation export that is known here: this product's JSON, or ChatGPT's, Claude's or "
        "Open WebUI's export file."
    )


def chatgpt(found: Mapping[str, Any]) -> ImportedConversation:
    nodes = {str(key): _dict(node) for key, node in found["mapping"].items()}
    kept: dict[str, ImportedMessage] = {}
    for key, node in nodes.items():
        said = _dict(node.get("message"))
        role = ROLES.get(_text(_dict(said.get("author")).get("role")))
        text = _parts(_dict(said.get("content")))
        if role and text and _text(said.get("recipient")) in ("", "all"):
            model = _text(_dict(said.get("metadata")).get("model_slug")) if role == "assistant" else ""
            message = NewMessage(role=role, text=text, model=model[:200])
            kept[key] = ImportedMessage(key, None, message, moment(said.get("create_time")))
    messages = [
        ImportedMessage(key, _kept_above(nodes, kept, key, "parent"), item.message, item.at)
        for key, item in kept.items()
    ]
    leaf = _text(found.get("current_node"))
    shown = leaf if leaf in kept else _kept_above(nodes, kept, leaf, "parent")
    return ImportedConversation(_text(found.get("title")), messages, shown, at=moment(found.get("create_time")))


def claude(found: Mapping[str, Any]) -> ImportedConversation:
    messages: list[ImportedMessage] = []
    above: str | None = None
    for number, raw in enumerate(found["chat_messages"]):
        said = _dict(raw)
        role = ROLES.get(_text(said.get("sender")))
        blocks = [_dict(block) for block in _list(said.get("content"))]
        text = "\n\n".join(_text(block.get("text")) for block in blocks if block.get("type") == "text").strip()
        text = text or _text(said.get("text"))
        for raw_file in _list(said.get("attachments")):
            file = _dict(raw_file)
            if _text(file.get("extracted_content")):
                text += f"\n\n[attached: {_text(file.get('file_name'))}]\n{_text(file.get('extracted_content'))}"
        if not role or not text:
            continue
        key = _text(said.get("uuid")) or f"message {number}"
        reasoning = "\n\n".join(_text(block.get("thinking")) for block in blocks if block.get("type") == "thinking")
        parent = _text(said.get("parent_message_uuid")) or above
        message = NewMessage(role=role, text=text, reasoning=reasoning)
        messages.append(ImportedMessage(key, parent, message, moment(said.get("created_at"))))
        above = key
    return ImportedConversation(_text(found.get("name")), messages, above, at=moment(found.get("created_at")))


def open_webui(found: Mapping[str, Any]) -> ImportedConversation:
    chat = _dict(found["chat"])
    history = _dict(chat.get("history"))
    nodes = {str(key): _dict(node) for key, node in _dict(history.get("messages")).items()}
    leaf: str | None = _text(history.get("currentId")) or None
    if not nodes:
        above = None
        for number, raw in enumerate(_list(chat.get("messages"))):
            key = f"message {number}"
            nodes[key] = {**_dict(raw), "parentId": above}
            above = leaf = key
    kept = {}
    for key, said in nodes.items():
        role, text = ROLES.get(_text(said.get("role"))), _text(said.get("content"))
        if role and text:
            model = _text(said.get("model"))[:200] if role == "assistant" else ""
            message = NewMessage(role=role, text=text, model=model)
            kept[key] = ImportedMessage(key, None, message, moment(said.get("timestamp")))
    messages = [
        ImportedMessage(key, _kept_above(nodes, kept, key, "parentId"), item.message, item.at)
        for key, item in kept.items()
    ]
    shown = leaf if leaf in kept else _kept_above(nodes, kept, leaf or "", "parentId")
    title = _text(found.get("title")) or _text(chat.get("title"))
    return ImportedConversation(title, messages, shown, at=moment(found.get("created_at")))


def _kept_above(nodes: Mapping[str, Mapping[str, Any]], kept: Mapping[str, Any], key: str, link: str) -> str | None:
    """The nearest message above that is kept; a circle ends at its second visit."""
    seen = set()
    parent = _text(nodes.get(key, {}).get(link))
    while parent and parent not in kept and parent not in seen:
        seen.add(parent)
        parent = _text(nodes.get(parent, {}).get(link))
    return parent if parent in kept else None


def _parts(content: Mapping[str, Any]) -> str:
    pieces = []
    for part in _list(content.get("parts")):
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, dict):
            pieces.append(_text(part.get("text")) or "[an attachment that was not exported]")
    return "\n\n".join(piece for piece in pieces if piece.strip()) or _text(content.get("text"))


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
