"""What was deleted and not undone goes for good after a month. Files stay: the log names them by their content."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from core.workspace.database import Database
from core.workspace.schema import conversations, datasets, documents

UNDO_FOR = timedelta(days=30)


def purge(database: Database, deleted_before: datetime) -> int:
    """Returns how many conversations, datasets and documents went, with all that hung on them."""
    gone = 0
    for table in (conversations, datasets, documents):
        old = table.c.deleted_at < deleted_before
        with database.reading() as connection:
            if connection.execute(sa.select(table.c.id).where(old).limit(1)).first() is None:
                continue
        with database.writing() as connection:
            gone += connection.execute(sa.delete(table).where(old)).rowcount
    return gone
