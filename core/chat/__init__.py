"""One question in a conversation: its row and its answer's exist before a model is asked, and outlive the page."""

from core.chat.chat import Asked, Chat
from core.chat.request import AI
from core.chat.waiting import Waiting

__all__ = ["AI", "Asked", "Chat", "Waiting"]
