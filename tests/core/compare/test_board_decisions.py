"""A comparison kept as a decision: its figures of that day, nothing a single answer cannot carry, and run again."""

import pytest

from core.compare.decision_files import export, measured, table
from core.compare.league import Question
from core.compare.panes import PaneSpec, Setup
from core.errors import InvalidError
from core.messages import ImagePart, Message, Parameters, TextPart
from core.platform import Platform, open_platform
from core.settings import Settings
from tests.upstreams.server import Upstream

FEW = Parameters(max_tokens=8)
PAIR = Setup(tuple(PaneSpec(f"demo/{name}", parameters=FEW) for name in ("swift", "scholar")))


def asked(platform: Platform, *questions: str, setup: Setup = PAIR):
    board = platform.compare.board(setup)
    for question in questions:
        board.ask(Message.of("user", question)).wait()
    return board


def test_one_question_is_kept_as_it_was_measured_and_asked_again_beside_it(settings: Settings) -> None:
    with open_platform(settings) as platform:
        board = asked(platform, "What is a <b>receipt</b>?")
        platform.compare.vote(board, "B")
        made = platform.compare.decide(title="Which?", choice="B", board_id=board.board_id)
        kept = platform.compare.decisions.get(made)
        paid = [pane.last.receipt for pane in board.view().panes]
        assert kept.asked == ("What is a <b>receipt</b>?",)
        assert set(kept.calls) == {attempt.call_id for receipt in paid for attempt in receipt.attempts}
        headings, lines = table(kept)
        assert "95% interval" not in headings
        for line, receipt, letter in zip(lines, paid, "AB", strict=True):
            assert line[0].startswith(f"{letter} · ")
            assert line[1] == "1"
            assert line[3:] == (f"{receipt.ttft_s:.2f} s", f"{receipt.total_s:.2f} s", f"{int(letter == 'B')} of 1")
        before = export(kept, "markdown")
        board.clear()
    with open_platform(settings) as platform:  # another day: neither the board nor its process is there any more
        assert export(platform.compare.decisions.get(made), "markdown") == before
        assert platform.compare.run_again(made) is None
        now = platform.compare.decisions.get(made)
        assert (now.rows, now.calls, now.sentence, now.made_at) == (kept.rows, kept.calls, kept.sentence, kept.made_at)
        (run,) = now.again
        assert [row["key"] for row in run.rows] == [row["key"] for row in kept.rows]
        assert [row["n"] for row in run.rows] == [1, 1]
        assert not set(run.calls) & set(now.calls)
        assert len(table(now)[1]) == 4
        text = export(now, "markdown").decode()
        assert "**Run again:**" in text
        assert "\\<b\\>receipt" in text
        assert all(call in text for call in (*run.calls, *now.calls))
        assert "&lt;b&gt;receipt" in export(now, "html").decode()
        assert export(now, "pdf").startswith(b"%PDF")


def test_follow_ups_and_pictures_are_asked_again_in_their_order(platform: Platform) -> None:
    board = asked(platform, "first")
    picture = ImagePart("image/png", b"\x89PNG pixels", "", "chart.png")
    board.ask(Message("user", (TextPart("second"), picture))).wait()
    made = platform.compare.decide(title="Which?", choice="A", board_id=board.board_id)
    platform.compare.run_again(made)
    kept = platform.compare.decisions.get(made)
    assert kept.asked == ("first", "second [chart.png]")
    assert (kept.n, kept.again[0].n) == (2, 2)
    assert [row["n"] for row in kept.again[0].rows] == [2, 2]
    platform.ledger.settle()
    said = str(platform.ledger.payload(kept.again[0].calls[-1]).request)
    assert said.index("first") < said.index("second") < said.index("chart.png")


def test_a_blind_board_is_kept_only_after_its_vote(platform: Platform) -> None:
    board = asked(platform, "What is a receipt?", setup=Setup(PAIR.panes, blind=True))
    with pytest.raises(InvalidError, match="vote first") as refused:
        platform.compare.decide(title="Which?", choice="A", board_id=board.board_id)
    assert platform.compare.mask().hide(str(refused.value)) == (str(refused.value), False)
    platform.compare.vote(board, "A")
    made = platform.compare.decide(title="Which?", choice="A", board_id=board.board_id)
    board.ask(Message.of("user", "And then?")).wait()
    with pytest.raises(InvalidError, match="vote first"):
        platform.compare.decide(title="Which?", choice="A", board_id=board.board_id)
    kept = platform.compare.decisions.get(made)
    assert [row["won"] for row in kept.rows] == [1, 0]
    platform.compare.run_again(made)
    assert len(platform.compare.decisions.get(made).again) == 1


def test_what_was_not_measured_is_said(settings: Settings, upstream: Upstream) -> None:
    wanted = settings.model_copy(update={"openai_base_url": upstream.v1, "max_retries": 0})
    with open_platform(wanted) as platform:
        board = platform.compare.board(PAIR)
        with pytest.raises(InvalidError, match="ask a question first"):
            platform.compare.decide(title="Which?", choice="A", board_id=board.board_id)
        setup = Setup((PaneSpec("demo/swift", parameters=FEW), PaneSpec("openai/no-such-model")))
        board = asked(platform, "What is a receipt?", setup=setup)
        made = platform.compare.decide(title="Which?", choice="A", board_id=board.board_id)
        good, failed = (measured(row) for row in platform.compare.decisions.get(made).rows)
        assert good[1] == "1"
        assert failed[1:] == ("0 of 1", *["not measured"] * 3, "no vote")
        board.change(board.panes[0].key, PaneSpec("demo/scholar"))  # it has not answered anything yet
        with pytest.raises(InvalidError, match="no pane has answered as it stands now"):
            platform.compare.decide(title="Which?", choice="A", board_id=board.board_id)


def test_a_record_by_votes_is_run_again_over_the_votes_of_now(platform: Platform) -> None:
    platform.compare.vote(asked(platform, "one"), "A", tags=["facts"])
    platform.ledger.settle()
    made = platform.compare.decide(title="Which?", choice="A", votes=Question(tag="facts"))
    before = platform.compare.decisions.get(made)
    platform.compare.vote(asked(platform, "two"), "A", tags=["facts"])
    platform.compare.vote(asked(platform, "three"), "B", tags=["style"])
    platform.ledger.settle()
    assert platform.compare.run_again(made) is None
    now = platform.compare.decisions.get(made)
    assert (now.rows, now.n, now.calls) == (before.rows, before.n, before.calls)
    assert (before.n, now.again[0].n) == (1, 2)
    assert [row["n"] for row in now.again[0].rows] == [2, 2]
