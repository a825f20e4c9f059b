"""Running experiments: started, paused, cancelled, run again, followed while they run, exported."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from charts.canvas import slug
from core.compare.experiments import Experiments
from core.compare.exporting import FORMATS, export
from core.errors import PlatformError
from playground import downloading
from playground.desk import Desk, sentence
from playground.drawing import Drawn
from playground.experiment_view import live, whole
from playground.experiments_part import ExperimentsPart
from playground.opening import prompt_choices
from playground.planning import dataset_choices, planned

ENDINGS = {"csv": "csv", "parquet": "parquet", "jsonl": "jsonl", "preferences": "jsonl"}


def attach(desk: Desk, part: ExperimentsPart) -> None:
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    does = Conducting(desk, part)
    outputs = [*part.shown, part.chosen, *part.downloads]
    form = [part.plan.dataset, part.plan.models, part.plan.judge, part.plan.prompts]
    part.tab.select(does.open, part.chosen, [*outputs, *form], **quiet)
    part.plan.start.click(does.start_new, part.plan.inputs, outputs, **quiet)
    part.chosen.input(does.read, part.chosen, outputs, **quiet)
    actions = ((part.resume, "start"), (part.pause, "pause"), (part.cancel, "cancel"), (part.rerun, "rerun"))
    for button, action in actions:
        button.click(partial(does.act, action), part.chosen, outputs, **quiet)
    part.timer.tick(does.tick, part.chosen, outputs, **quiet)
    downloading.attach(FORMATS, part.downloads, part.made, part.chosen, does.exported)


@dataclass(frozen=True)
class Conducting:
    """The handlers. `chosen` is the id of the experiment that is shown."""

    desk: Desk
    part: ExperimentsPart

    @property
    def experiments(self) -> Experiments:
        return self.desk.compare.experiments

    def open(self, chosen: str | None) -> Drawn:
        plan, choices, known = self.part.plan, self.desk.choices(), experiment_choices(self.desk)
        now = chosen if chosen in {value for _, value in known} else (known[0][1] if known else None)
        drawn = {
            self.part.chosen: gr.update(choices=known, value=now),
            plan.dataset: gr.update(choices=dataset_choices(self.desk)),
            plan.models: gr.update(choices=choices),
            plan.judge: gr.update(choices=choices),
            plan.prompts: gr.update(choices=prompt_choices(self.desk)[1:]),
        }
        return drawn | whole(self.desk, self.part, now)

    def read(self, chosen: str | None) -> Drawn:
        return whole(self.desk, self.part, chosen) or dict(gr.skip())

    def start_new(self, *told: Any) -> Drawn:
        try:
            made = self.experiments.create(planned(self.experiments, told))
            self.experiments.start(made)
        except PlatformError as error:
            raise sentence(error) from None
        return self._turned_to(made)

    def act(self, action: str, chosen: str | None) -> Drawn:
        if not chosen:
            return dict(gr.skip())
        try:
            if action == "rerun":
                chosen = self.experiments.rerun(chosen)
                self.experiments.start(chosen)
            else:
                getattr(self.experiments, action)(chosen)
        except PlatformError as error:
            raise sentence(error) from None
        return self._turned_to(chosen)

    def _turned_to(self, chosen: str) -> Drawn:
        return {self.part.chosen: gr.update(choices=experiment_choices(self.desk), value=chosen)} | self.read(chosen)

    def tick(self, chosen: str | None) -> Drawn:
        if not chosen:
            return {self.part.timer: gr.Timer(active=False)}
        now = self.experiments.progress(chosen)
        return live(self.part, now) if now.state == "running" or now.running else self.read(chosen)

    def exported(self, kind: str, chosen: str, _address: str) -> tuple[str, bytes]:
        found = self.desk.compare.results(chosen)
        name = slug(self.experiments.get(chosen).plan.name)
        return f"{name}-{kind}.{ENDINGS[kind]}", export(found, kind)


def experiment_choices(desk: Desk) -> list[tuple[str, str]]:
    return [
        (f"{one.plan.name} · {one.created_at:%d %b %H:%M}" if one.created_at else one.plan.name, one.id)
        for one in desk.compare.experiments.all()
    ]
