"""Rollups against the rows they were made from."""

from core.ledger.rollups import ROLLUPS


def test_the_views_have_the_columns_the_rollups_describe(ledger):
    for rollup in ROLLUPS:
        for name in (rollup.name, rollup.table):
            found = [row[0] for row in ledger.rows(f"describe {name}")]
            assert found == [*rollup.dimensions, *rollup.measures]


def test_the_live_tail_is_in_the_view_at_once(ledger, ended):
    ledger.submit(ended("x"))
    ledger.settle()
    assert ledger.rows("select calls, turns, unpriced, input_tokens from calls_hourly") == [(1, 1, 0, 12)]
    assert ledger.rows("select count(*) from histogram_hourly") == [(4,)]
