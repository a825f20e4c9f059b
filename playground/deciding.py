"""Decisions: frozen when they are saved, read and exported ever after, run again when a model has changed."""

import gradio as gr

from charts.canvas import slug
from core.compare.decision_files import export, markdown
from core.errors import PlatformError
from playground import downloading
from playground.decisions_part import FORMATS, DecisionsPart
from playground.desk import Desk, sentence
from playground.drawing import Drawn
from playground.experimenting import experiment_choices

NOTHING = "No decisions yet. Compare, vote or run an experiment, then record what you chose and why."


def attach(desk: Desk, part: DecisionsPart) -> None:
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    compare = desk.compare

    def choices() -> list[tuple[str, str]]:
        return [(f"{one.title} · {one.made_at}", one.id) for one in compare.decisions.all()]

    def opened(chosen: str | None) -> Drawn:
        known = choices()
        now = chosen if chosen in {value for _, value in known} else (known[0][1] if known else None)
        sources = [("All votes", ""), *experiment_choices(desk)]
        return {part.chosen: gr.update(choices=known, value=now), part.source: gr.update(choices=sources)} | read(now)

    def read(chosen: str | None) -> Drawn:
        if not chosen:
            return {part.shown: NOTHING}
        try:
            decision = compare.decisions.get(chosen)
        except PlatformError as error:
            raise sentence(error) from None
        return {
            part.shown: markdown(decision),
            part.again: gr.update(visible=decision.experiment_id is not None),
            **{button: gr.update(visible=True) for button in part.downloads},
        }

    def save(source: str, title: str, question: str, choice: str, reason: str) -> Drawn:
        try:
            made = compare.decide(
                title=title, question=question, choice=choice, reason=reason, experiment_id=source or None
            )
        except PlatformError as error:
            raise sentence(error) from None
        cleared = {part.title: "", part.question: "", part.choice: "", part.reason: ""}
        return {part.chosen: gr.update(choices=choices(), value=made)} | cleared | read(made)

    def run_again(chosen: str) -> None:
        try:
            decision = compare.decisions.get(chosen)
            if decision.experiment_id:
                compare.experiments.start(compare.experiments.rerun(decision.experiment_id))
        except PlatformError as error:
            raise sentence(error) from None
        gr.Info("Running again; follow it on the Experiments tab. This record keeps its numbers.")

    def exported(kind: str, chosen: str) -> tuple[str, bytes]:
        decision = compare.decisions.get(chosen)
        return f"{slug(decision.title)}.{FORMATS[kind]}", export(decision, kind)

    shown = [part.shown, part.again, *part.downloads]
    form = [part.title, part.question, part.choice, part.reason]
    part.tab.select(opened, part.chosen, [part.chosen, part.source, *shown], **quiet)
    part.chosen.input(read, part.chosen, shown, **quiet)
    part.save.click(save, [part.source, *form], [part.chosen, *form, *shown], **quiet)
    part.again.click(run_again, part.chosen, None, **quiet)
    downloading.attach(FORMATS, part.downloads, part.made, part.chosen, exported)
