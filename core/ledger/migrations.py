"""The schema, as numbered SQL files that are only ever added to; run before anything is served.

A new log does not walk through that history: it begins with `schema.sql`, which is what all steps add up to, written by
`python -m core.ledger.migrations > core/ledger/schema.sql` after a step was added.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

STEPS = Path(__file__).parent / "steps"
SCHEMA = Path(__file__).parent / "schema.sql"


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    name: str
    sql: str


def steps(folder: Path = STEPS) -> list[Step]:
    """All steps in order: `0001_facts.sql` is step 1, named facts."""
    return [
        Step(int(path.stem[:4]), path.stem[5:], path.read_text("utf-8")) for path in sorted(folder.glob("????_*.sql"))
    ]


def migrate(connection: DuckDBPyConnection, wanted: list[Step] | None = None) -> int:
    """Bring the schema up to the newest step, each in a transaction of its own, a new log's at once. Returns how many
    ran."""
    connection.execute("create table if not exists schema_steps (step integer, name varchar, applied_at timestamp)")
    newest = connection.execute("select coalesce(max(step), 0) from schema_steps").fetchall()[0][0]
    missing = [step for step in (steps() if wanted is None else wanted) if step.number > newest]
    if wanted is None and not newest:
        _run(connection, SCHEMA.read_text("utf-8"), missing)
    else:
        for step in missing:
            _run(connection, step.sql, [step])
    return len(missing)


def _run(connection: DuckDBPyConnection, sql: str, done: list[Step]) -> None:
    connection.begin()
    try:
        connection.execute(sql)
        for step in done:
            connection.execute("insert into schema_steps values (?, ?, now()::timestamp)", [step.number, step.name])
    except BaseException:  # nothing, Ctrl-C included, may leave half of a step open
        connection.rollback()
        raise
    connection.commit()


def schema() -> str:
    """What all steps add up to, as SQL that makes it at once."""
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        migrate(connection, steps())
        connection.execute(f"export database '{folder}/all'")
        told = (Path(folder) / "all" / "schema.sql").read_text("utf-8")
    made = [line for line in told.splitlines() if line and not line.startswith("CREATE TABLE schema_steps")]
    return "\n".join(("-- Written by core/ledger/migrations.py from the steps; change it by adding a step.", *made, ""))


if __name__ == "__main__":
    print(schema(), end="")
