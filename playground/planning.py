"""Planning an experiment: cases uploaded, graders listed, cost and time estimated before anything runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from charts import look
from core.compare.experiments import MODELS_WORK, Experiments, Forecast
from core.compare.graders import grader, label
from core.compare.grid import Plan
from core.errors import PlatformError
from playground import markup
from playground.desk import Desk, sentence
from playground.drawing import Drawn
from playground.experiments_part import GRADERS, SETTING, PlanPart


def attach(desk: Desk, part: PlanPart) -> None:
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}

    def upload(path: str) -> Drawn:
        file, datasets = Path(path), desk.workspace.datasets
        try:
            made = datasets.create(file.stem)
            count = datasets.add_file(made.id, file.name, file.read_bytes())
        except PlatformError as error:
            raise sentence(error) from None
        gr.Info(f"{count} test cases are in.")
        return {part.dataset: gr.update(choices=dataset_choices(desk), value=made.id)}

    def show_judge(kind: str) -> Drawn:
        return {part.judge: gr.update(visible=GRADERS.get(kind) in MODELS_WORK)}

    def add(kind: str, setting: str, judge: str | None, graders: list[dict[str, Any]]) -> Drawn:
        spec = described(kind, setting, judge)
        try:
            if spec["kind"] not in MODELS_WORK:
                grader(spec)
        except PlatformError as error:
            raise sentence(error) from None
        all_of_them = [*graders, spec]
        return {part.graders: all_of_them, part.listed: listed(all_of_them), part.setting: ""}

    def clear() -> Drawn:
        return {part.graders: [], part.listed: ""}

    def estimate(*told: Any) -> Drawn:
        try:
            plan = planned(desk.compare.experiments, told)
            forecast = desk.compare.experiments.forecast(plan)
        except PlatformError as error:
            raise sentence(error) from None
        return {part.told: f'<div class="told"><span>{markup.escaped(foretold(forecast))}</span></div>'}

    part.upload.upload(upload, part.upload, part.dataset, **quiet)
    part.kind.input(show_judge, part.kind, part.judge, **quiet)
    part.add.click(
        add, [part.kind, part.setting, part.judge, part.graders], [part.graders, part.listed, part.setting], **quiet
    )
    part.clear.click(clear, None, [part.graders, part.listed], **quiet)
    part.estimate.click(estimate, part.inputs, part.told, **quiet)


def foretold(forecast: Forecast) -> str:
    """What the forecast says, in one sentence or two."""
    likely, most = forecast.cost_p50, forecast.cost_p90
    if likely is not None:
        money = f"about {look.money(likely)}" + (f", at most {look.money(most)}" if most else "")
    elif most is not None:
        money = f"at most {look.money(most)}; what is likely is known after some answers of each model"
    else:
        money = "money unknown, since a model here has no price"
    judges = f" and {forecast.judgements:,} judgements" if forecast.judgements else ""
    took = f", some {look.seconds(forecast.seconds)}" if forecast.seconds else ""
    return f"{forecast.cells:,} answers{judges}: {money}{took}."


def described(kind: str, setting: str, judge: str | None) -> dict[str, Any]:
    """A grader as the experiment keeps it."""
    word = GRADERS.get(kind, "contains")
    spec: dict[str, Any] = {"kind": word}
    if setting.strip():
        spec[SETTING.get(word, "value")] = setting.strip()
    if word in MODELS_WORK and judge:
        spec["judge"] = judge
    return spec


def listed(graders: Sequence[dict[str, Any]]) -> str:
    chips = "".join(f'<span class="chip">{markup.escaped(label(spec))}</span>' for spec in graders)
    return f'<div class="chips">{chips}</div>'


def planned(experiments: Experiments, told: Sequence[Any]) -> Plan:
    """From the form's values. Raises PlatformError."""
    name, dataset, models, prompts, repeats, cap, at_once, graders = told
    pairs = [
        (prompt_id, int(version) or None) for prompt_id, _, version in (one.rpartition("@") for one in prompts or ())
    ]
    return experiments.plan(
        name or "", dataset or "", models or (), prompts=pairs, repeats=int(repeats or 1), graders=graders or (),
        cap_usd=cap or None, at_once=int(at_once or 4),
    )  # fmt: skip


def dataset_choices(desk: Desk) -> list[tuple[str, str]]:
    return [(f"{one.name} ({one.case_count})", one.id) for one in desk.workspace.datasets.list()]
