"""Unusual use: each series against its own weekday shape and spread, said in plain words with its calls."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import pandas as pd

from core.analytics.behind import adding
from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.latency import Latency
from core.analytics.reader import Reader
from core.analytics.zones import floor, span, to_local, to_utc

LEAST, LONGEST = 14, 42
THRESHOLD = 4.5
"""In robust standard deviations; measured on made history: at most 8 false alarms in 10 weeks of 100 series."""
FLOOR = 0.08
USER = DIMENSIONS["user"]
COUNTED = (
    "calls", "cost", "sent", "failed", "cached", "ok", "cancelled", "uncounted", "input_tokens", "output_tokens",
)  # fmt: skip
KINDS: dict[str, tuple[str, str, float]] = {
    "money": ("Spending", "money", 100.0),
    "tokens": ("Tokens per call", "tokens", 1.0),
    "errors": ("Failed calls", "share", 1.0),
    "ttft": ("Time to first token, p95,", "seconds", 1000.0),
    "cache": ("Cache hits", "share", 1.0),
    "volume": ("Calls", "calls", 1.0),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One unusual day. `score` in robust standard deviations, signed; `filters` picks exactly its calls."""

    day: datetime
    series: str
    unit: str
    key: str
    value: float
    expected: float
    score: float
    filters: Filters

    @property
    def direction(self) -> str:
        return "more" if self.value > self.expected else "less"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a day was expected to be, on the series' own scale."""

    expected: float
    score: float


def unusual(reader: Reader, filters: Filters, now: datetime, *, days: int = 7) -> list[Note]:
    """Unusual whole days among the last `days`, newest and strongest first."""
    wall = floor(to_local(now, filters.time_zone), "day")
    first = wall - timedelta(days=LONGEST + days)
    whole = filters.but(since=to_utc(first, filters.time_zone), until=to_utc(wall, filters.time_zone))
    notes = []
    for kind, key, picked, values, weights in _series(reader, whole):
        share = KINDS[kind][1] == "share"
        levels = {each: _scale(value, share) for each, value in values.items()}
        for back in range(days, 0, -1):
            day = wall - timedelta(days=back)
            past = (day - timedelta(days=number) for number in range(LONGEST, 0, -1))
            known = [(each, levels[each]) for each in past if each in levels]
            if day not in values or len(known) < LEAST:
                continue
            found = judged(known, (day, levels[day]), weights[day], share=share)
            if abs(found.score) > THRESHOLD and matters(kind, values[day], found.expected):
                since, until = span(day, "day", filters.time_zone)
                name, unit, scale = KINDS[kind]
                notes.append(
                    Note(day, name, unit, key, values[day] / scale, found.expected / scale, found.score,
                         picked.but(since=since, until=until))
                )  # fmt: skip
    return sorted(notes, key=lambda note: (note.day, abs(note.score)), reverse=True)


Point = tuple[datetime, float, float]


def judge(past: Sequence[Point], today: Point, *, share: bool = False) -> Baseline:
    """`past` and `today` are (day, value, number of calls behind it)."""
    levels = [(day, _scale(value, share)) for day, value, _ in past]
    return judged(levels, (today[0], _scale(today[1], share)), today[2], share=share)


def judged(
    past: Sequence[tuple[datetime, float]], today: tuple[datetime, float], weight: float, *, share: bool
) -> Baseline:
    """`past` and `today` are (day, value on the series' own scale)."""
    middle = median(level for _, level in past)
    seen: dict[int, list[float]] = {}
    for day, level in past:
        seen.setdefault(day.weekday(), []).append(level)
    shape = {weekday: (median(some) - middle) * len(some) / (len(some) + 2) for weekday, some in seen.items()}
    rest = [level - shape[day.weekday()] for day, level in past]
    centre = median(rest[-28:])
    spread = 1.4826 * median(abs(level - centre) for level in rest)
    noise = 1 / math.sqrt(max(weight, 1.0))
    width = math.hypot(max(spread, FLOOR * (0.3 if share else 1.0)), 0.5 * noise if share else noise)
    day, level = today
    expected = centre + shape.get(day.weekday(), 0.0)
    back = math.sin(min(max(expected, 0.0), math.pi / 2)) ** 2 if share else math.expm1(max(expected, 0.0))
    return Baseline(back, (level - expected) / width)


