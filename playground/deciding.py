"""Decisions: frozen when they are saved, read and exported ever after, run again when a model has changed."""

import gradio as gr

from charts.canvas import slug
from core.compare.decision_files import export, markdown
from core.errors import PlatformError
from playground import downloading
from playground.decisions_part import FORMATS, DecisionsPart
from playground.desk import USER, Desk, sentence
from playground.drawing import Drawn
from playground.experimenting import experiment_choices

HERE = "the comparison at hand"
NOTHING = "No decisions yet. Compare, vote or run an experiment, then record what you chose and why."


def attach(desk: Desk, part: DecisionsPart) -> None:
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    compare = desk.compare

    def choices() -> list[tuple[str, str]]:
        return [(f"{one.title} · {one.made_at}", one.id) for one in compare.decisions.all()]

    def sources(board_id: str) -> list[tuple[str, str]]:
        try:
            asked = bool(desk.board(board_id).matches)
        except PlatformError:
            asked = False
        here = [("The comparison at hand", HERE)] if asked else []
        return [("All votes", ""), *here, *experiment_choices(desk)]

    def opened(chosen: str | None, board_id: str) -> Drawn:
        known = choices()
        now = chosen if chosen in {value for _, value in known} else (known[0][1] if known else None)
        offered = gr.update(choices=sources(board_id))
        return {part.chosen: gr.update(choices=known, value=now), part.source: offered} | read(now)

    def read(chosen: str | None) -> Drawn:
        if not chosen:
            return {part.shown: NOTHING}
        try:
            decision = compare.decisions.get(chosen)
        except PlatformError as error:
            raise sentence(error) from None
        return {
            part.shown: markdown(decision),
            part.again: gr.update(visible=decision.repeatable),
            **{button: gr.update(visible=True) for button in part.downloads},
        }

    def save(source: str, board_id: str, title: str, question: str, choice: str, reason: str) -> Drawn:
        here = source == HERE
        try:
            made = compare.decide(
                title=title, question=question, choice=choice, reason=reason, who=USER,
                experiment_id=None if here else source or None, board_id=board_id if here else None,
            )  # fmt: skip
        except PlatformError as error:
            raise sentence(error) from None
        cleared = {part.title: "", part.question: "", part.choice: "", part.reason: ""}
        return {part.chosen: gr.update(choices=choices(), value=made)} | cleared | read(made)

    def run_again(chosen: str) -> Drawn:
        try:
            if compare.decisions.get(chosen).board is not None:
                gr.Info("Asking again; the new figures come to stand beside the old ones.")
            if compare.run_again(chosen, USER):
                gr.Info("Running again; follow it on the Experiments tab. This record keeps its numbers.")
        except PlatformError as error:
            raise sentence(error) from None
        return read(chosen)

    def exported(kind: str, chosen: str) -> tuple[str, bytes]:
        decision = compare.decisions.get(chosen)
        return f"{slug(decision.title)}.{FORMATS[kind]}", export(decision, kind)

    shown = [part.shown, part.again, *part.downloads]
    form = [part.title, part.question, part.choice, part.reason]
    part.tab.select(opened, [part.chosen, desk.part.board], [part.chosen, part.source, *shown], **quiet)
    part.chosen.input(read, part.chosen, shown, **quiet)
    part.save.click(save, [part.source, desk.part.board, *form], [part.chosen, *form, *shown], **quiet)
    part.again.click(run_again, part.chosen, shown, **quiet)
    downloading.attach(FORMATS, part.downloads, part.made, part.chosen, exported)
