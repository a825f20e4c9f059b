"""Every figure that can be read from a rollup is the one that its calls add up to, also where a period cuts an hour."""

from datetime import datetime, timedelta

import pytest

from core.analytics.analytics import Analytics
from core.analytics.filters import Filters
from core.analytics.models import Models
from core.analytics.reader import Reader
from core.analytics.same_questions import same_questions
from core.analytics.sources import CALLS, ROLLUPS, Source, view
from core.analytics.spend import Spend
from core.ledger.facts import CallEnded, Feedback
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from tests.core.analytics.conftest import Made
from tests.core.analytics.made import calls

ENDS = {
    "whole hours": (datetime(2026, 3, 1, 5), datetime(2026, 4, 2, 17)),
    "cut hours": (datetime(2026, 3, 1, 5, 20), datetime(2026, 4, 2, 17, 40, 0, 1)),
    "within two hours": (datetime(2026, 3, 29, 0, 30), datetime(2026, 3, 29, 1, 30)),
}


class RowsOnly(Reader):
    """Reads everything from the calls themselves."""

    def source(self, *_: object, **__: object) -> Source:
        return CALLS

    def rolled(self, *_: object, **__: object) -> None:
        return None


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("rollup", ROLLUPS, ids=lambda rollup: rollup.rollup)
def test_every_measure_of_every_rollup(made: Made, rollup: Source, ends: str) -> None:
    since, until = ENDS[ends]
    table = view(rollup.rollup, since, until)
    untagged = "(SELECT * EXCLUDE tags, unnest(tags) AS tag FROM calls)" if "tag" in rollup.columns else "calls"
    keys = sorted(rollup.columns - {"started_at"})
    where = f"WHERE started_at >= ? AND started_at < ? GROUP BY {', '.join(keys)}"
    figures = [name for name in rollup.measures if name in CALLS.measures]
    assert figures == list(rollup.measures)
    found, expected = (
        made.ledger.rows(f"SELECT {', '.join([*keys, *sql])} FROM {source} {where}", [since, until])
        for source, sql in (
            (table, [rollup.measures[name] for name in figures]),
            (untagged, [CALLS.measures[name] for name in figures]),
        )
    )
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert found


@pytest.mark.parametrize("origin", ["live", "sample", "all"])
def test_reports_read_from_rollups_are_those_read_from_the_calls(made: Made, origin: str) -> None:
    quick, rows = made.analytics, RowsOnly(made.ledger)
    slow = Analytics(made.ledger, reader=rows)
    filters = Filters(since=datetime(2026, 3, 1), until=datetime(2026, 4, 1), origin=origin)
    assert quick.spend.unit_costs(filters) == slow.spend.unit_costs(filters)
    assert quick.calls.facets(filters) == slow.calls.facets(filters)
    assert quick.choices(filters) == slow.choices(filters)
    columns = ["model", "up", "down"]
    assert quick.models.report(filters)[columns].equals(slow.models.report(filters)[columns])
    before = filters.but(since=datetime(2026, 2, 20, 0, 10), until=datetime(2026, 3, 1))
    assert quick.drivers(before, filters) == slow.drivers(before, filters)
    for of in ("ttft", "total", "speed"):
        left, right = (same_questions(reader, filters, of=of) for reader in (quick.reader, rows))
        assert list(left["key"]) == list(right["key"])
        assert list(left["questions"]) == list(right["questions"])
        assert left["ratio"].to_numpy() == pytest.approx(right["ratio"].to_numpy())


def test_thumbs_that_change_after_they_were_rolled_up(tmp_path) -> None:
    """A thumb comes late, is taken back or turned, and a turn is answered again by another model."""
    ledger = Ledger.open(tmp_path)
    reader, rows = Reader(ledger), RowsOnly(ledger)
    some = list(calls(400, days=3, origin="live"))
    filters = Filters(since=datetime(2026, 2, 1), until=datetime(2026, 6, 1))

    def thumb(number: int, value: int) -> Feedback:
        call = some[number]
        at = call.started_at + timedelta(minutes=1)
        return Feedback(
            feedback_id=uuid7(), turn_id=call.turn_id, at=at, user_id=f"u{number % 3}", value=value, origin="live"
        )

    steps = (
        [CallEnded(call) for call in some[:200]],
        [thumb(number, 1) for number in range(0, 210, 3)],
        [CallEnded(call) for call in some[200:300]] + [thumb(number, -1) for number in range(0, 60, 6)],
        [thumb(number, 0) for number in range(0, 30, 9)] + [CallEnded(call) for call in some[300:]],
    )
    for facts in steps:
        for fact in facts:
            ledger.submit(fact)
        ledger.settle(20)
        for _ in ("in the tail", "rolled up"):
            left, right = (Models(each)._thumbs(filters) for each in (reader, rows))
            assert left.sort_values("model").to_dict("list") == right.sort_values("model").to_dict("list")
            assert Spend(reader)._liked(filters) == Spend(rows)._liked(filters)
            ledger.roll()
    assert left["up"].sum() > 10 < left["down"].sum() + 5
    assert ledger.rebuild_rollups().equal
    ledger.close()
