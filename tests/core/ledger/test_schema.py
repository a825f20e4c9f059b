"""The schema: made step by step, in step with the facts and with its own documentation."""

from dataclasses import fields
from pathlib import Path

import duckdb
import pytest

from core.ledger.dictionary import dictionary
from core.ledger.facts import Audit, BudgetDecision, Call, Feedback, PriceLine, Vote
from core.ledger.ledger import Ledger
from core.ledger.migrations import Step, migrate, steps

ROOT = Path(__file__).parents[3]


def described(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    return connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() where not internal order by all"
    ).fetchall()


def test_the_data_dictionary_is_in_step():
    assert (ROOT / "docs" / "ledger.md").read_text("utf-8") == dictionary()
    assert "|  |" not in dictionary()


@pytest.mark.parametrize(
    ("fact", "table"),
    [(Call, "calls"), (Vote, "votes"), (Feedback, "feedback"), (PriceLine, "prices"),
     (BudgetDecision, "budget_decisions"), (Audit, "audit")],
)  # fmt: skip
def test_every_field_of_a_fact_is_a_column(ledger, fact, table):
    columns = [row[0] for row in ledger.rows(f"describe {table}")]
    assert columns[: len(fields(fact))] == [item.name for item in fields(fact)]


def test_steps_are_numbered_without_gaps():
    assert [step.number for step in steps()] == list(range(1, len(steps()) + 1))


@pytest.mark.parametrize("released", range(len(steps()) + 1))
def test_every_released_schema_grows_into_the_newest_and_keeps_its_rows(tmp_path: Path, released):
    path = tmp_path / "ledger.duckdb"
    with duckdb.connect(str(path)) as old:
        migrate(old, steps()[:released])
        if released:
            old.execute("insert into calls (call_id, started_at, origin, seq) values ('old', '2026-01-01', 'live', 1)")
    ledger = Ledger.open(tmp_path)
    ledger.settle()
    if released:
        assert ledger.rows("select call_id, seq from calls") == [("old", 1)]
        assert ledger.rows("select sum(calls) from calls_hourly") == [(1,)]
    ledger.close()
    with duckdb.connect(str(path)) as grown, duckdb.connect() as fresh:
        migrate(fresh)
        assert described(grown) == described(fresh)


def test_a_step_that_fails_leaves_the_one_before(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        migrate(connection)
        before = described(connection)
        broken = Step(len(steps()) + 1, "broken", "create table half (x integer); create table half (x integer);")
        with pytest.raises(duckdb.Error):
            migrate(connection, [*steps(), broken])
        assert described(connection) == before
        assert migrate(connection) == 0
