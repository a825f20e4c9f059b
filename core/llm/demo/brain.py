"""What a simulated model says: a pure function of the conversation, the tools and its manners."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.llm.demo.cast import Actor
from core.messages import Message, Parameters, Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Reply:
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


def reply(actor: Actor, messages: Sequence[Message], parameters: Parameters, tools: Sequence[Tool]) -> Reply:
    question = next((message.text for message in reversed(messages) if message.role == "user"), "")
    text = (
        f"I am **{actor.label}**, a simulated model, so I cannot really reason about this:\n\n> {question[:300]}\n\n"
        "What I can do is show how an answer streams in, with its receipt underneath."
    )
    return Reply(text, "The question is short; a short answer will do." if actor.reasons else "")
