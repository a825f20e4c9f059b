"""A decision record as Markdown, HTML or PDF, with the same numbers in each."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from core.compare.decisions import Decision, facts
from core.errors import InvalidError

FONT = Path(__file__).resolve().parents[1] / "workspace" / "fonts" / "dejavu-sans.woff2"
MEASURED = ("Contender", "Answers", "Money per answer", "First token", "Total time", "Votes won")
HEADINGS = ("Contender", "Score", "95% interval", "n", "Money per answer", "p95 time", "Shown worse")
_ENOUGH = 20
"""So many answers have a p95."""
_MARKUP = str.maketrans({sign: "\\" + sign for sign in "\\`*_{}[]()#+-!|<>~$"})


def export(decision: Decision, kind: str, address: str | None = None) -> bytes:
    """`kind`: markdown, html or pdf. `address`: of this installation, for a file is opened elsewhere and finds the
    calls by nothing else; when it is not known they are named and not linked. Raises InvalidError."""
    if address and not address.startswith(("http://", "https://")):
        raise InvalidError("The address of this installation begins with http:// or https://.")
    if kind == "markdown":
        return markdown(decision, address).encode()
    if kind == "html":
        return page(decision, address).encode()
    if kind == "pdf":
        return pdf(decision, address)
    raise InvalidError("A decision is exported as markdown, html or pdf.")


def table(decision: Decision) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and lines. What was measured again stands below what it is compared with, each with its day."""
    headings, told = (MEASURED, measured) if decision.board else (HEADINGS, cells)
    if not decision.again:
        return headings, [told(row) for row in decision.rows]
    days = [(one.made_at, {_who(row): told(row) for row in one.rows}) for one in decision.runs]
    return (
        (headings[0], "Measured", *headings[1:]),
        [
            (rows[who][0], day, *rows[who][1:])
            for who in dict.fromkeys(who for _, rows in days for who in rows)
            for day, rows in days
            if who in rows
        ],
    )


def _who(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["key"], row.get("letter", "")


def measured(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A line of a comparison: nothing is claimed that so few answers cannot carry."""
    money = "not measured" if not row["n"] else "unpriced" if row["money"] is None else f"${row['money']:.6f}"
    return (
        str(row["name"]),
        f"{row['n']}" if row["n"] == row["asked"] else f"{row['n']} of {row['asked']}",
        money,
        _seconds(row["first"]),
        _seconds(row["total"]),
        f"{row['won']} of {row['votes']}" if row["votes"] else "no vote",
    )


def _seconds(values: Sequence[float]) -> str:
    if not values:
        return "not measured"
    if len(values) == 1:
        return f"{values[0]:.2f} s"
    if len(values) < _ENOUGH:
        return f"{median(values):.2f} s ({min(values):.2f} to {max(values):.2f})"
    return f"{median(values):.2f} s (p95 {quantiles(values, n=20, method='inclusive')[-1]:.2f})"


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        str(row["name"]),
        _share(row["score"]),
        f"{_share(row['low'])} to {_share(row['high'])}",
        f"{int(row['n'] or 0):,}",
        "unpriced" if row["money"] is None else f"${row['money']:.6f}",
        "not measured" if row["p95"] is None else f"{row['p95']:.2f} s",
        "no" if row["not_worse"] else "yes",
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def markdown(decision: Decision, address: str | None = None) -> str:
    """With `address` "" the calls are linked from the page on which it is shown."""
    lines = [f"# {_plain(decision.title)}", ""]
    lines += [f"- **{name}:** {_plain(value)}" for name, value in facts(decision)]
    headings, rows = table(decision)
    lines += ["", "| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    lines += ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]
    if calls := calls_of(decision):
        named = [f"`{call}`" if address is None else f"[`{call}`]({call_at(address, call)})" for call in calls]
        lines += ["", "## Calls", "", *(f"- {one}" for one in named)]
    return "\n".join(lines) + "\n"


def calls_of(decision: Decision) -> list[str]:
    """Of the record and of every run after it."""
    return [call for one in decision.runs for call in one.calls]


def call_at(address: str, call: str) -> str:
    return f"{address.rstrip('/')}/calls?call={call}"


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_MARKUP)


def page(decision: Decision, address: str | None = None) -> str:
    head = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts(decision))
    headings, lines = table(decision)
    top = "".join(f"<th>{heading}</th>" for heading in headings)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    calls = "".join(f"<li>{_linked(call, address)}</li>" for call in calls_of(decision))
    listed = f"<h2>Calls</h2><ul>{calls}</ul>" if calls else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(decision.title)}</title>'
        "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.4rem;text-align:left}"
        "dt{font-weight:600}dd{margin:0 0 .5rem}</style>"
        f"<h1>{html.escape(decision.title)}</h1><dl>{head}</dl>"
        f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>{listed}</html>\n"
    )


def _linked(call: str, address: str | None) -> str:
    named = html.escape(call)
    return named if address is None else f'<a href="{html.escape(call_at(address, call))}">{named}</a>'


def pdf(decision: Decision, address: str | None = None) -> bytes:
    from fpdf import FPDF  # slow to import, and few people ask for a PDF

    sheet = FPDF(orientation="landscape")
    sheet.set_title(decision.title)
    sheet.set_margin(18)
    sheet.set_auto_page_break(True, 18)
    sheet.add_font("body", fname=FONT)
    sheet.add_page()
    known = getattr(sheet.fonts["body"], "cmap", {})

    def shown(text: str) -> str:
        return "".join(sign if ord(sign) in known else "□" for sign in " ".join(text.split()))

    def write(text: str, size: float, gap: float = 1.5) -> None:
        sheet.set_font("body", size=size)
        sheet.multi_cell(0, size * 0.5, shown(text), align="L", new_x="LMARGIN", new_y="NEXT")
        sheet.ln(gap)

    write(decision.title, 17, gap=4)
    for name, value in facts(decision):
        write(f"{name}: {value}", 10.5)
    sheet.ln(3)
    sheet.set_font("body", size=9)
    headings, lines = table(decision)
    with sheet.table(first_row_as_headings=False, text_align="LEFT") as drawn:
        for row in (headings, *lines):
            line = drawn.row()
            for cell in row:
                line.cell(shown(cell))
    if calls := calls_of(decision):
        sheet.ln(4)
        where = "" if address is None else f", each to be read at {call_at(address, '…')}"
        write(f"Calls ({len(calls)}{where}): {', '.join(calls[:200])}", 7)
    return bytes(sheet.output())
