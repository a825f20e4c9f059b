"""The Decisions screen: record one, read one, take it along."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from playground.downloading import export_buttons

FORMATS = {"markdown": "md", "html": "html", "pdf": "pdf"}


@dataclass(frozen=True)
class DecisionsPart:
    tab: Any
    source: Any
    title: Any
    question: Any
    choice: Any
    reason: Any
    save: Any
    chosen: Any
    again: Any
    shown: Any
    downloads: list[Any]
    made: Any
    timer: Any


def decisions_part() -> DecisionsPart:
    with gr.Tab("Decisions", id="decisions") as tab:
        with gr.Accordion("Record a decision", open=False, elem_classes="box"):
            with gr.Row(elem_classes="settings"):
                title = gr.Textbox("", label="Title", max_length=120, min_width=220)
                source = gr.Dropdown(choices=[("All votes", "")], value="", label="Based on", min_width=220)
            with gr.Row(elem_classes="settings"):
                question = gr.Textbox("", label="Question", max_length=1_000, min_width=220)
                choice = gr.Textbox("", label="Decided", max_length=400, min_width=220)
            reason = gr.Textbox("", label="Why", lines=2, max_length=4_000)
            with gr.Row(elem_classes="bar"):
                save = gr.Button("Save with today's numbers", size="sm", variant="primary", min_width=0, scale=0)
        with gr.Row(elem_classes="settings"):
            chosen = gr.Dropdown(choices=[], value=None, label="Decision", min_width=260)
            again = gr.Button("Run again", size="sm", visible=False, min_width=0, scale=0)
            downloads, made = export_buttons(FORMATS)
        shown = gr.Markdown("", sanitize_html=True, elem_classes="record", latex_delimiters=[])
        timer = gr.Timer(2.0, active=False)
    return DecisionsPart(
        tab, source, title, question, choice, reason, save, chosen, again, shown, downloads, made, timer
    )
