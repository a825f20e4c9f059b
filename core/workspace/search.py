"""Search over titles and all that was said: every word or "quoted phrase" must occur, anywhere in a word."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.workspace.plain_text import clean, one_line
from core.workspace.schema import conversations, messages

MOST_TERMS = 8
LONGEST_QUERY = 200
TRIGRAM = 3
BEFORE, AFTER = 60, 140
_TERM = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Hit:
    """`message_id` None: the title was found. `snippet` is one line of plain text around the first word."""

    conversation_id: str
    message_id: str | None
    title: str
    role: str | None
    snippet: str
    at: datetime


def search(connection: Connection, text: str, user_id: str, limit: int = 50) -> list[Hit]:
    """Titles first, then messages, each newest first."""
    terms = search_terms(text)
    if not terms:
        return []
    mine = (conversations.c.user_id == user_id, conversations.c.deleted_at.is_(None))
    hits = _titles(connection, terms, mine, limit)
    return hits + _messages(connection, terms, mine, limit - len(hits)) if len(hits) < limit else hits


def search_terms(text: str) -> list[str]:
    found = [quoted or word for quoted, word in _TERM.findall(clean(text[:LONGEST_QUERY]))]
    return [term.strip() for term in found if term.strip()][:MOST_TERMS]


def _titles(connection: Connection, terms: list[str], mine: tuple[Any, ...], limit: int) -> list[Hit]:
    columns = conversations.c
    query = (
        sa.select(columns.id, columns.title, columns.updated_at)
        .where(*mine, *(columns.title.icontains(term, autoescape=True) for term in terms))
        .order_by(columns.updated_at.desc())
        .limit(limit)
    )
    return [Hit(id, None, title, None, "", at) for id, title, at in connection.execute(query)]


def _messages(connection: Connection, terms: list[str], mine: tuple[Any, ...], limit: int) -> list[Hit]:
    columns = messages.c
    query = (
        sa.select(columns.conversation_id, columns.id, conversations.c.title, columns.role, columns.text)
        .add_columns(columns.created_at)
        .join(conversations, conversations.c.id == columns.conversation_id)
        .where(*mine)
    )
    indexed = [term for term in terms if len(term) >= TRIGRAM] if connection.dialect.name == "sqlite" else []
    if indexed:
        phrases = " AND ".join('"' + term.replace('"', '""') + '"' for term in indexed)
        index = sa.table("messages_fts", sa.column("rowid", sa.Integer))
        query = query.join(index, index.c.rowid == columns.seq).where(
            sa.text("messages_fts MATCH :phrases").bindparams(phrases=phrases)
        )
        query = query.order_by(index.c.rowid.desc())
    else:
        query = query.order_by(columns.seq.desc())
    others = [term for term in terms if term not in indexed]
    query = query.where(*(columns.text.icontains(term, autoescape=True) for term in others)).limit(limit)
    rows = connection.execute(query)
    return [Hit(where, id, title, role, _snippet(said, terms[0]), at) for where, id, title, role, said, at in rows]


def _snippet(text: str, term: str) -> str:
    at = max(0, text.lower().find(term.lower()))
    start = max(0, at - BEFORE)
    line = one_line(text[start : at + AFTER], BEFORE + AFTER)
    return f"…{line}" if start else line
