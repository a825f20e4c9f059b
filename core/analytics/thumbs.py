"""Thumbs from their rollup, turn by turn: each is counted once, however many hours and models its turn went through."""

from core.analytics.clause import clause
from core.analytics.filters import Filters
from core.analytics.reader import Reader


def thumbs_of_turns(reader: Reader, filters: Filters) -> str | None:
    """A WITH clause for `turns`: one row per turn with `answered, up, down`; None when the rollup cannot answer.

    `answered` is the model of the turn's last good answer. The placeholders are those of the filters, once.
    Nearly every turn has one row in the rollup; only the others, whose hour or thumb changed, are added up.
    """
    rolled = reader.rolled("thumbs_hourly", filters)
    if rolled is None:
        return None
    return f"""WITH rated AS MATERIALIZED (
        SELECT turn, started_at, answered, up, down FROM {rolled} WHERE {clause(filters).sql}
    ), several AS MATERIALIZED (
        SELECT turn FROM rated GROUP BY turn HAVING count(*) > 1
    ), known AS (
        SELECT turn, started_at, answered, sum(up)::BIGINT AS up, sum(down)::BIGINT AS down
        FROM rated WHERE turn IN (FROM several) GROUP BY ALL HAVING up > 0 OR down > 0
    ), turns AS (
        SELECT answered, up, down FROM rated WHERE turn NOT IN (FROM several) AND (up > 0 OR down > 0)
        UNION ALL SELECT arg_max(answered, started_at), max(up), max(down) FROM known GROUP BY turn
    )"""
