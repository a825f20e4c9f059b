"""Fair mode against a local server: panes in turn, warmed up, tools asked once, and a prompt that was cut is told."""

import itertools
from collections.abc import Iterator

import pytest

from core.compare.board import Board
from core.compare.board_view import BoardView
from core.compare.fair import ALIKE, IN_TURN
from core.compare.panes import PaneSpec, Setup
from core.messages import Message
from core.platform import Platform, open_platform
from core.settings import Settings
from core.workspace.assistants import AssistantDraft
from tests.upstreams.server import Upstream

MODELS = ("tokens-20-rate-200+slow-60", "tokens-12-rate-200+slow-60", "tools", "echo")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(models=MODELS) as server:
        yield server


@pytest.fixture
def platform(settings: Settings, upstream: Upstream) -> Iterator[Platform]:
    """A local server beside the simulated models."""
    with open_platform(settings.model_copy(update={"ollama_base_url": upstream.url})) as opened:
        opened.ai.wait_until_warm(60)
        opened.ai.models(refresh=True)  # what is local is known once the server has been asked
        yield opened


def board_of(platform: Platform, *models: str, fair: bool = True, **more: str) -> Board:
    return platform.compare.board(Setup(tuple(PaneSpec(model=name, **more) for name in models), fair=fair))


def asked(board: Board, question: str) -> BoardView:
    board.ask(Message.of("user", question)).wait(60)
    return board.view()


def at_once(platform: Platform) -> int:
    """How many calls to the local server began before the one ahead of them had ended, by the call log."""
    platform.ledger.settle()
    rows = platform.ledger.rows(
        "SELECT started_at, ended_at FROM calls WHERE provider = 'ollama' ORDER BY started_at, ended_at"
    )
    return sum(later[0] < one[1] for one, later in itertools.pairwise(rows))


def test_panes_on_one_local_server_answer_in_turn_each_warmed_up_first(platform: Platform, upstream: Upstream) -> None:
    long, short = (f"ollama/{name}" for name in MODELS[:2])
    board = board_of(platform, long, short, long, "demo/swift")
    view = asked(board, "Which one are you?")
    assert (view.verdict.comparable, view.verdict.reasons) == (True, (ALIKE, IN_TURN))
    chats = upstream.chats()
    assert at_once(platform) == 0
    warm_ups = [one for one in chats if one.body["messages"][-1]["content"] == "Reply with OK."]
    assert sorted(one.model for one in warm_ups) == sorted(MODELS[:2])
    for one in warm_ups:
        answers = [other.at for other in chats if other.model == one.model and other not in warm_ups]
        assert one.at < min(answers)
    marked = platform.ledger.rows("SELECT count(*) FILTER (list_contains(tags, 'warm-up')), count(*) FROM calls")
    assert marked == [(2, 6)]
    asked(board, "And now?")
    assert len(upstream.chats()) == len(chats) + 3, "what is warm is not warmed again"
    assert at_once(platform) == 0


def test_without_fair_mode_they_run_at_once_and_the_badge_says_so(platform: Platform, upstream: Upstream) -> None:
    view = asked(board_of(platform, *[f"ollama/{MODELS[0]}"] * 2, fair=False), "Which one are you?")
    assert len(upstream.chats()) == 2
    assert at_once(platform) == 1
    assert view.verdict.comparable is False
    assert view.verdict.reasons[0].startswith("Fair mode was off")


def test_a_tool_is_asked_once_for_all_panes(platform: Platform, upstream: Upstream) -> None:
    draft = AssistantDraft(name="Clock", model="ollama/tools", tools=("date_and_time",))
    made = platform.workspace.assistants.save(draft)
    spec = PaneSpec(assistant_id=made.id, assistant_version=made.version)
    view = asked(platform.compare.board(Setup((spec, spec))), "What time is it?")
    results = [step.result for pane in view.panes for step in pane.last.steps]
    assert len(results) == 2
    assert len(set(results)) == 1, "the second pane is handed what the first was told"
    assert view.verdict.comparable, view.verdict.reasons


def test_a_prompt_that_the_server_cut_is_told_and_also_after_a_restart(platform: Platform, settings: Settings) -> None:
    """The server counts words, so one word of many letters is a prompt of which it read next to nothing."""
    board = board_of(platform, "ollama/echo", "demo/swift")
    view = asked(board, "x" * 12_000)
    cut = "A was given only a part of the question: its server cut the prompt."
    assert (view.verdict.comparable, view.verdict.reasons) == (False, (cut,))
    board_id = board.board_id
    platform.compare.keeping.close()
    platform.compare._boards.clear()
    assert platform.compare.find(board_id).view().verdict == view.verdict


def test_an_answer_cut_at_its_limit_is_told(platform: Platform, upstream: Upstream) -> None:
    view = asked(board_of(platform, "ollama/echo+length", "demo/swift"), "Hello")
    assert view.verdict.reasons == ("A was cut off at its token limit.",)
