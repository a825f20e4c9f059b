"""Thumbs from their rollup, turn by turn: each is counted once, however many hours and models its turn went through."""

from core.analytics.clause import clause
from core.analytics.filters import Filters
from core.analytics.reader import Reader


def thumbs(reader: Reader, filters: Filters) -> str | None:
    """A WITH clause for `thumbs`, rows `answered, up, down` that add up to one row per turn; None when no rollup
    can answer.

    `answered` is the model of the turn's last good answer. The placeholders are those of the filters, once.
    Nearly every turn has one row in the rollup, so all are added up; those with several, because their hour or their
    thumb changed, are taken out again and put in as what they come to.
    """
    rolled = reader.rolled("thumbs_hourly", filters)
    if rolled is None:
        return None
    return f"""WITH rated AS MATERIALIZED (
        SELECT turn, started_at, answered, up, down FROM {rolled} WHERE {clause(filters).sql}
    ), changed AS MATERIALIZED (
        SELECT * FROM rated WHERE turn IN (SELECT turn FROM rated GROUP BY turn HAVING count(*) > 1)
    ), standing AS (
        SELECT turn, started_at, answered, sum(up)::BIGINT AS up, sum(down)::BIGINT AS down
        FROM changed GROUP BY ALL HAVING up > 0 OR down > 0
    ), thumbs AS (
        SELECT answered, sum(up) AS up, sum(down) AS down FROM rated GROUP BY answered
        UNION ALL SELECT answered, -up, -down FROM changed
        UNION ALL SELECT arg_max(answered, started_at), max(up), max(down) FROM standing GROUP BY turn
    )"""
