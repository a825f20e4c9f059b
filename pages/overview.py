"""Overview: this period against the last, what drove the change, where the month will end, and what was unusual."""

import pandas as pd
import streamlit as st

from charts import look, money
from core.analytics.clause import REGENERATED
from core.analytics.forecast import Forecast
from core.platform import shared_platform
from pages.analysis import period as periods
from pages.analysis.bar import current_view, filter_bar, now
from pages.analysis.figures import figure_row
from pages.analysis.headlines import care_figures, use_figures
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import Chart, bucket_of, panel
from pages.analysis.period import grain_for
from pages.analysis.unusual_notes import unusual_notes
from pages.analysis.words import count, gaps
from pages.log_notes import repair_notes

platform = shared_platform()
filters = filter_bar(platform, title="Overview")
repair_notes(platform.ledger)
if nothing_yet(platform, current_view()):
    st.stop()
analytics, moment = platform.analytics, now()
grain = grain_for(filters.since, filters.until)
earlier = None
if filters.since and filters.until:
    since, until = periods.before(
        filters.since, min(filters.until, max(moment, filters.since)), current_view().period, filters.time_zone, moment
    )
    earlier = filters.but(since=since, until=until)


@st.fragment(parallel=True)
def headline() -> None:
    with st.skeleton(height=260):
        totals, last = analytics.spend.totals(filters), analytics.spend.totals(earlier) if earlier else None
        first = analytics.latency.overall(filters)["ttft"]["p95"]
        before = analytics.latency.overall(earlier)["ttft"]["p95"] if earlier else None
        trend = analytics.spend.over_time(filters, grain=grain)
        again = analytics.spend.tagged(filters, REGENERATED)
    figure_row(use_figures(totals, last, trend, filters, first, before))
    figure_row(care_figures(totals, last, again, filters))
    if earlier and earlier.since and earlier.until:
        days = max(1, round((earlier.until - earlier.since).total_seconds() / 86400))
        st.caption(f"Changes against the {count(days, 'day')} before. Every figure opens its calls.")


headline()
unusual_notes(platform, filters)
panel(
    Chart(
        name="Money by model",
        load=lambda: analytics.spend.over_time(filters, grain=grain, by="model"),
        draw=lambda frame, dark: money.over_time(frame, "Money by model", grain=grain, dark=dark),
        pick=lambda mark: bucket_of(filters.but(models=() if mark[0] == "other" else (mark[0],)), mark[1], grain),
        note=lambda frame: gaps(int(frame["unpriced"].sum())) if not frame.empty else "",
        height=340,
    ),
    "overview_money",
)
left, right = st.columns(2)
with left:
    if earlier is None:
        with st.container(border=True):
            st.markdown("**What drove the change**")
            st.caption("Choose a period with a beginning to compare it with the one before.")
    else:
        compared = earlier

        def load_drivers() -> pd.DataFrame:
            found = analytics.drivers(compared, filters)
            rows = [("Before", found.before), *found.steps, ("Now", found.after)]
            return pd.DataFrame(rows, columns=["driver", "dollars"]).assign(unpriced=found.unpriced)

        panel(
            Chart(
                name="What drove the change",
                load=load_drivers,
                draw=lambda frame, dark: money.waterfall(
                    frame["dollars"].iloc[0],
                    list(zip(frame["driver"].iloc[1:-1], frame["dollars"].iloc[1:-1], strict=True)),
                    frame["dollars"].iloc[-1],
                    "What drove the change",
                    dark=dark,
                ),
                note=lambda frame: gaps(int(frame["unpriced"].max())),
                height=340,
            ),
            "overview_drivers",
        )
with right:
    forecast: dict[str, Forecast] = {}

    def load_forecast() -> pd.DataFrame:
        found = analytics.forecast(filters, moment)
        forecast["found"] = found
        return pd.concat([found.days.assign(part="spent"), found.ahead.assign(part="forecast")], ignore_index=True)

    def expected(_: pd.DataFrame) -> str:
        found = forecast["found"]
        if found.end is None:
            return found.sentence
        low, middle, high = (look.money(round(value, 2)) for value in found.end)
        return f"Likely {middle}, between {low} and {high}. {found.sentence}".replace("$", r"\$")

    panel(
        Chart(
            name="This month",
            load=load_forecast,
            draw=lambda frame, dark: money.forecast(
                forecast["found"].days, forecast["found"].ahead, "This month to its end", dark=dark
            ),
            note=expected,
            height=340,
        ),
        "overview_forecast",
    )
