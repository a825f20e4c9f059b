"""Alarms: rules somebody set, and unusual use; each said once, in one sentence, with a way to its calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from core.analytics.behind import adding
from core.analytics.filters import Filters
from core.analytics.latency import Latency
from core.analytics.reader import Reader
from core.analytics.spend import Spend
from core.analytics.unusual import Note, unusual
from core.errors import InvalidError

MEASURES = {
    "money": "US dollars spent",
    "errors": "Share of failed calls, %",
    "ttft": "First token p95, seconds",
    "calls": "Calls",
    "unpriced": "Unpriced calls",
}
BEHIND = {"errors": "sent", "ttft": "ttft", "unpriced": "unpriced"}
"""Which calls a figure is made from; the others are made from all of them."""
SIDES = ("above", "below")
FEWEST = 20
"""Shares and percentiles of fewer calls alarm nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Alarm when `measure` over the last `hours` is above or below `threshold`; below 1 call is "no data"."""

    name: str
    measure: str
    side: str = "above"
    threshold: float = 0.0
    hours: int = 24
    model: str = ""

    @property
    def body(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "name"}

    @classmethod
    def of(cls, name: str, body: Mapping[str, Any]) -> "Rule":
        """Raises InvalidError."""
        measure, side = str(body.get("measure")), str(body.get("side"))
        threshold, hours = body.get("threshold"), body.get("hours")
        if measure not in MEASURES or side not in SIDES:
            raise InvalidError("An alarm watches one of the listed figures, above or below a value.")
        if not isinstance(threshold, int | float) or not 0 <= threshold <= 1e12:
            raise InvalidError("An alarm's value is a number from 0 up.")
        if not isinstance(hours, int) or not 1 <= hours <= 24 * 31:
            raise InvalidError("An alarm looks back between 1 hour and 31 days.")
        return cls(
            name=name or MEASURES[measure], measure=measure, side=side, threshold=float(threshold), hours=hours,
            model=str(body.get("model") or ""),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alarm:
    """`key` is the same as long as it is the same alarm, so that it is delivered once."""

    key: str
    at: datetime
    sentence: str
    filters: Filters = field(default_factory=Filters)

    @property
    def calls(self) -> str:
        """Where its calls are listed, on this platform's own address."""
        return f"/calls?{urlencode(self.filters.query(), doseq=True)}"


def standing(reader: Reader, rules: list[Rule], now: datetime) -> list[Alarm]:
    """The rules that are broken now."""
    found = []
    for rule in rules:
        filters = Filters(
            since=now - timedelta(hours=rule.hours), until=now, models=(rule.model,) if rule.model else ()
        )
        value = _value(reader, rule, filters)
        if value is None or not (value > rule.threshold if rule.side == "above" else value < rule.threshold):
            continue
        window = int(now.timestamp() // (rule.hours * 3600))
        whose = f" of {rule.model}" if rule.model else ""
        found.append(
            Alarm(
                f"rule:{rule.name}:{rule.measure}:{window}",
                now,
                f"{rule.name}: {MEASURES[rule.measure]}{whose} in the last {rule.hours} h: {value:,.6g}, "
                f"{rule.side} {rule.threshold:,.6g}.",
                adding(filters, BEHIND[rule.measure]) if rule.measure in BEHIND else filters,
            )
        )
    return found


def odd(reader: Reader, now: datetime) -> list[Alarm]:
    """Yesterday's unusual use."""
    return [Alarm(f"unusual:{note.day:%Y-%m-%d}:{note.series}:{note.key}", now, sentence(note), note.filters)
            for note in unusual(reader, Filters(), now, days=1)]  # fmt: skip


def sentence(note: Note) -> str:
    of = f" of {note.key}" if note.key else ""
    value, usual = _amount(note.value, note.unit), _amount(note.expected, note.unit)
    return f"{note.day:%d %b %Y}: {note.series.rstrip(',')}{of}: {value}, usually about {usual}."


def _amount(value: float, unit: str) -> str:
    if unit == "money":
        return f"${value:,.4g}"
    if unit == "seconds":
        return f"{value:.3g} s"
    return f"{value:.1%}" if unit == "share" else f"{value:,.0f}"


def _value(reader: Reader, rule: Rule, filters: Filters) -> float | None:
    totals = Spend(reader).totals(filters)
    if rule.measure == "money":
        return float(totals.cost or 0)
    if rule.measure == "errors":
        return 100 * totals.failed / totals.sent if totals.sent >= FEWEST else None
    if rule.measure == "ttft":
        found = Latency(reader).overall(filters)["ttft"]
        return found["p95"] if found["n"] >= FEWEST else None
    return float(totals.calls if rule.measure == "calls" else totals.unpriced)
