"""Journal lines turned into table rows: which fact goes into which table, and as what type."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.json as pj

from core.ledger.entries import money
from core.ledger.facts import Audit, BudgetDecision, Call, Feedback, PriceLine, Vote
from core.ledger.lines import Kind, Line

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


_TYPES: tuple[tuple[str, pa.DataType, Callable[[Any], Any]], ...] = (
    ("Decimal", pa.decimal128(18, 9), money),
    ("datetime", pa.timestamp("us"), moment),
    ("tuple", pa.list_(pa.string()), _texts),
    ("bool", pa.bool_(), _boolean),
    ("float", pa.float64(), _number),
    ("int", pa.int64(), _integer),
    ("", pa.string(), _text),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table and the type of fact that fills it."""

    table: str
    schema: pa.Schema
    converters: tuple[Callable[[Any], Any], ...]
    nested: bool
    """Whether a field holds an object, which goes into the table as JSON text."""

    def quickly(self, heads: list[bytes]) -> pa.Table:
        """All facts at once, outside Python; raises ValueError when any of them has a value of the wrong type."""
        data = b"\n".join(heads)
        return pj.read_json(
            io.BytesIO(data),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=pj.ParseOptions(explicit_schema=self.schema, unexpected_field_behavior="ignore"),
        )

    def carefully(self, heads: list[bytes]) -> pa.Table:
        """One value at a time; what is of the wrong type is unknown."""
        facts = [orjson.loads(head) for head in heads]
        columns = [
            pa.array([convert(fact.get(item.name)) for fact in facts], item.type)
            for item, convert in zip(self.schema, self.converters, strict=True)
        ]
        return pa.table(columns, schema=self.schema)


def _shape(table: str, kind: type) -> Shape:
    columns, converters = [], []
    nested = False
    for item in fields(kind):
        base = item.type if isinstance(item.type, str) else str(getattr(item.type, "__origin__", item.type))
        _, data_type, convert = next(known for known in _TYPES if known[0] in base)
        columns.append(pa.field(item.name, data_type))
        converters.append(convert)
        nested = nested or "Mapping" in base
    return Shape(table, pa.schema(columns), tuple(converters), nested)


CALLS = _shape("calls", Call)
SHAPES = {
    Kind.ENDED: CALLS,
    Kind.VOTE: _shape("votes", Vote),
    Kind.FEEDBACK: _shape("feedback", Feedback),
    Kind.PRICE: _shape("prices", PriceLine),
    Kind.BUDGET: _shape("budget_decisions", BudgetDecision),
    Kind.AUDIT: _shape("audit", Audit),
}
_PAYLOADS = pa.schema(
    [
        ("seq", pa.int64()), ("stored_at", pa.timestamp("us")), ("origin", pa.string()), ("kind", pa.string()),
        ("sha", pa.string()), ("size", pa.int64()), ("body", pa.string()),
    ]
)  # fmt: skip


class Content(NamedTuple):
    """A line's body: the fact as JSON; where its request and response are; when and of what origin; new messages."""

    head: bytes
    request: int | None
    response: int | None
    at: str | None
    origin: str | None
    pieces: list[tuple[bytes, bytes, bytes]]
    """Kind, name and JSON of each."""


def content_of(line: Line) -> Content:
    """Found by searching, as splitting would look at each byte of the words, and copy them, again and again."""
    body, end = line.body, len(line.body)
    head_end = body.index(b"\t")
    at = body.find(b"\t", head_end + 1)
    request, response, moment, origin = orjson.loads(body[head_end + 1 : at if at >= 0 else end])
    pieces = []
    while 0 <= at < end:
        kind_end = body.index(b":", at)
        sha_end = body.index(b":", kind_end + 1)
        following = body.find(b"\t", sha_end)
        following = end if following < 0 else following
        pieces.append((body[at + 1 : kind_end], body[kind_end + 1 : sha_end], body[sha_end + 1 : following]))
        at = following
    return Content(body[:head_end], request, response, moment, origin, pieces)


@dataclass(slots=True)
class _Gathered:
    heads: list[bytes] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)
    requests: list[int | None] = field(default_factory=list)
    responses: list[int | None] = field(default_factory=list)


class Batch:
    """Rows of one transaction; `started` and `ended` keep the list of open calls."""

    def __init__(self) -> None:
        self.started: dict[str, int] = {}
        self.ended: set[str] = set()
        self.last = 0
        self._facts: dict[str, _Gathered] = {}
        self._payloads: list[list[Any]] = [[] for _ in _PAYLOADS]

    def add(self, line: Line) -> None:
        content = content_of(line)
        self.last = line.seq
        if content.pieces:
            self._keep(line.seq, content)
        if line.kind == Kind.STARTED:
            self.started[line.id] = line.seq
            return
        if line.kind == Kind.ENDED:
            self.ended.add(line.id)
        gathered = self._facts.get(line.kind)
        if gathered is None:
            gathered = self._facts[line.kind] = _Gathered()
        gathered.heads.append(content.head)
        gathered.seqs.append(line.seq)
        gathered.requests.append(content.request)
        gathered.responses.append(content.response)

    def _keep(self, seq: int, content: Content) -> None:
        stored_at = moment(content.at)
        for kind, sha, body in content.pieces:
            seqs, moments, origins, kinds, shas, sizes, bodies = self._payloads
            seqs.append(seq)
            moments.append(stored_at)
            origins.append(content.origin)
            kinds.append(kind)
            shas.append(sha)
            sizes.append(len(body))
            bodies.append(body)

    def tables(self, *, careful: bool = False) -> Iterator[tuple[str, pa.Table]]:
        """Table name and rows. Raises ValueError when, not `careful`, some value is of the wrong type."""
        for kind, gathered in self._facts.items():
            shape = SHAPES[Kind(kind)]
            rows = (shape.carefully if careful or shape.nested else shape.quickly)(gathered.heads)
            rows = rows.append_column("seq", pa.array(gathered.seqs, pa.int64()))
            if shape is CALLS:
                rows = rows.append_column("request_ref", pa.array(gathered.requests, pa.int64()))
                rows = rows.append_column("response_ref", pa.array(gathered.responses, pa.int64()))
            yield shape.table, rows
        if self._payloads[0]:
            columns = [pa.array(values, item.type) for values, item in zip(self._payloads, _PAYLOADS, strict=True)]
            yield "payloads", pa.table(columns, schema=_PAYLOADS)
