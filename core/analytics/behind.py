"""Exactly the calls that a figure was made from, in words small enough for a URL; all words hold at once.

A word is the name of a kind of figure (`failed`, `turns`), or one with its place behind a colon: `ttft:3..3` (bins),
`is:tag:blue`, `not:tag:blue` (all such words of a dimension together: what the largest leave), `failure:timeout`,
`hour:3-14` (weekday and hour of the wall clock), `ended:failed`, `skip:2026-01-31..2026-02-01` (nothing in between),
`thumbs:1`, `votes:..2026-02-01|model` (given in that time).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.analytics.dimensions import DIMENSIONS, FAILURE, TAGS
from core.analytics.filters import Filters
from core.analytics.measures import CUT, FAILED, SENT, UNPRICED, WASTED
from core.analytics.metrics import CACHED, METRICS, TIMED, bin_sql
from core.analytics.outcomes import AT_ONCE, ENDED, ended
from core.analytics.zones import local_sql

KINDS = {
    "turns": "attempt = 1",
    "sent": SENT,
    "failed": FAILED,
    "cancelled": "status = 'cancelled'",
    "refused": "status = 'refused'",
    "cached": CACHED,
    "fallbacks": "hop > 0",
    "retries": "retry > 0",
    "unpriced": UNPRICED,
    "wasted": WASTED,
    "truncated": "coalesce(truncated_input, FALSE)",
    "cut": CUT,
    "priced": "cost_total IS NOT NULL",
    "comparable": f"{SENT} AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND cost_total IS NOT NULL",
    "context": "context_window > 0 AND input_tokens IS NOT NULL",
    "named": "user_id IS NOT NULL",
    "money estimate": f"{TIMED} AND cost_total IS NOT NULL AND estimate_cost_p50 IS NOT NULL"
    " AND estimate_cost_p90 IS NOT NULL",
    "seconds estimate": f"{TIMED} AND total_s IS NOT NULL AND estimate_seconds_p50 IS NOT NULL"
    " AND estimate_seconds_p90 IS NOT NULL",
}
WORDS = {
    "turns": "first calls of questions", "comparable": "priced, with token counts", "context": "with a known context",
    "named": "with a user", "cut": "answers cut", "cached": "cache hits",
}  # fmt: skip
ALWAYS = (datetime(2015, 1, 1), datetime(2050, 1, 1))
"""Over which a zone's offsets are known when a period has no ends."""


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over one call, with its values."""

    sql: str
    parameters: tuple[Any, ...] = ()


def within(filters: Filters, dimension: str, value: str) -> Filters:
    """The calls among these that stand under one value of a dimension; a filter that is already set holds on."""
    group = DIMENSIONS[dimension]
    held = getattr(filters, group.field)
    if not held or (held == (value,) and dimension != "tag"):
        return filters.but(**{group.field: (value,)})
    return adding(filters, f"is:{dimension}:{value}")


def others(filters: Filters, dimension: str, shown: Sequence[str]) -> Filters:
    """The calls among these that stand under none of the values shown (with tags: also under another one)."""
    return adding(filters, *(f"not:{dimension}:{value}" for value in shown))


def adding(filters: Filters, *words: str) -> Filters:
    return filters.but(behind=tuple(dict.fromkeys((*filters.behind, *words))))


def conditions(filters: Filters, picked: Callable[[Filters], Condition]) -> Iterator[Condition]:
    """Of every word; what makes no sense is passed over, since a URL is untrusted. `picked`: filters as a condition."""
    left: dict[str, list[str]] = defaultdict(list)
    for place, word in enumerate(filters.behind):
        name, _, rest = word.partition(":")
        dimension, _, value = rest.partition(":")
        before = filters.but(behind=filters.behind[:place])
        if name in KINDS and not rest:
            yield Condition(f"({KINDS[name]})")
        elif name in METRICS:
            yield _measured(name, rest)
        elif name == "is" and dimension in DIMENSIONS:
            yield _under(dimension, value)
        elif name == "not" and dimension in DIMENSIONS:
            left[dimension].append(value)
        elif name == "failure":
            yield Condition(f"{FAILURE.sql} = ?", (rest,))
        elif name == "hour" and (slot := _slot(rest)):
            since, until = filters.since or ALWAYS[0], filters.until or ALWAYS[1]
            wall = local_sql("started_at", filters.time_zone, since, max(since, until))
            yield Condition(f"(isodow({wall}) = ? AND hour({wall}) = ?)", slot)
        elif name == "skip" and (span := _span(rest)):
            yield Condition("NOT (started_at >= ? AND started_at < ?)", span)
        elif name == "ended" and (rest in ENDED or rest == AT_ONCE):
            yield Condition(f"(attempt = 1 AND {ended(rest)})")
        elif name == "thumbs" and rest in ("1", "-1"):
            yield _thumbs(int(rest), picked(before))
        elif name == "votes":
            yield _voted(filters, rest)
    for dimension, values in left.items():
        yield _beyond(dimension, values)


def spoken(word: str) -> str:
    """For people."""
    name, _, rest = word.partition(":")
    if name in METRICS:
        place = f", {_ends(name, rest)}" if ".." in rest else ""
        return f"measured {METRICS[name].label.lower()}{place}"
    if name == "is":
        dimension, _, value = rest.partition(":")
        return f"{dimension} {value or '(none)'}"
    if name == "not":
        return f"other than {rest.partition(':')[2] or '(none)'}"
    if name == "hour" and (slot := _slot(rest)):
        return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[slot[0] - 1]} {slot[1]:02d}:00"
    if name == "skip":
        return "two periods"
    if name == "votes":
        return f"votes on {rest.partition('|')[2]}"
    if name == "thumbs":
        return f"thumbs {'up' if rest == '1' else 'down'}"
    if name == "failure":
        return rest.replace("_", " ")
    if name == "ended":
        return f"questions {rest}"
    return WORDS.get(name, name)


def _measured(name: str, rest: str) -> Condition:
    known = f"({TIMED} AND ({METRICS[name].sql}) IS NOT NULL"
    low, dots, high = rest.partition("..")
    if not dots:
        return Condition(f"{known})")
    bins = bin_sql(METRICS[name].sql)
    ends = [(compare, int(end)) for compare, end in ((">=", low), ("<=", high)) if _whole(end)]
    held = "".join(f" AND {bins} {compare} ?" for compare, _ in ends)
    return Condition(f"{known} AND ({METRICS[name].sql}) > 0{held})", tuple(end for _, end in ends))


def _under(dimension: str, value: str) -> Condition:
    if dimension == "tag":
        return Condition("list_contains(tags, ?)", (value,)) if value else Condition("coalesce(len(tags), 0) = 0")
    return Condition(f"{DIMENSIONS[dimension].sql} = ?", (value,))


def _beyond(dimension: str, values: Sequence[str]) -> Condition:
    marks = ", ".join("?" * len(values))
    if dimension == "tag":
        return Condition(f"len(list_filter({TAGS}, lambda each: each NOT IN ({marks}))) > 0", tuple(values))
    return Condition(f"{DIMENSIONS[dimension].sql} NOT IN ({marks})", tuple(values))


def _thumbs(value: int, among: Condition) -> Condition:
    """The answers that somebody's newest thumb is about: the last good call of each such question."""
    return Condition(
        f"""call_id IN (SELECT arg_max(call_id, attempt) FROM calls WHERE {among.sql} AND status = 'ok' AND turn_id IN (
            SELECT turn_id FROM feedback GROUP BY turn_id, user_id HAVING arg_max(value, seq) = ?) GROUP BY turn_id)""",
        (*among.parameters, value),
    )


