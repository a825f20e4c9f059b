"""Every figure equals a plain recomputation from the calls, whatever the time zone, the hour or the status."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

import pytest

from core.analytics.digest import digest
from core.analytics.dimensions import DIMENSIONS
from core.analytics.drivers import Traffic, split
from core.analytics.filters import Filters
from core.analytics.zones import Grain
from core.ledger.facts import Call
from tests.core.analytics.conftest import Made
from tests.core.analytics.recomputed import FIGURES, added, alike, cached, kept, unpriced, wall

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month")
SPANS = {
    "all time": (None, None),
    "march in UTC": (datetime(2026, 3, 1), datetime(2026, 4, 1)),
    "odd ends": (datetime(2026, 3, 29, 0, 59, 59, 999999), datetime(2026, 4, 5, 18, 15)),
}
PICKS: dict[str, Filters] = {
    "live": Filters(),
    "sample": Filters(origin="sample"),
    "everything": Filters(origin="all"),
    "one model": Filters(models=("lab/<b>unpriced & odd</b>",)),
    "nobody's calls": Filters(users=("",)),
    "two users": Filters(users=("ann", "=dot"), doors=("chat",)),
    "a version": Filters(assistants=("a1@2",)),
    "tags": Filters(tags=("green", "x,y")),
    "no tag": Filters(tags=("",), teams=("blue",)),
    "failures": Filters(statuses=("error", "interrupted")),
    "one kind": Filters(errors=("timeout",), providers=("openai", "demo")),
    "cache hits": Filters(caches=("exact", "semantic")),
}


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("pick", PICKS)
def test_totals_are_exact(made: Made, pick: str, span: str) -> None:
    since, until = SPANS[span]
    filters = PICKS[pick].but(since=since, until=until)
    picked = [call for call in made.calls if kept(call, filters)]
    totals = made.analytics.spend.totals(filters)
    assert {name: getattr(totals, name) for name in FIGURES} == {name: of(picked) for name, of in FIGURES.items()}
    assert made.analytics.calls.count(filters) == len(picked)


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("zone", ZONES)
def test_every_bucket_in_every_zone(made: Made, zone: str, grain: Grain) -> None:
    filters = Filters(time_zone=zone)
    groups: dict[tuple[datetime, str], list[Call]] = defaultdict(list)
    for call in made.calls:
        if call.origin == "live":
            groups[wall(call.started_at, zone, grain), call.served_model].append(call)
    frame = made.analytics.spend.over_time(filters, grain=grain, by="model", top=20)
    found = {(row.at.to_pydatetime(), row.key): row for row in frame.itertuples()}
    assert set(found) == set(groups)
    for key, calls in groups.items():
        for name in ("calls", "turns", "cost", "unpriced", "input_tokens", "output_tokens", "saved"):
            assert alike(getattr(found[key], name), FIGURES[name](calls)), (key, name)


@pytest.mark.parametrize(
    "by",
    list(DIMENSIONS),
)
def test_every_dimension(made: Made, by: str) -> None:
    keys: dict[str, Callable[[Call], Iterable[str]]] = {
        "model": lambda call: [call.served_model],
        "provider": lambda call: [call.provider],
        "team": lambda call: [call.team_id or ""],
        "user": lambda call: [call.user_id or ""],
        "assistant": lambda call: [call.assistant_id or ""],
        "assistant version": lambda call: [
            f"{call.assistant_id}@{call.assistant_version}" if call.assistant_id else ""
        ],
        "prompt": lambda call: [call.prompt_id or ""],
        "prompt version": lambda call: [f"{call.prompt_id}@{call.prompt_version}" if call.prompt_id else ""],
        "cache": lambda call: [call.cache_state],
        "tag": lambda call: call.tags or [""],
        "door": lambda call: [call.door],
        "status": lambda call: [call.status],
        "error": lambda call: [call.error_kind or ""],
    }
    groups: dict[str, list[Call]] = defaultdict(list)
    for call in made.calls:
        if call.origin == "live":
            for key in keys[by](call):
                groups[key].append(call)
    rows = {row["key"]: row for row in made.analytics.spend.by(Filters(), by).to_dict("records")}
    assert set(rows) == set(groups)
    for key, calls in groups.items():
        for name in rows[key]:
            if name in FIGURES and rows[key][name] is not None:
                assert alike(rows[key][name], FIGURES[name](calls)), (key, name)


def test_other_holds_what_the_top_leaves(made: Made) -> None:
    whole = made.analytics.spend.over_time(Filters(), grain="month", by="model", top=20)
    folded = made.analytics.spend.over_time(Filters(), grain="month", by="model", top=2)
    assert set(folded["key"]) == {"openai/gpt-large", "anthropic/sonnet", "other"}
    for name in ("calls", "cost", "unpriced", "input_tokens"):
        assert folded[name].sum() == pytest.approx(whole[name].sum(), rel=1e-12)


def test_failures(made: Made) -> None:
    live = [call for call in made.calls if call.origin == "live"]
    kinds = Counter(call.error_kind or call.status for call in live if call.status in ("error", "interrupted"))
    rows = made.analytics.reliability.kinds(Filters())
    assert dict(zip(rows["kind"], rows["calls"], strict=True)) == kinds
    over = made.analytics.reliability.over_time(Filters(time_zone="Europe/Berlin"))
    assert over["calls"].sum() == kinds.total()


@pytest.mark.parametrize("span", [*SPANS, "whole hours"])
@pytest.mark.parametrize("pick", ["live", "everything", "one model", "two users"])
def test_how_questions_ended(made: Made, pick: str, span: str) -> None:
    """Of the questions whose first call is picked; from the rollup where the ends are whole hours, else from rows."""
    since, until = SPANS.get(span, (datetime(2026, 3, 29, 1), datetime(2026, 4, 5, 18)))
    filters = PICKS[pick].but(since=since, until=until)
    turns: dict[str, list[Call]] = defaultdict(list)
    for call in made.calls:
        turns[call.turn_id].append(call)
    ends: Counter[str] = Counter()
    for calls in turns.values():
        if not any(call.attempt == 1 and kept(call, filters) for call in calls):
            continue
        last = max(calls, key=lambda call: call.attempt)
        fell, retried = any(call.hop for call in calls), any(call.retry for call in calls)
        good = "answered by a fallback" if fell else "answered after a retry" if retried else "answered at once"
        ends[{"ok": good, "cancelled": "stopped", "refused": "refused"}.get(last.status, "failed")] += 1
    found = made.analytics.reliability.recovery(filters)
    assert dict(zip(found["outcome"], found["turns"], strict=True)) == ends
    assert ends.total() == made.analytics.spend.totals(filters).turns


def test_unit_costs(made: Made) -> None:
    live = [call for call in made.calls if call.origin == "live"]
    turns = {call.turn_id for call in live}
    newest = {(thumb.turn_id, thumb.user_id): thumb.value for thumb in made.feedback}
    units = made.analytics.spend.unit_costs(Filters())
    assert units.conversations == len({call.conversation_id for call in live if call.conversation_id})
    assert units.thumbs_up == sum(value == 1 for (turn, _), value in newest.items() if turn in turns)
    cost = added(call.cost_total for call in live)
    assert units.per_turn == pytest.approx(cost / sum(call.attempt == 1 for call in live))  # type: ignore[operator]


def traffic(calls: Iterable[Call]) -> dict[str, Traffic]:
    """What drives the money of each model's priced calls."""
    groups: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.status != "refused" and call.cost_total is not None:
            groups[call.served_model].append(call)
    found = {}
    for model, rows in groups.items():
        money = float(added(call.cost_total for call in rows) or 0)
        reached = [call for call in rows if not cached(call)]
        tokens = sum(call.input_tokens + call.output_tokens for call in reached)  # type: ignore[operator,misc]
        found[model] = Traffic(calls=len(rows), sent=len(reached), tokens=tokens, full=money, cost=money)
    return found


