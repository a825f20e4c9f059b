"""How budgets stand: what is spent and reserved of each limit."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts import look
from charts.canvas import canvas, empty, plain


def budgets(
    rows: Sequence[tuple[str, float, float, float, float, str]], title: str, *, dark: bool = False
) -> go.Figure:
    """`rows` are (name, spent, reserved, limit, warn share, id); each bar is the share of its limit.

    customdata of what is spent is [id]; what is reserved has no call yet.
    """
    figure = canvas(title, "share of the limit", dark=dark, height=max(200, 120 + 38 * len(rows)))
    if not rows:
        return empty(figure, "No budget is set.")
    shade = look.palette(dark)
    names = [plain(name) for name, *_ in rows]
    shares = [spent / limit if limit else 1.0 for _, spent, _, limit, *_ in rows]
    held = [reserved / limit if limit else 0.0 for _, _, reserved, limit, *_ in rows]
    tones = [
        shade.bad if share >= 1 else shade.warn if share >= warn else look.SERIES[2]
        for share, (_, _, _, _, warn, _) in zip(shares, rows, strict=True)
    ]
    texts = [f"{look.money(round(spent, 6))} of {look.money(limit)}" for _, spent, _, limit, *_ in rows]
    figure.add_bar(
        x=shares, y=names, orientation="h", marker={"color": tones}, name="Spent", text=texts, textposition="outside",
        cliponaxis=False, customdata=[[id] for *_, id in rows], hovertemplate="%{y}: %{text} (%{x:.0%})<extra></extra>",
    )  # fmt: skip
    if any(held):
        figure.add_bar(
            x=held, y=names, orientation="h", marker={"color": shade.muted, "opacity": 0.5}, name="Reserved",
            hovertemplate="%{y}: %{x:.0%} reserved for calls under way<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=1, line={"color": shade.bad, "dash": "dash", "width": 1})
    figure.update_layout(barmode="stack", showlegend=any(held))
    figure.update_layout(margin_r=110)  # room for the amounts, on a phone, too
    figure.update_xaxes(tickformat=".0%", range=[0, max(1.02, max(shares) * 1.02)])
    figure.update_yaxes(type="category", autorange="reversed")
    return figure
