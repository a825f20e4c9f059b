"""Draws the ranking when its tab is opened or a filter changes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import gradio as gr
import pandas as pd

from charts import look, ratings
from core.compare.agreement import Judging, judges
from core.compare.league import League, Question
from playground import markup
from playground.desk import Desk
from playground.drawing import Drawn
from playground.ranking_part import MODELS, WINDOWS, RankingPart

PLURAL = {"voter": "voters", "model as judge": "models as judges"}


def attach(desk: Desk, part: RankingPart, dark: Any) -> None:
    def show(
        tag: str, window: str, blind_only: bool, fair_only: bool, length_control: bool, judged: str, in_dark: bool
    ) -> Drawn:
        days = WINDOWS.get(window, 0)
        by_models = judged == MODELS
        panel = judges(desk.compare.records.ballots(), desk.compare.records.ballots(judged=True)) if by_models else ()
        question = Question(
            tag=None if tag == "All tags" else tag,
            since=datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days) if days else None,
            blind_only=blind_only,
            fair_only=fair_only,
            length_control=length_control,
            judged=by_models,
        )
        found = desk.compare.league(question)
        return {
            part.tag: gr.update(choices=["All tags", *desk.compare.records.tags()]),
            part.told: told(found, [(desk.compare.name_of_key(one.judge), one) for one in panel], by_models),
            part.strengths: ratings.strengths(found.table, "Preferred answers", dark=in_dark),
            part.table: rows(found.table),
            part.matrix: ratings.win_matrix(found.matrix, "Who beats whom", dark=in_dark),
            part.money: ratings.value_map(found.table, "Quality and money", cost="money", dark=in_dark),
            part.time: ratings.value_map(found.table, "Quality and time", cost="p95", dark=in_dark),
        }

    changes = [one.input for one in part.inputs]
    gr.on(
        [part.tab.select, *changes],
        show,
        [*part.inputs, dark],
        part.outputs,
        api_visibility="private",
        show_progress="hidden",
        concurrency_limit=None,
        trigger_mode="always_last",
    )


def told(found: League, panel: Sequence[tuple[str, Judging]] = (), by_models: bool = False) -> str:
    """What may be claimed, in sentences. `panel`: the judges by name, when it is models that voted."""
    ranking = found.ranking
    facts = [ranking.sentence]
    if ranking.rated:
        facts.append(found.cheapest)
        word = "model as judge" if by_models else "voter"
        voters = f"{ranking.votes} votes by {ranking.raters} {word if ranking.raters == 1 else PLURAL[word]}"
        facts.append(f"{voters}, {ranking.all_bad} of them “all bad”.")
    if ranking.left_share is not None:
        facts.append(f"The left answer won {look.share(ranking.left_share)} of decided votes.")
    if ranking.length_effect is not None:
        leaning = "longer" if ranking.length_effect > 0 else "shorter"
        facts.append(f"Voters leaned to {leaning} answers; the strengths are without that.")
    for name, one in panel:
        known = f"chose the same side as people in {look.share(one.agreed)} of {one.both:,} matches both decided"
        facts.append(f"{name}: {one.votes:,} votes; {known if one.both else 'not yet compared with people'}.")
    first, *rest = [markup.escaped(fact) for fact in facts if fact]
    return f'<div class="told"><b>{first}</b><span>{" ".join(rest)}</span></div>'


def rows(table: pd.DataFrame) -> list[list[str]]:
    """Numbered as the charts are."""
    return [
        [
            f"{place}",
            row["name"] if row["not_worse"] else f"{row['name']} (worse than the leader)",
            look.share(row["win_rate"]),
            f"{look.share(row['low'])} to {look.share(row['high'])}",
            f"{row['votes']:,}",
            look.money(row["money"]),
            look.seconds(row["p95"]),
        ]
        for place, row in enumerate(table.to_dict("records"), 1)
    ]
