"""Every figure of every analysis page leads to exactly its calls: recomputed from those, it is equal."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import fmean
from urllib.parse import parse_qs

import pytest

from charts import look
from core.analytics.alarms import MEASURES, Rule, standing
from core.analytics.analytics import Analytics
from core.analytics.clause import clause
from core.analytics.filters import Filters
from core.analytics.spend import FEW
from core.guard.guard import Guard
from core.ledger.facts import Call, CallEnded, Feedback, Vote
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from pages.analysis.alarms import told_of
from pages.analysis.budgets_standing import counted
from pages.analysis.view import View, link
from tests.core.analytics.made import calls as made_calls
from tests.core.analytics.recomputed import added, alike, cached, sent
from tests.core.analytics.test_recomputation import quantile
from tests.core.analytics.test_speed_of_answers import MEASURED
from tests.pages.figures_walked import Looked, cells, charts, headlines, marks, tables

NUMBER, FIRST, DAYS = 1_800, "2026-03-20", 18
NOW = datetime(2026, 4, 3, 12, 34, 56)
BERLIN = Filters(since=datetime(2026, 3, 26, 23), until=datetime(2026, 4, 3, 22), time_zone="Europe/Berlin")
PICKS = {
    "a week over a jump of the clock": BERLIN,
    "odd ends, narrowed": Filters(
        since=datetime(2026, 3, 24, 5, 7, 9), until=datetime(2026, 4, 4, 15, 30), time_zone="Asia/Kathmandu",
        tags=("blue", "regenerated"), users=("ann", "bob", "=dot"), origin="all",
    ),
    "already one status and a version": Filters(
        since=datetime(2026, 3, 21), until=datetime(2026, 4, 7), time_zone="America/New_York",
        statuses=("ok", "error"), assistants=("a1@2", "a2"), errors=("timeout", ""), caches=("off", "exact"),
    ),
    "all time": Filters(),
}  # fmt: skip
Made = tuple[Ledger, dict[str, Call], list[Feedback], list[Vote]]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    ledger = Ledger.open(tmp_path_factory.mktemp("figures"))
    rows = list(made_calls(NUMBER, seed=4, start=FIRST, days=DAYS))
    thumbs = [
        Feedback(feedback_id=uuid7(), turn_id=row.turn_id, at=row.started_at, user_id=user, value=value,
                 origin=row.origin)
        for number, row in enumerate(rows[::9])
        for user, value in (("ann", (1, -1, 0)[number % 3]), ("bob", 1))[: 1 + number % 2]
    ]  # fmt: skip
    sides = [row for row in rows if row.match_id and row.status == "ok"]
    votes = [
        Vote(
            vote_id=uuid7(),
            match_id=one.match_id or "",
            at=other.started_at + timedelta(minutes=number % 300),
            user_id="ann",
            winner=("A", "B", "tie", "bad")[number % 4],
            panes=(one.served_model, other.served_model),
            call_ids=(one.call_id, other.call_id) if number % 5 else (),
            origin=one.origin,
            judge="x/judge" if number % 7 == 3 else None,
        )
        for number, (one, other) in enumerate(pairwise(sides))
        if one.match_id == other.match_id and one.served_model != other.served_model and one.origin == other.origin
    ]
    for fact in (*map(CallEnded, rows), *thumbs, *votes):
        ledger.submit(fact)
    ledger.settle(60)
    yield ledger, {row.call_id: row for row in rows}, thumbs, votes
    ledger.close()


@pytest.fixture(params=PICKS)
def walk(log: Made, request: pytest.FixtureRequest) -> "Walk":
    return Walk(log, PICKS[request.param])


class Walk:
    def __init__(self, log: Made, filters: Filters) -> None:
        self.ledger, self.calls, self.thumbs, self.votes = log
        since, until = filters.since or NOW, filters.until or NOW
        earlier = filters.but(since=since - (until - since) - timedelta(hours=3), until=since - timedelta(hours=3))
        self.at = Looked(Analytics(self.ledger), filters, earlier, NOW)
        self.known: dict[Filters, list[Call]] = {}
        self.all = self.behind(filters)

    def behind(self, filters: Filters) -> list[Call]:
        """What the Calls page lists when this is its address."""
        query = {name: [value] if isinstance(value, str) else value for name, value in link(filters).items()}
        shown = View.of(query, time_zone="Pacific/Apia").resolved(NOW)
        if shown not in self.known:
            picked = clause(shown)
            rows = self.ledger.rows(f"SELECT call_id FROM calls WHERE {picked.sql}", picked.parameters)
            self.known[shown] = [self.calls[call_id] for (call_id,) in rows]
        return self.known[shown]

    def liked(self, calls: Sequence[Call], value: int = 1) -> int:
        newest = {(thumb.turn_id, thumb.user_id): thumb.value for thumb in self.thumbs}
        turns = {call.turn_id for call in calls}
        return sum(given == value and turn in turns for (turn, _), given in newest.items())


def cost(calls: Sequence[Call]) -> float | None:
    amount = added(call.cost_total for call in calls)
    return None if amount is None else float(amount)


def values(calls: Sequence[Call], of: str) -> list[float]:
    return [value for call in calls if (value := MEASURED[of](call)) is not None]


def at_share(calls: Sequence[Call], of: str, share: str) -> float | None:
    found = values(calls, of)
    return quantile(found, int(share[1:]) / 100) if found else None


def money(amount: float | None, over: int = 1) -> str:
    return "–" if amount is None or not over else look.money(amount / over)


def tokens_in(calls: Sequence[Call]) -> int:
    return sum(call.input_tokens or 0 for call in calls)


def tokens_out(calls: Sequence[Call]) -> int:
    return sum(call.output_tokens or 0 for call in calls)


HEADLINES: dict[str, Callable[[Walk, list[Call]], str]] = {
    "Spent": lambda _, calls: money(cost(calls)),
    "Turns": lambda _, calls: f"{len(calls):,}",
    "Tokens": lambda _, calls: look.tokens(tokens_in(calls) + tokens_out(calls)),
    "Input tokens": lambda _, calls: look.tokens(tokens_in(calls)),
    "Output tokens": lambda _, calls: look.tokens(tokens_out(calls)),
    "Users": lambda _, calls: f"{len({call.user_id for call in calls}):,}",
    "Failed": lambda walk, calls: look.share(
        len(calls) / sum(map(sent, walk.all)) if any(map(sent, walk.all)) else None
    ),
    "First token, p50": lambda _, calls: look.seconds(at_share(calls, "ttft", "p50")),
    "First token, p95": lambda _, calls: look.seconds(at_share(calls, "ttft", "p95")),
    "Whole answer, p95": lambda _, calls: look.seconds(at_share(calls, "total", "p95")),
    "Output speed, p50": lambda _, calls: look.rate(at_share(calls, "speed", "p50")),
    "Per turn": lambda _, calls: money(cost(calls), sum(call.attempt == 1 for call in calls)),
    "Per conversation": lambda _, calls: money(cost(calls), len({call.conversation_id for call in calls} - {None})),
    "Per thumbs-up": lambda walk, calls: money(cost(calls), walk.liked(calls)),
    "Cache saved": lambda _, calls: look.money(added(call.saved for call in calls) or 0),
    "Wasted": lambda _, calls: look.money(cost(calls) or 0),
    **dict.fromkeys(
        ("Fallbacks", "Asked again", "Refused", "Unpriced", "Cache hits"), lambda _, calls: f"{len(calls):,}"
    ),
}


@pytest.mark.parametrize("page", ["overview", "spend", "latency", "usage"])
def test_every_headline(walk: Walk, page: str) -> None:
    shown = headlines(page, walk.at)
    assert len(shown) == {"overview": 13, "usage": 5}.get(page, 6)
    for figure in shown:
        calls = walk.behind(figure.filters)
        assert figure.value == HEADLINES[figure.label](walk, calls), figure.label
        assert figure.calls in (None, len(calls)), figure.label


def summed(measure: str) -> Callable[[Sequence[Call]], float | None]:
    return {"cost": cost, "input_tokens": tokens_in, "output_tokens": tokens_out}.get(measure, len)


def same(walk: Walk, calls: Sequence[Call], *filters: Filters) -> bool:
    return Counter(calls) == Counter(call for each in filters for call in walk.behind(each))


@pytest.mark.parametrize(
    ("by", "measure"),
    [("model", "cost"), ("user", "turns"), ("tag", "calls"), ("assistant version", "input_tokens"), ("error", "calls")],
)
def test_every_mark_of_the_spend_page(walk: Walk, by: str, measure: str) -> None:
    time, top, total, elsewhere = charts("spend", walk.at, by=by, measure=measure)
    for chart, of in ((time, "y"), (top, "x")):
        frame = chart.load()
        for mark in marks(chart.draw(frame, False)):
            calls = walk.behind(chart.pick(mark.custom, frame))
            found = getattr(mark, of)
            if by == "tag" and mark.custom[0] == "other":  # each of its tags counts
                shown = set(frame["key"]) - {"other"}
                assert found == sum(len(set(call.tags or ("",)) - shown) for call in calls)
                continue
            assert alike(found, summed(measure)(calls)), (mark, len(calls))
            if measure == "cost":
                assert mark.custom[-1] == len(calls)
    frame = total.load()
    for mark in marks(total.draw(frame, False)):
        calls = walk.behind(total.pick(mark.custom, frame))
        assert mark.y == pytest.approx(cost(calls) or 0)
        assert mark.custom[1] == len(calls)
    frame = elsewhere.load()
    for mark in marks(elsewhere.draw(frame, False)):
        calls = walk.behind(elsewhere.pick(mark.custom, frame))
        assert len(calls) == frame["calls"].iloc[0]
        assert all(sent(call) and call.cost_total is not None for call in calls)


def test_other_is_all_that_the_largest_leave(log: Made) -> None:
    walk = Walk(log, Filters())
    for by, top in (("model", 2), ("tag", 2), ("user", 1)):
        frame = walk.at.analytics.spend.over_time(walk.at.filters, by=by, top=top, grain="week")
        time = charts("spend", Looked(walk.at.analytics, walk.at.filters, walk.at.earlier, NOW, "week"), by=by)[0]
        seen = 0
        for mark in marks(time.draw(frame, False)):
            calls = walk.behind(time.pick(mark.custom, frame))
            shown = set(frame["key"]) - {"other"}
            several = sum(len(set(call.tags or ("",)) - shown) for call in calls)
            assert mark.custom[2] == (several if by == "tag" and mark.custom[0] == "other" else len(calls))
            seen += mark.custom[0] == "other"
        assert seen


def test_every_mark_of_the_overview(walk: Walk) -> None:
    by_model, change, month = charts("overview", walk.at)
    frame = by_model.load()
    for mark in marks(by_model.draw(frame, False)):
        calls = walk.behind(by_model.pick(mark.custom, frame))
        assert mark.y == pytest.approx(cost(calls))
        assert mark.custom[2] == len(calls)
    frame = change.load()
    for mark in marks(change.draw(frame, False)):
        calls = walk.behind(change.pick(mark.custom, frame))
        if mark.custom[0] in ("Before", "Now"):
            assert mark.y == pytest.approx(cost(calls) or 0)
        elif walk.at.filters.since is not None:  # else the page compares with nothing
            assert same(walk, calls, walk.at.earlier, walk.at.filters)
    frame = month.load()
    for mark in marks(month.draw(frame, False)):
        calls = walk.behind(month.pick(mark.custom, frame))
        if mark.custom[0] == "spent":
            assert mark.y == pytest.approx(cost(calls) or 0, abs=1e-12)


def test_every_mark_of_the_latency_page(walk: Walk) -> None:
    metric = "speed" if walk.at.filters.statuses else "ttft"
    over, ranges, lines, density, week, _, failed, outcomes = charts("latency", walk.at, metric=metric)
    for chart, of, key in ((over, "y", 1), (ranges, "x", 1), (lines, "y", 2)):
        frame = chart.load()
        for mark in marks(chart.draw(frame, False)):
            calls = walk.behind(chart.pick(mark.custom, frame))
            share = mark.trace if mark.trace in ("p50", "p90", "p95", "p99") else "p95"
            assert getattr(mark, of) == pytest.approx(at_share(calls, metric, share)), mark
            assert mark.custom[key] == len(calls) == len(values(calls, metric))
    cumulative = charts("latency", walk.at, metric=metric, shape="cumulative")[3]
    for chart, place in ((density, 4), (cumulative, 2)):
        frame = chart.load()
        for mark in marks(chart.draw(frame, False)):
            assert mark.custom[place] == len(walk.behind(chart.pick(mark.custom, frame)))
    for share in ("p50", "p95", "calls"):
        chart = week if share == "p95" else charts("latency", walk.at, metric=metric, share=share)[4]
        frame = chart.load()
        for mark in marks(chart.draw(frame, False)):
            calls = walk.behind(chart.pick(mark.custom, frame))
            expected = len(calls) if share == "calls" else at_share(calls, metric, share)
            assert mark.custom[2] == pytest.approx(expected)
    for by in ("model", "provider"):
        chart = charts("latency", walk.at, metric=metric, by=by)[5]
        frame = chart.load()
        for mark in marks(chart.draw(frame, False)):
            assert mark.custom[1] == len({call.match_id for call in walk.behind(chart.pick(mark.custom, frame))})
    frame = failed.load()
    for mark in marks(failed.draw(frame, False)):
        assert mark.y == len(walk.behind(failed.pick(mark.custom, frame)))
    frame = outcomes.load()
    for mark in marks(outcomes.draw(frame, False)):
        calls = walk.behind(outcomes.pick(mark.custom, frame))
        assert mark.custom[1] == len(calls) == len({call.turn_id for call in calls})
        assert all(call.attempt == 1 for call in calls)


def voted(walk: Walk, model: str) -> list[Vote]:
    since, until = walk.at.filters.since, walk.at.filters.until
    return [
        vote for vote in walk.votes
        if vote.judge is None and model in vote.panes and walk.at.filters.origin in ("all", vote.origin)
        and (since is None or vote.at >= since) and (until is None or vote.at < until)
    ]  # fmt: skip


def voted_on(walk: Walk, model: str) -> set[str]:
    votes, origin = voted(walk, model), walk.at.filters.origin
    whole = {vote.match_id for vote in votes if not vote.call_ids}
    matched = {id for id, call in walk.calls.items() if call.match_id in whole and origin in ("all", call.origin)}
    return matched | {call_id for vote in votes for call_id in vote.call_ids}


def won(votes: Sequence[Vote], model: str) -> tuple[int, int]:
    decided = [vote for vote in votes if vote.winner in "AB"]
    wins = sum(vote.panes["AB".index(vote.winner)] == model for vote in decided)
    return wins, len(decided) - wins


def test_every_mark_of_the_model_report(walk: Walk) -> None:
    trade, votes, estimates = charts("model_report", walk.at)
    frame = trade.load()
    for mark in marks(trade.draw(frame, False)):
        calls = walk.behind(trade.pick(mark.custom, frame))
        assert mark.custom[1] == len(calls)
        assert mark.x == pytest.approx(at_share([each for each in calls if good(each)], "ttft", "p95"))
        assert mark.y == pytest.approx(fmean(float(each.cost_total) for each in calls if each.cost_total is not None))
    frame = votes.load()
    for mark in marks(votes.draw(frame, False)):
        model = mark.custom[0]
        assert tuple(mark.custom[1:]) == won(voted(walk, model), model)
        calls = {call.call_id for call in walk.behind(votes.pick(mark.custom, frame))}
        assert calls == voted_on(walk, model)
    frame = estimates.load()
    for mark in marks(estimates.draw(frame, False)):
        calls = walk.behind(estimates.pick(mark.custom, frame))
        of, share = mark.custom[1], mark.trace.rpartition(", ")[2].replace("median", "p50")
        actual, guess = ("cost_total", "cost") if of == "money" else ("total_s", "seconds")
        held = [getattr(call, actual) <= getattr(call, f"estimate_{guess}_{share}") for call in calls]
        assert (mark.custom[2], mark.x) == (len(calls), pytest.approx(fmean(held)))


def good(call: Call) -> bool:
    return call.status == "ok" and not cached(call)


CELLS: dict[str, Callable[[list[Call]], float | None]] = {
    "cost": cost,
    "saved": lambda calls: None if (amount := added(call.saved for call in calls)) is None else float(amount),
    "input_tokens": tokens_in,
    "output_tokens": tokens_out,
    "cost_per_call": lambda calls: (cost(calls) or 0) / len(calls) if calls else None,
    "ttft_p50": lambda calls: at_share(calls, "ttft", "p50"),
    "ttft_p95": lambda calls: at_share(calls, "ttft", "p95"),
    "speed_p50": lambda calls: at_share(calls, "speed", "p50"),
    "context_p95": lambda calls: quantile(
        [(call.input_tokens or 0) / (call.context_window or 1) for call in calls], 0.95
    ),
}
"""The other columns count the calls behind them."""


@pytest.mark.parametrize(
    ("page", "by"),
    [("spend", "model"), ("spend", "tag"), ("spend", "assistant"), ("spend", "prompt version"), ("spend", "cache"),
     ("latency", ""), ("model_report", ""), ("usage", "")],
)  # fmt: skip
def test_every_cell(walk: Walk, page: str, by: str) -> None:
    seen = 0
    for table in tables(page, walk.at, by) if by else tables(page, walk.at):
        for row, column, value in cells(table):
            calls, key = walk.behind(table.pick(row, column)), str(row[table.key])
            if column == "win_rate":
                wins, losses = won(voted(walk, key), key)
                assert value == pytest.approx(wins / (wins + losses))
                assert {call.call_id for call in calls} == voted_on(walk, key)
            elif column in ("up", "down"):
                assert value == walk.liked(calls, 1 if column == "up" else -1), (row, column)
                assert {call.served_model for call in calls} <= {key}
            elif column in ("rate", "error_rate"):
                assert value == pytest.approx(len(calls) / row["sent"])
            else:
                assert alike(value, CELLS.get(column, len)(calls)), (table.name, key, column)
            seen += 1
    assert seen > 5


@dataclass(frozen=True)
class Plan:
    id: str
    scope: str
    subject: str
    period: str
    name: str = "b"
    limit_usd: Decimal = Decimal(1)
    warn_at: float = 0.8
    action: str = "refuse"
    degrade_to: str | None = None


def test_what_a_budget_has_counted(log: Made) -> None:
    walk = Walk(log, Filters())
    scopes = {
        "everyone": "",
        "user": "ann",
        "team": "blue",
        "assistant": "a1",
        "model": "openai/gpt-large",
        "tag": "blue",
    }
    plans = [
        Plan(f"{scope}-{period}", scope, subject, period)
        for scope, subject in scopes.items()
        for period in ("day", "week", "month", "total", "24h", "7d", "30d")
    ]
    for stands in Guard(log[0], lambda: plans, clock=lambda: NOW).standings():
        calls = walk.behind(counted(stands))
        used = [call for call in calls if call.input_tokens is not None or call.output_tokens is not None]
        guessed = [call.estimate_cost_p90 for call in used if call.cost_total is None]
        spent = (added(call.cost_total for call in calls) or 0) + (added(guessed) or 0)
        assert stands.spent == spent, stands.plan


def test_an_alarm_leads_to_its_calls_from_everywhere(log: Made) -> None:
    walk = Walk(log, Filters())
    rules = [Rule(name=measure, measure=measure, threshold=0.0, hours=240) for measure in MEASURES]
    alarms = {alarm.key.split(":")[1]: alarm for alarm in standing(walk.at.analytics.reader, rules, NOW)}
    assert set(alarms) == set(MEASURES)
    for measure, alarm in alarms.items():
        address = parse_qs(alarm.calls.partition("?")[2])
        assert Filters.of(address) == told_of(json.dumps(alarm.filters.query())) == alarm.filters
        calls = walk.behind(alarm.filters)
        failed = [call for call in calls if call.status in ("error", "interrupted")]
        value = {
            "money": cost(calls), "errors": 100 * len(failed) / len(calls), "ttft": at_share(calls, "ttft", "p95"),
        }.get(measure, len(calls))  # fmt: skip
        assert f"240 h: {value:,.6g}, above" in alarm.sentence


def test_the_few_measures_are_all_walked() -> None:
    assert set(FEW) <= {*CELLS, "calls", "turns", "unpriced"}
