"""The Overview's charts: money by model, what drove the change, and where the month will end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from charts import look, money
from core.analytics.analytics import Analytics
from core.analytics.behind import adding
from core.analytics.filters import Filters
from core.analytics.forecast import HISTORY
from core.analytics.zones import Grain, floor, span, to_local, to_utc
from pages.analysis.panel import Chart
from pages.analysis.spend_charts import of_bucket
from pages.analysis.words import gaps

SPENT, AHEAD = "spent", "forecast"


def money_by_model(analytics: Analytics, filters: Filters, grain: Grain) -> Chart:
    return Chart(
        name="Money by model",
        load=lambda: analytics.spend.over_time(filters, grain=grain, by="model"),
        draw=lambda frame, dark: money.over_time(frame, "Money by model", grain=grain, dark=dark),
        pick=lambda mark, frame: of_bucket(filters, grain, "model", mark, frame),
        note=lambda frame: gaps(int(frame["unpriced"].sum())) if not frame.empty else "",
        height=340,
    )


def change(analytics: Analytics, earlier: Filters, filters: Filters) -> Chart:
    """A step is made from the calls of both periods."""

    def load() -> pd.DataFrame:
        found = analytics.drivers(earlier, filters)
        rows = [("Before", found.before), *found.steps, ("Now", found.after)]
        return pd.DataFrame(rows, columns=["driver", "dollars"]).assign(unpriced=found.unpriced)

    def pick(mark: Sequence[Any], _: pd.DataFrame) -> Filters:
        if mark[0] in ("Before", "Now"):
            return earlier if mark[0] == "Before" else filters
        both = filters.but(since=earlier.since)
        if earlier.until == filters.since or earlier.until is None or filters.since is None:
            return both
        return adding(both, f"skip:{earlier.until.isoformat()}..{filters.since.isoformat()}")

    return Chart(
        name="What drove the change",
        load=load,
        draw=lambda frame, dark: money.waterfall(
            frame["dollars"].iloc[0],
            list(zip(frame["driver"].iloc[1:-1], frame["dollars"].iloc[1:-1], strict=True)),
            frame["dollars"].iloc[-1],
            "What drove the change",
            dark=dark,
        ),
        pick=pick,
        note=lambda frame: gaps(int(frame["unpriced"].max())),
        height=340,
    )


def month(analytics: Analytics, filters: Filters, now: datetime) -> Chart:
    """The month of `now`, whatever the period; a forecast is made from the month so far and the weeks before."""
    zone = filters.time_zone
    today, first = floor(to_local(now, zone), "day"), floor(to_local(now, zone), "month")

    def load() -> pd.DataFrame:
        found = analytics.forecast(filters, now)
        frame = pd.concat([found.days.assign(part=SPENT), found.ahead.assign(part=AHEAD)], ignore_index=True)
        frame.attrs["sentence"] = found.sentence
        return frame

    def pick(mark: Sequence[Any], _: pd.DataFrame) -> Filters:
        if mark[0] == AHEAD:
            back = min(first, today - timedelta(days=HISTORY))
            return filters.but(since=to_utc(back, zone), until=now)
        until = span(pd.Timestamp(mark[1]).to_pydatetime(), "day", zone)[1]
        return filters.but(since=to_utc(first, zone), until=min(until, now))

    def expected(frame: pd.DataFrame) -> str:
        ahead = frame[frame["part"] == AHEAD]
        if ahead.empty:
            return str(frame.attrs["sentence"])
        low, middle, high = (look.money(round(float(ahead[name].iloc[-1]), 2)) for name in ("low", "middle", "high"))
        return f"Likely {middle}, between {low} and {high}. {frame.attrs['sentence']}".replace("$", r"\$")

    return Chart(
        name="This month",
        load=load,
        draw=lambda frame, dark: money.forecast(
            frame[frame["part"] == SPENT], frame[frame["part"] == AHEAD], "This month to its end", dark=dark
        ),
        pick=pick,
        note=expected,
        height=340,
    )
