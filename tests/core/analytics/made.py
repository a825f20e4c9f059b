"""Generated calls with every status, origin and edge, for tests that recompute each figure in plain Python."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from core.ledger.facts import Call
from core.ledger.ids import uuid7

MODELS = {
    "demo/swift": ("demo", "0.0000002", "0.0000008", 0.25, 90.0),
    "openai/gpt-large": ("openai", "0.0000025", "0.00001", 0.7, 60.0),
    "anthropic/sonnet": ("anthropic", "0.000003", "0.000015", 0.9, 70.0),
    "ollama/llama": ("ollama", "0", "0", 0.5, 30.0),
    "lab/<b>unpriced & odd</b>": ("lab", None, None, 1.2, 40.0),
}
EDGES = (
    "2026-03-28T23:59:59.999999", "2026-03-29T00:59:59.999999", "2026-03-29T01:00:00", "2026-03-31T21:59:59.999999",
    "2026-03-31T22:00:00", "2026-03-31T23:59:59", "2026-04-01T00:00:00", "2026-03-08T06:59:59", "2026-03-08T07:00:00",
    "2026-04-04T15:30:00", "2026-04-05T18:14:59", "2026-04-05T18:15:00", "2026-03-01T00:00:00", "2026-02-28T23:59:59",
)  # fmt: skip
ERRORS = ("rate_limit", "timeout", "provider_error", "connection", "truncated")


def calls(
    number: int, *, seed: int = 1, start: str = "2026-02-20", days: int = 60, origin: str | None = None
) -> Iterator[Call]:
    """Turns of one to four calls; moments in order, edges among them."""
    chance = random.Random(seed)
    first = datetime.fromisoformat(start)
    edges = [datetime.fromisoformat(edge) for edge in EDGES] * 3
    moments = sorted(
        [first + timedelta(seconds=chance.uniform(0, days * 86400)) for _ in range(number - len(edges))] + edges
    )
    turn: list[str] = []
    asked = 0
    for moment in moments:
        if len(turn) in (0, 4) or chance.random() < 0.8:
            turn = []
            context = _context(chance, origin)
            turn_id, asked = uuid7(), asked + 1
            if context["door"] == "playground":
                context["match_id"] = f"m{asked // 3}"
        turn.append(turn_id)
        yield _call(chance, moment, turn_id, len(turn), context)


def _context(chance: random.Random, origin: str | None) -> dict[str, object]:
    assistant = chance.choice((None, "a1", "a1", "a2"))
    user = chance.choice((None, "ann", "bob", "cem", "=dot"))
    return {
        "origin": origin or chance.choice(("live", "live", "live", "sample", "import")),
        "door": chance.choice(("chat", "playground", "api")),
        "user_id": user,
        "team_id": None if user is None else "red" if user in ("ann", "bob") else "blue",
        "assistant_id": assistant,
        "assistant_version": None if assistant is None else chance.choice((1, 2)),
        "conversation_id": chance.choice((None, f"c{chance.randrange(200)}")),
        "prompt_id": "p1" if user == "ann" else "p2" if user == "cem" else None,
        "prompt_version": None if user not in ("ann", "cem") else 1 if assistant else 2,
        "tags": chance.choice(((), ("regenerated",), ("blue",), ("blue", "green"), ("x,y",))),
    }


def _call(chance: random.Random, moment: datetime, turn_id: str, attempt: int, context: dict[str, object]) -> Call:
    model = chance.choice(list(MODELS))
    provider, price_in, price_out, first, speed = MODELS[model]
    status = chance.choices(("ok", "error", "cancelled", "interrupted", "refused"), (86, 6, 4, 2, 2))[0]
    cached = status == "ok" and chance.random() < 0.07
    counted = chance.random() < (0.97 if status == "ok" else 0.4)
    tokens_in = None if not counted else chance.choice((0, 12, chance.randrange(1, 8000)))
    read = None if tokens_in is None else chance.choice((None, 0, tokens_in // 2))
    tokens_out = None if not counted else chance.choice((0, chance.randrange(1, 900)))
    known = price_in is not None and counted and status != "refused"
    cost_in = Decimal(price_in or 0) * (tokens_in or 0)
    cost_out = Decimal(price_out or 0) * (tokens_out or 0)
    money = cost_in + cost_out
    timed = status == "ok" and not cached and chance.random() < 0.97
    ttft = first * chance.lognormvariate(0, 0.4) if timed else None
    return Call(
        call_id=uuid7(),
        turn_id=turn_id,
        started_at=moment,
        ended_at=moment + timedelta(seconds=1),
        attempt=attempt,
        hop=chance.choice((0, 0, 1)) if attempt > 1 else 0,
        retry=chance.choice((0, 1)) if attempt > 1 else 0,
        requested_model=model,
        served_model=model,
        provider=provider,
        wire="cache" if cached else "general",
        status=status,
        error_kind=chance.choice(ERRORS) if status == "error" else "budget" if status == "refused" else None,
        error_text="It failed <img src=x>." if status == "error" else None,
        finish_reason=chance.choice(("stop", "length")) if status == "ok" else None,
        input_tokens=tokens_in,
        cache_read_tokens=read,
        uncached_input_tokens=None if tokens_in is None else tokens_in - (read or 0),
        output_tokens=tokens_out,
        visible_output_tokens=None if tokens_out is None else tokens_out - tokens_out // 5,
        reasoning_tokens=None if tokens_out is None else tokens_out // 5,
        cost_input=cost_in if known and not cached else None,
        cost_output=cost_out if known and not cached else None,
        cost_total=(Decimal(0) if cached else money) if known else None,
        saved=money if cached and known else None,
        cache_state=chance.choice(("exact", "semantic")) if cached else chance.choice(("off", "miss")),
        ttft_s=ttft,
        total_s=None if ttft is None else ttft + (tokens_out or 0) / speed,
        gap_p50_s=None if ttft is None else 1 / speed,
        overhead_s=None if ttft is None else 0.002,
        context_window=128_000 if provider in ("openai", "demo") else None,
        estimate_cost_p50=Decimal("0.002") if counted else None,
        estimate_cost_p90=Decimal("0.01") if counted else None,
        estimate_seconds_p50=2.0,
        estimate_seconds_p90=9.0,
        truncated_input=chance.choice((None, None, False, True)),
        stream=chance.random() < 0.9,
        **context,  # type: ignore[arg-type]
    )
