"""The tables as an analyst sees them: names, types, and each column's meaning as the facts state it."""

from dataclasses import fields
from typing import get_args, get_origin, get_type_hints

import pandas as pd

from core.ledger.facts import Call
from core.ledger.ledger import Ledger

HIDDEN = ("schema_steps", "progress", "rollup_progress", "removals")


def schema(log: Ledger) -> dict[str, pd.DataFrame]:
    rows = log.rows(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'main' ORDER BY table_name, ordinal_position"
    )
    notes = _notes()
    found: dict[str, list[tuple[str, str, str]]] = {}
    for table, column, kind in rows:
        if table not in HIDDEN and not table.endswith("_rolled"):
            found.setdefault(table, []).append((column, kind.lower(), notes.get(column, "")))
    order = sorted(found, key=lambda table: (table != "calls", table))
    return {table: pd.DataFrame(found[table], columns=["column", "type", "meaning"]) for table in order}


def _notes() -> dict[str, str]:
    hints = get_type_hints(Call, include_extras=True)
    return {
        field.name: str(get_args(hints[field.name])[-1])
        for field in fields(Call)
        if get_origin(hints[field.name]) is not None
    }
