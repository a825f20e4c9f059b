"""The row of a call that was not made: a refusal is part of what happened."""

from datetime import datetime

from core.errors import RefusedError
from core.ledger.attribution import attribution
from core.ledger.facts import Call, CallEnded
from core.ledger.ids import uuid7
from core.messages import TurnRequest


def refused_call(
    request: TurnRequest, refusal: RefusedError, now: datetime, *, asked: str = "", attempt: int = 1
) -> CallEnded:
    """`asked`: the model the turn asked for, when the refused call would have gone to another."""
    return CallEnded(
        Call(
            call_id=uuid7(),
            turn_id=request.turn_id or uuid7(),
            started_at=now,
            ended_at=now,
            **attribution(request.context),
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
