"""The Compare screen: its layout and nothing else. What happens on it is in the handlers."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.compare.board_view import LETTERS
from core.compare.panes import LEAST
from playground.panes import PanePart, SettingsPart, pane_parts, settings_part

EXAMPLES = (
    "Explain to a new customer, in three sentences, why our invoice shows two dates.",
    "Write a SQL query for the ten customers whose orders fell most against last month.",
    "Summarise the trade-offs between a monthly and a yearly subscription as a table.",
    "Return JSON with the fields name, city and year for three famous bridges.",
)


@dataclass(frozen=True)
class ComparePart:
    board: Any
    fair: Any
    blind: Any
    synced: Any
    add: Any
    fresh: Any
    badge: Any
    settings_box: Any
    settings: SettingsPart
    setup_box: Any
    saved: Any
    save_name: Any
    save: Any
    link: Any
    strip: Any
    attached: Any
    panes: list[PanePart]
    empty: Any
    examples: list[Any]
    show_now: Any
    vote_bar: Any
    votes: list[Any]
    tie: Any
    bad: Any
    reason: Any
    tags: Any
    vote_told: Any
    differences: Any
    left: Any
    right: Any
    only_changes: Any
    compare_texts: Any
    words: Any
    fields: Any
    question: Any
    stop_all: Any
    address: Any

    @property
    def drawn(self) -> list[Any]:
        """Every component that a view of the board may change."""
        slots = [
            one
            for pane in self.panes
            for one in (
                pane.column, pane.head, pane.picker, pane.again, pane.stop, pane.remove,
                pane.chat, pane.receipt, pane.own,
            )
        ]  # fmt: skip
        around = [
            self.badge, self.strip, self.attached, self.empty, self.fresh, self.stop_all, self.vote_bar, *self.votes,
            self.vote_told, self.show_now, self.add, self.differences, self.words, self.fields, self.settings_box,
            self.setup_box,
        ]  # fmt: skip
        return slots + around


def compare_part() -> ComparePart:
    board = gr.State("")
    address = gr.Textbox("", visible="hidden", elem_id="address", show_label=False, container=False)
    with gr.Row(elem_classes="bar"):
        fair = gr.Checkbox(True, label="Fair", container=False, min_width=70, scale=0, elem_classes="switch")
        blind = gr.Checkbox(False, label="Blind", container=False, min_width=70, scale=0, elem_classes="switch")
        synced = gr.Checkbox(
            True, label="Same settings for all", container=False, min_width=170, scale=0, elem_classes="switch"
        )
        badge = gr.HTML("", js_on_load=None, elem_classes="badge-line")
        fresh = gr.Button("New question", size="sm", visible=False, min_width=0, scale=0)
        add = gr.Button("Add pane", size="sm", min_width=0, scale=0)
    with gr.Row(elem_classes="boxes"):
        with gr.Accordion("Settings", open=False) as settings_box:
            settings = settings_part()
        with gr.Accordion("Saved comparisons and link", open=False) as setup_box, gr.Row(elem_classes="settings"):
            saved = gr.Dropdown(choices=[], value=None, label="Open a saved comparison", min_width=200)
            save_name = gr.Textbox("", label="Save this one as", max_length=120, min_width=200)
            save = gr.Button("Save", size="sm", min_width=0, scale=0)
            link = gr.Textbox("", label="Link to this set-up", interactive=False, buttons=["copy"], min_width=240)
    strip = gr.HTML("", js_on_load=None, elem_classes="strip-line")
    attached = gr.HTML("", js_on_load=None, elem_classes="attached-line", elem_id="attached")
    with gr.Row(elem_classes="panes", elem_id="panes"):
        panes = pane_parts(LEAST)
    show_now = gr.Button("Show the answers as they come", size="sm", visible=False, elem_classes="show-now")
    vote_bar, votes, tie, bad, reason, tags = _vote_bar()
    vote_told = gr.HTML("", js_on_load=None)
    with gr.Accordion("Differences", open=False, visible=False) as differences:
        left, right, only_changes, compare_texts, words, fields = _differences()
    with gr.Column(elem_classes="empty") as empty:
        gr.Markdown("### Ask once, compare the answers\nTry one of these, or type your own question below.")
        with gr.Row(elem_classes="examples"):
            examples = [gr.Button(text, size="sm", elem_classes="example") for text in EXAMPLES]
    with gr.Row(elem_classes="composer"):
        question = gr.MultimodalTextbox(
            None,
            placeholder="Ask all panes…",
            show_label=False,
            label="Question",
            container=False,
            file_count="multiple",
            lines=1,
            max_lines=10,
            elem_id="question",
            autofocus=False,
        )
        stop_all = gr.Button("Stop all", visible=False, min_width=0, scale=0, elem_classes="stop-all")
    return ComparePart(
        board, fair, blind, synced, add, fresh, badge, settings_box, settings, setup_box, saved, save_name,
        save, link, strip, attached, panes, empty, examples, show_now, vote_bar, votes, tie, bad, reason, tags,
        vote_told, differences, left, right, only_changes, compare_texts, words, fields, question, stop_all,
        address,
    )  # fmt: skip


def _vote_bar() -> tuple[Any, list[Any], Any, Any, Any, Any]:
    with gr.Column(visible=False, elem_classes="vote") as bar:
        with gr.Row(elem_classes="ballot"):
            gr.HTML("<b>Which answer is best?</b>", js_on_load=None, elem_classes="ballot-title")
            votes = [
                gr.Button(letter, size="sm", min_width=0, scale=0, visible=index < LEAST)
                for index, letter in enumerate(LETTERS)
            ]
            tie = gr.Button("Tie", size="sm", min_width=0, scale=0)
            bad = gr.Button("All bad", size="sm", min_width=0, scale=0)
        with gr.Row(elem_classes="why"):
            reason = gr.Textbox("", placeholder="Why? (optional)", show_label=False, container=False, max_length=2_000)
            tags = gr.Textbox(
                "", placeholder="Tags, with commas (optional)", show_label=False, container=False, max_length=400
            )
    return bar, votes, tie, bad, reason, tags


def _differences() -> tuple[Any, ...]:
    with gr.Row(elem_classes="settings filters"):
        left = gr.Dropdown(list(LETTERS[:2]), value="A", label="From", min_width=90, scale=0)
        right = gr.Dropdown(list(LETTERS[:2]), value="B", label="To", min_width=90, scale=0)
        only_changes = gr.Checkbox(
            False, label="Only where they differ", container=False, min_width=180, scale=0, elem_classes="switch"
        )
        compare_texts = gr.Button("Show differences", size="sm", min_width=0, scale=0)
    words = gr.HighlightedText(
        [], label="Words", show_label=False, combine_adjacent=True, show_legend=True, visible=False,
        color_map={"removed": "#D55E00", "added": "#0072B2"},
    )  # fmt: skip
    fields = gr.Dataframe(
        headers=["Path", "From", "To"], datatype="str", label="Fields that differ", interactive=False, visible=False,
        wrap=True,
    )  # fmt: skip
    return left, right, only_changes, compare_texts, words, fields
