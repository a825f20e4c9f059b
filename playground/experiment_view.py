"""An experiment as it is drawn: its progress, what it found, and its tables."""

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
        part.summary: gr.update(value=summary_rows(found.summary), visible=True),
        part.cells: gr.update(value=cell_rows(found.cells), visible=True),
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


def summary_rows(summary: pd.DataFrame) -> list[list[str]]:
    return [
        [
            str(row["contender"]),
            look.share(row["score"]),
            f"{look.share(row['low'])} to {look.share(row['high'])}",
            "best" if pd.isna(row["difference"]) else f"{row['difference']:+.1%}",
            look.UNKNOWN if pd.isna(row["p"]) else f"{row['p']:.3f}",
            look.UNKNOWN if pd.isna(row["repeat_spread"]) else f"± {row['repeat_spread']:.1%}",
            f"{row['answered']:,}",
            look.money(row["money"]),
            look.seconds(row["p95"]),
        ]
        for row in summary.to_dict("records")
    ]


def cell_rows(cells: pd.DataFrame) -> list[list[str]]:
    return [
        [
            str(row["contender"]),
            str(row["question"])[:400],
            str(row["answer"] or row["error"] or "")[:1_500],
            look.share(row["score"]),
            str(row["status"]),
            look.money(None if pd.isna(row["cost"]) else float(row["cost"])),
            look.seconds(None if pd.isna(row["total_s"]) else float(row["total_s"])),
        ]
        for row in cells.head(MOST_CELLS_SHOWN).to_dict("records")
    ]


def change_rows(moved: pd.DataFrame) -> list[list[str]]:
    return [
        [str(row["contender"]), str(row["question"])[:400], look.share(row["before"]), look.share(row["now"])]
        for row in moved.head(200).to_dict("records")
    ]
