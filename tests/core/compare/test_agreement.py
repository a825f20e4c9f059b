"""A judge's votes on people's matches, and how often both agree."""

import time
from datetime import datetime

from pydantic import SecretStr

from core.compare.agreement import agreement, judges
from core.compare.league import Question
from core.compare.votes import Ballot
from core.messages import Message
from core.platform import Platform, open_platform
from core.settings import Settings
from core.workspace.case_files import NewCase
from tests.upstreams.server import Upstream

MOMENT = datetime(2026, 11, 1)


def ballot(match: str, winner: str, judge: str | None = None) -> Ballot:
    return Ballot(match, MOMENT, "u", winner, ("a", "b"), (), judge=judge)


def test_agreement_counts_matches_that_both_decided() -> None:
    people = [ballot("1", "A"), ballot("2", "A"), ballot("3", "tie"), ballot("4", "B")]
    judges = [ballot("1", "A", "j"), ballot("2", "B", "j"), ballot("3", "A", "j"), ballot("9", "A", "j")]
    assert agreement(people, judges) == (0.5, 2)
    assert agreement(people, []) == (None, 0)


def test_a_judge_is_asked_in_both_orders_and_paid_apart(platform: Platform) -> None:
    board = platform.compare.board()
    board.ask(Message.of("user", "What is a receipt?"))
    board.matches[-1].wait()
    platform.compare.vote(board, "A")
    platform.ledger.settle()
    found = platform.compare.jury.judge("", limit=5)
    assert found.duels == 1
    rows = platform.ledger.rows("SELECT count(*), count(DISTINCT match_id) FROM calls WHERE door = 'judge'")
    assert rows == [(2, 1)]


def test_an_experiments_duels_are_judges_votes_and_no_persons(settings: Settings, upstream: Upstream) -> None:
    wanted = settings.model_copy(
        update={"openai_base_url": upstream.v1, "openai_api_key": SecretStr("sk-none"), "max_retries": 0}
    )
    with open_platform(wanted) as platform:
        compare, experiments = platform.compare, platform.compare.experiments
        kept = platform.workspace.datasets.create("cases")
        platform.workspace.datasets.add(kept.id, [NewCase(variables={"question": f"case {n}"}) for n in range(3)])
        names = ["openai/tokens-3", "openai/tokens-4"]
        plan = experiments.plan("duels", kept.id, names, graders=[{"kind": "pairwise", "judge": "openai/echo"}])
        made = experiments.create(plan)
        for _ in range(2):  # a second start finds every vote cast
            experiments.start(made)
            while experiments.progress(made).state == "running":
                time.sleep(0.02)
        platform.ledger.settle()
        ballots = compare.records.ballots(judged=True)
        assert [(one.judge, one.winner, set(one.panes)) for one in ballots] == [("openai/echo", "tie", set(names))] * 3
        assert all(all(one.lengths) for one in ballots)
        assert platform.ledger.rows("SELECT count(*) FROM votes") == [(3,)]
        assert compare.records.ballots() == []
        assert compare.league(Question(judged=True)).ranking.votes == 3
        assert compare.league().ranking.votes == 0
        (one,) = judges([], ballots)
        assert (one.judge, one.votes, one.agreed, one.both) == ("openai/echo", 3, None, 0)
