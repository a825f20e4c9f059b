"""The product's visual language as a Gradio theme: same palette, fonts and radius as the Streamlit door."""

import gradio as gr
from gradio.themes.utils import colors, fonts

from charts import look

FONT_CSS = """
@font-face{font-family:'Inter';src:url('/assets/inter.woff2') format('woff2');font-weight:100 900;font-display:swap}
@font-face{font-family:'Inter';src:url('/assets/inter-italic.woff2') format('woff2');font-weight:100 900;
font-style:italic;font-display:swap}
@font-face{font-family:'JetBrains Mono';src:url('/assets/jetbrains-mono.woff2') format('woff2');
font-weight:100 800;font-display:swap}
"""
ACCENT = colors.Color(
    "#EAF4FB", "#D0E7F5", "#A9D0E8", "#82BBDD", look.DARK.link,
    look.DARK.accent, look.LIGHT.accent, "#00588B", "#004770", "#003A5E", "#00273F", name="plainsight",
)  # fmt: skip
NEUTRAL = colors.Color(
    look.LIGHT.sidebar, look.LIGHT.surface, look.LIGHT.border, "#C4CCD5", look.DARK.muted,
    "#71808F", look.LIGHT.muted, look.DARK.border, look.DARK.grid, look.DARK.surface, look.DARK.ground, name="ink",
)  # fmt: skip


SHADES = {
    "ground": "body_background_fill background_fill_primary block_background_fill",
    "text": "body_text_color block_title_text_color",
    "muted": "body_text_color_subdued block_label_text_color",
    "surface": "background_fill_secondary block_label_background_fill input_background_fill "
    "button_secondary_background_fill",
    "border": "block_border_color border_color_primary input_border_color button_secondary_border_color "
    "table_border_color",
    "accent": "input_border_color_focus button_primary_background_fill",
    "on_accent": "button_primary_text_color",
    "link": "link_text_color",
}
"""Word of the palette -> what Gradio paints with it, in light and in dark."""


def theme() -> gr.themes.Base:
    base = gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=NEUTRAL,
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_md,
        font=[fonts.Font(look.SANS), fonts.Font("ui-sans-serif"), fonts.Font("system-ui"), fonts.Font("sans-serif")],
        font_mono=[fonts.Font(look.MONO), fonts.Font("ui-monospace"), fonts.Font("monospace")],
    )
    return base.set(**_shades(look.LIGHT, ""), **_shades(look.DARK, "_dark"), **_rest())


def _shades(palette: look.Palette, ending: str) -> dict[str, str]:
    return {f"{painted}{ending}": getattr(palette, word) for word, all_ in SHADES.items() for painted in all_.split()}


def _rest() -> dict[str, str]:
    """What is no plain colour of the palette, or another one in the dark."""
    return {
        "block_title_text_weight": "500",
        "block_radius": look.RADIUS,
        "block_shadow": "none",
        "input_radius": look.RADIUS,
        "button_large_radius": look.RADIUS,
        "button_medium_radius": look.RADIUS,
        "button_small_radius": look.RADIUS,
        "button_primary_background_fill_hover": "#00588B",
        "button_primary_background_fill_hover_dark": look.LIGHT.accent,
        "color_accent": look.LIGHT.accent,
        "color_accent_soft": "#EAF4FB",
        "color_accent_soft_dark": "#15293A",
    }
