"""The inserts of the loader, each planned once: planning one of eighty columns costs more than carrying it out."""

from collections.abc import Mapping

import pyarrow as pa
from duckdb import DuckDBPyConnection


class _Arrivals:
    """Where a planned insert finds its rows; Arrow's stream protocol, so that every execution reads what is there."""

    def __init__(self, schema: pa.Schema) -> None:
        self._nothing = schema.empty_table()
        self.rows = self._nothing

    def clear(self) -> None:
        self.rows = self._nothing

    def __arrow_c_schema__(self) -> object:
        return self._nothing.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)


class Inserts:
    """`cursor` stays open for as long as the file: what it has planned is forgotten with it."""

    def __init__(self, cursor: DuckDBPyConnection) -> None:
        self.cursor = cursor
        self._arrivals: dict[str, _Arrivals] = {}

    def plan(self, tables: Mapping[str, pa.Table]) -> None:
        """Before a transaction begins, since its end might take the plan with it."""
        for table, rows in tables.items():
            if table not in self._arrivals:
                arrivals = _Arrivals(rows.schema)
                self.cursor.register(f"arriving_{table}", arrivals)
                insert = f"insert into {table} by name select * from arriving_{table}"
                self.cursor.execute(f"prepare into_{table} as {insert}")
                self._arrivals[table] = arrivals

    def insert(self, tables: Mapping[str, pa.Table]) -> None:
        """Within a transaction, and as planned."""
        for table, rows in tables.items():
            arrivals = self._arrivals[table]
            arrivals.rows = rows
            try:
                self.cursor.execute(f"execute into_{table}").fetchall()
            finally:
                arrivals.clear()

    def close(self) -> None:
        self.cursor.close()
