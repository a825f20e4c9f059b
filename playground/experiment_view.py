"""An experiment as it is drawn: its progress, what it found, and its tables."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
import pandas as pd

from charts import look
from core.compare.results import Results, changes
from core.compare.runner import Progress
from core.errors import PlatformError
from playground import markup
from playground.desk import Desk, sentence
from playground.drawing import Drawn
from playground.experiments_part import ExperimentsPart

MOST_CELLS_SHOWN = 500


def live(part: ExperimentsPart, now: Progress) -> Drawn:
    active = now.state == "running"
    return {
        part.progress: progress(now),
        part.resume: gr.update(visible=now.state in ("draft", "paused", "cancelled", "capped") or now.failed > 0),
        part.pause: gr.update(visible=active),
        part.cancel: gr.update(visible=active or now.state == "paused"),
        part.timer: gr.Timer(active=active or now.running > 0),
    }


def whole(desk: Desk, part: ExperimentsPart, chosen: str | None) -> Drawn:
    """Everything about one experiment, its results read anew."""
    if not chosen:
        return {}
    experiments = desk.compare.experiments
    try:
        found, kept = desk.compare.results(chosen), experiments.get(chosen)
        before = desk.compare.results(kept.plan.previous_id).cells if kept.plan.previous_id else None
    except PlatformError as error:
        raise sentence(error) from None
    moved = changes(found.cells, before) if before is not None else pd.DataFrame()
    now = experiments.progress(chosen)
    return live(part, now) | {
        part.progress: progress(now) + findings(found),
        part.summary: gr.update(value=summary_rows(found.summary, found.graders), visible=True),
        part.cells: gr.update(value=cell_rows(found.cells, found.graders), visible=True),
        part.changes: gr.update(value=change_rows(moved), visible=not moved.empty),
        **{button: gr.update(visible=now.done > 0) for button in part.downloads},
    }


def progress(now: Progress) -> str:
    """A bar, and beside it what is known: done, failed, rate, time left, money."""
    done = now.done + now.failed
    told = [now.state.capitalize(), f"{now.done:,} of {now.total:,} done"]
    if now.failed:
        told.append(f"{now.failed:,} failed")
    if now.per_minute and now.state == "running":
        told.append(f"{now.per_minute:,.0f} a minute")
    if now.seconds_left:
        told.append(f"{look.seconds(now.seconds_left)} left")
    told.append(f"{look.money(now.spent)} spent")
    if now.unpriced:
        told.append(f"{now.unpriced:,} unpriced")
    line = " · ".join(markup.escaped(one) for one in told)
    note = f'<p class="note">{markup.escaped(now.note)}</p>' if now.note else ""
    share = done / now.total * 100 if now.total else 0
    rail = f'<div class="rail"><i style="width:{share:.1f}%"></i></div>'
    return f'<div class="progress">{rail}<span>{line}</span>{note}</div>'


def findings(found: Results) -> str:
    told = [found.sentence]
    for name, one in found.trust.items():
        if one.first_share is not None:
            told.append(
                f"Judge “{name}”: preferred the answer it read first in {look.share(one.first_share)} of its verdicts, "
                f"same winner both ways round in {look.share(one.consistent)}."
            )
    if "judge" in found.spent:
        told.append(f"Judges cost {look.money(found.spent['judge'])}, kept apart from the answers.")
    first, *rest = [markup.escaped(one) for one in told]
    return f'<div class="told"><b>{first}</b><span>{" ".join(rest)}</span></div>'


def summary_rows(summary: pd.DataFrame, graders: Sequence[str] = ()) -> list[list[str]]:
    return [
        [
            str(row["contender"]),
            look.share(row["score"]),
            f"{look.share(row['low'])} to {look.share(row['high'])}",
            _against(row),
            look.UNKNOWN if pd.isna(row["p"]) or pd.isna(row["score"]) else f"{row['p']:.3f}",
            look.UNKNOWN if pd.isna(row["repeat_spread"]) else f"± {row['repeat_spread']:.1%}",
            f"{row['answered']:,}",
            look.money(row["money"]) if row["answered"] else look.UNKNOWN,
            look.seconds(row["p95"]),
            _grades(row, graders),
        ]
        for row in summary.to_dict("records")
    ]


def _against(row: dict[Any, Any]) -> str:
    """Nobody is best before there are grades."""
    if pd.isna(row["score"]):
        return look.UNKNOWN
    return "best" if pd.isna(row["difference"]) else f"{row['difference']:+.1%}"


def _grades(row: dict[Any, Any], graders: Sequence[str]) -> str:
    """What each grader says, those that could not grade left out."""
    return " · ".join(f"{name} {look.share(row[name])}" for name in graders if not pd.isna(row[name]))


def cell_rows(cells: pd.DataFrame, graders: Sequence[str] = ()) -> list[list[str]]:
    """The last column is Markdown: the way to the call's own page."""
    return [
        [
            str(row["contender"]),
            str(row["question"])[:400],
            str(row["answer"] or row["error"] or "")[:1_500],
            look.share(row["score"]),
            _grades(row, graders),
            str(row["status"]),
            _paid(row),
            look.seconds(None if pd.isna(row["total_s"]) else float(row["total_s"])),
            f"[Open](/calls?call={row['call_id']})" if _called(row) else "",
        ]
        for row in cells.head(MOST_CELLS_SHOWN).to_dict("records")
    ]


def _called(row: dict[Any, Any]) -> bool:
    return not pd.isna(row["call_id"])


def _paid(row: dict[Any, Any]) -> str:
    if not _called(row):
        return look.UNKNOWN
    return look.money(None if pd.isna(row["cost"]) else float(row["cost"]))


def change_rows(moved: pd.DataFrame) -> list[list[str]]:
    return [
        [str(row["contender"]), str(row["question"])[:400], look.share(row["before"]), look.share(row["now"])]
        for row in moved.head(200).to_dict("records")
    ]
