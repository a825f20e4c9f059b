"""Sample history: realistic traffic made inside DuckDB, the same for the same seed, any size, marked `sample`.

What it holds (sampling/*.sql): several models, users, teams and assistants, unevenly used; office hours and weekends;
lengths and times that belong together; retries, fallbacks, tool rounds, cancelled and refused calls, cache hits; a
model without a price; one price change 30 days before the end; one bad afternoon of one provider 12 days before the
end. Of the turns, seven in ten are chat: conversations of some 4 to 10 turns, of one person and assistant, within an
hour and beside each other. One in 25 stands in a side-by-side comparison: two models, one person, one question, one
moment; nearly every comparison with two answers has a vote, so that a small sample fills the Ranking page. The rest
comes through the API and from experiments. Words only for the newest calls, so that the log page has something to open.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

_FOLDER = Path(__file__).parent / "sampling"


@dataclass(frozen=True, slots=True)
class Sample:
    """`until`: the newest moment of the history; `first`: the number its first row takes."""

    calls: int
    days: int
    seed: int
    until: datetime
    first: int


def generate(cursor: DuckDBPyConnection, sample: Sample) -> None:
    """Insert the sample into `calls`, `payloads`, `votes` and `feedback`, within the caller's transaction."""
    if sample.calls <= 0:
        return
    settings = {
        "wanted": sample.calls,
        "days": sample.days,
        "seed": sample.seed,
        "newest": f"timestamp '{sample.until.isoformat(sep=' ')}'",
        "first_seq": sample.first,
        "people": max(12, min(400, 24 + sample.calls // 2500)),
    }
    for name, value in settings.items():
        cursor.execute(f"create or replace temp macro {name}() as {value}")
    for path in sorted(_FOLDER.glob("*.sql")):
        cursor.execute(path.read_text("utf-8"))


def describe(content: dict[str, Any], last: int, span: int) -> Sample:
    """The sample that a journal line asks for; `last` and `span` are the numbers that line takes."""
    return Sample(
        calls=span,
        days=int(content["days"]),
        seed=int(content["seed"]),
        until=datetime.fromisoformat(content["until"]),
        first=last - span + 1,
    )
