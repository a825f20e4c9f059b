"""Reports that are more than sums, recomputed in plain Python from the same calls: per model, per facet, per pair."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from statistics import fmean, median

import pytest

from core.analytics.analytics import Analytics
from core.analytics.filters import Filters
from core.analytics.measures import REGENERATED
from core.analytics.pairing import Pairing
from core.analytics.what_if import MONTH_DAYS, Price
from core.chat import chat
from core.ledger.facts import Call
from tests.core.analytics.conftest import Made
from tests.core.analytics.recomputed import FIGURES, alike, cached, kept, sent

MARCH = Filters(since=datetime(2026, 3, 1), until=datetime(2026, 4, 1))
ODD_ENDS = Filters(since=datetime(2026, 3, 29, 0, 59, 59, 999999), until=datetime(2026, 4, 5, 18, 15), users=("ann",))
PICKS = {"all live": Filters(), "march": MARCH, "odd ends": ODD_ENDS}


def quantile(values: Iterable[float], share: float) -> float:
    """Between the two nearest, as SQL's percentile_cont."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def by_model(made: Made, filters: Filters) -> dict[str, list[Call]]:
    groups: dict[str, list[Call]] = defaultdict(list)
    for call in made.calls:
        if kept(call, filters):
            groups[call.served_model].append(call)
    return groups


def good(call: Call) -> bool:
    return call.status == "ok" and not cached(call)


@pytest.mark.parametrize("pick", PICKS)
def test_the_model_report(made: Made, pick: str) -> None:
    filters = PICKS[pick]
    groups = by_model(made, filters)
    newest = {(thumb.turn_id, thumb.user_id): thumb.value for thumb in made.feedback}
    answered: dict[str, Call] = {}
    for call in (call for calls in groups.values() for call in calls if call.status == "ok"):
        if call.turn_id not in answered or call.attempt > answered[call.turn_id].attempt:
            answered[call.turn_id] = call
    thumbs = Counter((answered[turn].served_model, value) for (turn, _), value in newest.items() if turn in answered)
    rows = {row["model"]: row for row in made.analytics.models.report(filters).to_dict("records")}
    assert set(rows) == set(groups)
    for model, calls in groups.items():
        row = rows[model]
        for name in ("calls", "turns", "cost", "unpriced", "input_tokens", "output_tokens", "failed", "cached"):
            assert alike(row[name], FIGURES[name](calls)), (model, name)
        assert row["error_rate"] == pytest.approx(FIGURES["failed"](calls) / FIGURES["sent"](calls))  # type: ignore[operator]
        priced = [float(call.cost_total) for call in calls if call.cost_total is not None]
        known = priced and FIGURES["cost"](calls) is not None
        assert alike(row["cost_per_call"], fmean(priced) if known else None)
        shares = [call.input_tokens / call.context_window for call in calls
                  if call.context_window and call.input_tokens is not None]  # fmt: skip
        assert alike(row["context_p95"], quantile(shares, 0.95) if shares else None)
        times = [call.ttft_s for call in calls if good(call) and call.ttft_s is not None]
        assert row["ttft_p95"] == pytest.approx(quantile(times, 0.95))
        assert (row["up"] if row["up"] == row["up"] else 0) == thumbs[model, 1]
        assert (row["down"] if row["down"] == row["down"] else 0) == thumbs[model, -1]


@pytest.mark.parametrize("pick", PICKS)
def test_reliability_by_model(made: Made, pick: str) -> None:
    groups = by_model(made, PICKS[pick])
    rows = {row["key"]: row for row in made.analytics.reliability.by(PICKS[pick]).to_dict("records")}
    assert set(rows) == set(groups)
    for model, calls in groups.items():
        for name in ("calls", "sent", "failed", "cancelled", "retries", "fallbacks"):
            assert rows[model][name] == FIGURES[name](calls), (model, name)
        assert rows[model]["truncated"] == sum(bool(call.truncated_input) for call in calls)
        assert rows[model]["cut"] == sum(call.finish_reason == "length" for call in calls)


@pytest.mark.parametrize("pick", [*PICKS, "one model"])
def test_facets_count_under_all_filters_but_their_own(made: Made, pick: str) -> None:
    filters = PICKS.get(pick, Filters(models=("openai/gpt-large",), tags=("blue",)))
    keys: dict[str, tuple[str, Callable[[Call], Iterable[str]]]] = {
        "model": ("models", lambda call: [call.served_model]),
        "status": ("statuses", lambda call: [call.status]),
        "error": ("errors", lambda call: [call.error_kind or ""]),
        "door": ("doors", lambda call: [call.door]),
        "team": ("teams", lambda call: [call.team_id or ""]),
        "user": ("users", lambda call: [call.user_id or ""]),
        "assistant": ("assistants", lambda call: [call.assistant_id or ""]),
        "tag": ("tags", lambda call: call.tags or [""]),
        "cache": ("caches", lambda call: [call.cache_state]),
    }
    found = made.analytics.calls.facets(filters)
    assert set(found) == set(keys)
    for name, (field, values) in keys.items():
        rest = filters.but(**{field: ()})
        counts = Counter(value for call in made.calls if kept(call, rest) for value in values(call))
        assert dict(found[name]) == counts, name


