"""Reads back what comparing left in the ledger: votes, what the compared answers took, finished cells."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.compare.votes import Ballot, from_rows

Rows = Sequence[tuple[Any, ...]]
_MOST = 200_000


class Records:
    """`ledger` offers `rows(sql, parameters)` and `payload(call_id)`."""

    def __init__(self, ledger: Any) -> None:
        self.ledger = ledger

    def stood(self) -> list[Sequence[str]]:
        """Who stood where in the newest blind votes, left to right."""
        return [row[0] for row in self._rows('SELECT panes FROM votes WHERE blind ORDER BY "at" DESC LIMIT 2000')]

    def ballots(
        self,
        *,
        tag: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        judged: bool = False,
        blind_only: bool = False,
        fair_only: bool = False,
        experiment_id: str | None = None,
    ) -> list[Ballot]:
        """People's votes, or models' with `judged`. The newest of a rater on a match counts."""
        rows = self._rows(
            """
            SELECT match_id, "at", user_id, winner, panes, tags, call_ids, judge FROM votes
            WHERE (? IS NULL OR list_contains(tags, ?)) AND (? IS NULL OR "at" >= ?) AND (? IS NULL OR "at" < ?)
              AND (judge IS NOT NULL) = ? AND (blind OR NOT ?) AND (fair OR NOT ?) AND origin <> 'sample'
              AND (? IS NULL OR list_contains(tags, ?)) AND (judge IS NOT NULL OR NOT list_contains(tags, 'experiment'))
            ORDER BY "at"
            """,
            [tag, tag, since, since, until, until, judged, blind_only, fair_only, *([_tagged(experiment_id)] * 2)],
        )
        return from_rows(rows, self.lengths())

    def cast(self, experiment_id: str) -> set[str]:
        """The duels of an experiment whose judge's vote is kept already."""
        rows = self._rows("SELECT vote_id FROM votes WHERE list_contains(tags, ?)", [_tagged(experiment_id)])
        return {row[0] for row in rows}

    def lengths(self) -> dict[str, int | None]:
        """Visible tokens by call, for the calls of votes."""
        rows = self._rows(
            """
            SELECT c.call_id, c.visible_output_tokens FROM calls c
            WHERE c.status = 'ok' AND c.call_id IN (SELECT unnest(call_ids) FROM votes)
            """
        )
        return dict(rows)

    def tags(self) -> list[str]:
        rows = self._rows("SELECT DISTINCT unnest(tags) AS tag FROM votes ORDER BY tag")
        return [row[0] for row in rows if row[0] != "experiment" and not row[0].startswith("experiment:")]

    def took(self) -> list[tuple[str, str | None, int | None, int, float | None, float | None, float | None]]:
        """(model, assistant, version, answers, mean money, p95 seconds, mean visible tokens) of the compared calls.

        Money is a mean over priced answers, None when none was priced.
        """
        return [
            tuple(row)
            for row in self._rows(
                """
                SELECT requested_model, assistant_id, assistant_version, count(*), avg(cost_total)::DOUBLE,
                       quantile_cont(total_s, 0.95), avg(visible_output_tokens)
                FROM calls
                WHERE status = 'ok' AND cache_state NOT IN ('exact', 'semantic') AND origin <> 'sample'
                  AND door IN ('playground', 'experiment') AND NOT list_contains(tags, 'warm-up')
                GROUP BY ALL
                """
            )
        ]

    def took_furnished(self) -> list[tuple[str, int, float | None, float | None, float | None]]:
        """The same of contenders with a prompt or settings of their own, by key, over the answers voted on."""
        return [
            tuple(row)
            for row in self._rows(
                """
                SELECT key, count(*), avg(cost_total)::DOUBLE, quantile_cont(total_s, 0.95), avg(visible_output_tokens)
                FROM (SELECT DISTINCT unnest(panes) AS key, unnest(call_ids) AS call_id FROM votes
                      WHERE len(panes) = len(call_ids)) JOIN calls USING (call_id)
                WHERE (contains(key, ';') OR contains(key, '#')) AND status = 'ok'
                  AND cache_state NOT IN ('exact', 'semantic') AND origin <> 'sample'
                GROUP BY key
                """
            )
        ]

    def cells(self, experiment_id: str) -> dict[str, dict[str, Any]]:
        """The finished calls of an experiment by cell; the newest good one counts, otherwise the newest."""
        rows = self._rows(
            """
            SELECT call_id, turn_id, tags, status, error_text, requested_model, input_tokens, output_tokens,
                   visible_output_tokens, cost_total, ttft_s, total_s, finish_reason, started_at
            FROM calls WHERE experiment_id = ? AND door = 'experiment' ORDER BY status = 'ok', started_at, attempt
            """,
            [experiment_id],
        )
        names = ("call_id", "turn_id", "tags", "status", "error", "model", "input_tokens", "output_tokens",
                 "visible_tokens", "cost", "ttft_s", "total_s", "finish_reason", "started_at")  # fmt: skip
        found: dict[str, dict[str, Any]] = {}
        for row in rows:
            told = dict(zip(names, row, strict=True))
            cell = next((tag.removeprefix("cell:") for tag in told["tags"] or () if tag.startswith("cell:")), None)
            if cell is not None:
                found[cell] = told
        return found

    def judgements(self, experiment_id: str) -> dict[str, str]:
        """Finished judge calls of an experiment: judgement id -> call id."""
        return {key: call for key, (call, status) in self.judged(experiment_id).items() if status == "ok"}

    def judged(self, experiment_id: str) -> dict[str, tuple[str, str]]:
        """Every judgement that was asked for: its id -> call id and status; the newest good one counts, otherwise the
        newest."""
        rows = self._rows(
            """
            SELECT call_id, status, tags FROM calls WHERE experiment_id = ? AND door = 'judge'
            ORDER BY status = 'ok', started_at, attempt
            """,
            [experiment_id],
        )
        return {
            tag.removeprefix("judgement:"): (call, status)
            for call, status, tags in rows
            for tag in tags or ()
            if tag.startswith("judgement:")
        }

    def spent(self, experiment_id: str) -> Mapping[str, Any]:
        """Door -> money of an experiment; a door with unpriced calls has None."""
        rows = self._rows(
            """
            SELECT door, CASE WHEN count(*) = count(cost_total) THEN sum(cost_total) END
            FROM calls WHERE experiment_id = ? AND status <> 'refused' GROUP BY door
            """,
            [experiment_id],
        )
        return dict(rows)

    def paid(self, experiment_id: str) -> tuple[Decimal, int]:
        """All the money of an experiment that is known, judges' too, and how many calls have no price."""
        rows = self._rows(
            """
            SELECT coalesce(sum(cost_total), 0), count(*) FILTER (cost_total IS NULL AND status <> 'refused'
                AND (status <> 'error' OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL))
            FROM calls WHERE experiment_id = ?
            """,
            [experiment_id],
        )
        return Decimal(rows[0][0]), int(rows[0][1])

    def settle(self) -> None:
        """Wait until what is on disk can be read."""
        self.ledger.settle()

    def calls_of(self, turn_id: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        """The turn's calls in order, by column."""
        rows = self._rows(f"SELECT {', '.join(columns)} FROM calls WHERE turn_id = ? ORDER BY attempt", [turn_id])
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def asked_of(self, call_id: str) -> dict[str, Any] | None:
        """Model, assistant, prompt and parameters of a call."""
        names = ("requested_model", "assistant_id", "assistant_version", "prompt_id", "prompt_version", "temperature",
                 "max_tokens")  # fmt: skip
        rows = self._rows(f"SELECT {', '.join(names)} FROM calls WHERE call_id = ?", [call_id])
        return dict(zip(names, rows[0], strict=True)) if rows else None

    def price_source(self, price_id: str) -> str | None:
        """Where the price line came from, in the words of a receipt."""
        rows = self._rows("SELECT source FROM prices WHERE price_id = ? ORDER BY seq DESC LIMIT 1", [price_id])
        return str(rows[0][0]) if rows else None

    def votes_on(self, match_ids: Sequence[str], user_id: str) -> dict[str, tuple[str, list[str]]]:
        """What this person voted on these matches last: match id -> winner and what stood in the panes."""
        rows = self._rows(
            """
            SELECT match_id, arg_max(winner, seq), arg_max(panes, seq) FROM votes
            WHERE list_contains(?, match_id) AND user_id = ? AND judge IS NULL GROUP BY match_id
            """,
            [list(match_ids), user_id],
        )
        return {match_id: (winner, list(panes)) for match_id, winner, panes in rows}

    def response(self, call_id: str) -> dict[str, Any] | None:
        """What came back, None when payloads are not kept."""
        payload = self.ledger.payload(call_id)
        return payload.response if payload is not None else None

    def answer(self, call_id: str) -> str:
        """The text of a call's answer, "" when payloads are not kept."""
        payload = self.ledger.payload(call_id)
        response = payload.response if payload is not None else None
        return str(response.get("text") or "") if response else ""

    def question(self, call_id: str) -> list[dict[str, Any]]:
        payload = self.ledger.payload(call_id)
        return list(payload.request) if payload is not None else []

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        rows: Rows = self.ledger.rows(sql, list(parameters), max_rows=_MOST)
        return rows


def _tagged(experiment_id: str | None) -> str | None:
    return f"experiment:{experiment_id}" if experiment_id else None
