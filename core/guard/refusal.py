"""The row of a call that was not made: a refusal is part of what happened."""

from datetime import datetime

from core.errors import RefusedError
from core.ledger.facts import Call, CallEnded
from core.ledger.ids import uuid7
from core.messages import TurnRequest


def refused_call(
    request: TurnRequest, refusal: RefusedError, now: datetime, *, asked: str = "", attempt: int = 1
) -> CallEnded:
    """`asked`: the model the turn asked for, when the refused call would have gone to another."""
    context = request.context
    return CallEnded(
        Call(
            call_id=uuid7(),
            turn_id=request.turn_id or uuid7(),
            started_at=now,
            ended_at=now,
            origin=context.origin,
            door=context.door,
            user_id=context.user_id,
            team_id=context.team_id,
            assistant_id=context.assistant_id,
            assistant_version=context.assistant_version,
            prompt_id=context.prompt_id,
            prompt_version=context.prompt_version,
            conversation_id=context.conversation_id,
            match_id=context.match_id,
            experiment_id=context.experiment_id,
            tags=context.tags,
            requested_model=asked or request.model,
            attempt=attempt,
            served_model=request.model,
            provider=request.model.partition("/")[0],
            stream=request.stream,
            status="refused",
            error_kind=refusal.kind,
            error_text=str(refusal),
        )
    )