def test_estimates(made: Made) -> None:
    rows = {(row["model"], row["of"]): row for row in made.analytics.models.estimates(MARCH).to_dict("records")}
    for model, calls in by_model(made, MARCH).items():
        times = [call.total_s for call in calls if good(call) and call.total_s is not None]
        row = rows[model, "seconds"]
        assert row["n"] == len(times)
        assert row["at_p50"] == pytest.approx(fmean(time <= 2.0 for time in times))
        assert row["at_p90"] == pytest.approx(fmean(time <= 9.0 for time in times))
    whole = [call.total_s for calls in by_model(made, MARCH).values() for call in calls
             if good(call) and call.total_s is not None]  # fmt: skip
    assert rows["all", "seconds"]["n"] == len(whole)
    assert rows["all", "seconds"]["at_p50"] == pytest.approx(fmean(time <= 2.0 for time in whole))
    paid = [call for calls in by_model(made, MARCH).values() for call in calls
            if good(call) and call.cost_total is not None and call.estimate_cost_p50 is not None]  # fmt: skip
    assert rows["all", "money"]["n"] == len(paid)
    assert rows["all", "money"]["at_p90"] == pytest.approx(fmean(call.cost_total <= Decimal("0.01") for call in paid))


def test_what_if(made: Made) -> None:
    prices = [
        Price("openai/gpt-large", Decimal("0.000002"), Decimal("0.000008")),
        Price("new/one", Decimal(1), Decimal(0)),
    ]
    basis = [
        call for calls in by_model(made, MARCH).values() for call in calls
        if sent(call) and None not in (call.input_tokens, call.output_tokens, call.cost_total)
    ]  # fmt: skip
    tokens_in = sum(call.input_tokens or 0 for call in basis)
    tokens_out = sum(call.output_tokens or 0 for call in basis)
    habits = {
        model: fmean(call.output_tokens for call in calls if call.status == "ok" and sent(call) and call.output_tokens)
        for model, calls in by_model(made, Filters()).items()
    }
    month = MONTH_DAYS / 31
    rows = {row["model"]: row for row in made.analytics.what_if(MARCH, prices).to_dict("records")}
    known = rows["openai/gpt-large"]
    ratio = habits["openai/gpt-large"] / (tokens_out / len(basis))
    ends = sorted(month * (tokens_in * 2e-6 + tokens_out * 8e-6 * each) for each in (1.0, ratio))
    assert [known["low"], known["high"]] == pytest.approx(ends)
    assert known["now"] == pytest.approx(month * float(sum(call.cost_total or 0 for call in basis)))
    assert known["calls"] == len(basis)
    assert rows["new/one"]["low"] == rows["new/one"]["high"] == pytest.approx(month * tokens_in)


@pytest.mark.parametrize("by", ["model", "provider"])
@pytest.mark.parametrize("pick", [*PICKS, "two models"])
def test_same_questions_and_the_calls_behind_each_mark(made: Made, pick: str, by: str) -> None:
    filters = PICKS.get(pick, MARCH.but(models=("openai/gpt-large", "anthropic/sonnet")))
    matches: dict[str, dict[str, list[Call]]] = defaultdict(lambda: defaultdict(list))
    for call in made.calls:
        if kept(call, filters) and good(call) and call.match_id and call.ttft_s is not None:
            matches[call.match_id][call.served_model if by == "model" else call.provider].append(call)
    ratios: dict[str, list[float]] = defaultdict(list)
    behind: dict[str, set[str]] = defaultdict(set)
    for sides in matches.values():
        if len(sides) < 2:
            continue
        means = {key: fmean(call.ttft_s or 0 for call in calls) for key, calls in sides.items()}
        for key, mean in means.items():
            ratios[key].append(mean / fmean(other for name, other in means.items() if name != key))
            behind[key].update(call.call_id for calls in sides.values() for call in calls)
    rows = {row["key"]: row for row in made.analytics.same_questions(filters, by=by).to_dict("records")}
    assert set(rows) == set(ratios)
    for key, values in ratios.items():
        assert (rows[key]["questions"], rows[key]["ratio"]) == (len(values), pytest.approx(median(values)))
        assert listed(made.analytics, Pairing(by, "ttft", key).within(filters)) == behind[key]


def listed(analytics: Analytics, filters: Filters) -> set[str]:
    """What the Calls page lists for these filters once they have been through its URL."""
    query = {name: [value] if isinstance(value, str) else value for name, value in filters.query().items()}
    page = analytics.calls.page(Filters.of(query), size=10_000)
    assert len(page.frame) == analytics.calls.count(filters)
    return set(page.frame["call_id"])


def test_a_pairing_from_a_url_that_makes_no_sense_is_passed_over(made: Made) -> None:
    for texts in (("model",), ("user", "ttft", "x"), ("model", "ttft; DROP", "x")):
        assert made.analytics.calls.count(MARCH.but(paired=texts)) == made.analytics.calls.count(MARCH)


def test_what_is_wasted_opens_its_calls(made: Made) -> None:
    """The chat's own mark of an answer that was asked for again is the one that is counted."""
    assert REGENERATED == chat.REGENERATED
    for filters in (Filters(), MARCH, Filters(teams=("red",))):
        wasted = made.analytics.spend.totals(filters).wasted
        assert wasted == made.analytics.spend.totals(filters.but(wasted=True)).cost
        assert wasted == FIGURES["wasted"]([call for call in made.calls if kept(call, filters)])


def test_choices_are_all_there_is_most_frequent_first(made: Made) -> None:
    live = [call for call in made.calls if call.origin == "live"]
    found = made.analytics.choices(Filters())
    assert set(found["models"]) == {call.served_model for call in live}
    users = Counter(call.user_id or "" for call in live)
    assert [users[user] for user in found["users"]] == sorted(users.values(), reverse=True)
    assert set(found["assistants"]) == {"", "a1", "a2", "a1@1", "a1@2", "a2@1", "a2@2"}
    assert set(found["prompts"]) == {"", "p1", "p2", "p1@1", "p1@2", "p2@1", "p2@2"}
    assert set(found["tags"]) == {tag for call in live for tag in call.tags or ("",)}
    assert made.analytics.origins() == Counter(call.origin for call in made.calls)
