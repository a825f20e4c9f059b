"""How budgets stand, wherever money is looked at: one chart, and the way to the page that sets them."""

import pandas as pd
import streamlit as st

from charts import standing
from core.analytics.filters import Filters
from core.guard.guard import Standing
from core.platform import Platform
from pages.analysis.panel import Chart, panel

COLUMNS = ["name", "spent", "reserved", "limit", "warn_at", "id"]


def standings_panel(platform: Platform, key: str) -> None:
    panel(standings(platform), key)


def standings(platform: Platform) -> Chart:
    known = {each.plan.id: each for each in platform.guard.standings()}
    return Chart(
        name="How budgets stand",
        load=lambda: _frame(platform),
        draw=lambda frame, dark: standing.budgets(
            list(frame.itertuples(index=False, name=None)), "How budgets stand", dark=dark
        ),
        pick=lambda mark, _: counted(known[str(mark[0])]),
    )


def counted(each: Standing) -> Filters:
    """The real calls that a budget's window counts, from the minute in which it began."""
    fields = {
        "user": "users", "team": "teams", "assistant": "assistants", "model": "models", "provider": "providers",
        "tag": "tags",
    }  # fmt: skip
    field = fields.get(each.plan.scope)
    since = each.began.replace(second=0, microsecond=0) if each.began is not None else None
    return Filters(since=since, **{field: (each.plan.subject,)} if field else {})  # type: ignore[arg-type]


def budgets_of_spend(platform: Platform) -> None:
    """On the Spend page: the standings of real money, or a word that nothing limits it."""
    st.subheader("Budgets", anchor=False)
    if platform.guard.standings():
        standings_panel(platform, "spend_budgets")
        st.caption("Of real calls in each budget's own period, whatever the filters above say.")
    else:
        st.caption("No budget is in force: calls are limited by nothing but your providers.")
    st.page_link("budgets.py", label="Set budgets", icon=":material/savings:")


def _frame(platform: Platform) -> pd.DataFrame:
    rows = [
        (
            each.plan.name, float(each.spent), float(each.reserved), float(each.plan.limit_usd), each.plan.warn_at,
            each.plan.id,
        )
        for each in platform.guard.standings()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)
