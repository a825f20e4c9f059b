"""The schema, as numbered SQL files that are only ever added to; run before anything is served."""

from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

STEPS = Path(__file__).parent / "steps"


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
    """Bring the schema up to the newest step, each in a transaction of its own. Returns how many ran."""
    connection.execute("create table if not exists schema_steps (step integer, name varchar, applied_at timestamp)")
    newest = connection.execute("select coalesce(max(step), 0) from schema_steps").fetchall()[0][0]
    ran = 0
    for step in wanted if wanted is not None else steps():
        if step.number <= newest:
            continue
        connection.begin()
        try:
            connection.execute(step.sql)
            connection.execute("insert into schema_steps values (?, ?, now()::timestamp)", [step.number, step.name])
        except BaseException:  # nothing, Ctrl-C included, may leave half of a step open
            connection.rollback()
            raise
        connection.commit()
        ran += 1
    return ran
