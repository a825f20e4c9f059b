"""What is timed: each figure of speed as SQL over one call, and which calls may be timed at all."""

from dataclasses import dataclass

from core.errors import InvalidError

CACHED = "cache_state IN ('exact', 'semantic')"
RATIO = 1.02
"""How much wider each bucket of the hourly histograms is than the one before."""
TIMED = f"(status = 'ok' AND NOT {CACHED})"


@dataclass(frozen=True, slots=True)
class Metric:
    """`unit` is s or tokens/s; for tokens/s more is better."""

    name: str
    label: str
    unit: str
    sql: str


METRICS = {
    metric.name: metric
    for metric in (
        Metric("ttft", "First token", "s", "ttft_s"),
        Metric("total", "Whole answer", "s", "total_s"),
        Metric(
            "speed", "Output speed", "tokens/s",
            "CASE WHEN output_tokens > 1 AND total_s - ttft_s > 0.001 THEN output_tokens / (total_s - ttft_s) END",
        ),
        Metric("gap", "Between tokens", "s", "gap_p50_s"),
        Metric("gap95", "Between tokens, p95", "s", "gap_p95_s"),
        Metric("overhead", "Our overhead", "s", "overhead_s"),
        Metric("queue", "Queueing", "s", "queue_s"),
        Metric("connect", "To headers", "s", "connect_s"),
    )
}  # fmt: skip


def metric(name: str) -> Metric:
    try:
        return METRICS[name]
    except KeyError:
        raise InvalidError(f"“{name[:60]}” is nothing that is timed.") from None


def bin_sql(value: str) -> str:
    """A tenth of a decade, found through the 2% buckets of the hourly histograms, so that both agree on each call."""
    return rolled_bin(f"round(ln({value}) / ln({RATIO}))")


def rolled_bin(bucket: str) -> str:
    return f"floor({bucket} * log10({RATIO}) * 10)::INTEGER"
