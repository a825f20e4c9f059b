"""Search over all text: SQLite's FTS5 with trigrams, kept by triggers; PostgreSQL's trigram index if allowed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    "CREATE VIRTUAL TABLE messages_fts USING fts5(text, content='messages', content_rowid='seq', tokenize='trigram')",
    """CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages WHEN new.text <> '' BEGIN
       INSERT INTO messages_fts(rowid, text) VALUES (new.seq, new.text); END""",
    """CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages WHEN old.text <> '' BEGIN
       INSERT INTO messages_fts(messages_fts, rowid, text) VALUES ('delete', old.seq, old.text); END""",
    """CREATE TRIGGER messages_fts_forget AFTER UPDATE OF text ON messages WHEN old.text <> '' BEGIN
       INSERT INTO messages_fts(messages_fts, rowid, text) VALUES ('delete', old.seq, old.text); END""",
    """CREATE TRIGGER messages_fts_learn AFTER UPDATE OF text ON messages WHEN new.text <> '' BEGIN
       INSERT INTO messages_fts(rowid, text) VALUES (new.seq, new.text); END""",
    "INSERT INTO messages_fts(rowid, text) SELECT seq, text FROM messages WHERE text <> ''",
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
    elif connection.execute(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")).first():
        try:
            with connection.begin_nested():
                op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except sa.exc.ProgrammingError:  # this role may not; search reads every row instead
            return
        op.execute("CREATE INDEX ix_messages_text_trigrams ON messages USING gin (text gin_trgm_ops)")
