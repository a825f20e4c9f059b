"""The row of an answer: what it begins as, and what the end of its turn makes of it."""

from core.chat.request import Prepared
from core.events import Notice, TurnView
from core.workspace.answers import Outcome
from core.workspace.message_tree import NewMessage
from core.workspace.receipts import receipt_to_json


def answer_row(prepared: Prepared) -> NewMessage:
    request = prepared.request
    return NewMessage(
        role="assistant",
        status="running",
        turn_id=request.turn_id,
        model=request.model,
        notices=prepared.notices,
        assistant_id=request.context.assistant_id,
        assistant_version=request.context.assistant_version,
    )


def outcome_of(view: TurnView, notices: tuple[Notice, ...]) -> Outcome:
    return Outcome(
        status=view.status,
        text=view.text,
        reasoning=view.reasoning,
        steps=view.steps,
        notices=(*notices, *view.notices),
        receipt_json=receipt_to_json(view.receipt),
        error=view.error,
        error_kind=view.error_kind,
    )
