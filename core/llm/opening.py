"""What is known of a call before it is made: the first columns of its row, which stands before the request leaves."""

from typing import Any

from core.ledger.attribution import attribution
from core.ledger.ids import uuid7
from core.llm.models import ModelInfo
from core.llm.providers import address
from core.llm.record import now, sent_parameters
from core.llm.run import Ask, Run
from core.llm.wire.seam import Deployment


def opening(run: Run, ask: Ask, wire: str, deployment: Deployment, model: ModelInfo, retry: int) -> dict[str, Any]:
    """Arguments of facts.Call."""
    estimate = run.estimate
    return {
        **attribution(run.request.context),
        "call_id": uuid7(),
        "turn_id": run.turn.id,
        "started_at": now(),
        "attempt": run.attempts,
        "hop": run.hop,
        "retry": retry,
        "round": ask.round,
        "requested_model": run.asked,
        "served_model": model.id,
        "provider": deployment.provider,
        "deployment": address(deployment),
        "wire": wire,
        "stream": run.request.stream,
        "estimate_cost_p50": estimate.cost_p50,
        "estimate_cost_p90": estimate.cost_p90,
        "estimate_seconds_p50": estimate.seconds_p50,
        "estimate_seconds_p90": estimate.seconds_p90,
        "cache_state": run.cache_state,
        "tools_offered": len(run.request.tools),
        "temperature": ask.parameters.temperature,
        "max_tokens": ask.parameters.max_tokens,
        "parameters": sent_parameters(ask.parameters),
        "context_window": model.context_window,
    }
