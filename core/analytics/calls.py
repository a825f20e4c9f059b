"""The log itself: pages of calls newest first by keyset, facets with counts, and one call opened whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.analytics.choices import facet_counts
from core.analytics.clause import clause
from core.analytics.dimensions import DIMENSIONS, TAGS, Dimension
from core.analytics.filters import Filters
from core.analytics.reader import Reader
from core.analytics.sources import CALLS
from core.errors import NotFoundError
from core.ledger.words import CallPayload

COLUMNS = (
    "call_id", "started_at", "served_model", "status", "error_kind", "input_tokens", "output_tokens", "cost_total",
    "ttft_s", "total_s", "door", "user_id", "assistant_id", "tags", "cache_state", "hop", "retry", "attempt", "turn_id",
    "origin", "provider", "requested_model", "error_text", "conversation_id",
)  # fmt: skip
TOGETHER = ("model", "status", "error", "cache")
"""Facets of few values that one rollup has: read once."""
FACETS = ("model", "status", "error", "door", "team", "user", "assistant", "tag", "cache")
TAG = Dimension("tag", "Tag", "tags", "tag", "tags", ("tag",))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the log: strictly older (or newer) than this call."""

    at: datetime
    seq: int

    @property
    def text(self) -> str:
        return f"{self.at.isoformat()}_{self.seq}"

    @classmethod
    def of(cls, text: str) -> "Place | None":
        at, _, seq = text.rpartition("_")
        try:
            return cls(datetime.fromisoformat(at), int(seq))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsPage:
    """`frame` is newest first. `older` and `newer` are where the neighbouring pages begin, None at the ends."""

    frame: pd.DataFrame
    older: Place | None
    newer: Place | None


class Calls:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def count(self, filters: Filters) -> int:
        return int(self.reader.grouped(filters, {}, ("calls",))["calls"].iloc[0])

    def page(
        self, filters: Filters, *, older: Place | None = None, newer: Place | None = None, size: int = 50
    ) -> CallsPage:
        """The newest page, or the one older (newer) than a place. As quick at the millionth page as at the first."""
        picked = clause(filters)
        where, parameters, order = picked.sql, list(picked.parameters), "DESC"
        if place := older or newer:
            compare = "<" if older else ">"
            where += f" AND started_at {compare}= ? AND (started_at {compare} ? OR seq {compare} ?)"
            parameters += [place.at, place.at, place.seq]
            order = "DESC" if older else "ASC"
        frame = self.reader.log.frame(
            f"""SELECT seq, {", ".join(COLUMNS)} FROM calls WHERE {where}
            ORDER BY started_at {order}, seq {order} LIMIT {int(size) + 1}""",
            parameters,
        )
        more = len(frame) > size
        frame = frame.head(size)
        if order == "ASC":
            frame = frame.iloc[::-1].reset_index(drop=True)
        if frame.empty:
            return CallsPage(frame=frame, older=None, newer=None)
        first, last = (Place(row.started_at.to_pydatetime(), int(row.seq)) for row in (frame.iloc[0], frame.iloc[-1]))
        return CallsPage(
            frame=frame,
            older=last if (more or newer) else None,
            newer=first if (older or (newer and more)) else None,
        )

    def facets(self, filters: Filters, *, limit: int = 12) -> dict[str, list[tuple[str, int]]]:
        """For each facet its most frequent values with counts, under all filters but its own."""
        filters = self.reader.bounded(filters)
        if known := facet_counts(self.reader, filters, limit):
            return {name: known[name] for name in FACETS}
        counts = self._together(filters, [name for name in FACETS if not getattr(filters, DIMENSIONS[name].field)])
        found: dict[str, list[tuple[str, int]]] = {}
        for name in FACETS:
            frame = counts[name] if name in counts else self._facet(filters, name)
            frame = frame.sort_values(["calls", "key"], ascending=[False, True]).head(limit)
            found[name] = list(zip(frame["key"].astype(str), frame["calls"].astype(int), strict=True))
        return found

    def _together(self, filters: Filters, free: list[str]) -> dict[str, pd.DataFrame]:
        """Facets without a filter of their own are all counted under the same ones: read once, added up apart."""
        names = [name for name in TOGETHER if name in free]
        known = self.reader.source(filters, ("calls",), {each for name in names for each in DIMENSIONS[name].columns})
        names = free if known is CALLS else names
        if not names:
            return {}
        picked = clause(filters)
        keys = {name: TAGS if name == "tag" else DIMENSIONS[name].sql for name in names}
        sql = ", ".join(f'{sql} AS "{name}"' for name, sql in keys.items())
        sets = ", ".join(f'("{name}")' for name in names)
        frame = self.reader.log.frame(
            f"""SELECT {sql}, {known.measures["calls"]} AS calls FROM {known.table} WHERE {picked.sql}
            GROUP BY GROUPING SETS ({sets})""",
            picked.parameters,
        )
        counts = {name: frame[frame[name].notna()].explode(name).groupby(name)["calls"].sum() for name in names}
        return {name: pd.DataFrame({"key": each.index, "calls": each.to_numpy()}) for name, each in counts.items()}

    def _facet(self, filters: Filters, name: str) -> pd.DataFrame:
        group = DIMENSIONS[name]
        rest = filters.but(**{group.field: ()})
        if name == "tag" and self.reader.source(rest, ("calls",), ("tag",)) is not CALLS:
            return self._tags(rest)
        return self.reader.grouped(rest, {"key": group.sql}, ("calls",), group=group)

    def _tags(self, filters: Filters) -> pd.DataFrame:
        """From the rollup, which knows no call without a tag; those are counted in the log."""
        named = self.reader.grouped(filters, {"key": "tag"}, ("calls",), group=TAG)
        bare = int(self.reader.grouped(filters, {}, ("untagged",))["untagged"].iloc[0])
        return pd.concat([named, pd.DataFrame({"key": [""], "calls": [bare]})]) if bare else named

    def one(self, call_id: str) -> dict[str, Any]:
        """Every column of one call. Raises NotFoundError."""
        frame = self.reader.log.frame("SELECT * FROM calls WHERE call_id = ? LIMIT 1", [call_id])
        if frame.empty:
            raise NotFoundError("There is no such call; it may have been removed with the sample data.")
        return _known(frame)[0]

    def said(self, call_id: str) -> CallPayload | None:
        """Request and answer; None when nothing was kept."""
        return self.reader.log.payload(call_id)

    def attempts(self, turn_id: str) -> list[dict[str, Any]]:
        """Every call of one turn, in the order they were made."""
        return _known(
            self.reader.log.frame("SELECT * FROM calls WHERE turn_id = ? ORDER BY attempt, started_at", [turn_id])
        )


def _known(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries; what is missing is None, whatever pandas calls it."""
    return [{str(name): _plain(value) for name, value in record.items()} for record in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if hasattr(value, "tolist"):
        return value.tolist()
    if not isinstance(value, list | tuple | dict) and pd.isna(value):
        return None
    return value
