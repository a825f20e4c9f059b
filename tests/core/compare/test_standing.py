"""The strip's figures while panes still answer: an answer's time begins when its call leaves."""

from core.compare.board_view import PaneView, Shown
from core.compare.panes import PaneSpec
from core.compare.standing import races
from core.events import TurnView
from core.messages import Message


def pane(**seen: float | None) -> PaneView:
    view = TurnView("t", "running", "demo/swift", **seen)  # type: ignore[arg-type]
    return PaneView("p1", "A", PaneSpec("demo/swift"), "Swift", (Shown(Message.of("user", "Hello"), view),))


def figures(**seen: float | None) -> dict[str, object]:
    return {race.title: race.bars[0].value for race in races([pane(**seen)])}


def test_what_the_platform_makes_a_turn_wait_is_in_no_figure() -> None:
    waiting = figures(seconds=5.0)
    assert (waiting["First token"], waiting["Total time"]) == (None, None)
    told = figures(seconds=7.0, sent_s=5.0, first_s=5.5)
    assert (told["First token"], told["Total time"]) == (0.5, 2.0)
