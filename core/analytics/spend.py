"""Money, tokens and volume: totals, over time, and by any dimension, with what could not be priced said beside it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import Dimension, dimension
from core.analytics.filters import Filters
from core.analytics.measures import MEASURES, Totals
from core.analytics.reader import Reader
from core.analytics.sources import CALLS
from core.analytics.thumbs import thumbs
from core.analytics.zones import Grain

OTHER = "other"
FEW = ("calls", "turns", "cost", "unpriced", "input_tokens", "output_tokens", "saved")
SERIES = (*FEW, "failed", "sent", "cached")
SELDOM = ("user", "assistant", "assistant version", "prompt", "prompt version", "tag")
"""Dimensions of many values, whose rollups keep fewer measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCosts:
    """Money per thing; None when there is no such thing, or no priced call."""

    per_turn: Decimal | None
    per_conversation: Decimal | None
    per_thumbs_up: Decimal | None
    conversations: int
    thumbs_up: int


class Spend:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def totals(self, filters: Filters) -> Totals:
        """Exact: money comes as Decimal, not through a frame."""
        filters = self.reader.bounded(filters)
        picked, log = clause(filters), self.reader.log
        known = self.reader.source(filters, tuple(MEASURES))
        figures = ", ".join(known.measures[name] for name in MEASURES)
        (row,) = log.rows(f"SELECT {figures} FROM {known.folded(picked.sql)}", picked.parameters)
        people = self.reader.source(filters, ("calls",), ("user_id",))
        ((users,),) = log.rows(
            f"SELECT count(DISTINCT user_id) FROM {people.table} WHERE {picked.sql}", picked.parameters
        )
        return Totals(**dict(zip(MEASURES, row, strict=True)), users=users)

    def by(self, filters: Filters, by: str, *, limit: int = 1000) -> pd.DataFrame:
        """`key` and FEW measures, or all where a rollup has them; dearest first. A call with two tags counts twice."""
        group = dimension(by)
        filters = self.reader.bounded(filters)
        measures = FEW if by in SELDOM else tuple(MEASURES)
        tail = f"ORDER BY cost DESC NULLS LAST, calls DESC, key LIMIT {int(limit)}"
        return self.reader.grouped(filters, {"key": group.sql}, measures, group=group, tail=tail)

    def tagged(self, filters: Filters, tag: str) -> Totals:
        """The FEW figures of calls with this tag; from the rollup where that suffices."""
        group = Dimension("tag", "Tag", "tags", "tag", "tags", ("tag",))
        filters = self.reader.bounded(filters)
        if self.reader.source(filters, FEW, group.columns) is CALLS:
            return self.totals(filters.but(tags=(tag,)))
        found = self.reader.grouped(filters, {"key": "tag"}, FEW, group=group)
        rows = found[found["key"] == tag].drop(columns="key").to_dict("records")
        if not rows:
            return Totals()
        row: dict[str, Any] = {str(name): value for name, value in rows[0].items()}
        for name in FEW:
            amount = name in ("cost", "saved")
            row[name] = (None if pd.isna(row[name]) else Decimal(str(row[name]))) if amount else int(row[name])
        return Totals(**row)

    def over_time(self, filters: Filters, *, grain: Grain = "day", by: str | None = None, top: int = 8) -> pd.DataFrame:
        """`at` (the bucket's wall-clock start), `key`, and the measures of SERIES (FEW when grouped).

        The `top` dearest keys; the rest is one "other".
        """
        filters, at = self.reader.bucketed(filters, grain)
        if by is None:
            frame = self.reader.grouped(filters, {"at": at}, SERIES, tail='ORDER BY "at"')
            frame.insert(1, "key", "all")
            return frame
        group = dimension(by)
        keys = {"at": at, "key": group.sql}
        frame = self.reader.grouped(filters, keys, FEW, group=group, tail='ORDER BY "at", key')
        return fold(frame, top)

    def unit_costs(self, filters: Filters) -> UnitCosts:
        filters = self.reader.bounded(filters)
        known, picked = self.reader.source(filters, ("cost", "turns")), clause(filters)
        ((cost, turns),) = self.reader.log.rows(
            f"SELECT {known.measures['cost']}, {known.measures['turns']} FROM {known.table} WHERE {picked.sql}",
            picked.parameters,
        )
        conversations, liked = self.reader.together(
            partial(self._conversations, filters), partial(self._liked, filters)
        )
        return UnitCosts(
            per_turn=_per(cost, turns),
            per_conversation=_per(cost, conversations),
            per_thumbs_up=_per(cost, liked),
            conversations=conversations,
            thumbs_up=liked,
        )

    def _conversations(self, filters: Filters) -> int:
        picked = clause(filters)
        few = self.reader.rolled("conversations_hourly", filters) if filters.origin != "all" else None
        each = f"conversation) FROM {few}" if few else "conversation_id) FROM calls"
        ((conversations,),) = self.reader.log.rows(
            f"SELECT count(DISTINCT {each} WHERE {picked.sql}", picked.parameters, timeout_s=60
        )
        return int(conversations)

    def _liked(self, filters: Filters) -> int:
        """How many thumbs up stand on turns with a call that the filters pick."""
        picked, known = clause(filters), thumbs(self.reader, filters)
        sql = (
            f"{known} SELECT coalesce(sum(up), 0)::BIGINT FROM thumbs"
            if known  # else from the few thumbs to their calls, not the other way round
            else f"""WITH liked AS (
                SELECT turn_id FROM feedback GROUP BY turn_id, user_id HAVING arg_max(value, seq) = 1)
            SELECT count(*) FROM liked WHERE turn_id IN (
                SELECT turn_id FROM calls WHERE {picked.sql} AND turn_id IN (SELECT turn_id FROM liked))"""
        )
        ((liked,),) = self.reader.log.rows(sql, picked.parameters)
        return int(liked)


def fold(frame: pd.DataFrame, top: int) -> pd.DataFrame:
    """Keys beyond the `top` dearest (then busiest) become one "other"; sums stay what they were."""
    ranks = frame.groupby("key")[["cost", "calls"]].sum().sort_values(["cost", "calls"], ascending=False)
    if len(ranks) <= top:
        return frame
    kept = set(ranks.index[:top])
    frame = frame.assign(key=frame["key"].where(frame["key"].isin(kept), OTHER))
    figures = [column for column in frame.columns if column not in ("at", "key")]
    return frame.groupby(["at", "key"], as_index=False)[figures].sum(min_count=1)


def _per(cost: Decimal | None, count: int) -> Decimal | None:
    return cost / count if cost is not None and count else None
