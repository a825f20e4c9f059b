"""Alarms ring once, reach the webhook as plain JSON and nothing beyond it; the digest is written once a week."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from core.analytics.alarms import Rule
from core.analytics.analytics import Analytics
from core.analytics.watch import Watch
from core.errors import InvalidError
from core.ledger.facts import Call, CallEnded
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger

NOW = datetime(2026, 5, 20, 12)
MONEY = ("Too much", {"measure": "money", "side": "above", "threshold": 5, "hours": 24})
QUIET = ("Nothing came", {"measure": "calls", "side": "below", "threshold": 1, "hours": 1, "model": "lab/<b>"})


class Hook(BaseHTTPRequestHandler):
    seen: list[tuple[str, dict]] = []  # noqa: RUF012  the server makes a handler per request
    status = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, body))
        self.send_response(type(self).status)
        if type(self).status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.seen, Hook.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    server.server_close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path / "log")
    for hours in range(60):
        call = Call(
            call_id=uuid7(), turn_id=uuid7(), started_at=NOW - timedelta(hours=hours * 5), served_model="demo/swift",
            cost_total=Decimal("1.5"), input_tokens=10, output_tokens=5, ttft_s=0.5,
        )  # fmt: skip
        opened.submit(CallEnded(call))
    opened.settle()
    yield opened
    opened.close()


def watch(ledger: Ledger, *rules: tuple[str, dict], **more: object) -> Watch:
    return Watch(Analytics(ledger).reader, lambda: rules, clock=lambda: NOW, **more)  # type: ignore[arg-type]


def test_a_broken_rule_rings_once(ledger: Ledger, hook: str) -> None:
    watching = watch(ledger, MONEY, QUIET, ("Broken", {"measure": "moon"}), webhook=hook)
    first = watching.look()
    assert [alarm.sentence for alarm in first] == [
        "Too much: US dollars spent in the last 24 h: 6, above 5.",
        "Nothing came: Calls of lab/<b> in the last 1 h: 0, below 1.",
    ]
    assert first[0].filters.until == NOW
    ledger.settle()
    assert watching.look() == []
    assert [body["text"] for _, body in Hook.seen] == [alarm.sentence for alarm in first]
    assert [body["calls"] for _, body in Hook.seen] == [alarm.calls for alarm in first]
    assert first[1].calls == "/calls?since=2026-05-20T11%3A00%3A00&until=2026-05-20T12%3A00%3A00&models=lab%2F%3Cb%3E"
    assert list(Analytics(ledger).rang()["webhook"]) == ["HTTP 200", "HTTP 200"]


@pytest.mark.parametrize(("status", "told"), [(302, "HTTP 302"), (500, "HTTP 500")])
def test_a_webhook_is_never_followed_elsewhere(ledger: Ledger, hook: str, status: int, told: str) -> None:
    Hook.status = status
    watch(ledger, MONEY, webhook=hook).look()
    ledger.settle()
    assert {path for path, _ in Hook.seen} == {"/hook"}
    assert list(Analytics(ledger).rang()["webhook"]) == [told]


def test_a_webhook_that_is_not_there_stops_nothing(ledger: Ledger) -> None:
    assert len(watch(ledger, MONEY, webhook="http://127.0.0.1:1/").look()) == 1


def test_the_digest_is_written_once_a_week(ledger: Ledger, tmp_path: Path) -> None:
    watching = watch(ledger, digests=tmp_path / "digests")
    watching.look()
    watching.look()
    assert sorted(path.name for path in (tmp_path / "digests").iterdir()) == [
        "digest-2026-W20.html",
        "digest-2026-W20.md",
    ]
    text = (tmp_path / "digests" / "digest-2026-W20.md").read_text()
    assert text.startswith("# Week of 11 May 2026\n\n## Figures\n\n- Spent \\$")
    assert "demo/swift" in text


def test_the_digest_goes_to_a_webhook_once_it_is_taken(ledger: Ledger, hook: str) -> None:
    watching = watch(ledger, digest_webhook=hook)
    for status in (500, 200, 200):
        Hook.status = status
        watching.look()
        ledger.settle()
    (_, refused), (_, taken) = Hook.seen
    assert refused == taken
    assert taken["key"] == "digest:2026-W20"
    assert taken["text"].startswith("# Week of 11 May 2026")
    assert taken["html"].startswith("<!doctype html>")


def test_rules_that_make_no_sense_are_refused() -> None:
    for body in ({}, {"measure": "money", "side": "beside"}, {"measure": "money", "side": "above", "threshold": "x"}):
        with pytest.raises(InvalidError):
            Rule.of("x", body)
    rule = Rule.of("x", {"measure": "ttft", "side": "above", "threshold": 2, "hours": 1})
    assert Rule.of("x", rule.body) == rule


def test_it_stops_at_once(ledger: Ledger) -> None:
    watching = watch(ledger).start()
    watching.close()
    assert not watching._thread.is_alive()