def test_what_drove_the_change(made: Made) -> None:
    """No made call has a discount on cache reads, so the full price is the price."""
    spans = [
        (datetime(2026, 2, 20), datetime(2026, 3, 20, 7, 30)),
        (datetime(2026, 3, 20, 7, 30), datetime(2026, 4, 20)),
    ]
    before, after = (Filters(since=since, until=until, teams=("red",)) for since, until in spans)
    old, new = ([call for call in made.calls if kept(call, filters)] for filters in (before, after))
    found, expected = made.analytics.drivers(before, after), split(traffic(old), traffic(new))
    for (name, amount), (same, right) in zip(found.steps, expected.steps, strict=True):
        assert (name, amount) == (same, pytest.approx(right, rel=1e-6, abs=1e-9))
    assert found.unpriced == sum(map(unpriced, (*old, *new)))


def test_the_digest_says_what_the_rows_say(made: Made) -> None:
    now = datetime(2026, 4, 7, 8)  # a Tuesday: the week of 30 March, against the one before
    weeks = [
        Filters(since=since, until=since + timedelta(days=7))
        for since in (datetime(2026, 3, 30), datetime(2026, 3, 23))
    ]
    week, last = ([call for call in made.calls if kept(call, filters)] for filters in weeks)
    of = {name: FIGURES[name](week) for name in FIGURES}
    title, sections = digest(made.analytics.reader, now)
    assert title == "Week of 30 March 2026"
    assert dict(sections)["Figures"] == [
        f"Spent ${of['cost']:,.2f} (the week before: ${FIGURES['cost'](last):,.2f})",
        f"{of['turns']:,} turns by {of['users']:,} people in {of['calls']:,} calls (before: {len(last):,})",
        f"Failed: {of['failed'] / of['sent']:.1%} of the calls sent; {of['unpriced']:,} calls unpriced",  # type: ignore[operator]
        f"The cache saved ${of['saved']:,.2f}",
        f"${of['wasted']:,.2f} went to calls that were stopped, failed, repeated another or answered again",
    ]
    models = Counter(call.served_model for call in week)
    for line in dict(sections)["By model"]:
        model, _, rest = line.partition(": ")
        assert rest.endswith(f", {models.pop(model):,} calls")
    assert not models


