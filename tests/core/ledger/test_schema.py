"""The schema: made step by step, in step with the facts and with its own documentation."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from core.ledger.dictionary import dictionary
from core.ledger.facts import Audit, BudgetDecision, Call, Feedback, PriceLine, Vote
from core.ledger.ledger import Ledger
from core.ledger.migrations import SCHEMA, Step, migrate, schema, steps
from core.ledger.rollups import ROLLUPS

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


def test_a_new_log_begins_with_what_all_steps_add_up_to():
    assert SCHEMA.read_text("utf-8") == schema(), "python -m core.ledger.migrations > core/ledger/schema.sql"
    everything = (
        "select * exclude (database_oid, schema_oid, table_oid) from duckdb_columns() where not internal order by all",
        "select view_name, sql from duckdb_views() where not internal order by all",
        "select function_name, macro_definition from duckdb_functions() where not internal order by all",
        "select step, name from schema_steps order by all",
    )
    with duckdb.connect() as walked, duckdb.connect() as fresh:
        assert migrate(walked, steps()) == migrate(fresh) == len(steps())
        for question in everything:
            assert walked.execute(question).fetchall() == fresh.execute(question).fetchall()


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


def test_sums_that_came_later_are_filled_from_what_was_there(tmp_path: Path):
    """Rolled before the step; the rows of one hour have left by age since, and their sums stay."""
    path = tmp_path / "ledger.duckdb"
    with duckdb.connect(str(path)) as old:
        migrate(old, steps()[:3])
        for sql in sorted((ROOT / "core" / "ledger" / "sampling").glob("1_*.sql")):
            settings = {"wanted": 3000, "days": 20, "seed": 1, "newest": "timestamp '2026-03-01'", "first_seq": 1,
                        "people": 20}  # fmt: skip
            for name, value in settings.items():
                old.execute(f"create temp macro {name}() as {value}")
            old.execute(sql.read_text("utf-8"))
        for rollup in ROLLUPS[:5]:
            columns = ", ".join(row[0] for row in old.execute(f"describe {rollup.table}").fetchall())
            rows = rollup.select("seq <= 2500")
            old.execute(f"insert into {rollup.table} by name select {columns} from ({rows})")
        old.execute("insert into rollup_progress values (2500)")
        old.execute("insert into progress values (3000, 3001, now()::timestamp)")
        first = old.execute("select min(hour) from calls_hourly").fetchall()[0][0]
        gone = old.execute("select count(*) from calls where date_trunc('hour', started_at) = ?", [first]).fetchall()
        before = first + timedelta(hours=1)
        old.execute("delete from calls where started_at < ?", [before])
        old.execute("insert into removals values ('r', now()::timestamp, 'calls', 'sample', ?, 3000)", [before])
    ledger = Ledger.open(tmp_path)
    assert ledger.rows("select sum(calls), sum(turns) from calls_hourly") == ledger.rows(
        "select sum(calls), sum(turns) from models_hourly"
    )
    for name in ("models_hourly", "traffic_hourly", "facets_hourly where facet = 'door'"):
        rolled = name if " where " in name else f"{name} where true"
        assert ledger.rows(f"select sum(calls) from {rolled} and hour = ?", [first]) == gone, name
    assert ledger.rows(
        "select sum(sent), sum(cached), sum(wasted), sum(cost_total) from traffic_hourly"
    ) == ledger.rows(
        """select sum(calls) filter (status <> 'refused' and cache_state not in ('exact', 'semantic')),
            sum(calls) filter (cache_state in ('exact', 'semantic')),
            sum(cost_total) filter (status in ('error', 'interrupted', 'cancelled') or retried), sum(cost_total)
        from models_hourly"""
    )
    assert ledger.rebuild_rollups().equal
    ledger.close()


def test_a_step_that_fails_leaves_the_one_before(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        migrate(connection)
        before = described(connection)
        broken = Step(len(steps()) + 1, "broken", "create table half (x integer); create table half (x integer);")
        with pytest.raises(duckdb.Error):
            migrate(connection, [*steps(), broken])
        assert described(connection) == before
        assert migrate(connection) == 0
