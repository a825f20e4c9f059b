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


def theme() -> gr.themes.Base:
    light, dark = look.LIGHT, look.DARK
    return gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=NEUTRAL,
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_md,
        font=[fonts.Font(look.SANS), fonts.Font("ui-sans-serif"), fonts.Font("system-ui"), fonts.Font("sans-serif")],
        font_mono=[fonts.Font(look.MONO), fonts.Font("ui-monospace"), fonts.Font("monospace")],
    ).set(
        body_background_fill=light.ground,
        body_background_fill_dark=dark.ground,
        body_text_color=light.text,
        body_text_color_dark=dark.text,
        body_text_color_subdued=light.muted,
        body_text_color_subdued_dark=dark.muted,
        background_fill_primary=light.ground,
        background_fill_primary_dark=dark.ground,
        background_fill_secondary=light.surface,
        background_fill_secondary_dark=dark.surface,
        block_background_fill=light.ground,
        block_background_fill_dark=dark.ground,
        block_label_background_fill=light.surface,
        block_label_background_fill_dark=dark.surface,
        block_label_text_color=light.muted,
        block_label_text_color_dark=dark.muted,
        block_title_text_color=light.text,
        block_title_text_color_dark=dark.text,
        block_title_text_weight="500",
        block_border_color=light.border,
        block_border_color_dark=dark.border,
        block_radius=look.RADIUS,
        block_shadow="none",
        border_color_primary=light.border,
        border_color_primary_dark=dark.border,
        input_background_fill=light.surface,
        input_background_fill_dark=dark.surface,
        input_border_color=light.border,
        input_border_color_dark=dark.border,
        input_border_color_focus=light.accent,
        input_border_color_focus_dark=dark.accent,
        input_radius=look.RADIUS,
        button_large_radius=look.RADIUS,
        button_medium_radius=look.RADIUS,
        button_small_radius=look.RADIUS,
        button_primary_background_fill=light.accent,
        button_primary_background_fill_dark=dark.accent,
        button_primary_background_fill_hover="#00588B",
        button_primary_background_fill_hover_dark=light.accent,
        button_primary_text_color=light.on_accent,
        button_primary_text_color_dark=dark.on_accent,
        button_secondary_background_fill=light.surface,
        button_secondary_background_fill_dark=dark.surface,
        button_secondary_border_color=light.border,
        button_secondary_border_color_dark=dark.border,
        link_text_color=light.link,
        link_text_color_dark=dark.link,
        color_accent=light.accent,
        color_accent_soft="#EAF4FB",
        color_accent_soft_dark="#15293A",
        table_border_color=light.border,
        table_border_color_dark=dark.border,
    )
