"""The data dictionary, docs/ledger.md, written from the schema itself and from the notes beside the facts."""

from dataclasses import fields
from typing import get_type_hints

import duckdb

from core.ledger.facts import Call
from core.ledger.migrations import migrate
from core.ledger.rollups import METRICS, RATIO, ROLLUPS, ZERO_BUCKET

_TABLES = {
    "calls": "One row per request to a provider, however it ended. `seq` is its place in the journal.",
    "payloads": "What was said, each message once. A call's `request_ref` is the `seq` of a `request` row: a JSON list"
    " of `seq:sha` that name its `message` rows, in order; its `response_ref` is the `seq` of a `response` row.",
    "votes": "One judgement in a side-by-side comparison.",
    "feedback": "Thumbs on an answer; the newest by turn and user counts.",
    "prices": "Lines of the price book; none is ever changed, a newer one takes over from `effective_from` on.",
    "budget_decisions": "A budget's word on a call.",
    "audit": "Who changed what.",
    "removals": "Which rows were taken out, by table, origin and age.",
    "repricings": "Calls that were priced anew; the newest line of a call is what its row in `calls` says.",
    "rejected": "Records of the journal that could not be made into rows; none is thrown away.",
    "progress": "How far the journal is loaded; `open_from` is the oldest call that had not ended then.",
    "rollup_progress": "How far the calls are rolled up, and the number of the run that got there.",
    "schema_steps": "Which numbered steps made this schema.",
}
_NOTES = {
    "seq": "place in the journal; greater is later",
    "request_ref": "`seq` of the `request` row in `payloads`, NULL when nothing was kept",
    "response_ref": "`seq` of the `response` row in `payloads`, NULL when nothing was kept",
    "at": "UTC, when it happened",
    "run": "counts the runs of the rollups; their views show the rows of finished runs",
    "origin": "live, sample or import",
    "user_id": "who did it",
    "stored_at": "UTC, start of the call that said it first",
    "payloads.kind": "message, request or response",
    "payloads.sha": "first 128 bits of the SHA-256 of `body`, hex: its name",
    "payloads.size": "bytes of `body`",
    "payloads.body": "JSON",
    "winner": "pane key, tie or bad",
    "panes": "what stood in each pane, left to right",
    "value": "1, -1, or 0 to take it back",
    "prices.prices": "JSON: bucket to decimal text, US dollars per token",
    "prices.model": "catalogue id, or a pattern with * at its end",
    "decision": "allowed, warned, degraded or refused",
    "reserved": "US dollars set aside for the call",
    "spent": "US dollars spent before it",
    "limit_usd": "US dollars the budget allows",
    "detail": "JSON",
    "repricing_id": "UUIDv7 of the record that priced it anew",
    "judge": "catalogue id when a model judged, NULL for a person",
    "hour": "UTC, start of the hour in which the calls started",
    "fallback": "whether the call was to a model other than the first",
    "retried": "whether the call repeated one that failed",
    "cached": "whether this platform's own cache answered",
    "tag": "one label; a call with two labels counts under each",
    "metric": ", ".join(METRICS),
    "bucket": f"b holds values near {RATIO}^b; {ZERO_BUCKET} holds values that are not above zero",
    "calls": "how many calls",
    "turns": "how many of them were the first of their turn",
    "errors": "how many ended in error",
    "unpriced": "how many should have a cost and have none: refused calls and errors without usage do not count",
    "usage_unknown": "how many have no input token count",
    "untagged": "how many have no tag",
    "again_cost": "cost of answers that were asked for again, as far as they were neither retries nor broken off",
    "truncated": "how many had their prompt silently cut by the server",
    "cut": "how many answers stopped at the output limit",
    "turns_hourly.hour": "UTC, start of the hour in which the turn's first call started",
    "turns_hourly.ended": "as its last call did: ok, cancelled, refused or failed",
    "turns_hourly.retried": "whether a call of it repeated one that failed",
    "turns_hourly.fallback": "whether a call of it was to a model other than the first",
    "turns_hourly.turns": "how many; add the rows up, a later call of a turn takes it from one row to another",
    "traffic_hourly.cached": "how many this platform's own cache answered",
    "sent": "how many reached a provider: neither refused nor answered by the cache",
    "ok": "how many of those sent ended well",
    "failed": "how many ended in error or were interrupted",
    "cancelled": "how many were stopped",
    "refused": "how many were refused before they were sent",
    "fallbacks": "how many were to a model other than the first",
    "retries": "how many repeated one that failed",
    "uncounted": "how many good answers have no token counts",
    "wasted": "cost of calls that failed, were stopped, repeated another or were answered again",
    "fallback_cost": "cost of fallbacks",
    "priced": "how many have a cost",
    "priced_sent": "how many have a cost and were not answered by the cache",
    "priced_tokens": "input and output tokens of those",
    "priced_read_tokens": "input read from the provider's cache, of calls with a cost of input",
    "priced_uncached_tokens": "input not from the provider's cache, of calls with a cost of input",
    "counted": "how many of those sent have a cost and both token counts",
    "counted_input": "their input tokens",
    "counted_output": "their output tokens",
    "counted_cost": "their cost",
    "written": "how many of those sent ended well with output",
    "written_tokens": "output tokens of those",
    "estimate_cost_n": "how many good answers have a cost and an estimate of it",
    "traffic_hourly.estimate_cost_p50": "how many of those cost no more than the estimated median",
    "traffic_hourly.estimate_cost_p90": "how many of those cost no more than the estimated 90th percentile",
    "estimate_seconds_n": "how many good answers have a duration and an estimate of it",
    "traffic_hourly.estimate_seconds_p50": "how many of those took no longer than the estimated median",
    "traffic_hourly.estimate_seconds_p90": "how many of those took no longer than the estimated 90th percentile",
    "facet": "model, provider, team, user, assistant, prompt, tag, door, status, error or cache",
    "facets_hourly.value": "one value of it, empty for none; a call with two tags counts under each",
    "match": "`hash(match_id)` of a comparison; good answers only",
    "total_s_known": "how many calls `total_s` is the sum of",
    "ttft_s_known": "how many calls `ttft_s` is the sum of",
    "tokens_per_s": "sum of each call's tokens per second",
    "tokens_per_s_known": "how many calls `tokens_per_s` is the sum of",
    "conversation": "`hash(conversation_id)`: count the distinct ones",
    "thumbs_hourly.hour": "UTC, an hour in which a call of a turn with thumbs started",
    "turn": "`hash(turn_id)`; add its rows up by hour first",
    "answered": "model of its last good answer in that hour, NULL when there was none",
    "up": "its thumbs up, the newest of each user",
    "down": "its thumbs down, the newest of each user",
    "usage_estimated": "how many have estimated token counts",
    "open_from": "`seq` of the oldest call that had begun and not ended",
    "table_name": "the table rows were removed from",
    "before": "rows from before this moment went; NULL: all",
    "reason": "why",
    "cache_write_tokens": "input written to a provider's cache, whatever its life time",
    "total_known": "how many calls `total_s` is the sum of",
    "ttft_known": "how many calls `ttft_s` is the sum of",
    "overhead_known": "how many calls `overhead_s` is the sum of",
    "queue_known": "how many calls `queue_s` is the sum of",
    "vote_id": "UUIDv7 of this vote",
    "call_ids": "the calls that were judged",
    "blind": "whether the names were hidden",
    "fair": "whether both sides had the same conditions",
    "feedback_id": "UUIDv7 of this thumb",
    "note": "what the person wrote",
    "price_id": "UUIDv7 of this line",
    "effective_from": "UTC, from when it holds",
    "source": "where the price comes from",
    "version": "name of the price list",
    "decision_id": "UUIDv7 of this decision",
    "budget_id": "budget, from the workspace",
    "audit_id": "UUIDv7 of this entry",
    "action": "what was done",
    "subject": "to what",
    "removal_id": "UUIDv7 of this removal",
    "rejected.kind": "letter of the record's kind",
    "step": "number of the step",
    "name": "its name",
    "applied_at": "UTC, when it ran",
    "line": "the record as it stands in the journal",
}
_HEAD = """# The ledger

What the log holds, table by table. This file is written by `python -m core.ledger dictionary`; do not edit it.

- Times are UTC without a zone. Money is US dollars, `DECIMAL(18,9)`. Seconds come from a monotonic clock.
- NULL is unknown: an unknown price is not free, a missing first token did not take zero seconds.
- Nothing is updated. A call becomes a row when it ends; a call whose process died becomes `interrupted` at the next
  start: its end is the last sign of life in the journal, its cost the estimate made before it (`usage_source` is then
  `estimated`), NULL when there was none.
- With the setting `RETENTION_DAYS`, calls, messages, votes and feedback older than that go once a day, a message a day
  later; the sums below and the sample stay. Without it, everything is kept.
- Ids are UUIDv7, so rows with near ids are near in time and near in the file.

## Rollups

The views below join sums per hour with the calls that came since, so they are complete at any moment. Every measure
is a sum: add the rows up (`sum(calls)`, `sum(cost_total)`), never average them. Percentiles come from
`histogram_hourly`: add up `calls` by `bucket`, find the bucket in which the wanted share is reached, and read it as
`1.02 ^ bucket`; that errs by 1% at most. The histograms of good answers alone are quicker to read: `ttft_hourly` and
`total_hourly` in seconds, `speed_hourly` in tokens per second; `context_hourly` is the share of the context window that
the input of any call filled.

`tokens_per_s` is `output_tokens / (total_s - ttft_s)`, for streamed calls with more than one token.
"""


