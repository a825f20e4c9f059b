"""What-if on the Spend page: the same traffic on any other model, with the saving a month."""

from decimal import Decimal

import streamlit as st

from core.analytics.filters import Filters
from core.analytics.what_if import Price
from core.platform import Platform
from pages.analysis.panel import panel
from pages.analysis.spend_charts import elsewhere

FIRST = 5


def what_if(platform: Platform, filters: Filters) -> None:
    prices = known_prices(platform)
    if not prices:
        return
    st.subheader("What if", anchor=False)
    used = [id for id in platform.analytics.choices(filters)["models"] if id in prices]
    cheap = sorted(prices, key=lambda id: prices[id].input + prices[id].output)
    pretended = [model.id for model in platform.ai.models() if model.simulated]
    real, made_up = ([id for id in cheap if (id in pretended) == simulated] for simulated in (False, True))
    first = list(dict.fromkeys([*used, *real, *made_up[:2]]))[: max(FIRST, min(len(used), 8))]
    chosen = st.multiselect(
        "The same traffic on", sorted(prices), first, key=f"what_if_{filters.origin}", max_selections=12
    )
    panel(elsewhere(platform.analytics, filters, [prices[id] for id in chosen]), "what_if")


def known_prices(platform: Platform) -> dict[str, Price]:
    """Per token, of every model in the catalogue and every model that was ever asked here."""
    found = {}
    for id in {*(model.id for model in platform.ai.models()), *platform.analytics.values("models", origin="all")}:
        line = platform.ai.prices.current(id)
        buckets = line.prices if line is not None else {}
        if "uncached_input" in buckets and "visible_output" in buckets:
            found[id] = Price(id, Decimal(buckets["uncached_input"]), Decimal(buckets["visible_output"]))
    return found
