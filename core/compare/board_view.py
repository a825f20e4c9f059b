"""What may be shown of a board at one moment, with names and answers kept back where the board is blind."""

from dataclasses import dataclass, replace

from core.compare.blind import Mask
from core.compare.fair import Verdict
from core.compare.match import Match
from core.compare.panes import PaneSpec
from core.events import TurnView
from core.messages import Message

LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Shown:
    """One round of one pane as it may be shown."""

    question: Message
    view: TurnView | None
    note: str = ""
    named_itself: bool = False


@dataclass(frozen=True, slots=True)
class PaneView:
    """`spec` and `name` are None and "" as long as the pane is hidden; `concealed`: the answer too is kept back."""

    key: str
    letter: str
    spec: PaneSpec | None
    name: str
    rounds: tuple[Shown, ...]
    concealed: bool = False

    @property
    def hidden(self) -> bool:
        return self.spec is None

    @property
    def last(self) -> TurnView | None:
        return self.rounds[-1].view if self.rounds else None


@dataclass(frozen=True, slots=True)
class BoardView:
    board_id: str
    panes: tuple[PaneView, ...]
    running: bool
    fair: bool
    blind: bool
    synced: bool
    hidden: bool
    """True in blind mode until the vote, also before the question."""
    round: int
    can_vote: bool
    winner: str | None
    verdict: Verdict


def shown_round(match: Match, key: str, masker: Mask | None, conceal: bool, letters: dict[str, str]) -> Shown:
    lot = match.lots.get(key)
    if lot is None:
        return Shown(match.question, None, "Not asked.")
    ahead = letters.get(lot.behind)
    note = f"Waits for pane {ahead}: both run on one local server." if ahead and lot.waiting else lot.note
    view = lot.view
    if view.status == "running":
        view = replace(view, seconds=int(view.seconds * 2) / 2)  # a view that only grew older is no change
    if masker is None:
        return Shown(match.question, view, note)
    bare = TurnView("", view.status, "", error="No answer." if view.error else None)
    if conceal:
        return Shown(match.question, bare)
    text, named = masker.hide(view.text if view.status != "running" else view.text.rpartition(" ")[0])
    return Shown(match.question, replace(bare, text=text), named_itself=named)
