"""How far the tables have come: the watermark that every load moves on within its own transaction."""

from datetime import UTC, datetime

from duckdb import DuckDBPyConnection

from core.ledger.database import Database


def advance(cursor: DuckDBPyConnection, last: int, open_from: int) -> None:
    """`last`: the highest number loaded. `open_from`: the oldest line that a call still open may need."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute("insert into progress values (?, ?, ?)", [last, open_from, now])


def watermark(database: Database) -> tuple[int, int]:
    """The highest number loaded, and the number of the oldest call that was still open then."""
    with database.cursor() as cursor:
        rows = cursor.execute("select seq, open_from from progress order by seq desc limit 1").fetchall()
    return (rows[0][0], rows[0][1]) if rows else (0, 1)