_SUMMED = {name for rollup in ROLLUPS for name in rollup.measures if name in {item.name for item in fields(Call)}}


def dictionary() -> str:
    with duckdb.connect() as connection:
        migrate(connection)
        parts = [_HEAD]
        parts.extend(
            _section(connection, rollup.name, "A view, by hour and the columns before `calls`.") for rollup in ROLLUPS
        )
        parts.append("\n## Tables\n")
        parts.extend(_section(connection, table, note) for table, note in _TABLES.items())
    return "".join(parts)


def _section(connection: duckdb.DuckDBPyConnection, table: str, note: str) -> str:
    calls = {item.name: _note(item.name) for item in fields(Call)}
    lines = [f"\n### {table}\n\n{note}\n\n| Column | Type | Meaning |\n|---|---|---|\n"]
    for name, kind, *_ in connection.execute(f"describe {table}").fetchall():
        general = _NOTES.get(f"{table}.{name}") or _NOTES.get(name)
        meaning = calls.get(name) if table == "calls" else general or calls.get(name)
        if table.endswith("_hourly") and name in _SUMMED:
            meaning = f"sum of: {meaning}"
        lines.append(f"| `{name}` | {kind} | {meaning or general or ''} |\n")
    return "".join(lines)


def _note(name: str) -> str:
    hint = get_type_hints(Call, include_extras=True)[name]
    return str(hint.__metadata__[0])