def matters(kind: str, value: float, expected: float) -> bool:
    """Beyond chance, is it also large enough to tell somebody?"""
    if KINDS[kind][1] == "share":
        return abs(value - expected) >= 0.03
    low, high = sorted((value, expected))
    return high >= 1.3 * low and (kind != "money" or high >= 1) and (kind != "volume" or high >= 10)


def _scale(value: float, share: bool) -> float:
    """Shares on the arcsine scale, where their noise does not depend on them; amounts on the logarithmic one."""
    if share:
        return math.asin(math.sqrt(min(max(value, 0.0), 1.0)))
    return math.log1p(max(value, 0.0))


def _series(
    reader: Reader, filters: Filters
) -> Iterable[tuple[str, str, Filters, dict[datetime, float], dict[datetime, float]]]:
    filters, at = reader.bucketed(filters, "day")
    frame, users, times = reader.together(
        lambda: reader.grouped(filters, {"at": at, "key": "served_model"}, COUNTED, group=DIMENSIONS["model"]),
        lambda: reader.grouped(filters, {"at": at, "key": USER.sql}, ("calls",), group=USER),
        lambda: Latency(reader).over_time(filters, grain="day", by="model")[["at", "key", "p95"]],
    )
    users = users[users["key"] != ""]
    if frame.empty:
        return
    counted = frame["ok"] + frame["cancelled"] - frame["uncounted"]
    frame["tokens"] = (frame["input_tokens"] + frame["output_tokens"]) / counted.where(counted > 0)
    frame = frame.merge(times.rename(columns={"p95": "ttft"}), on=["at", "key"], how="left")
    frame["money"], frame["ttft"] = frame["cost"] * 100, frame["ttft"] * 1000
    frame["errors"], frame["timed"] = frame["failed"] / frame["sent"], frame["calls"] / 20
    whole = frame.groupby("at", as_index=False)[["calls", "money", "cached"]].sum(min_count=1)
    whole["cache"] = whole["cached"] / whole["calls"]
    every = _columns(whole, ("money", "cache", "calls"))
    yield "money", "", filters, *_known(every, "money", "calls")
    yield "cache", "", filters, *_known(every, "cache", "calls")
    figures = ("money", "tokens", "errors", "ttft", "calls", "sent", "timed")
    for key, columns in _largest(frame, 12, figures):
        chosen = filters.but(models=(key,))
        yield "money", key, chosen, *_known(columns, "money", "calls")
        yield "tokens", key, chosen, *_known(columns, "tokens", "calls")
        yield "errors", key, adding(chosen, "sent"), *_known(columns, "errors", "sent")
        yield "ttft", key, adding(chosen, "ttft"), *_known(columns, "ttft", "timed")
    for key, columns in _largest(users, 20, ("calls",)):
        yield "volume", key, filters.but(users=(key,)), *_known(columns, "calls", "calls")


Columns = dict[str, dict[datetime, float]]


def _largest(frame: pd.DataFrame, most: int, names: Sequence[str]) -> Iterable[tuple[str, Columns]]:
    """The busiest keys, each with its named columns by day."""
    if frame.empty:
        return
    keys = frame.groupby("key")
    busiest, places = keys["calls"].sum().nlargest(most).index, keys.indices
    days = list(pd.DatetimeIndex(frame["at"]).to_pydatetime())
    columns = {name: frame[name].to_numpy("float64") for name in names}
    for key in busiest:
        mine = [days[place] for place in places[key]]
        yield (
            str(key),
            {name: dict(zip(mine, each[places[key]].tolist(), strict=True)) for name, each in columns.items()},
        )


def _columns(frame: pd.DataFrame, names: Sequence[str]) -> Columns:
    days = list(pd.DatetimeIndex(frame["at"]).to_pydatetime())
    return {name: dict(zip(days, frame[name].astype(float).tolist(), strict=True)) for name in names}


def _known(columns: Columns, name: str, weight: str) -> tuple[dict[datetime, float], dict[datetime, float]]:
    """A series without the days on which it has no value, and how many calls stand behind each day."""
    return {day: value for day, value in columns[name].items() if not math.isnan(value)}, columns[weight]
