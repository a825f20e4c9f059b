"""What an analyst may run: one SELECT over the log's own tables, judged by its syntax tree before it runs.

The connection itself is locked as well (no extensions, no settings, no files outside the backups folder); this is
the second wall, which also keeps that folder and DuckDB's own switches out of reach.
"""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import orjson

from core.errors import QueryError

_TABLE_FUNCTIONS = frozenset(
    {
        "range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "summary",
        "duckdb_columns", "duckdb_tables", "duckdb_views", "duckdb_functions", "duckdb_types", "duckdb_keywords",
        "pragma_table_info", "pragma_show", "histogram", "histogram_values", "show_tables",
    }
)  # fmt: skip
_REFUSED = re.compile(
    r"(read_|scan_|sniff_|parquet_|pragma_|write_|copy_|add_|enable_|disable_|set_|duckdb_s|duckdb_l|duckdb_m|duckdb_e)"
    r".*|glob|query|query_table|checkpoint|force_checkpoint|current_setting|getenv|getvariable|nextval|currval"
    r"|json_execute_serialized_sql|from_substrait|in_search_path|which_secret|sleep|sleep_ms"
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)
_ONLY_SELECT = "Only one SELECT can be run here; the log itself is never changed."


def checked(cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement in `sql`. Raises QueryError, in a sentence, when it is anything but a harmless SELECT."""
    statements = cursor.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError("Write one SELECT at a time.")
    text = sql
    if statements[0].type == duckdb.StatementType.EXPLAIN:
        text = _EXPLAIN.sub("", sql, count=1)
    elif statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError(_ONLY_SELECT)
    tree = orjson.loads(cursor.execute("select json_serialize_sql(?)", [text]).fetchall()[0][0])
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise QueryError(_ONLY_SELECT)
    for node in _nodes(tree):
        _judge(node)
    return statements[0]


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _judge(node: dict[str, Any]) -> None:
    if node.get("type") == "TABLE_FUNCTION":
        name = str(node.get("function", {}).get("function_name", "")).lower()
        if name not in _TABLE_FUNCTIONS:
            raise QueryError(f"{name}() cannot be used here; ask the log's own tables.")
    function = str(node.get("function_name", "")).lower()
    if function not in _TABLE_FUNCTIONS and _REFUSED.fullmatch(function):
        raise QueryError(f"{function}() cannot be used here.")
    if node.get("type") == "BASE_TABLE":
        for key in ("table_name", "schema_name", "catalog_name"):
            if node.get(key) and not _PLAIN_NAME.fullmatch(str(node[key])):
                raise QueryError("Files cannot be read here; ask the log's own tables.")
