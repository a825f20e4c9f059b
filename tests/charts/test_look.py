"""The visual language keeps its promises: readable, told apart without full colour sight, the same in every door."""

import itertools
import tomllib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import look, theme_file
from playground.theme import theme

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def linear(color: str) -> tuple[float, ...]:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: str, other: str) -> float:
    light, dark = sorted(
        (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    xyz = (sum(w * c for w, c in zip(row, rgb, strict=True)) / n for row, n in zip(rows, white, strict=True))
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(color: str, kind: str) -> tuple[float, float, float]:
    rgb = linear(color)
    return lab(tuple(min(1, max(0, sum(w * c for w, c in zip(row, rgb, strict=True)))) for row in BLINDNESS[kind]))


@pytest.mark.parametrize("one", [look.LIGHT, look.DARK], ids=["light", "dark"])
def test_words_can_be_read(one: look.Palette) -> None:
    for ground in (one.ground, one.surface, one.sidebar):
        for ink in (one.text, one.muted, one.link, one.good, one.warn, one.bad):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(one.on_accent, one.accent) >= 4.5


def test_series_can_be_seen_on_both_grounds() -> None:
    for color in look.SERIES:
        assert contrast(color, look.LIGHT.ground) >= 3
        assert contrast(color, look.DARK.ground) >= 3


@pytest.mark.parametrize("kind", BLINDNESS)
def test_series_can_be_told_apart(kind: str) -> None:
    for one, other in itertools.combinations(look.SERIES, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one, kind), seen(other, kind), strict=True)) ** 0.5
        assert distance >= 18, (kind, one, other, distance)


@given(st.text())
def test_a_model_keeps_its_colour(model: str) -> None:
    assert look.color_of(model) == look.color_of(model)
    assert look.color_of(model) in look.SERIES
    assert look.dash_of(model) in look.DASHES


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unpriced"), (Decimal(0), "$0"), (Decimal("12.346"), "$12.35"), (Decimal("1234.5"), "$1,234.50"),
        (Decimal("0.0123"), "$0.012"), (Decimal("0.000042"), "$0.000042"), (Decimal("0.00000001"), "<$0.000001"),
        (Decimal("0.5"), "$0.50"), (Decimal("0.999"), "$1.00"), (float("nan"), "unpriced"), (Decimal("-2"), "-$2.00"),
    ],
)  # fmt: skip
def test_money(value: Decimal | None, text: str) -> None:
    assert look.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "not measured"), (0.0004, "0 ms"), (0.85, "850 ms"), (0.9999, "1.00 s"), (1.236, "1.24 s"),
     (12.34, "12.3 s"),
     (125, "2 min 5 s"), (3725, "1 h 2 min"), (float("nan"), "not measured")],
)  # fmt: skip
def test_seconds(value: float | None, text: str) -> None:
    assert look.seconds(value) == text


@given(st.none() | st.integers(-(10**12), 10**12))
def test_unknown_tokens_are_never_zero(value: int | None) -> None:
    assert (look.tokens(value) == look.UNKNOWN) == (value is None)


def test_streamlit_carries_the_language() -> None:
    assert theme_file.FILE.read_text("utf-8") == theme_file.config_text(), "run python -m charts.theme_file"
    config = tomllib.loads(theme_file.config_text())
    assert config["browser"]["gatherUsageStats"] is False
    assert config["theme"]["light"]["primaryColor"] == look.LIGHT.accent
    assert config["theme"]["dark"]["backgroundColor"] == look.DARK.ground
    assert tuple(config["theme"]["chartCategoricalColors"]) == look.SERIES
    root = theme_file.FILE.parent.parent
    for face in config["theme"]["fontFaces"]:
        assert (root / face["url"].replace("/assets/", "static/")).is_file(), "every font is served from here"


def test_gradio_carries_the_language() -> None:
    carried = theme()
    assert carried.body_background_fill == look.LIGHT.ground
    assert carried.body_background_fill_dark == look.DARK.ground
    assert carried.button_primary_background_fill == look.LIGHT.accent
    assert look.SANS in carried.font
    assert "googleapis" not in carried._get_theme_css()


@pytest.mark.parametrize("dark", [False, True])
def test_plotly_carries_the_language(dark: bool) -> None:
    layout = look.plotly_template(dark).layout
    assert tuple(layout.colorway) == look.SERIES
    assert layout.font.color == look.palette(dark).text
    assert layout.font.family == look.SANS_STACK
