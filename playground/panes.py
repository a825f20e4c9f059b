"""One pane's components, built in a loop; nothing here knows which model stands in it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.compare.panes import MOST


@dataclass(frozen=True)
class PanePart:
    column: Any
    head: Any
    picker: Any
    focus: Any
    again: Any
    stop: Any
    remove: Any
    chat: Any
    receipt: Any
    own: Any
    settings: "SettingsPart"


@dataclass(frozen=True)
class SettingsPart:
    """Prompt, system prompt and parameters: once for all panes, or once in each."""

    prompt: Any
    system: Any
    temperature: Any
    top_p: Any
    max_tokens: Any
    seed: Any

    @property
    def inputs(self) -> list[Any]:
        return [self.prompt, self.system, self.temperature, self.top_p, self.max_tokens, self.seed]


def settings_part() -> SettingsPart:
    with gr.Row(elem_classes="settings"):
        prompt = gr.Dropdown(
            choices=[], value=None, label="Prompt version", allow_custom_value=True, min_width=160, scale=1
        )
        temperature = gr.Number(None, label="Temperature", minimum=0, maximum=2, step=0.1, min_width=90, scale=1)
        top_p = gr.Number(None, label="Top p", minimum=0, maximum=1, step=0.05, min_width=90, scale=1)
        max_tokens = gr.Number(None, label="Max tokens", minimum=0, precision=0, min_width=90, scale=1)
        seed = gr.Number(None, label="Seed", minimum=0, precision=0, min_width=90, scale=1)
    system = gr.Textbox(
        "", label="System prompt", placeholder="The assistant's own, or none", lines=2, max_lines=8, max_length=20_000
    )
    return SettingsPart(prompt, system, temperature, top_p, max_tokens, seed)


def pane_part(index: int, visible: bool) -> PanePart:
    with gr.Column(visible=visible, elem_classes="pane", elem_id=f"pane-{index}", min_width=0) as column:
        with gr.Row(elem_classes="pane-bar"):
            head = gr.HTML("", js_on_load=None, elem_classes="head")
            picker = gr.Dropdown(
                choices=[],
                value=None,
                show_label=False,
                container=False,
                elem_classes="picker",
                label=f"Model or assistant in pane {index + 1}",
            )
            focus, again, stop, remove = (
                gr.Button(word, elem_classes=f"tool {sign}", min_width=0, scale=0)
                for word, sign in (("Focus", "focus"), ("Ask again", "again"), ("Stop", "stop"), ("Remove", "remove"))
            )
        chat = gr.Chatbot(
            [],
            show_label=False,
            container=False,
            height=None,
            min_height=200,
            max_height=560,
            autoscroll=False,
            sanitize_html=True,
            allow_tags=False,
            line_breaks=False,  # as on the chat page: an answer's single line ends are no new lines
            feedback_options=None,
            buttons=["copy"],
            layout="panel",
            placeholder=" ",
            elem_classes="answer",
            label=f"Pane {index + 1}",
            visible=False,  # its code is half of what a first visit loads; an empty pane does not need it
        )
        chat.api_info = _no_api_info  # sixteen kilobytes of schema for each pane, and no event of it is public
        receipt = gr.HTML("", js_on_load=None, elem_classes="receipt-line")
        with gr.Group(visible=False, elem_classes="own") as own:
            settings = settings_part()
    return PanePart(column, head, picker, focus, again, stop, remove, chat, receipt, own, settings)


def _no_api_info() -> dict[str, str]:
    return {"type": "array"}


def pane_parts(shown: int) -> list[PanePart]:
    return [pane_part(index, index < shown) for index in range(MOST)]
