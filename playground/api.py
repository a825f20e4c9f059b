"""The same comparing for notebooks: functions under stable names for gradio_client. Described in docs/playground.md."""

import asyncio
import base64
import functools
import inspect
from typing import Any

import gradio as gr

from core.compare.board import Board
from core.compare.board_view import BoardView
from core.compare.compare import Compare
from core.compare.decision_files import export as export_decision
from core.compare.exporting import export as export_results
from core.compare.exporting import voted_preferences
from core.compare.grid import contenders
from core.compare.league import Question
from core.compare.panes import LEAST, MOST, Setup
from core.errors import InvalidError, PlatformError
from core.events import TurnView
from core.messages import Message
from playground.desk import USER, sentence

Told = dict[str, Any]
Listed = list[Any]


def attach(compare: Compare) -> None:
    async def compare_models(question: str, panes: Listed, fair: bool = True, blind: bool = False) -> Told:
        """One question to 2 to 8 panes; waits for all. A pane is a model id, assistant:id@version or a pane object."""
        return await asyncio.to_thread(_asked, compare, question, panes, fair, blind)

    def follow_up(board: str, question: str) -> Told:
        """Another round with every pane's own history."""
        return told(_ask(compare.find(board, USER), question))

    def vote(board: str, winner: str, reason: str = "", tags: str = "") -> Told:
        """`winner`: a letter, tie or bad. Answers with what stood in each pane."""
        found = compare.find(board, USER)
        compare.vote(found, winner, reason, tags.split(","))
        return told(found.view())

    def ranking(tag: str = "", blind_only: bool = False, length_control: bool = False, judged: bool = False) -> Told:
        """Strengths with intervals, the win matrix, and what may be claimed."""
        question = Question(tag=tag or None, blind_only=blind_only, length_control=length_control, judged=judged)
        found = compare.league(question)
        return {
            "sentence": found.ranking.sentence, "cheapest": found.cheapest, "votes": found.ranking.votes,
            "table": rows(found.table), "matrix": rows(found.matrix),
        }  # fmt: skip

    def preferences() -> str:
        """People's votes as JSON lines of prompt, chosen, rejected."""
        return voted_preferences(compare.records).decode()

    def judge_votes(judge: str = "", rubric: str = "", limit: int = 50) -> Told:
        """A model votes on people's newest matches, in both orders; answers with its bias and its agreement."""
        found = compare.jury.judge(judge, rubric, limit)
        return {
            "duels": found.duels, "first_share": found.first_share, "consistent": found.consistent,
            "unreadable": found.unreadable, "agreement": found.agreement, "agreed_on": found.agreed_on,
        }  # fmt: skip

    for function in (compare_models, follow_up, vote, ranking, preferences, judge_votes):
        gr.api(guarded(function), api_name=function.__name__, concurrency_limit=None)
    _planning(compare)
    _running(compare)
    _results(compare)
    _decisions(compare)


def _planning(compare: Compare) -> None:
    experiments = compare.experiments

    def experiment_create(
        name: str,
        dataset: str,
        models: Listed,
        prompts: Listed | None = None,
        repeats: int = 1,
        graders: Listed | None = None,
        cap_usd: float | None = None,
        at_once: int = 4,
    ) -> Told:
        """Plans and estimates; nothing runs yet. `prompts`: [[prompt id, version], …]. Answers with id and forecast."""
        plan = experiments.plan(
            name, dataset, models, prompts=[(str(one[0]), one[1]) for one in prompts or ()], repeats=repeats,
            graders=graders or (), cap_usd=cap_usd, at_once=at_once,
        )  # fmt: skip
        forecast = experiments.forecast(plan)
        return {
            "experiment": experiments.create(plan), "cells": forecast.cells, "judgements": forecast.judgements,
            "cost_p50": text(forecast.cost_p50), "cost_p90": text(forecast.cost_p90), "seconds": forecast.seconds,
        }  # fmt: skip

    gr.api(guarded(experiment_create), api_name=experiment_create.__name__, concurrency_limit=None)


def _running(compare: Compare) -> None:
    experiments = compare.experiments

    def experiment_start(experiment: str) -> Told:
        """Starts or resumes; finished cells are not asked again."""
        experiments.start(experiment)
        return progress(experiment)

    def experiment_pause(experiment: str) -> Told:
        experiments.pause(experiment)
        return progress(experiment)

    def experiment_cancel(experiment: str) -> Told:
        experiments.cancel(experiment)
        return progress(experiment)

    def experiment_progress(experiment: str) -> Told:
        return progress(experiment)

    def progress(experiment: str) -> Told:
        now = experiments.progress(experiment)
        return {
            "experiment": experiment, "state": now.state, "done": now.done, "failed": now.failed,
            "running": now.running, "total": now.total, "spent": text(now.spent), "unpriced": now.unpriced,
            "per_minute": now.per_minute, "seconds_left": now.seconds_left, "note": now.note,
        }  # fmt: skip

    for function in (experiment_start, experiment_pause, experiment_cancel, experiment_progress):
        gr.api(guarded(function), api_name=function.__name__, concurrency_limit=None)


