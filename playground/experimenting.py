"""Running experiments: started, paused, cancelled, run again, followed while they run, exported."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from charts.canvas import slug
from core.compare.exporting import FORMATS, export
from core.errors import PlatformError
from playground.desk import Desk, sentence
from playground.drawing import Drawn
from playground.experiment_view import live, whole
from playground.experiments_part import ExperimentsPart
from playground.opening import prompt_choices
from playground.planning import dataset_choices, planned

ENDINGS = {"csv": "csv", "parquet": "parquet", "jsonl": "jsonl", "preferences": "jsonl"}


def attach(desk: Desk, part: ExperimentsPart) -> None:
    experiments = desk.compare.experiments
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}

    def opened(chosen: str | None) -> Drawn:
        choices = desk.choices()
        known = experiment_choices(desk)
        now = chosen if chosen in {value for _, value in known} else (known[0][1] if known else None)
        drawn = {
            part.chosen: gr.update(choices=known, value=now),
            part.plan.dataset: gr.update(choices=dataset_choices(desk)),
            part.plan.models: gr.update(choices=choices),
            part.plan.judge: gr.update(choices=choices),
            part.plan.prompts: gr.update(choices=prompt_choices(desk)[1:]),
        }
        return drawn | (whole(desk, part, now) if now else {})

    def read(chosen: str | None) -> Drawn:
        return whole(desk, part, chosen)

    def start_new(*told: Any) -> Drawn:
        try:
            made = experiments.create(planned(experiments, told))
            experiments.start(made)
        except PlatformError as error:
            raise sentence(error) from None
        return {part.chosen: gr.update(choices=experiment_choices(desk), value=made)} | whole(desk, part, made)

    def act(action: str, chosen: str | None) -> Drawn:
        if not chosen:
            return {}
        try:
            if action == "rerun":
                chosen = experiments.rerun(chosen)
                experiments.start(chosen)
            else:
                getattr(experiments, action)(chosen)
        except PlatformError as error:
            raise sentence(error) from None
        return {part.chosen: gr.update(choices=experiment_choices(desk), value=chosen)} | whole(desk, part, chosen)

    def tick(chosen: str | None) -> Drawn:
        if not chosen:
            return {part.timer: gr.Timer(active=False)}
        now = experiments.progress(chosen)
        return live(part, now) if now.state == "running" or now.running else whole(desk, part, chosen)

    def download(kind: str, chosen: str) -> str:
        found = desk.compare.results(chosen)
        name = slug(experiments.get(chosen).plan.name)
        path = Path(tempfile.mkdtemp(prefix="export-")) / f"{name}-{kind}.{ENDINGS[kind]}"
        path.write_bytes(export(found, kind))
        return str(path)

    outputs = [*part.shown, part.chosen, *part.downloads]
    form = [part.plan.dataset, part.plan.models, part.plan.judge, part.plan.prompts]
    part.tab.select(opened, part.chosen, [*outputs, *form], **quiet)
    part.plan.start.click(start_new, part.plan.inputs, outputs, **quiet)
    part.chosen.input(read, part.chosen, outputs, **quiet)
    actions = ((part.resume, "start"), (part.pause, "pause"), (part.cancel, "cancel"), (part.rerun, "rerun"))
    for button, action in actions:
        button.click(partial(act, action), part.chosen, outputs, **quiet)
    part.timer.tick(tick, part.chosen, outputs, **quiet)
    for kind, button in zip(FORMATS, part.downloads, strict=True):
        button.click(partial(download, kind), part.chosen, button, **quiet)


def experiment_choices(desk: Desk) -> list[tuple[str, str]]:
    return [
        (f"{one.plan.name} · {one.created_at:%d %b %H:%M}" if one.created_at else one.plan.name, one.id)
        for one in desk.compare.experiments.all()
    ]
