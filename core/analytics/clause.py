"""Filters as a WHERE clause: values are always parameters, column names come from fixed lists."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from core.analytics import behind
from core.analytics.dimensions import FILTERED
from core.analytics.filters import NONE, Filters
from core.analytics.measures import UNPRICED, WASTED
from core.analytics.metrics import METRICS, TIMED
from core.analytics.pairing import Pairing

_RANGES = {
    "min_cost": "cost_total >= ?",
    "max_cost": "cost_total <= ?",
    "min_ttft_s": "ttft_s >= ?",
    "max_ttft_s": "ttft_s <= ?",
    "min_total_s": "total_s >= ?",
    "max_total_s": "total_s <= ?",
    "min_tokens": "coalesce(input_tokens, 0) + coalesce(output_tokens, 0) >= ?",
    "max_tokens": "coalesce(input_tokens, 0) + coalesce(output_tokens, 0) <= ?",
}
_FLAGS = {
    "unpriced": UNPRICED,
    "fallback": "hop > 0",
    "retried": "retry > 0",
    "truncated": "truncated_input",
    "wasted": WASTED,
}
_TEXT = """(response_ref IN (SELECT seq FROM payloads WHERE kind = 'response' AND contains(lower(body), ?))
    OR request_ref IN (SELECT seq FROM (
        SELECT seq, unnest(from_json(body, '["VARCHAR"]')) AS message FROM payloads WHERE kind = 'request')
        WHERE message IN (SELECT seq || ':' || sha FROM payloads WHERE kind = 'message' AND contains(lower(body), ?)))
    OR contains(lower(coalesce(error_text, '')), ?))"""
_PLAIN = {"turns": "turn_id", "conversations": "conversation_id", "experiments": "experiment_id", "calls": "call_id"}


@dataclass(frozen=True, slots=True)
class Clause:
    """`sql` is a boolean expression for WHERE; `columns` are those it reads: a rollup may have them."""

    sql: str
    parameters: tuple[Any, ...]
    columns: frozenset[str]


def clause(filters: Filters) -> Clause:
    parts: list[str] = []
    parameters: list[Any] = []
    columns: set[str] = set()
    for sql, values, used in _conditions(filters):
        parts.append(sql)
        parameters += values
        columns.update(used)
    return Clause(" AND ".join(parts) or "TRUE", tuple(parameters), frozenset(columns))


def _conditions(filters: Filters) -> Iterator[tuple[str, list[Any], tuple[str, ...]]]:
    if filters.since is not None:
        yield "started_at >= ?", [filters.since], ("started_at",)
    if filters.until is not None:
        yield "started_at < ?", [filters.until], ("started_at",)
    if filters.origin != "all":
        yield "origin = ?", [filters.origin], ("origin",)
    for each in fields(filters):
        name, value = each.name, getattr(filters, each.name)
        if value == each.default:
            continue
        if name in _RANGES:
            yield _RANGES[name], [value], ("raw",)
        elif name in _FLAGS:
            yield _FLAGS[name], [], ("raw",)
        elif name in _PLAIN:
            yield f"{_PLAIN[name]} IN ({_marks(value)})", list(value), ("raw",)
        elif name in ("assistants", "prompts"):
            yield _versions(name[:-1], value)
        elif name == "tags":
            yield _tags(value)
        elif name == "paired":
            if (pairing := Pairing.of(value)) is not None:
                yield _pairs(filters, pairing)
        elif name == "behind":
            for condition in behind.conditions(filters, _picked):
                yield condition.sql, list(condition.parameters), ("raw",)
        elif name == "text":
            stored = json.dumps(value, ensure_ascii=False)[1:-1].lower()
            yield _TEXT, [stored, stored, value.lower()], ("raw",)
        elif name in FILTERED:
            dimension = FILTERED[name]
            yield f"{dimension.sql} IN ({_marks(value)})", list(value), dimension.columns


def _picked(filters: Filters) -> behind.Condition:
    picked = clause(filters)
    return behind.Condition(picked.sql, picked.parameters)


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))


def _versions(kind: str, values: tuple[str, ...]) -> tuple[str, list[Any], tuple[str, ...]]:
    versioned = any("@" in value for value in values)
    sql = FILTERED[f"{kind}s"].sql if not versioned else f"coalesce({kind}_id, '')"
    either = [f"{sql} IN ({_marks(values)})"]
    parameters: list[Any] = list(values)
    if versioned:
        either.append(f"{kind}_id || '@' || {kind}_version IN ({_marks(values)})")
        parameters += values
    used = (f"{kind}_id", f"{kind}_version") if versioned else (f"{kind}_id",)
    return f"({' OR '.join(either)})", parameters, used


def _pairs(filters: Filters, pairing: Pairing) -> tuple[str, list[Any], tuple[str, ...]]:
    """The measured answers of comparisons in which this key and another one answered."""
    among = clause(pairing.among(filters))
    sql, key = METRICS[pairing.of_metric].sql, FILTERED[f"{pairing.by}s"].sql
    measured = f"{TIMED} AND ({sql}) IS NOT NULL AND match_id IS NOT NULL AND {among.sql}"
    return (
        f"""({measured} AND match_id IN (SELECT match_id FROM calls WHERE {measured} GROUP BY match_id
            HAVING count(DISTINCT {key}) > 1 AND bool_or({key} = ?)))""",
        [*among.parameters, *among.parameters, pairing.key],
        ("raw",),
    )


def _tags(values: tuple[str, ...]) -> tuple[str, list[Any], tuple[str, ...]]:
    either = []
    named = [value for value in values if value != NONE]
    if named:
        either += ["list_contains(tags, ?)"] * len(named)  # several times quicker than list_has_any
    if NONE in values:
        either.append("coalesce(len(tags), 0) = 0")
    return f"({' OR '.join(either)})", list(named), ("tags",)
