"""Money to the end of the month: what is spent, what is likely to come, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

import numpy as np
import pandas as pd

from core.analytics.filters import Filters
from core.analytics.spend import Spend
from core.analytics.zones import floor, following, to_local, to_utc

HISTORY = 56
LEAST = 10
PATHS = 1500
SHRINK = 2.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """`days`: `at, total` so far; `ahead`: `at, low, middle, high`, running totals. In 8 of 10 months the end lies
    between low and high. `ahead` is empty and `sentence` says why when there is too little history."""

    days: pd.DataFrame
    ahead: pd.DataFrame
    sentence: str

    @property
    def end(self) -> tuple[float, float, float] | None:
        if self.ahead.empty:
            return None
        last = self.ahead.iloc[-1]
        return float(last["low"]), float(last["middle"]), float(last["high"])


def month_forecast(spend: Spend, filters: Filters, now: datetime) -> Forecast:
    """For the month of `now` (naive UTC) in the filters' time zone; the filters' own period is not used."""
    wall = to_local(now, filters.time_zone)
    today, month = floor(wall, "day"), floor(wall, "month")
    since = min(month, today - timedelta(days=HISTORY))
    money = _daily(spend, filters, to_utc(since, filters.time_zone), now)
    days = [month.date() + timedelta(days=number) for number in range((today - month).days + 1)]
    totals, running = [], 0.0
    for day in days:
        running += money.get(day, 0.0)
        totals.append(running)
    spent = pd.DataFrame({"at": pd.to_datetime(days), "total": totals})
    first = min(money, default=today.date())
    past = [today.date() - timedelta(days=back) for back in range(HISTORY, 0, -1)]
    history = [(day, money.get(day, 0.0)) for day in past if day >= first]
    end = (following(month, "month") - timedelta(days=1)).date()
    rest = [today.date() + timedelta(days=number) for number in range((end - today.date()).days + 1)]
    left = 1 - (wall - today) / timedelta(days=1)
    if len(history) < LEAST or not any(amount for _, amount in history):
        empty = pd.DataFrame({"at": [], "low": [], "middle": [], "high": []})
        return Forecast(spent if money else spent.iloc[:0], empty, f"A forecast needs {LEAST} whole days of spending.")
    ahead = simulate(history, rest, left, running)
    return Forecast(spent, ahead, "In 8 of 10 months the total ends inside the band.")


def _daily(spend: Spend, filters: Filters, since: datetime, now: datetime) -> dict[date, float]:
    """Money by day. The hour that has begun is asked for by itself: sums by hour answer for all before it."""
    begun = max(since, now.replace(minute=0, second=0, microsecond=0))
    money: dict[date, float] = {}
    for part in (filters.but(since=since, until=begun), filters.but(since=begun, until=now)):
        known = spend.over_time(part, grain="day").dropna(subset=["cost"])
        for at, amount in zip(known["at"].dt.to_pydatetime(), known["cost"].tolist(), strict=True):
            money[at.date()] = money.get(at.date(), 0.0) + float(amount)
    return money


def simulate(history: Sequence[tuple[date, float]], rest: Sequence[date], left: float, spent: float) -> pd.DataFrame:
    """Weekday shape and recent level, with days drawn from how far past days were from them."""
    factors = weekday_factors(history)
    levels = [amount / factors[day.weekday()] for day, amount in history]
    weights = [0.5 ** ((len(levels) - 1 - place) / 14) for place in range(len(levels))]
    level = sum(value * weight for value, weight in zip(levels, weights, strict=True)) / sum(weights)
    ratios = [value / level for value in levels] if level > 0 else [1.0]
    recent = ratios[-28:]
    typical = fmean(recent) or 1.0
    chance = np.random.default_rng(len(history) * 1009 + len(rest))
    drift = chance.choice(recent, (PATHS, max(5, len(recent) // 2))).mean(axis=1) / typical
    usual = np.array([level * factors[day.weekday()] for day in rest])
    usual[0] *= left
    paths = spent + (drift[:, None] * usual * chance.choice(recent, (PATHS, len(rest)))).cumsum(axis=1)
    low, middle, high = np.quantile(paths, (0.1, 0.5, 0.9), axis=0)
    days = pd.DataFrame({"at": pd.to_datetime(list(rest)), "low": low, "middle": middle, "high": high})
    start = pd.DataFrame([{"at": pd.Timestamp(rest[0]), "low": spent, "middle": spent, "high": spent}])
    return pd.concat([start, days.assign(at=days["at"] + pd.Timedelta(days=1))])


def weekday_factors(history: Sequence[tuple[date, float]]) -> Mapping[int, float]:
    """A weekday's share of the mean day, drawn towards 1 when it was seen only a few times."""
    mean = fmean(amount for _, amount in history)
    found = {}
    for weekday in range(7):
        seen = [amount for day, amount in history if day.weekday() == weekday]
        found[weekday] = (sum(seen) + SHRINK * mean) / ((len(seen) + SHRINK) * mean) if mean > 0 else 1.0
    return found
