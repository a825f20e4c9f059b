"""Repricing shows its difference first, changes money and nothing else, and survives a restart and a restore."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.ledger.ledger import Ledger
from core.llm.record import now
from core.llm.repricing import MONEY
from core.llm.service import AIService
from core.messages import Message, TurnRequest
from tests.core.llm.conftest import settings_for

EARLY = datetime(2020, 1, 1)
FACTS = f"select * exclude ({', '.join(MONEY)}, price_version) from calls order by seq"
PRICE = {"uncached_input": "0.000001", "visible_output": "0.000002"}


@pytest.fixture
def house(tmp_path, upstream):
    ledger = Ledger.open(tmp_path / "data")
    service = AIService(settings_for(upstream, tmp_path / "data"), ledger).open()
    service.wait_until_warm(60)
    for _ in range(3):
        service.start(TurnRequest("openai/echo", (Message.of("user", "Hi there"),))).wait(20)
    service.start(TurnRequest("vllm/echo", (Message.of("user", "Hi there"),))).wait(20)
    ledger.settle()
    yield service, ledger
    service.close()
    ledger.close()


def money(ledger):
    rows = ledger.rows("select served_model, sum(cost_total), count(*) from calls group by 1 order by 1")
    hours = ledger.rows(
        "select served_model, sum(cost_total), sum(calls)::bigint from calls_hourly group by 1 order by 1"
    )
    assert rows == hours, "the rollups say what the rows say"
    return {model: cost for model, cost, _ in rows}


def test_history_is_priced_again(house, tmp_path):
    service, ledger = house
    assert money(ledger) == {"openai/echo": None, "vllm/echo": Decimal(0)}
    assert service.repricer.compare().calls == ()
    service.prices.set_price("openai/*", PRICE, EARLY)
    ledger.roll()
    difference = service.repricer.compare()
    assert (difference.examined, len(difference.calls)) == (4, 3)
    assert difference.before == 0
    assert difference.by_model["openai/echo"].before is None
    assert money(ledger)["openai/echo"] is None, "comparing changes nothing"
    before = ledger.rows(FACTS)
    service.repricer.apply(difference, "local")
    ledger.settle()
    assert money(ledger)["openai/echo"] == difference.after > 0
    after = ledger.rows(FACTS)
    assert before == after
    assert service.repricer.compare().calls == ()
    service.repricer.apply(difference)
    ledger.settle()
    assert money(ledger)["openai/echo"] == difference.after
    line = ledger.rows("select distinct price_version from calls where served_model = 'openai/echo'")
    assert line == [(service.prices.price("openai/echo").version,)]
    assert ledger.verify().ok


def test_a_price_from_tomorrow_on_leaves_yesterday_alone(house):
    service, _ = house
    service.prices.set_price("openai/*", PRICE, now() + timedelta(days=1))
    assert service.repricer.compare().calls == ()
    assert service.repricer.compare(until=now() - timedelta(days=1)).examined == 0
    assert service.repricer.compare(model="vllm/echo").examined == 1


def test_it_survives_a_restart_and_a_restore(house, tmp_path):
    service, ledger = house
    ledger.backup()
    service.prices.set_price("openai/*", PRICE, EARLY)
    difference = service.repricer.compare()
    service.repricer.apply(difference)
    ledger.settle()
    ledger.backup()
    told = money(ledger)
    service.close()
    ledger.close()
    (tmp_path / "data" / "ledger.duckdb").unlink()
    again = Ledger.open(tmp_path / "data")
    again.settle()
    assert money(again) == told
    again.close()
