"""How each version of a prompt or an assistant does: calls, money, speed, failures, thumbs and wins side by side."""

from collections.abc import Sequence
from math import sqrt
from typing import Literal

import pandas as pd

from core.analytics.measures import FAILED, SENT, UNPRICED
from core.analytics.reader import Reader

Z95 = 1.959963984540054
_PATIENCE_S = 2.0
"""For what a conversation is drawn with: longer, nobody waits for a thumb."""
Of = Literal["prompt", "assistant"]


class Scorecards:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def of(self, what: Of, id: str) -> pd.DataFrame:
        """One row per version that was called, newest first.

        `version, since, calls, turns, failed, error_rate, cost, unpriced, cost_per_call, p50_s, p95_s, input_tokens,
        output_tokens, up, down, votes, wins, win_rate, win_low, win_high`; money in US dollars, missing is unknown.
        A vote counts 1 for a win and 1/2 for a tie; one with a pane that gave no call is left out, as it is not known
        whose calls the others are. The interval is Wilson's at 95%.
        """
        column = f"{what}_version"
        card = self.reader.log.frame(
            f"""WITH mine AS (SELECT * FROM calls WHERE {what}_id = $id AND operation = 'chat'),
            thumbs AS (SELECT turn_id, arg_max(value, seq) AS value FROM feedback GROUP BY turn_id, user_id),
            rated AS (SELECT {column} AS version, count(*) FILTER (value > 0) AS up, count(*) FILTER (value < 0) AS down
                FROM thumbs JOIN (SELECT DISTINCT turn_id, {column} FROM mine) USING (turn_id) GROUP BY 1),
            newest AS (SELECT match_id, arg_max(winner, seq) AS winner, arg_max(call_ids, seq) AS call_ids
                FROM votes
                WHERE judge IS NULL AND len(panes) = len(call_ids) GROUP BY match_id, user_id),
            judged AS (SELECT {column} AS version, count(*) AS votes, sum(CASE
                    WHEN winner = 'tie' THEN 0.5
                    WHEN list_position(call_ids, call_id) = ascii(upper(winner)) - 64 AND len(winner) = 1 THEN 1
                    ELSE 0 END) AS wins
                FROM newest JOIN mine ON list_contains(call_ids, call_id) GROUP BY 1)
            SELECT {column} AS version, min(started_at) AS since, count(*) AS calls,
                count(DISTINCT turn_id) AS turns, count(*) FILTER ({FAILED}) AS failed,
                count(*) FILTER ({FAILED}) / nullif(count(*) FILTER ({SENT}), 0) AS error_rate,
                sum(cost_total)::DOUBLE AS cost, count(*) FILTER ({UNPRICED}) AS unpriced,
                avg(cost_total)::DOUBLE AS cost_per_call,
                quantile_cont(total_s, 0.5) FILTER (status = 'ok') AS p50_s,
                quantile_cont(total_s, 0.95) FILTER (status = 'ok') AS p95_s,
                avg(input_tokens) AS input_tokens, avg(output_tokens) AS output_tokens,
                coalesce(any_value(up), 0) AS up, coalesce(any_value(down), 0) AS down,
                coalesce(any_value(votes), 0) AS votes, coalesce(any_value(wins), 0)::DOUBLE AS wins
            FROM mine LEFT JOIN rated ON rated.version = {column} LEFT JOIN judged ON judged.version = {column}
            GROUP BY 1 ORDER BY 1 DESC""",
            {"id": id},
        )
        intervals = [wilson(wins, votes) for wins, votes in zip(card["wins"], card["votes"], strict=True)]
        return card.assign(
            win_rate=card["wins"] / card["votes"].where(card["votes"] > 0),
            win_low=pd.Series([low for low, _ in intervals], index=card.index, dtype="float64"),
            win_high=pd.Series([high for _, high in intervals], index=card.index, dtype="float64"),
        )

    def thumbs(self, turn_ids: Sequence[str], user_id: str = "local") -> dict[str, int]:
        """What this person said of these turns: 1 or -1; turns without a word are left out."""
        if not turn_ids:
            return {}
        rows = self.reader.log.rows(
            """SELECT turn_id, arg_max(value, seq) FROM feedback
            WHERE list_contains($turns, turn_id) AND user_id = $user GROUP BY turn_id""",
            {"turns": list(turn_ids), "user": user_id},
            timeout_s=_PATIENCE_S,
        )
        return {str(turn): int(value) for turn, value in rows if value}


def wilson(wins: float, votes: int) -> tuple[float | None, float | None]:
    """The 95% interval of a share; None when nobody voted."""
    if not votes:
        return None, None
    share, z2 = wins / votes, Z95 * Z95
    middle = (share + z2 / (2 * votes)) / (1 + z2 / votes)
    half = Z95 * sqrt(share * (1 - share) / votes + z2 / (4 * votes * votes)) / (1 + z2 / votes)
    return max(0.0, middle - half), min(1.0, middle + half)
