"""A board over the real engine: every pane's text, receipt and ledger row belong together."""

import asyncio
import hashlib

import pytest

from core.compare.board_view import BoardView
from core.compare.panes import PaneSpec, Setup
from core.errors import InvalidError, NotFoundError
from core.messages import ImagePart, Message, Parameters, TextPart
from core.platform import Platform, open_platform
from core.settings import Settings


def demo_models(platform: Platform, count: int = 2) -> list[str]:
    ids = [model.id for model in platform.ai.models() if model.simulated and "embeddings" not in model.supports]
    return [ids[index % len(ids)] for index in range(count)]


def brief(platform: Platform, count: int = 2) -> Setup:
    """Panes that answer in a few words: these tests are about what belongs together, not about long answers."""
    return Setup(
        tuple(PaneSpec(model=name, parameters=Parameters(max_tokens=8)) for name in demo_models(platform, count))
    )


async def settled(board) -> BoardView:
    async for view in board.views(60):
        last = view
    return last


async def test_each_pane_shows_its_own_call(platform: Platform) -> None:
    board = platform.compare.board(Setup(tuple(PaneSpec(model=name) for name in demo_models(platform, 4))))
    match = board.ask(Message.of("user", "What is 2+2?"))
    view = await settled(board)
    assert [pane.last.status for pane in view.panes] == ["ok"] * 4
    platform.ledger.settle()
    for pane in view.panes:
        receipt = pane.last.receipt
        assert receipt.requested_model == pane.spec.model
        call = receipt.attempts[-1].call_id
        rows = platform.ledger.rows("SELECT requested_model, match_id, tags, door FROM calls WHERE call_id = ?", [call])
        assert rows == [(pane.spec.model, match.match_id, [f"pane:{pane.key}"], "playground")]
        assert platform.ledger.payload(call).response["text"] == pane.last.text
    assert view.verdict.comparable


async def test_follow_up_rounds_carry_each_panes_own_history(platform: Platform) -> None:
    board = platform.compare.board(brief(platform))
    board.ask(Message.of("user", "first question"))
    first = await settled(board)
    board.ask(Message.of("user", "second question"))
    second = await settled(board)
    platform.ledger.settle()
    for before, pane in zip(first.panes, second.panes, strict=True):
        sent = platform.ledger.payload(pane.last.receipt.attempts[-1].call_id).request
        said = [part["text"] for message in sent for part in message["content"]]
        assert said[-3:] == ["first question", before.last.text, "second question"]


async def test_panes_come_go_and_stop_while_others_run(platform: Platform) -> None:
    board = platform.compare.board()
    board.ask(Message.of("user", "Tell me much about budgets, please."))
    added = board.add(PaneSpec(model=demo_models(platform)[0]))
    board.ask_one(added.key)
    gone = board.panes[0].key
    board.remove(gone)
    board.stop(board.panes[0].key)
    view = await settled(board)
    assert [pane.key for pane in view.panes] == [pane.key for pane in board.panes]
    assert view.panes[0].last.status == "cancelled"
    assert view.panes[1].last.status == "ok"
    assert view.verdict.comparable is False
    with pytest.raises(InvalidError):
        board.remove(board.panes[0].key)


async def test_asking_twice_at_once_is_refused(platform: Platform) -> None:
    board = platform.compare.board()
    board.ask(Message.of("user", "one"))
    with pytest.raises(InvalidError):
        board.ask(Message.of("user", "two"))
    board.stop()
    await settled(board)


async def test_a_vote_is_a_fact(platform: Platform) -> None:
    board = platform.compare.board(brief(platform))
    board.ask(Message.of("user", "Which is better?"))
    with pytest.raises(InvalidError):
        platform.compare.vote(board, "A")
    await settled(board)
    vote = platform.compare.vote(board, "B", "clearer", ["Style", " style ", ""])
    assert vote.tags == ("style",)
    with pytest.raises(InvalidError):
        platform.compare.vote(board, "A")
    await asyncio.to_thread(platform.ledger.settle)
    assert platform.ledger.rows("SELECT winner, panes FROM votes") == [("B", [pane.spec.key for pane in board.panes])]


def test_somebody_elses_board_is_not_there(platform: Platform) -> None:
    board = platform.compare.board(user_id="anna")
    with pytest.raises(NotFoundError):
        platform.compare.find(board.board_id, "ben")


async def test_a_board_is_found_again_after_a_restart(settings: Settings) -> None:
    picture = ImagePart("image/png", b"not looked at", hashlib.sha256(b"not looked at").hexdigest(), "plan.png")
    with open_platform(settings) as platform:
        board = platform.compare.board(brief(platform))
        board.ask(Message("user", (TextPart("How do receipts work?"), picture)))
        await settled(board)
        platform.compare.vote(board, "B")
        board.ask(Message.of("user", "And budgets?"))
        board.stop(board.panes[0].key)
        before = await settled(board)
    with open_platform(settings) as platform:
        with pytest.raises(NotFoundError):
            platform.compare.find(board.board_id, "ben")
        found = platform.compare.find(board.board_id)
        after = found.view()
        assert found.setup() == board.setup()
        assert found.votes == board.votes
        assert found.matches[0].question == board.matches[0].question
        for old, new in zip(before.panes, after.panes, strict=True):
            for was, is_ in zip(old.rounds, new.rounds, strict=True):
                assert (is_.view.text, is_.view.status, is_.view.reasoning) == (
                    was.view.text, was.view.status, was.view.reasoning,
                )  # fmt: skip
                if was.view.receipt and was.view.receipt.attempts:
                    assert is_.view.receipt.attempts == was.view.receipt.attempts
                    assert is_.view.receipt.usage == was.view.receipt.usage
                    assert is_.view.receipt.cost == was.view.receipt.cost
                    assert is_.view.receipt.total_s == was.view.receipt.total_s
                    assert is_.view.receipt.price_source == was.view.receipt.price_source
        assert platform.compare.find(board.board_id) is found
        found.ask(Message.of("user", "Go on."))
        assert (await settled(found)).round == 3


async def test_a_call_is_put_beside_another_model(platform: Platform) -> None:
    named = demo_models(platform)[1]
    spec = PaneSpec(model=named, system_prompt="Be brief.", parameters=Parameters(max_tokens=20))
    board = platform.compare.board(Setup((spec, spec)))
    board.ask(Message.of("user", "What is a receipt?"))
    view = await settled(board)
    platform.ledger.settle()
    setup, question = platform.compare.replay(view.panes[0].last.receipt.attempts[-1].call_id)
    assert question == "What is a receipt?"
    assert setup.panes[0] == spec
    assert setup.panes[1].model != named
    with pytest.raises(NotFoundError):
        platform.compare.replay("no such call")