def _results(compare: Compare) -> None:
    def experiment_results(experiment: str) -> Told:
        found = compare.results(experiment)
        return {
            "sentence": found.sentence, "summary": rows(found.summary), "cells": rows(found.cells),
            "spent": {door: text(money) for door, money in found.spent.items()},
            "judges": {
                name: {"first_share": one.first_share, "consistent": one.consistent, "duels": one.duels}
                for name, one in found.trust.items()
            },
        }  # fmt: skip

    def experiment_export(experiment: str, kind: str = "csv") -> str:
        """csv, jsonl and preferences as text; parquet as base64."""
        data = export_results(compare.results(experiment), kind)
        return base64.b64encode(data).decode() if kind == "parquet" else data.decode()

    for function in (experiment_results, experiment_export):
        gr.api(guarded(function), api_name=function.__name__, concurrency_limit=None)


def _decisions(compare: Compare) -> None:
    def decide(
        title: str, choice: str, question: str = "", reason: str = "", experiment: str = "", board: str = ""
    ) -> str:
        """Freezes today's numbers, of the experiment, the board or all votes. Answers with the record's id."""
        return compare.decide(
            title=title, choice=choice, question=question, reason=reason, experiment_id=experiment or None,
            board_id=board or None, who=USER,
        )  # fmt: skip

    async def decision_again(decision: str) -> str | None:
        """Measures again and waits; the record then holds both. An experiment is only started: its new id."""
        return await asyncio.to_thread(compare.run_again, decision, USER)

    def decision_export(decision: str, kind: str = "markdown", address: str = "") -> str:
        """markdown or html as text, pdf as base64. `address`: where this installation is reached, to link its calls."""
        data = export_decision(compare.decisions.get(decision), kind, address or None)
        return base64.b64encode(data).decode() if kind == "pdf" else data.decode()

    for function in (decide, decision_again, decision_export):
        gr.api(guarded(function), api_name=function.__name__, concurrency_limit=None)


def _asked(compare: Compare, question: str, panes: list[Any], fair: bool, blind: bool) -> dict[str, Any]:
    specs = contenders([{"model": pane} if isinstance(pane, str) else pane for pane in panes])
    specs = tuple(spec.chosen(spec.model) if spec.model.startswith("assistant:") else spec for spec in specs)
    if not LEAST <= len(specs) <= MOST:
        raise InvalidError(f"A comparison has {LEAST} to {MOST} panes.")
    return told(_ask(compare.board(Setup(specs, fair, blind), USER), question))


def _ask(board: Board, question: str) -> BoardView:
    match = board.ask(Message.of("user", question.strip()) if question.strip() else Message("user"))
    match.wait()
    return board.view()


def told(view: BoardView) -> dict[str, Any]:
    """A board as plain data; a hidden pane tells its letter and its answer, nothing else."""
    return {
        "board": view.board_id, "round": view.round, "winner": view.winner, "comparable": view.verdict.comparable,
        "reasons": list(view.verdict.reasons),
        "panes": [
            {"letter": pane.letter, "model": pane.spec.choice if pane.spec else None,
             "contender": pane.spec.key if pane.spec else None, "name": pane.name or None,
             **answer(pane.last, pane.hidden)}
            for pane in view.panes
        ],
    }  # fmt: skip


def answer(view: TurnView | None, hidden: bool) -> dict[str, Any]:
    if view is None:
        return {"status": "not asked", "text": ""}
    if hidden or view.receipt is None:
        return {"status": view.status, "text": view.text, "error": view.error}
    paid = view.receipt
    return {
        "status": view.status, "text": view.text, "error": view.error, "turn_id": paid.turn_id,
        "call_ids": [attempt.call_id for attempt in paid.attempts], "ttft_s": paid.ttft_s, "total_s": paid.total_s,
        "queue_s": paid.queue_s,
        "tokens_per_s": paid.tokens_per_s, "input_tokens": paid.usage.input_tokens,
        "output_tokens": paid.usage.output_tokens, "cost": text(paid.cost), "finish_reason": paid.finish_reason,
    }  # fmt: skip


def text(money: Any) -> str | None:
    return None if money is None else str(money)


def rows(frame: Any) -> list[dict[str, Any]]:
    """Unknown figures as None, money as text."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): _plain(value) for name, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def guarded(function: Any) -> Any:
    """The same function; a PlatformError reaches the caller as its one sentence."""
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*given: Any, **named: Any) -> Any:
            try:
                return await function(*given, **named)
            except PlatformError as error:
                raise sentence(error) from None

        return awaited

    @functools.wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except PlatformError as error:
            raise sentence(error) from None

    return called
