"""The one builder: puts the screens into tabs and hands each to its handlers."""

import gradio as gr

from charts import look
from core.platform import Platform
from playground import (
    api,
    arranging,
    asking,
    deciding,
    experimenting,
    following,
    markup,
    opening,
    planning,
    ranking,
    saving,
    voting,
)
from playground.compare_part import compare_part
from playground.decisions_part import decisions_part
from playground.desk import Desk
from playground.experiments_part import experiments_part
from playground.ranking_part import ranking_part

IS_DARK = "() => document.body.classList.contains('dark')"


def screen(platform: Platform) -> gr.Blocks:
    with gr.Blocks(title=f"Playground · {look.PRODUCT}", analytics_enabled=False, fill_width=True) as demo:
        gr.HTML(markup.header(), js_on_load=None)
        dark = gr.Checkbox(False, visible="hidden", show_label=False, container=False)
        with gr.Tabs():
            with gr.Tab("Compare", id="compare"):
                part = compare_part()
            ranking_screen = ranking_part()
            experiments_screen = experiments_part()
            decisions_screen = decisions_part()
        desk = Desk(platform.compare, part, platform.workspace)
        opening.attach(demo, desk)
        following.attach(demo)
        asking.attach(desk)
        arranging.attach(desk)
        saving.attach(desk)
        voting.attach(desk)
        ranking.attach(desk, ranking_screen, dark)
        planning.attach(desk, experiments_screen.plan)
        experimenting.attach(desk, experiments_screen)
        deciding.attach(desk, decisions_screen)
        api.attach(platform.compare)
        demo.load(None, None, dark, js=IS_DARK, api_visibility="private")
    return demo
