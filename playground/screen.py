"""The one builder: puts the screens into tabs and hands each to its handlers."""

import gradio as gr

from charts import look
from core.platform import Platform
from playground import arranging, asking, markup, opening, saving, voting
from playground.compare_part import compare_part
from playground.desk import Desk


def screen(platform: Platform) -> gr.Blocks:
    with gr.Blocks(title=f"Playground · {look.PRODUCT}", analytics_enabled=False, fill_width=True) as demo:
        gr.HTML(markup.header(), js_on_load=None)
        with gr.Tabs(), gr.Tab("Compare", id="compare"):
            part = compare_part()
        desk = Desk(platform.compare, part, platform.workspace)
        opening.attach(demo, desk)
        asking.attach(desk)
        arranging.attach(desk)
        saving.attach(desk)
        voting.attach(desk)
    return demo
