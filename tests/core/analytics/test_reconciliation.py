"""Every figure equals a plain recomputation from the calls, whatever the time zone, the hour or the status."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.analytics.filters import Filters
from core.analytics.latency import METRICS, Latency
from core.analytics.zones import Grain
from core.ledger.facts import Call
from tests.core.analytics.conftest import Made

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


def kept(call: Call, filters: Filters) -> bool:
    return (
        (filters.since is None or call.started_at >= filters.since)
        and (filters.until is None or call.started_at < filters.until)
        and filters.origin in ("all", call.origin)
        and (not filters.models or call.served_model in filters.models)
        and (not filters.providers or call.provider in filters.providers)
        and (not filters.users or (call.user_id or "") in filters.users)
        and (not filters.teams or (call.team_id or "") in filters.teams)
        and (not filters.doors or call.door in filters.doors)
        and (not filters.statuses or call.status in filters.statuses)
        and (not filters.errors or call.error_kind in filters.errors)
        and (not filters.caches or call.cache_state in filters.caches)
        and (not filters.assistants or f"{call.assistant_id}@{call.assistant_version}" in filters.assistants)
        and (not filters.tags or any(tag in filters.tags for tag in call.tags or ("",)))
    )


def cached(call: Call) -> bool:
    return call.cache_state in ("exact", "semantic")


def sent(call: Call) -> bool:
    return call.status != "refused" and not cached(call)


def unpriced(call: Call) -> bool:
    used = call.input_tokens is not None or call.output_tokens is not None
    return call.cost_total is None and call.status != "refused" and (call.status != "error" or used)


def added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount.quantize(Decimal("1e-9")) for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


FIGURES: dict[str, Callable[[list[Call]], object]] = {
    "calls": len,
    "turns": lambda calls: sum(call.attempt == 1 for call in calls),
    "sent": lambda calls: sum(map(sent, calls)),
    "failed": lambda calls: sum(call.status in ("error", "interrupted") for call in calls),
    "cancelled": lambda calls: sum(call.status == "cancelled" for call in calls),
    "refused": lambda calls: sum(call.status == "refused" for call in calls),
    "cached": lambda calls: sum(map(cached, calls)),
    "fallbacks": lambda calls: sum(call.hop > 0 for call in calls),
    "retries": lambda calls: sum(call.retry > 0 for call in calls),
    "input_tokens": lambda calls: sum(call.input_tokens or 0 for call in calls),
    "output_tokens": lambda calls: sum(call.output_tokens or 0 for call in calls),
    "cache_read_tokens": lambda calls: sum(call.cache_read_tokens or 0 for call in calls),
    "cost": lambda calls: added(call.cost_total for call in calls),
    "unpriced": lambda calls: sum(map(unpriced, calls)),
    "saved": lambda calls: added(call.saved for call in calls),
    "wasted": lambda calls: added(
        call.cost_total for call in calls if call.status in ("error", "interrupted", "cancelled") or call.retry > 0
    ),
    "users": lambda calls: len({call.user_id for call in calls if call.user_id}),
}


def wall(moment: datetime, zone: str, grain: Grain) -> datetime:
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if grain == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[grain]


def alike(found: object, expected: object) -> bool:
    if expected is None:
        return found is None or found != found
    return float(found) == pytest.approx(float(expected), rel=1e-9, abs=1e-12)  # type: ignore[arg-type]


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
    ["model", "provider", "team", "user", "assistant", "assistant version", "tag", "door", "status", "error"],
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


MEASURED: dict[str, Callable[[Call], float | None]] = {
    "ttft": lambda call: call.ttft_s,
    "total": lambda call: call.total_s,
    "gap": lambda call: call.gap_p50_s,
    "speed": lambda call: (
        call.output_tokens / (call.total_s - call.ttft_s)
        if (call.output_tokens or 0) > 1 and call.total_s and call.ttft_s and call.total_s - call.ttft_s > 0.001
        else None
    ),
}


@pytest.mark.parametrize("of", MEASURED)
def test_percentiles_are_those_of_the_rows(made: Made, of: str) -> None:
    filters = Filters(since=datetime(2026, 3, 1, 12, 30), until=datetime(2026, 4, 10), time_zone="Asia/Kathmandu")
    by_model: dict[str, list[float]] = defaultdict(list)
    by_day: dict[datetime, list[float]] = defaultdict(list)
    for call in made.calls:
        if kept(call, filters) and call.status == "ok" and not cached(call):
            value = MEASURED[of](call)
            if value is not None:
                by_model[call.served_model].append(value)
                by_day[wall(call.started_at, "Asia/Kathmandu", "day")].append(value)
    frame = made.analytics.latency.percentiles(filters, of=of)
    assert dict(zip(frame["key"], frame["n"], strict=True)) == {key: len(values) for key, values in by_model.items()}
    for row in frame.to_dict("records"):
        expected = np.quantile(by_model[row["key"]], [0.5, 0.9, 0.95, 0.99])
        assert [row[name] for name in ("p50", "p90", "p95", "p99")] == pytest.approx(list(expected), rel=1e-9)
    for row in made.analytics.latency.over_time(filters, of=of).to_dict("records"):
        assert row["p95"] == pytest.approx(np.quantile(by_day[row["at"].to_pydatetime()], 0.95), rel=1e-9)
    everything = [value for values in by_model.values() for value in values]
    overall = made.analytics.latency.overall(filters)
    if of in overall:
        assert overall[of]["n"] == len(everything)
        assert overall[of]["p99"] == pytest.approx(np.quantile(everything, 0.99), rel=1e-9)
    cover = made.analytics.latency.coverage(filters, of)
    assert cover.timed == len(everything)
    assert cover.timed + cover.unmeasured + cover.cached + cover.unfinished == made.analytics.calls.count(filters)
    histogram = made.analytics.latency.histogram(filters, of=of)
    assert histogram["n"].sum() == sum(value > 0 for value in everything)


@pytest.mark.parametrize("of", ["ttft", "total", "speed"])
def test_merged_histograms_are_within_one_percent(made: Made, of: str) -> None:
    exact, merged = made.analytics.latency, Latency(made.analytics.reader)
    merged.histograms.large = 0
    filters = Filters(since=datetime(2026, 3, 1), until=datetime(2026, 4, 10), time_zone="Europe/Berlin")
    assert merged.coverage(filters, of) == replace(exact.coverage(filters, of), exact=False)
    for ask in (
        lambda asked: asked.percentiles(filters, of=of),
        lambda asked: asked.over_time(filters, of=of, grain="month", by="model"),
        lambda asked: asked.histogram(filters, of=of),
    ):
        left, right = ask(exact), ask(merged)
        if "bin" in left:
            assert left.groupby("key")["n"].sum().equals(right.groupby("key")["n"].sum())
        else:
            assert list(left["key"]) == list(right["key"])
            assert list(left["n"]) == list(right["n"])
            for share in ("p50", "p90", "p95"):
                assert right[share].to_numpy() == pytest.approx(left[share].to_numpy(), rel=0.011)
    assert merged.overall(filters)[of]["p95"] == pytest.approx(exact.overall(filters)[of]["p95"], rel=0.0101)


def test_hours_of_the_week(made: Made) -> None:
    zone = "America/New_York"
    expected: Counter[tuple[int, int]] = Counter()
    for call in made.calls:
        if call.origin == "live":
            local = wall(call.started_at, zone, "hour")
            expected[local.isoweekday(), local.hour] += 1
    rows = made.analytics.latency.week(Filters(time_zone=zone)).to_dict("records")
    assert {(row["weekday"], row["hour"]): row["calls"] for row in rows} == expected


def test_failures_and_how_questions_ended(made: Made) -> None:
    live = [call for call in made.calls if call.origin == "live"]
    kinds = Counter(call.error_kind or call.status for call in live if call.status in ("error", "interrupted"))
    rows = made.analytics.reliability.kinds(Filters())
    assert dict(zip(rows["kind"], rows["calls"], strict=True)) == kinds
    over = made.analytics.reliability.over_time(Filters(time_zone="Europe/Berlin"))
    assert over["calls"].sum() == kinds.total()
    turns: dict[str, list[Call]] = defaultdict(list)
    for call in live:
        turns[call.turn_id].append(call)
    ends: Counter[str] = Counter()
    for calls in turns.values():
        last = max(calls, key=lambda call: call.attempt)
        fell, retried = any(call.hop for call in calls), any(call.retry for call in calls)
        good = "answered by a fallback" if fell else "answered after a retry" if retried else "answered at once"
        ends[{"ok": good, "cancelled": "stopped", "refused": "refused"}.get(last.status, "failed")] += 1
    found = made.analytics.reliability.recovery(Filters())
    assert dict(zip(found["outcome"], found["turns"], strict=True)) == ends


def test_unit_costs(made: Made) -> None:
    live = [call for call in made.calls if call.origin == "live"]
    turns = {call.turn_id for call in live}
    newest = {(thumb.turn_id, thumb.user_id): thumb.value for thumb in made.feedback}
    units = made.analytics.spend.unit_costs(Filters())
    assert units.conversations == len({call.conversation_id for call in live if call.conversation_id})
    assert units.thumbs_up == sum(value == 1 for (turn, _), value in newest.items() if turn in turns)
    cost = added(call.cost_total for call in live)
    assert units.per_turn == pytest.approx(cost / sum(call.attempt == 1 for call in live))  # type: ignore[operator]


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


def test_metrics_are_all_known() -> None:
    assert set(MEASURED) <= set(METRICS)
