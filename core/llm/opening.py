"""A call's row as it stands before the request leaves."""

from core.ledger.facts import Call
from core.ledger.ids import uuid7
from core.llm.models import ModelInfo
from core.llm.providers import address
from core.llm.record import now, sent_parameters
from core.llm.run import Ask, Run
from core.llm.wire.seam import Deployment


def opening(run: Run, ask: Ask, wire: str, deployment: Deployment, model: ModelInfo, retry: int) -> Call:
    context, estimate = run.request.context, run.estimate
    return Call(
        call_id=uuid7(),
        turn_id=run.turn.id,
        started_at=now(),
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
        attempt=run.attempts,
        hop=run.hop,
        retry=retry,
        round=ask.round,
        requested_model=run.asked,
        served_model=model.id,
        provider=deployment.provider,
        deployment=address(deployment),
        wire=wire,
        stream=run.request.stream,
        estimate_cost_p50=estimate.cost_p50,
        estimate_cost_p90=estimate.cost_p90,
        estimate_seconds_p50=estimate.seconds_p50,
        estimate_seconds_p90=estimate.seconds_p90,
        cache_state=run.cache_state,
        tools_offered=len(run.request.tools),
        temperature=ask.parameters.temperature,
        max_tokens=ask.parameters.max_tokens,
        parameters=sent_parameters(ask.parameters),
        context_window=model.context_window,
    )
