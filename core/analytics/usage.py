"""The usage report: totals, by model, provider, user and day, for a period; as values, Markdown, HTML or CSV."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from core.analytics.cells import safe
from core.analytics.filters import Filters
from core.analytics.measures import Totals
from core.analytics.reader import Reader
from core.analytics.spend import Spend

PARTS = {"by_model": "model", "by_provider": "provider", "by_user": "user"}
SHOWN = ("key", "calls", "turns", "input_tokens", "output_tokens", "cost", "unpriced")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """Frames have the columns of SHOWN, money in US dollars; a missing cost is unpriced, never free."""

    filters: Filters
    totals: Totals
    by_model: pd.DataFrame
    by_provider: pd.DataFrame
    by_user: pd.DataFrame
    by_day: pd.DataFrame

    @property
    def parts(self) -> dict[str, pd.DataFrame]:
        return {
            "By model": self.by_model,
            "By provider": self.by_provider,
            "By user": self.by_user,
            "By day": self.by_day,
        }

    def csv(self) -> str:
        """One table: a first column says which part a row belongs to. Cells cannot start a formula."""
        parts = [frame.assign(part=name) for name, frame in self.parts.items()]
        table = pd.concat(parts)[["part", *SHOWN]]
        return table.map(safe).to_csv(index=False)

    def markdown(self) -> str:
        return "\n\n".join(
            [f"# Usage report\n\n{self.sentence}"]
            + [f"## {name}\n\n{_table(frame, _markdown_row, markdown_text)}" for name, frame in self.parts.items()]
        )

    def html(self) -> str:
        parts = "".join(
            f"<h2>{name}</h2><table>{_table(frame, _html_row, html.escape)}</table>"
            for name, frame in self.parts.items()
        )
        return (
            '<!doctype html><meta charset="utf-8"><title>Usage report</title><style>body{font:15px system-ui;'
            "margin:2rem auto;max-width:60rem}td,th{padding:.3rem .8rem;text-align:right;border-bottom:1px solid #ddd}"
            "td:first-child,th:first-child{text-align:left}</style>"
            f"<h1>Usage report</h1><p>{html.escape(self.sentence)}</p>{parts}"
        )

    @property
    def sentence(self) -> str:
        figures, filters = self.totals, self.filters
        money = "no priced call" if figures.cost is None else f"${figures.cost:,.4f}"
        when = " ".join(
            part
            for part in (
                f"from {filters.since:%Y-%m-%d %H:%M}" if filters.since else "",
                f"until {filters.until:%Y-%m-%d %H:%M}" if filters.until else "",
            )
            if part
        )
        return (
            f"{figures.turns:,} turns in {figures.calls:,} calls {f'{when} UTC' if when else 'so far'}: {money}, "
            f"{figures.input_tokens:,} input and {figures.output_tokens:,} output tokens, {figures.failed:,} failed, "
            f"{figures.unpriced:,} unpriced. Origin of the calls: {filters.origin}."
        )


def usage_report(reader: Reader, filters: Filters) -> UsageReport:
    spend = Spend(reader)
    days, *frames = reader.together(
        lambda: spend.over_time(filters, grain="day"), *(partial(spend.by, filters, by) for by in PARTS.values())
    )
    days = days.assign(key=days["at"].dt.strftime("%Y-%m-%d"))
    parts = {name: frame[list(SHOWN)] for name, frame in zip(PARTS, frames, strict=True)}
    return UsageReport(filters=filters, totals=spend.totals(filters), by_day=days[list(SHOWN)], **parts)


def _table(frame: pd.DataFrame, row: Callable[[list[str], bool], str], escape: Callable[[str], str]) -> str:
    lines = [row([name.replace("_", " ") for name in frame.columns], True)]
    for values in frame.itertuples(index=False):
        texts = [
            "unpriced" if pd.isna(value) else f"{value:.6f}" if isinstance(value, float) else str(value)
            for value in values
        ]
        lines.append(row([escape(text) for text in texts], False))
    return "\n".join(lines)


def _markdown_row(cells: list[str], head: bool) -> str:
    line = f"| {' | '.join(cells)} |"
    return f"{line}\n|{'---|' * len(cells)}" if head else line


def markdown_text(text: str) -> str:
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+!|~$:&" else letter for letter in text.replace("\n", " "))


def _html_row(cells: list[str], head: bool) -> str:
    tag = "th" if head else "td"
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"
