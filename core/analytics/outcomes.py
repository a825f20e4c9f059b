"""How questions ended: at once, after a retry, by a fallback, stopped, refused or failed."""

ENDED = {
    "stopped": "ended = 'cancelled'",
    "refused": "ended = 'refused'",
    "failed": "ended = 'failed'",
    "answered by a fallback": "fallback",
    "answered after a retry": "retried",
}
"""The first that holds is what became of a question; else it was answered at once."""
AT_ONCE = "answered at once"
_CASES = " ".join(f"WHEN {sql} THEN '{outcome}'" for outcome, sql in ENDED.items())
OUTCOME = f"CASE {_CASES} ELSE '{AT_ONCE}' END"
_TRACES = {
    "stopped": "status = 'cancelled'",
    "refused": "status = 'refused'",
    "failed": "status NOT IN ('ok', 'cancelled', 'refused')",
    "answered by a fallback": "hop > 0",
    "answered after a retry": "retry > 0",
}
"""What some call of a question that ended so must be."""


def asked(condition: str) -> str:
    """One row per question whose first call meets the condition.

    Numbers are grouped, not names: several times quicker over millions.
    """
    return _questions("", f"{condition} AND attempt = 1")


def ended(outcome: str) -> str:
    """SQL over one call: whether its question ended so. Most were answered at once: only the others are looked up."""
    at_once = outcome == AT_ONCE
    traces = " OR ".join(_TRACES.values()) if at_once else _TRACES[outcome]
    found = f"SELECT turn_id FROM {_questions('any_value(turn_id) AS turn_id, ', traces)}"
    if at_once:
        return f"turn_id NOT IN ({found} WHERE {OUTCOME} <> '{AT_ONCE}')"
    return f"turn_id IN ({found} WHERE {OUTCOME} = '{outcome}')"


def _questions(columns: str, condition: str) -> str:
    return f"""(SELECT {columns}['ok', 'cancelled', 'refused', 'failed'][max(attempt * 4 + CASE status WHEN 'ok' THEN 0
            WHEN 'cancelled' THEN 1 WHEN 'refused' THEN 2 ELSE 3 END) % 4 + 1] AS ended,
            max(retry) > 0 AS retried, max(hop) > 0 AS fallback, 1 AS turns
        FROM calls WHERE turn_id IN (SELECT turn_id FROM calls WHERE {condition})
        GROUP BY hash(turn_id))"""
