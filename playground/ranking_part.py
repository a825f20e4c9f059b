"""The Ranking screen: which votes count, what they show, and four charts."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

MODELS = "Models as judges"
WINDOWS = {"All time": 0, "Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90}


@dataclass(frozen=True)
class RankingPart:
    tab: Any
    tag: Any
    window: Any
    blind_only: Any
    fair_only: Any
    length_control: Any
    judged: Any
    told: Any
    strengths: Any
    table: Any
    matrix: Any
    money: Any
    time: Any

    @property
    def inputs(self) -> list[Any]:
        return [self.tag, self.window, self.blind_only, self.fair_only, self.length_control, self.judged]

    @property
    def outputs(self) -> list[Any]:
        return [self.tag, self.told, self.strengths, self.table, self.matrix, self.money, self.time]


def ranking_part() -> RankingPart:
    with gr.Tab("Ranking", id="ranking") as tab:
        with gr.Row(elem_classes="settings filters"):
            tag = gr.Dropdown(["All tags"], value="All tags", label="Tag", min_width=140, scale=0)
            window = gr.Dropdown(list(WINDOWS), value="All time", label="Votes from", min_width=140, scale=0)
            judged = gr.Dropdown(["People", MODELS], value="People", label="Voters", min_width=150, scale=0)
            blind_only = gr.Checkbox(
                False, label="Blind votes only", container=False, min_width=150, scale=0, elem_classes="switch"
            )
            fair_only = gr.Checkbox(
                False, label="Comparable only", container=False, min_width=150, scale=0, elem_classes="switch"
            )
            length_control = gr.Checkbox(
                False, label="Control for length", container=False, min_width=160, scale=0, elem_classes="switch"
            )
        told = gr.HTML("", js_on_load=None)
        strengths = gr.Plot(show_label=False, container=False, elem_classes="chart")
        table = gr.Dataframe(
            headers=["#", "Contender", "Wins", "95% interval", "Comparisons", "Money per answer", "p95 time"],
            datatype="str", column_widths=[36, 140, 58, 112, 104, 104, 84], interactive=False, show_label=False,
            wrap=True, elem_classes="figures ranks",
        )  # fmt: skip
        with gr.Row(elem_classes="charts"):
            money = gr.Plot(show_label=False, container=False, elem_classes="chart")
            time = gr.Plot(show_label=False, container=False, elem_classes="chart")
        matrix = gr.Plot(show_label=False, container=False, elem_classes="chart")
    return RankingPart(
        tab, tag, window, blind_only, fair_only, length_control, judged, told, strengths, table, matrix, money, time
    )
