"""Budgets: how much may be spent, by whom, until when; what happens at the limit; and rate limits."""

from decimal import Decimal

import streamlit as st

from charts import look
from core.analytics.filters import Filters
from core.guard.periods import WORDS
from core.platform import shared_platform
from core.workspace.budgets import Budget
from pages.analysis.alarms import alarms
from pages.analysis.bar import now
from pages.analysis.budget_form import ACTION_WORDS, PERIOD_WORDS, edit, saved
from pages.analysis.budgets_standing import standings_panel
from pages.analysis.panel import open_calls
from pages.analysis.rate_limits import rate_limits
from pages.frame import header, plain

platform = shared_platform()
header("Budgets", "What may be spent, by whom and until when. A budget holds before a call is made, not after.")
plans = {budget.id: budget for budget in platform.workspace.budgets.list()}
standings = {each.plan.id: each for each in platform.guard.standings()}


def whom(budget: Budget) -> str:
    return "everyone" if budget.scope == "everyone" else f"{budget.scope} {budget.subject}"


if st.button("New budget", type="primary", icon=":material/add:", key="budget_new"):
    edit(platform, Budget(name="", limit_usd=Decimal(0)))
if not plans:
    with st.container(border=True):
        st.markdown("**No budget is set: calls are limited by nothing but your providers.**")
        st.caption("A budget for everyone, per month, that warns at 80% is a good first one.")
else:
    standings_panel(platform, "budgets_standing")
    for budget in plans.values():
        stands = standings.get(budget.id)
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"budget_{budget.id}"):
            with st.container(gap=None):
                spent = f"{look.money(stands.spent)} spent {WORDS[budget.period]}" if stands else "not in force"
                st.markdown(
                    f"**{plain(budget.name)}** · {plain(look.money(budget.limit_usd))} "
                    f"{PERIOD_WORDS[budget.period].lower()} for {plain(whom(budget))}"
                )
                again = ""
                if stands and stands.frees_at and stands.share >= 1:
                    again = f" Room again {stands.frees_at:%d %b, %H:%M} UTC."
                cheaper = f" ({budget.degrade_to})" if budget.degrade_to else ""
                then = f"then: {ACTION_WORDS[budget.action].lower()}{cheaper}"
                st.caption(plain(f"{spent}; warns from {budget.warn_at:.0%}; {then}.{again}"))
            with st.container(horizontal=True, width="content", gap="small"):
                if st.button("Change", key=f"change_{budget.id}", type="tertiary", icon=":material/edit:"):
                    edit(platform, budget)
                if st.button("Remove", key=f"remove_{budget.id}", type="tertiary", icon=":material/delete:"):
                    platform.workspace.budgets.delete(budget.id)
                    saved(platform)

decisions = platform.analytics.budget_decisions()
if not decisions.empty:
    with st.container(border=True):
        st.markdown("**Latest decisions**")
        names = {id: budget.name for id, budget in plans.items()}
        event = st.dataframe(
            decisions.assign(budget=[names.get(id, "removed budget") for id in decisions["budget_id"]])[
                ["at", "budget", "decision", "spent", "limit_usd"]
            ],
            hide_index=True,
            on_select="rerun",
            selection_mode="single-cell",
            key="budget_decisions",
            column_config={
                "at": st.column_config.DatetimeColumn("When (UTC)", format="D MMM, HH:mm:ss"),
                "budget": "Budget",
                "decision": "Decision",
                "spent": st.column_config.NumberColumn("Spent then", format="$%,.4f"),
                "limit_usd": st.column_config.NumberColumn("Limit", format="$%,.2f"),
            },
        )
        st.caption(f"As of {now():%H:%M:%S} UTC. Click one for the calls of its question.")
        for place, _ in event.selection.cells:
            if turn := decisions["turn_id"].iloc[place]:
                open_calls(Filters(), turns=(str(turn),))
rate_limits(platform)
alarms(platform)
