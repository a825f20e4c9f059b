"""Overview: this period against the last, what drove the change, where the month will end, and what was unusual."""

import streamlit as st

from core.analytics.measures import REGENERATED
from core.platform import shared_platform
from pages.analysis import overview_charts
from pages.analysis import period as periods
from pages.analysis.bar import current_view, filter_bar, now
from pages.analysis.figures import figure_row
from pages.analysis.headlines import care_figures, use_figures
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import calls_link, panel
from pages.analysis.period import grain_for
from pages.analysis.unusual_notes import unusual_notes
from pages.analysis.words import count
from pages.frame import told
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
    with told():
        with st.skeleton(height=260):
            totals, last = analytics.spend.totals(filters), analytics.spend.totals(earlier) if earlier else None
            first = analytics.latency.overall(filters)
            before = analytics.latency.overall(earlier) if earlier else None
            trend = analytics.spend.over_time(filters, grain=grain)
            again = analytics.spend.tagged(filters, REGENERATED)
        figure_row(use_figures(totals, last, trend, filters, first, before))
        figure_row(care_figures(totals, last, again, filters))
        if earlier and earlier.since and earlier.until:
            days = max(1, round((earlier.until - earlier.since).total_seconds() / 86400))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(f"Changes against the {count(days, 'day')} before.", width="content")
                calls_link("Calls of then", earlier)


headline()
unusual_notes(platform, filters)
panel(overview_charts.money_by_model(analytics, filters, grain), "overview_money")
left, right = st.columns(2)
with left:
    if earlier is None:
        with st.container(border=True):
            st.markdown("**What drove the change**")
            st.caption("Choose a period with a beginning to compare it with the one before.")
    else:
        panel(overview_charts.change(analytics, earlier, filters), "overview_drivers")
with right:
    panel(overview_charts.month(analytics, filters, moment), "overview_forecast")
