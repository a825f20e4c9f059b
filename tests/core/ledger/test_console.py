"""The analyst's console: one SELECT, nothing but the log, nothing that lasts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import QueryError
from core.ledger.facts import CallEnded
from core.ledger.ledger import Ledger
from tests.core.ledger.conftest import make_call

ATTACKS = [
    "drop table calls",
    "delete from calls",
    "update calls set cost_total = 0",
    "insert into calls (call_id) values ('x')",
    "create table mine as select 1",
    "create or replace view calls as select 1",
    "alter table calls drop column seq",
    "select 1; drop table calls",
    "select 1; select 2",
    "attach '/tmp/other.duckdb' as other",
    "attach ':memory:' as other",
    "copy calls to '/tmp/calls.csv'",
    "copy (select * from calls) to '{folder}/backups/x.csv'",
    "export database '/tmp/all'",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '100GB'",
    "reset lock_configuration",
    "pragma memory_limit='100GB'",
    "pragma database_list",
    "checkpoint",
    "force checkpoint",
    "vacuum",
    "call pragma_version()",
    "begin transaction",
    "commit",
    "use memory",
    "prepare p as select 1",
    "explain analyze drop table calls",
    "explain insert into calls (call_id) values ('x')",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/hostname')",
    "select * from read_blob('/etc/hostname')",
    "select * from read_text('{folder}/backups/x')",
    "select * from glob('/etc/*')",
    "select * from glob('{folder}/backups/*')",
    "select * from '/etc/passwd'",
    "select * from '{folder}/backups/calls.parquet'",
    "select * from read_parquet('{folder}/backups/*/calls.parquet')",
    "select * from parquet_metadata('/etc/passwd')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from read_duckdb('{folder}/ledger.duckdb')",
    "select * from (select * from glob('/etc/*'))",
    "with x as (select * from read_text('/etc/hostname')) select * from x",
    "select (select content from read_text('/etc/hostname'))",
    "select * from query('select * from read_text(''/etc/hostname'')')",
    "select * from query_table('/etc/passwd')",
    "select * from checkpoint()",
    "select * from force_checkpoint('ledger')",
    "select * from enable_logging()",
    "select write_log('x')",
    "select * from duckdb_secrets()",
    "select * from duckdb_settings()",
    "select current_setting('temp_directory')",
    "select getenv('HOME')",
    "select getvariable('x')",
    "from python_frame",
    "select * from frame",
    "selec 1",
    "",
    ";",
    "-- nothing",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def filled(folder: Path) -> Iterator[Ledger]:
    ledger = Ledger.open(folder)
    ledger.submit(CallEnded(make_call())).result(5)
    ledger.settle()
    ledger.backup()
    yield ledger
    ledger.close()


@pytest.mark.parametrize("sql", ATTACKS)
def test_an_attack_is_refused_in_a_sentence(filled: Ledger, folder: Path, sql):
    frame = filled.frame("select 1")
    assert len(frame) == 1
    with pytest.raises(QueryError) as refused:
        filled.console(sql.replace("{folder}", str(folder)), timeout_s=5, max_rows=10)
    assert "Traceback" not in str(refused.value)
    assert filled.rows("select count(*) from calls") == [(1,)]


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from calls",
        "SELECT served_model, sum(cost_total) FROM calls GROUP BY ALL ORDER BY 2 DESC;",
        "with m as (select * from calls) select count(*) from m join calls using (call_id)",
        "from calls select call_id limit 3",
        "select tag, count(*) from (select unnest(tags) as tag from calls) group by tag",
        "select * from range(3) a, generate_series(1, 2) b",
        "select * from calls_hourly",
        "select quantile_cont(total_s, [0.5, 0.95]) from calls",
        "describe calls",
        "summarize calls",
        "show tables",
        "explain select * from calls",
        "select table_name from information_schema.tables",
        "select column_name from duckdb_columns()",
        "values (1), (2)",
        "select * from calls where started_at > now()::timestamp - interval 1 day",
    ],
)
def test_an_honest_question_is_answered(filled: Ledger, sql):
    assert filled.console(sql, timeout_s=10, max_rows=10_000).truncated is False


def test_limits_hold(ledger):
    with pytest.raises(QueryError, match="longer than"):
        ledger.console("select count(*) from range(100000000) a, range(100000000) b", timeout_s=0.3, max_rows=5)
    assert ledger.rows("select 1") == [(1,)]


def test_queries_at_once_are_bounded_and_answered(ledger, ended):
    ledger.load_sample(3000)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: ledger.rows("select count(*), sum(total_s) from calls")[0][0], range(60)))
    assert answers == [3000] * 60


def test_reading_after_the_end_is_a_sentence(tmp_path: Path):
    ledger = Ledger.open(tmp_path)
    ledger.close()
    with pytest.raises(QueryError, match="closed"):
        ledger.rows("select 1")