def test_drivers_add_up(made: Made) -> None:
    before = Filters(since=datetime(2026, 2, 20), until=datetime(2026, 3, 20))
    after = Filters(since=datetime(2026, 3, 20), until=datetime(2026, 4, 20))
    found = made.analytics.drivers(before, after)
    assert found.before == pytest.approx(float(made.analytics.spend.totals(before).cost or 0))
    assert found.after == pytest.approx(float(made.analytics.spend.totals(after).cost or 0))
    assert found.before + sum(amount for _, amount in found.steps) == pytest.approx(found.after)


def test_the_usage_report_agrees_with_itself(made: Made) -> None:
    zone, march = "Europe/Berlin", datetime(2026, 3, 1)
    report = made.analytics.get_usage_report(start=date(2026, 3, 1), end=date(2026, 3, 31), time_zone=zone)
    berlin = [call for call in made.calls if call.origin == "live" and wall(call.started_at, zone, "month") == march]
    assert report.totals.calls == len(berlin)
    assert report.totals.cost == added(call.cost_total for call in berlin)
    for frame in (report.by_model, report.by_provider, report.by_user, report.by_day):
        assert frame["calls"].sum() == len(berlin)
        assert frame["cost"].sum() == pytest.approx(float(report.totals.cost or 0))
    assert len(report.by_day) == 31
    assert "'=dot" in report.csv()
    assert "<b>" not in report.html().split("</style>")[1].replace("<body>", "")
    assert "lab/\\<b\\>unpriced \\& odd" in report.markdown()
