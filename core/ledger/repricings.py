"""Calls priced anew: the money of their rows changes, what happened does not, and each change is itself a record."""

from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from core.ledger.entries import money
from core.ledger.lines import Line
from core.ledger.rebuilding import rebuild
from core.ledger.rows import moment

MONEY = ("cost_input", "cost_cache_read", "cost_cache_write", "cost_output", "cost_reasoning", "cost_total")
_SCHEMA = pa.schema(
    [("repricing_id", pa.string()), ("at", pa.timestamp("us")), ("user_id", pa.string()), ("call_id", pa.string()),
     *((name, pa.decimal128(18, 9)) for name in MONEY), ("price_version", pa.string()), ("seq", pa.int64())]
)  # fmt: skip
_COLUMNS = ", ".join((*MONEY, "price_version"))
_UPDATE = f"""
update calls set {", ".join(f"{name} = newest.{name}" for name in (*MONEY, "price_version"))}
from (
    select call_id, {_COLUMNS} from repricings where seq > ?
    qualify row_number() over (partition by call_id order by seq desc) = 1
) newest
where calls.call_id = newest.call_id
"""


def apply(cursor: DuckDBPyConnection, line: Line, fact: dict[str, Any], loaded: int) -> None:
    """Keep the lines, change the rows they name and make the rollups again, within the caller's transaction."""
    at = moment(fact["at"])
    rows = [
        {"repricing_id": line.id, "at": at, "user_id": fact.get("user_id"), "call_id": call["call_id"],
         **{name: money(call.get(name)) for name in MONEY}, "price_version": call.get("price_version"),
         "seq": line.seq}
        for call in fact["calls"]
    ]  # fmt: skip
    if not rows:
        return
    cursor.register("repriced", pa.Table.from_pylist(rows, _SCHEMA))
    cursor.execute("insert into repricings by name select * from repriced")
    cursor.unregister("repriced")
    apply_since(cursor, line.seq - 1)
    rebuild(cursor, loaded)


def apply_since(cursor: DuckDBPyConnection, seq: int) -> bool:
    """Carry out every repricing numbered above `seq`; says whether there was one."""
    cursor.execute(_UPDATE, [seq])
    return bool(cursor.execute("select count(*) from repricings where seq > ?", [seq]).fetchall()[0][0])
