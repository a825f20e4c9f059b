"""The one visual language: palette, type scale, colours that stay with a model, number formats, Plotly template."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

PRODUCT = "Plainsight"
SUBTITLE = "AI Assistant Platform"
SANS = "Inter"
MONO = "JetBrains Mono"
SANS_STACK = "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', sans-serif"
MONO_STACK = "'JetBrains Mono', ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace"
RADIUS = "8px"
BASE_PX = 15
HEADINGS_REM = ("1.75rem", "1.3rem", "1.1rem", "1rem", "0.9rem", "0.85rem")
UNPRICED = "unpriced"
NOT_MEASURED = "not measured"
UNKNOWN = "–"

SERIES = ("#0963E9", "#D87C53", "#00A688", "#D36FBF", "#9F9500", "#2595F7", "#6A6600", "#5C6577")
"""Okabe and Ito's hues, moved until all reach 3:1 on both grounds and stay apart under protanopia and deuteranopia."""
SEQUENTIAL = (
    "#E8F2F9", "#CBE2F1", "#A9D0E8", "#82BBDD", "#5AA5D0",
    "#338EC2", "#0072B2", "#00609A", "#004D7C", "#003A5E",
)  # fmt: skip
DIVERGING = (
    "#8F3F00", "#B85200", "#D5752B", "#E8A774", "#F5D9C3",
    "#C9E0EF", "#86BEDF", "#3F97CA", "#0072B2", "#004D7C",
)  # fmt: skip
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True, slots=True)
class Palette:
    """Text and muted reach 4.5:1 on ground and surface; `on_accent` does so on accent, `link` on the ground."""

    ground: str
    surface: str
    sidebar: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    link: str
    good: str
    warn: str
    bad: str
    grid: str
    code: str


LIGHT = Palette(
    ground="#FFFFFF",
    surface="#F4F6F8",
    sidebar="#F8F9FB",
    border="#DFE4EA",
    text="#17212B",
    muted="#576472",
    accent="#0069A6",
    on_accent="#FFFFFF",
    link="#0069A6",
    good="#00795A",
    warn="#8A5C00",
    bad="#B84600",
    grid="#E9EDF1",
    code="#F4F6F8",
)
DARK = Palette(
    ground="#0F151B",
    surface="#18212A",
    sidebar="#131A21",
    border="#2B3743",
    text="#E6ECF1",
    muted="#9DABB8",
    accent="#2279B8",
    on_accent="#FFFFFF",
    link="#6BB5E6",
    good="#2FBF93",
    warn="#E0A526",
    bad="#F08A4B",
    grid="#232E39",
    code="#18212A",
)


def palette(dark: bool = False) -> Palette:
    return DARK if dark else LIGHT


def _digest(model_id: str) -> int:
    # The salt is chosen so that the models a newcomer meets first get colours of their own.
    return int.from_bytes(hashlib.blake2s(model_id.encode("utf-8", "replace"), salt=b"p006979").digest()[:4], "big")


def color_of(model_id: str) -> str:
    """One colour per model, the same on every page, in every session, on both grounds."""
    return SERIES[_digest(model_id) % len(SERIES)]


def dash_of(model_id: str) -> str:
    """A line style that tells apart models which share a colour (and helps without colour at all)."""
    return DASHES[_digest(model_id) // len(SERIES) % len(DASHES)]


def number(value: float | int | None, digits: int = 0) -> str:
    return UNKNOWN if value is None or value != value else f"{value:,.{digits}f}"


def tokens(value: int | None) -> str:
    """1,234 as it is; 12.3k, 4.56M and 7.89B above ten thousand."""
    if value is None or value != value:
        return UNKNOWN
    if abs(value) >= 1_000_000:
        return f"{value / 1e9:.2f}B" if abs(value) >= 1_000_000_000 else f"{value / 1_000_000:.2f}M"
    return f"{value / 1_000:.1f}k" if abs(value) >= 10_000 else f"{value:,}"


def money(value: Decimal | float | None) -> str:
    """US dollars with as many digits as say something: $12.34, $0.0123, $0.000042; None is "unpriced"."""
    if value is None or value != value:
        return UNPRICED
    amount = Decimal(str(value))
    size = abs(amount)
    sign = "-" if amount < 0 else ""
    if size == 0:
        return "$0"
    if size >= Decimal("0.995"):
        return f"{sign}${size:,.2f}"
    if size < Decimal("0.0000005"):
        return f"{sign}<$0.000001"
    digits = min(6, 1 - size.adjusted())
    text = f"{size:.{digits}f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    return f"{sign}${whole}.{fraction.ljust(2, '0')}"


def places(largest: float) -> int:
    """Decimals of amounts of money of which this is the largest. Never as few as two: beside a large amount a small
    one would look free."""
    return 4 if largest >= 0.1 else 6


def seconds(value: float | None) -> str:
    """850 ms, 1.24 s, 12.3 s, 2 min 5 s; None is "not measured"."""
    if value is None or value != value:
        return NOT_MEASURED
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 9.995:
        return f"{value:.2f} s"
    if value < 99.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def rate(value: float | None) -> str:
    return NOT_MEASURED if value is None or value != value else f"{value:,.0f} tok/s"


def share(value: float | None) -> str:
    """A fraction as a percentage: 0.123 is 12.3%."""
    return UNKNOWN if value is None or value != value else f"{value * 100:.1f}%"


def plotly_template(dark: bool = False) -> Any:
    """A plotly `Template`: transparent ground, quiet grid, the product's font, room for phone screens."""
    import plotly.graph_objects as go  # slow to import, and pages without a chart need only the formats above

    look = palette(dark)
    axis = {
        "gridcolor": look.grid,
        "linecolor": look.border,
        "zerolinecolor": look.border,
        "tickcolor": look.border,
        "tickfont": {"color": look.muted, "size": 12},
        "title": {"font": {"color": look.muted, "size": 12}, "standoff": 8},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": SANS_STACK, "size": 13, "color": look.text},
            "title": {"font": {"size": 15, "color": look.text}, "x": 0, "xanchor": "left"},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(SERIES),
            "colorscale": {
                "sequential": [[step / (len(SEQUENTIAL) - 1), tone] for step, tone in enumerate(SEQUENTIAL)],
                "diverging": [[step / (len(DIVERGING) - 1), tone] for step, tone in enumerate(DIVERGING)],
            },
            # dates stand clear of the zero of the other axis
            "xaxis": {**axis, "ticks": "outside", "ticklen": 7, "tickcolor": "rgba(0,0,0,0)"},
            "yaxis": axis,
            "legend": {"orientation": "h", "y": -0.2, "x": 0, "font": {"color": look.muted, "size": 12}},
            "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
            "hoverlabel": {
                "bgcolor": look.surface,
                "bordercolor": look.border,
                "font": {"family": SANS_STACK, "color": look.text, "size": 12},
            },
            "bargap": 0.18,
        }
    )