def _voted(filters: Filters, rest: str) -> Condition:
    """The calls of people's votes, given in a period of their own, in which this model stood.

    A vote that names no call is about all calls of its comparison.
    """
    span, _, model = rest.partition("|")
    since, _, until = span.partition("..")
    sql, values = "judge IS NULL", list[Any]()
    for compare, end in ((">=", _moment(since)), ("<", _moment(until))):
        if end is not None:
            sql += f' AND "at" {compare} ?'
            values.append(end)
    if filters.origin != "all":
        sql += " AND origin = ?"
        values.append(filters.origin)
    stood = "len(list_filter(panes, lambda each: split_part(each, ';', 1) = ?)) > 0"
    told = f"FROM votes WHERE {sql} AND {stood}"
    return Condition(
        f"(call_id IN (SELECT unnest(call_ids) {told}) OR match_id IN (SELECT match_id {told} AND len(call_ids) = 0))",
        (*values, model, *values, model),
    )


def _slot(text: str) -> tuple[int, int] | None:
    day, _, hour = text.partition("-")
    if not (_whole(day) and _whole(hour) and 1 <= int(day) <= 7 and 0 <= int(hour) <= 23):
        return None
    return int(day), int(hour)


def _span(text: str) -> tuple[datetime, datetime] | None:
    since, until = (_moment(end) for end in text.partition("..")[::2])
    return (since, until) if since is not None and until is not None else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is None else None


def _whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 7


def _ends(name: str, rest: str) -> str:
    low, _, high = rest.partition("..")
    unit = METRICS[name].unit
    ends = [f"{10 ** (int(end) / 10 + add):.3g}" for end, add in ((low, 0.0), (high, 0.1)) if _whole(end)]
    return f"{' to '.join(ends) if len(ends) == 2 else f'up to {ends[0]}' if ends else 'any'} {unit}"
