"""The Experiments screen: a plan with its estimate, and below it one experiment with its progress and results."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.compare.exporting import FORMATS
from playground.downloading import export_buttons

GRADERS = {
    "Equals the expected answer": "exact", "Contains": "contains", "Matches a regular expression": "regex",
    "Valid by JSON schema": "json_schema", "Number within tolerance": "numeric", "Like the expected": "similarity",
    "At most so many characters": "length", "At most so many seconds": "latency", "At most so much money": "cost",
    "Python expression is true": "expression", "A model scores by a rubric": "rubric",
    "A model picks the better of two": "pairwise",
}  # fmt: skip
SETTING = {
    "regex": "pattern", "json_schema": "schema", "numeric": "tolerance", "length": "most", "latency": "most",
    "cost": "most", "expression": "expression", "rubric": "rubric", "pairwise": "rubric",
}  # fmt: skip


@dataclass(frozen=True)
class PlanPart:
    name: Any
    dataset: Any
    upload: Any
    models: Any
    prompts: Any
    repeats: Any
    cap: Any
    at_once: Any
    kind: Any
    setting: Any
    judge: Any
    add: Any
    clear: Any
    graders: Any
    listed: Any
    estimate: Any
    start: Any
    told: Any

    @property
    def inputs(self) -> list[Any]:
        return [
            self.name, self.dataset, self.models, self.prompts, self.repeats, self.cap, self.at_once, self.graders
        ]  # fmt: skip


@dataclass(frozen=True)
class ExperimentsPart:
    tab: Any
    plan: PlanPart
    chosen: Any
    resume: Any
    pause: Any
    cancel: Any
    rerun: Any
    progress: Any
    summary: Any
    changes: Any
    cells: Any
    downloads: list[Any]
    made: Any
    timer: Any

    @property
    def live(self) -> list[Any]:
        return [self.progress, self.resume, self.pause, self.cancel, self.timer]

    @property
    def shown(self) -> list[Any]:
        return [*self.live, self.summary, self.changes, self.cells]


def experiments_part() -> ExperimentsPart:
    with gr.Tab("Experiments", id="experiments") as tab:
        with gr.Accordion("New experiment", open=True, elem_classes="box"):
            plan = _plan()
        with gr.Row(elem_classes="settings"):
            chosen = gr.Dropdown(choices=[], value=None, label="Experiment", min_width=220, scale=1)
            resume = gr.Button("Start or resume", size="sm", visible=False, min_width=0, scale=0)
            pause = gr.Button("Pause", size="sm", visible=False, min_width=0, scale=0)
            cancel = gr.Button("Cancel", size="sm", visible=False, min_width=0, scale=0)
            rerun = gr.Button("Run again", size="sm", min_width=0, scale=0)
        progress = gr.HTML("", js_on_load=None)
        summary = gr.Dataframe(
            headers=[
                "Contender", "Score", "95% interval", "Against the best", "p", "Repeats vary by", "Answered", "Money",
                "p95 time", "By grader",
            ],
            datatype="str", column_widths=[150, 76, 124, 90, 66, 84, 90, 90, 80, 380], interactive=False,
            show_label=False, wrap=True, visible=False, elem_classes="figures",
        )  # fmt: skip
        changes = gr.Dataframe(
            headers=["Contender", "Question", "Before", "Now"], datatype="str", interactive=False, wrap=True,
            label="What changed since the last run", visible=False, elem_classes="figures",
        )  # fmt: skip
        cells = gr.Dataframe(
            headers=["Contender", "Question", "Answer", "Score", "By grader", "Status", "Money", "Time", "Call"],
            datatype=[*["str"] * 8, "markdown"], column_widths=[150, 180, 330, 80, 170, 80, 90, 80, 70],
            interactive=False, label="Cells", wrap=True, visible=False, max_height=460, elem_classes="figures",
        )  # fmt: skip
        with gr.Row(elem_classes="bar downloads"):
            downloads, made = export_buttons(FORMATS)
        timer = gr.Timer(1.0, active=False)
    return ExperimentsPart(
        tab, plan, chosen, resume, pause, cancel, rerun, progress, summary, changes, cells, downloads, made,
        timer,
    )  # fmt: skip


def _plan() -> PlanPart:
    with gr.Row(elem_classes="settings"):
        name = gr.Textbox("", label="Name", placeholder="Which model for invoices?", max_length=120, min_width=180)
        dataset = gr.Dropdown(choices=[], value=None, label="Test cases", min_width=180)
        upload = gr.UploadButton(
            "Upload CSV or JSONL", file_types=[".csv", ".jsonl"], size="sm", min_width=0, scale=0, type="filepath"
        )
    with gr.Row(elem_classes="settings"):
        models = gr.Dropdown(choices=[], value=[], multiselect=True, label="Models and assistants", min_width=260)
        prompts = gr.Dropdown(choices=[], value=[], multiselect=True, label="Prompt versions (optional)", min_width=200)
        repeats = gr.Number(1, label="Repeats", minimum=1, maximum=100, precision=0, min_width=80, scale=0)
        cap = gr.Number(None, label="Cap in dollars (0: none)", minimum=0, min_width=150, scale=0)
        at_once = gr.Number(
            4, label="Calls at once per provider", minimum=1, maximum=64, precision=0, min_width=150, scale=0
        )
    graders = gr.State([])
    with gr.Row(elem_classes="settings"):
        kind = gr.Dropdown(list(GRADERS), value="Contains", label="Grader", min_width=220, scale=0)
        setting = gr.Textbox(
            "", label="Its text, pattern, schema, limit, expression or rubric",
            placeholder="Empty: the case's expected answer", min_width=240,
        )  # fmt: skip
        judge = gr.Dropdown(choices=[], value=None, label="Judge", visible=False, min_width=180, scale=0)
        add = gr.Button("Add grader", size="sm", min_width=0, scale=0)
        clear = gr.Button("No graders", size="sm", min_width=0, scale=0)
    listed = gr.HTML("", js_on_load=None)
    with gr.Row(elem_classes="settings"):
        told = gr.HTML("", js_on_load=None, elem_classes="grow")
        estimate = gr.Button("Estimate", size="sm", min_width=0, scale=0)
        start = gr.Button("Start", size="sm", variant="primary", min_width=0, scale=0)
    return PlanPart(
        name, dataset, upload, models, prompts, repeats, cap, at_once, kind, setting, judge, add, clear, graders,
        listed, estimate, start, told,
    )  # fmt: skip
