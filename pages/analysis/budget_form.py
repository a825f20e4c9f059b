"""The form in which a budget is made or changed."""

from decimal import Decimal, InvalidOperation

import streamlit as st

from core.errors import InvalidError
from core.platform import Platform
from core.workspace.budgets import ACTIONS, PERIODS, SCOPES, Budget
from pages.frame import told

ACTION_WORDS = {"refuse": "Stop calls", "degrade": "Use a cheaper model", "warn": "Only warn"}
PERIOD_WORDS = {
    "day": "A day", "week": "A week", "month": "A month", "total": "In total",
    "24h": "Any 24 hours", "7d": "Any 7 days", "30d": "Any 30 days",
}  # fmt: skip


def saved(platform: Platform) -> None:
    platform.guard.reload()
    st.rerun()


@st.dialog("Budget", width="medium")
def edit(platform: Platform, budget: Budget) -> None:
    name = st.text_input("Name", budget.name, max_chars=100, placeholder="Everything this month")
    left, right = st.columns(2)
    scope = left.selectbox("For", SCOPES, SCOPES.index(budget.scope), format_func=str.capitalize)
    subject = ""
    if scope != "everyone":
        known = [value for value in platform.analytics.values(f"{scope}s") if value]
        options = list(dict.fromkeys([*([budget.subject] if budget.subject else []), *known]))
        subject = (
            right.selectbox(
                f"Which {scope}", options, accept_new_options=True, index=0 if options else None, key=f"subject_{scope}"
            )
            or ""
        )
    left, right = st.columns(2)
    amount = left.text_input("Limit, US dollars", str(budget.limit_usd) if budget.limit_usd else "", placeholder="100")
    period = right.selectbox("Per", PERIODS, PERIODS.index(budget.period), format_func=PERIOD_WORDS.__getitem__)
    left, right = st.columns(2)
    action = left.selectbox(
        "When it is spent", ACTIONS, ACTIONS.index(budget.action), format_func=ACTION_WORDS.__getitem__
    )
    warn = right.slider("Warn from", 0, 100, round(budget.warn_at * 100), format="%d %%")
    cheaper = None
    if action == "degrade":
        models = [model.id for model in platform.ai.models()]
        place = models.index(budget.degrade_to) if budget.degrade_to in models else None
        cheaper = st.selectbox("Cheaper model that takes over", models, place)
    active = st.toggle("In force", budget.active)
    st.caption(
        "Before each call the most it can cost is reserved; afterwards the true amount is booked. A model without a "
        "price is said to be uncounted, and stops, too, once the budget is spent. Calls that cost nothing go on."
    )
    if st.button("Save", type="primary", key="budget_save"):
        with told():
            platform.workspace.budgets.save(
                Budget(
                    id=budget.id, name=name or "Budget", limit_usd=dollars(amount), scope=scope, subject=subject,
                    period=period, warn_at=warn / 100, action=action, degrade_to=cheaper, active=active,
                )
            )  # fmt: skip
            saved(platform)


def dollars(text: str) -> Decimal:
    try:
        return Decimal(text.strip().lstrip("$").replace(",", ""))
    except InvalidOperation:
        raise InvalidError("Write the limit as an amount in US dollars, such as 25 or 0.50.") from None
