"""Journal lines turned into table rows: which fact goes into which table, column by column."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import orjson

from core.ledger.entries import money
from core.ledger.facts import Audit, BudgetDecision, Call, Feedback, PriceLine, Vote
from core.ledger.lines import Kind, Line

Row = list[Any]
_LARGEST = 2**63 - 1


def _text(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and -_LARGEST <= value <= _LARGEST else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def moment(value: Any) -> datetime | None:
    """A naive UTC time from its ISO text; None when it is not one."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def _converter(annotation: str) -> Callable[[Any], Any]:
    for word, convert in (
        ("Decimal", money),
        ("datetime", moment),
        ("tuple", _texts),
        ("bool", _boolean),
        ("float", _number),
        ("int", _integer),
    ):
        if word in annotation:
            return convert
    return _text


@dataclass(frozen=True, slots=True)
class Shape:
    """A table and the fact that fills it."""

    table: str
    names: tuple[str, ...]
    converters: tuple[Callable[[Any], Any], ...]

    def row(self, fact: dict[str, Any]) -> Row:
        get = fact.get
        return [convert(get(name)) for name, convert in zip(self.names, self.converters, strict=True)]


def _shape(table: str, kind: type) -> Shape:
    names, converters = [], []
    for item in fields(kind):
        names.append(item.name)
        base = item.type if isinstance(item.type, str) else str(getattr(item.type, "__origin__", item.type))
        converters.append(_converter(base))
    return Shape(table, tuple(names), tuple(converters))


CALLS = _shape("calls", Call)
SHAPES = {
    Kind.ENDED: CALLS,
    Kind.VOTE: _shape("votes", Vote),
    Kind.FEEDBACK: _shape("feedback", Feedback),
    Kind.PRICE: _shape("prices", PriceLine),
    Kind.BUDGET: _shape("budget_decisions", BudgetDecision),
    Kind.AUDIT: _shape("audit", Audit),
}
PAYLOAD_COLUMNS = ("seq", "stored_at", "origin", "kind", "sha", "size", "body")


@dataclass(slots=True)
class Batch:
    """Rows of one transaction, by table; `ended` and `started` keep the list of open calls."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    started: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    last: int = 0
    count: int = 0

    def add(self, line: Line) -> None:
        content, pieces = parts_of(line)
        fact = content["fact"]
        self.last = line.seq
        self.count += 1
        if line.kind in (Kind.STARTED, Kind.ENDED):
            self._payload(line, fact, pieces)
        if line.kind == Kind.STARTED:
            self.started[line.id] = line.seq
            return
        if line.kind == Kind.ENDED:
            self.ended.add(line.id)
        shape = SHAPES[Kind(line.kind)]
        row = shape.row(fact)
        row.append(line.seq)
        if shape is CALLS:
            row.append(content.get("request"))
            row.append(content.get("response"))
        self.rows.setdefault(shape.table, []).append(row)

    def _payload(self, line: Line, fact: dict[str, Any], pieces: list[bytes]) -> None:
        if not pieces:
            return
        stored_at, origin = moment(fact.get("started_at")), fact.get("origin")
        rows = self.rows.setdefault("payloads", [])
        for piece in pieces:
            kind, sha, body = piece.split(b":", 2)
            rows.append([line.seq, stored_at, origin, kind.decode(), sha.decode(), len(body), body.decode()])


def parts_of(line: Line) -> tuple[dict[str, Any], list[bytes]]:
    """A line's fact with its references, and the messages it brings along."""
    content, *pieces = line.body.split(b"\t")
    return orjson.loads(content), pieces


def columns(table: str) -> list[str]:
    """Column names in the order in which `Batch` puts the values."""
    if table == "payloads":
        return list(PAYLOAD_COLUMNS)
    shape = next(shape for shape in SHAPES.values() if shape.table == table)
    return [*shape.names, "seq", *(("request_ref", "response_ref") if shape is CALLS else ())]
