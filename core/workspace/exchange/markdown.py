"""The shown branch of a conversation as Markdown, for people."""

from collections.abc import Sequence

from core.workspace.conversation_rows import Conversation
from core.workspace.message_tree import StoredMessage


def to_markdown(conversation: Conversation, messages: Sequence[StoredMessage]) -> bytes:
    blocks = [f"# {conversation.title}"]
    for message in messages:
        blocks.append(f"## {heading(message)}")
        blocks += [f"> Attached: {attachment.name}" for attachment in message.attachments]
        blocks += [f"> Tool {step.name}({step.arguments}) → {step.error or step.result}" for step in message.steps]
        if message.text:
            blocks.append(message.text)
        footer = footnote(message)
        if footer:
            blocks.append(f"_{footer}_")
    return ("\n\n".join(blocks) + "\n").encode()


def heading(message: StoredMessage) -> str:
    who = {"user": "You", "system": "Instructions"}.get(message.role, message.model or "Answer")
    return f"{who} · {message.created_at:%Y-%m-%d %H:%M} UTC"


def footnote(message: StoredMessage) -> str:
    """How an answer ended and what it cost, as far as that is known."""
    if message.role != "assistant":
        return ""
    parts = [] if message.status == "ok" else [message.error or message.status]
    receipt = message.receipt
    if receipt is not None:
        if receipt.served_model and receipt.served_model != receipt.requested_model:
            parts.append(f"asked {receipt.requested_model}, answered by {receipt.served_model}")
        tokens = (receipt.usage.input_tokens, receipt.usage.output_tokens)
        parts += [
            f"{'–' if count is None else f'{count:,}'} {way}" for count, way in zip(tokens, ("in", "out"), strict=True)
        ]
        parts.append("unpriced" if receipt.cost is None else f"${receipt.cost}")
    return " · ".join(parts)
