"""What-if on the Spend page: the same traffic on any other model, with the saving a month."""

from decimal import Decimal

import streamlit as st

from charts import look, money
from core.analytics.filters import Filters
from core.analytics.what_if import Price
from core.platform import Platform
from pages.analysis.panel import Chart, panel
from pages.analysis.words import count
from pages.frame import plain

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
    picked = [prices[id] for id in chosen]
    panel(
        Chart(
            name="The same traffic elsewhere",
            load=lambda: platform.analytics.what_if(filters, picked),
            draw=lambda frame, dark: money.what_if(frame, "The same traffic elsewhere", dark=dark),
            note=_saving,
        ),
        "what_if",
    )


def _saving(frame: object) -> str:
    rows = frame.to_dict("records")  # type: ignore[attr-defined]
    if not rows:
        return ""
    best = max(rows, key=lambda row: row["saving"])
    basis = f"From {count(best['calls'], 'call')}; {best['left_out']:,} without tokens or price are left out."
    if best["saving"] <= 0:
        return plain(f"None of them is cheaper than now. {basis}")
    return plain(f"{best['model']} would save about {look.money(round(best['saving'], 4))} a month. {basis}")


def known_prices(platform: Platform) -> dict[str, Price]:
    """Per token, of every model in the catalogue and every model that was ever asked here."""
    found = {}
    for id in {*(model.id for model in platform.ai.models()), *platform.analytics.values("models", origin="all")}:
        line = platform.ai.prices.current(id)
        buckets = line.prices if line is not None else {}
        if "uncached_input" in buckets and "visible_output" in buckets:
            found[id] = Price(id, Decimal(buckets["uncached_input"]), Decimal(buckets["visible_output"]))
    return found
