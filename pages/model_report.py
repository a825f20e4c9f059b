"""Models: the performance report per model, and how estimates held against what happened."""

import streamlit as st

from charts import reports
from core.platform import shared_platform
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import Chart, csv_button, open_calls, panel
from pages.analysis.words import gaps

platform = shared_platform()
filters = filter_bar(platform, title="Model report")
if nothing_yet(platform, current_view()):
    st.stop()
models = platform.analytics.models
NUMBER, MONEY, TIME, SHARE = ({"format": form} for form in ("localized", "$%.4f", "%.2f s", "percent"))
COLUMNS = {
    "model": ("Model", None, ""),
    "calls": ("Calls", NUMBER, ""),
    "turns": ("Turns", NUMBER, "Questions asked of it first"),
    "cost": ("Spent", MONEY, "Empty: no priced call"),
    "cost_per_call": ("Per call", {"format": "$%.5f"}, "Mean of the priced calls"),
    "ttft_p50": ("First token p50", TIME, "Good answers, cache hits left out"),
    "ttft_p95": ("First token p95", TIME, "Good answers, cache hits left out"),
    "speed_p50": ("Tokens/s p50", {"format": "%.0f"}, "After the first token"),
    "error_rate": ("Failed", SHARE, "Of the calls that were sent"),
    "win_rate": ("Votes won", SHARE, "People's votes, ties left out"),
    "up": ("Thumbs up", NUMBER, ""),
    "down": ("Thumbs down", NUMBER, ""),
    "input_tokens": ("Input tokens", NUMBER, ""),
    "output_tokens": ("Output tokens", NUMBER, ""),
    "cached": ("Cache hits", NUMBER, ""),
    "context_p95": ("Context used p95", SHARE, "Input tokens over the context window, where that is known"),
    "unpriced": ("Unpriced", NUMBER, "Calls that no price is known for"),
}


@st.fragment(parallel=True)
def table() -> None:
    with st.skeleton(height=320):
        frame = models.report(filters)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**Every model**", width="content")
            csv_button(frame, "Model report", "csv_models")
        event = st.dataframe(
            frame[list(COLUMNS)].assign(model=frame["model"].replace("", "(none)")),
            hide_index=True,
            placeholder="–",
            on_select="rerun",
            selection_mode="single-row",
            key="models_table",
            column_config={
                name: st.column_config.TextColumn(label, pinned=True)
                if form is None
                else st.column_config.NumberColumn(label, help=help or None, **form)
                for name, (label, form, help) in COLUMNS.items()
            },
        )
        note = gaps(int(frame["unpriced"].sum())) if not frame.empty else ""
        st.caption(" · ".join(part for part in ("Select a row for its calls.", note) if part))
        if event.selection.rows:
            open_calls(filters, models=(str(frame["model"].iloc[event.selection.rows[0]]),))


table()
left, right = st.columns(2)
with left:
    panel(
        Chart(
            name="Money against speed",
            load=lambda: models.report(filters),
            draw=lambda frame, dark: reports.trade_off(frame, "Money against speed", dark=dark),
            pick=lambda mark: filters.but(models=(mark[0],)),
            height=400,
        ),
        "models_trade",
    )
with right:
    panel(
        Chart(
            name="Votes won",
            load=lambda: models.votes(filters),
            draw=lambda frame, dark: reports.win_rates(frame, "Votes won", dark=dark),
        ),
        "models_votes",
    )
panel(
    Chart(
        name="How estimates held",
        load=lambda: models.estimates(filters),
        draw=lambda frame, dark: reports.coverage(frame, "How estimates held", dark=dark),
        note=lambda frame: "Right are half of the calls at the median and nine in ten at the p90.",
        height=340,
    ),
    "models_estimates",
)
