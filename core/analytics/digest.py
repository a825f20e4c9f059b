"""The digest: last week in one page of Markdown and HTML, written to a folder for whoever reads no dashboards."""

import html
import os
from datetime import datetime, timedelta
from pathlib import Path

from core.analytics.alarms import sentence
from core.analytics.filters import Filters
from core.analytics.measures import Totals
from core.analytics.reader import Reader
from core.analytics.spend import Spend
from core.analytics.unusual import unusual
from core.analytics.usage import markdown_text


def digest(reader: Reader, now: datetime) -> tuple[str, list[tuple[str, list[str]]]]:
    """The title and sections of the last whole week (Monday to Sunday, UTC): plain sentences."""
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    week = Filters(since=monday - timedelta(days=7), until=monday)
    before = Filters(since=monday - timedelta(days=14), until=monday - timedelta(days=7))
    spend = Spend(reader)
    totals, last = spend.totals(week), spend.totals(before)
    models = [
        f"{row['key'] or '(none)'}: {_money(row['cost'])}, {row['calls']:,} calls"
        for row in spend.by(week, "model", limit=8).to_dict("records")
    ]
    notes = [sentence(note) for note in unusual(reader, Filters(), monday, days=7)[:10]]
    return f"Week of {monday - timedelta(days=7):%d %B %Y}", [
        ("Figures", _figures(totals, last)),
        ("By model", models or ["No call."]),
        ("Unusual use", notes or ["Nothing out of the ordinary."]),
    ]


def write_digest(reader: Reader, folder: Path, now: datetime) -> Path | None:
    """Writes digest-YYYY-Www.md and .html once a week; returns the Markdown file, None when it is there already."""
    path = folder / f"digest-{week_name(now)}.md"
    if path.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    title, sections = digest(reader, now)
    _write(path.with_suffix(".html"), as_html(title, sections))
    _write(path, as_markdown(title, sections))
    return path


def week_name(now: datetime) -> str:
    """Of the last whole week, such as 2026-W20."""
    year, week, _ = (now - timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02d}"


def as_markdown(title: str, sections: list[tuple[str, list[str]]]) -> str:
    parts = [f"# {title}"]
    for name, lines in sections:
        parts.append(f"## {name}\n\n" + "\n".join(f"- {markdown_text(line)}" for line in lines))
    return "\n\n".join(parts) + "\n"


def as_html(title: str, sections: list[tuple[str, list[str]]]) -> str:
    body = "".join(
        f"<h2>{name}</h2><ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"
        for name, lines in sections
    )
    style = "body{font:16px/1.5 system-ui;margin:3rem auto;max-width:44rem;padding:0 1rem}"
    return f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{style}</style><h1>{title}</h1>{body}\n'


def _figures(totals: Totals, last: Totals) -> list[str]:
    rate = f"{totals.error_rate:.1%}" if totals.error_rate is not None else "none sent"
    return [
        f"Spent {_money(totals.cost)} (the week before: {_money(last.cost)})",
        f"{totals.turns:,} turns by {totals.users:,} people in {totals.calls:,} calls (before: {last.calls:,})",
        f"Failed: {rate} of the calls sent; {totals.unpriced:,} calls unpriced",
        f"The cache saved {_money(totals.saved or 0)}",
        f"{_money(totals.wasted or 0)} went to calls that were stopped, failed, repeated another or answered again",
    ]


def _money(amount: object) -> str:
    return "unpriced" if amount is None or amount != amount else f"${float(amount):,.2f}"  # type: ignore[arg-type]


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    os.replace(part, path)
