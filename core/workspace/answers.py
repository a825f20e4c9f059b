"""The rows of answers that are on their way: each exists from the first moment and is completed exactly once."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.errors import NotFoundError
from core.events import Notice, Step
from core.workspace.conversation_rows import touch
from core.workspace.database import Database
from core.workspace.message_tree import StoredMessage, stored
from core.workspace.plain_text import clean
from core.workspace.receipts import notices_to_json, steps_to_json
from core.workspace.schema import conversations, messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an answer ended: ok, error, cancelled, refused or interrupted. `text` is all that arrived."""

    status: str
    text: str = ""
    reasoning: str = ""
    steps: tuple[Step, ...] = ()
    notices: tuple[Notice, ...] = ()
    receipt_json: str | None = None
    error: str | None = None
    error_kind: str | None = None


class Answers:
    """Used by the engine's side, which acts for every user; pages go through Conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def complete(self, answer_id: str, outcome: Outcome) -> bool:
        """Write the end of a running answer. False when it had already ended. Raises NotFoundError."""
        values = {field.name: getattr(outcome, field.name) for field in dataclasses.fields(Outcome)}
        values |= {
            "text": clean(outcome.text),
            "reasoning": clean(outcome.reasoning),
            "steps": steps_to_json(outcome.steps),
            "notices": notices_to_json(outcome.notices),
            "error": None if outcome.error is None else clean(outcome.error),
        }
        with self._database.writing() as connection:
            known = connection.execute(sa.select(messages.c.conversation_id).where(messages.c.id == answer_id)).scalar()
            if known is None:
                raise NotFoundError("The conversation of this answer was removed.")
            running = sa.and_(messages.c.id == answer_id, messages.c.status == "running")
            changed = connection.execute(sa.update(messages).where(running).values(**values)).rowcount
            touch(connection, known)
        return changed == 1

    def still_running(self) -> Sequence[StoredMessage]:
        """Answers without an end, oldest first; at start-up they are what a dead process left behind."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(messages).where(messages.c.status == "running").order_by(messages.c.seq)
            )
            return [stored(row, (row.id,)) for row in rows]

    def of_turn(self, turn_id: str, *, user_id: str = "local") -> StoredMessage:
        """The answer that a turn wrote, for deep links. Raises NotFoundError."""
        query = (
            sa.select(messages)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.turn_id == turn_id, messages.c.role == "assistant")
            .order_by(messages.c.seq)
            .where(conversations.c.user_id == user_id, conversations.c.deleted_at.is_(None))
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFoundError("There is no such turn in your conversations.")
        return stored(row, (row.id,))
