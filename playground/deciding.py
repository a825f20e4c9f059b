"""Decisions: frozen when they are saved, read and exported ever after, run again when a model has changed."""

from dataclasses import dataclass

import gradio as gr

from charts.canvas import slug
from core.compare.compare import Compare
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
    does = Recording(desk, part)
    shown = [part.shown, part.again, part.timer, *part.downloads]
    form = [part.title, part.question, part.choice, part.reason]
    part.tab.select(does.open, [part.chosen, desk.part.board], [part.chosen, part.source, *shown], **quiet)
    part.chosen.input(does.read, part.chosen, shown, **quiet)
    part.save.click(does.save, [part.source, desk.part.board, *form], [part.chosen, *form, *shown], **quiet)
    part.again.click(does.run_again, part.chosen, shown, **quiet)
    part.timer.tick(does.read, part.chosen, shown, **quiet)
    downloading.attach(FORMATS, part.downloads, part.made, part.chosen, does.exported)


@dataclass(frozen=True)
class Recording:
    """The handlers. `chosen` is the id of the record that is shown."""

    desk: Desk
    part: DecisionsPart

    @property
    def compare(self) -> Compare:
        return self.desk.compare

    def open(self, chosen: str | None, board_id: str) -> Drawn:
        known = self._choices()
        now = chosen if chosen in {value for _, value in known} else (known[0][1] if known else None)
        offered = gr.update(choices=self._sources(board_id))
        return {self.part.chosen: gr.update(choices=known, value=now), self.part.source: offered} | self.read(now)

    def read(self, chosen: str | None) -> Drawn:
        part = self.part
        if not chosen:
            return {part.shown: NOTHING, part.timer: gr.Timer(active=False)}
        try:
            decision = self.compare.decisions.get(chosen)
        except PlatformError as error:
            raise sentence(error) from None
        return {
            part.shown: markdown(decision, ""),
            part.again: gr.update(visible=decision.repeatable),
            part.timer: gr.Timer(active=any(map(self._under_way, decision.expected))),
            **{button: gr.update(visible=True) for button in part.downloads},
        }

    def save(self, source: str, board_id: str, title: str, question: str, choice: str, reason: str) -> Drawn:
        here, part = source == HERE, self.part
        try:
            made = self.compare.decide(
                title=title, question=question, choice=choice, reason=reason, who=USER,
                experiment_id=None if here else source or None, board_id=board_id if here else None,
            )  # fmt: skip
        except PlatformError as error:
            raise sentence(error) from None
        cleared = {part.title: "", part.question: "", part.choice: "", part.reason: ""}
        return {part.chosen: gr.update(choices=self._choices(), value=made)} | cleared | self.read(made)

    def run_again(self, chosen: str) -> Drawn:
        try:
            if self.compare.decisions.get(chosen).board is not None:
                gr.Info("Asking again; the new figures come to stand beside the old ones.")
            if self.compare.run_again(chosen, USER):
                gr.Info("Running again, on the Experiments tab; its figures come to stand beside the old ones.")
        except PlatformError as error:
            raise sentence(error) from None
        return self.read(chosen)

    def exported(self, kind: str, chosen: str, address: str) -> tuple[str, bytes]:
        decision = self.compare.decisions.get(chosen)
        return f"{slug(decision.title)}.{FORMATS[kind]}", export(decision, kind, address)

    def _choices(self) -> list[tuple[str, str]]:
        return [(f"{one.title} · {one.made_at}", one.id) for one in self.compare.decisions.all()]

    def _sources(self, board_id: str) -> list[tuple[str, str]]:
        try:
            asked = bool(self.desk.board(board_id).matches)
        except PlatformError:
            asked = False
        here = [("The comparison at hand", HERE)] if asked else []
        return [("All votes", ""), *here, *experiment_choices(self.desk)]

    def _under_way(self, experiment: str) -> bool:
        try:
            return self.compare.experiments.progress(experiment).state in ("running", "finished")
        except PlatformError:
            return False
