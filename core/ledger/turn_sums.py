"""Sums about whole turns, which a later call or thumb may change: as they stand now, less as they stood before.

Turns are looked up by their ids alone: those are near in time, so only a few blocks of the file are read.
"""

from core.ledger.rollup import HOUR, Rollup

_OUTCOMES = ("ok", "cancelled", "refused", "failed")
_ENDED = (
    "max(attempt * 4 + case status when 'ok' then 0 when 'cancelled' then 1 when 'refused' then 2 else 3 end) % 4 + 1"
)
_TURNS = (
    f"select {HOUR.replace('started_at', 'min(started_at) filter (attempt = 1)')} as hour, min(origin) as origin,"
    f" {list(_OUTCOMES)!r}[{_ENDED}] as ended, max(retry) > 0 as retried, max(hop) > 0 as fallback"
)
_CHANGED = (
    "(with came as (select turn_id, seq from calls where {condition}),"
    " near as materialized (select hash(turn_id) as turn, seq, started_at, origin, attempt, status, retry, hop"
    " from calls where turn_id in (select turn_id from came))"
    f" {_TURNS}, 1 as sign from near where seq <= (select max(seq) from came)"
    " group by turn having bool_or(attempt = 1)"
    f" union all {_TURNS}, -1 as sign from near where seq < (select min(seq) from came)"
    " group by turn having bool_or(attempt = 1))"
)
TURNS = Rollup(
    "turns_hourly",
    {name: name for name in ("hour", "origin", "ended", "retried", "fallback")},
    {"turns": "sum(sign)::bigint"},
    _CHANGED,
)

_GIVEN = '(select *, "at" as started_at from feedback) as calls'
"""Thumbs under the name and with the moment that a condition on calls speaks of."""


def _rated(known: str, sign: int) -> str:
    """One row for each hour of a turn with thumbs; `answered` is the model of its last good answer in that hour."""
    return (
        f"select hour, origin, turn, answered, up, down, {sign} as sign from"
        f" (select turn, {HOUR} as hour, origin, arg_max(served_model, attempt) filter (status = 'ok') as answered"
        f" from near where {known} group by all)"
        " join (select turn, count(*) filter (value = 1) as up, count(*) filter (value = -1) as down"
        f" from (select turn, arg_max(value, seq) as value from thumbs where {known} group by turn, user_id)"
        " group by turn) using (turn)"
    )


_RATED = (
    "(with given as (select turn_id, seq from " + _GIVEN + " where {condition}),"
    " came as materialized (select turn_id, seq from calls where {condition} union all from given),"
    " thumbs as materialized (select hash(turn_id) as turn, seq, user_id, value from feedback"
    " where turn_id in (select turn_id from came)),"
    " near as materialized (select hash(turn_id) as turn, seq, started_at, origin, attempt, status, served_model"
    " from calls where turn_id in (select turn_id from feedback where turn_id in (select turn_id from came)))"
    f" {_rated('seq <= (select max(seq) from came)', 1)}"
    f" union all {_rated('seq < (select min(seq) from came)', -1)})"
)
THUMBS = Rollup(
    "thumbs_hourly",
    {name: name for name in ("hour", "origin", "turn", "answered")},
    {"up": "sum(sign * up)::bigint", "down": "sum(sign * down)::bigint"},
    _RATED,
)
