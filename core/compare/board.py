"""The board: the panes of one analyst, their rounds so far, and what may be shown of them at this moment."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from core.compare.blind import Mask
from core.compare.board_view import LETTERS, BoardView, PaneView, shown_round
from core.compare.fair import Verdict, verdict
from core.compare.match import Match
from core.compare.panes import LEAST, MOST, PaneSpec, Setup
from core.errors import InvalidError
from core.ledger.ids import uuid7
from core.messages import Message, TurnRequest


@dataclass
class Pane:
    """`name` is looked up once per choice: a view is taken twenty times a second."""

    key: str
    spec: PaneSpec
    name: str = ""


@dataclass
class Board:
    """Handlers call it from any thread. `request_of` turns a spec and a conversation so far into a request."""

    request_of: Callable[[PaneSpec, tuple[Message, ...]], TurnRequest]
    name_of: Callable[[PaneSpec], str]
    new_match: Callable[[Message, bool, str], Match]
    mask: Callable[[], Mask]
    arrange: Callable[[Sequence[PaneSpec]], list[int]]
    """The order for a blind match, left to right, as indices."""
    keep: Callable[["Board"], None] = lambda _: None
    """Called when there is something worth finding again after a restart."""
    user_id: str = "local"
    board_id: str = field(default_factory=uuid7)
    panes: list[Pane] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    fair: bool = True
    blind: bool = False
    synced: bool = True
    show_now: bool = False
    votes: dict[str, str] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)
    made: int = 0
    """How many panes there ever were: keys are not used twice."""
    _masker: Mask | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def use(self, setup: Setup) -> None:
        """Begin anew with this set-up."""
        with self._lock:
            self.stop()
            self.matches, self.panes, self.votes, self.show_now = [], [], {}, False
            self.fair, self.blind, self.synced = setup.fair, setup.blind, setup.synced
            for spec in setup.panes:
                self.add(spec)

    def setup(self) -> Setup:
        return Setup(tuple(pane.spec for pane in self.panes), self.fair, self.blind, self.synced)

    def add(self, spec: PaneSpec) -> Pane:
        with self._lock:
            if len(self.panes) >= MOST:
                raise InvalidError(f"A comparison has at most {MOST} panes.")
            self.made += 1
            pane = Pane(f"p{self.made}", spec)
            self.panes.append(pane)
            return pane

    def remove(self, key: str) -> None:
        with self._lock:
            if len(self.panes) <= LEAST:
                raise InvalidError(f"A comparison needs at least {LEAST} panes.")
            self.panes = [pane for pane in self.panes if pane.key != key]
        for match in self.matches:
            match.drop(key)
        if self.matches:
            self.keep(self)

    def change(self, key: str, spec: PaneSpec) -> None:
        for pane in self.panes:
            if pane.key == key:
                pane.name = pane.name if pane.spec.key == spec.key else ""
                pane.spec = spec

    def ask(self, question: Message) -> Match:
        """Start a round: the first, or a follow-up with every pane's own history. Raises InvalidError."""
        with self._lock:
            if self.running:
                raise InvalidError("The panes are still answering; wait for them or press Stop.")
            if not any(part for part in question.parts):
                raise InvalidError("Type a question first.")
            if self.blind and not self.matches:
                order = self.arrange([pane.spec for pane in self.panes])
                self.panes = [self.panes[index] for index in order]
            requests = {
                pane.key: self.request_of(pane.spec, (*self._history(pane.key), question)) for pane in self.panes
            }
            stood = {pane.key: pane.spec for pane in self.panes}
            match = self.new_match(question, self.fair, self.user_id)
            self.matches.append(match)
            self.show_now = False
        match.start(requests, self.chance, stood)
        self.keep(self)
        return match

    def ask_one(self, key: str) -> None:
        """Ask the current question again in one pane, or for the first time in a pane added later."""
        match = self._current()
        pane = next(pane for pane in self.panes if pane.key == key)
        history = self._history(key, before=match)
        match.ask_again(key, self.request_of(pane.spec, (*history, match.question)), pane.spec)
        self.keep(self)

    def stop(self, key: str | None = None) -> None:
        for match in self.matches:
            match.stop(key)

    def clear(self) -> None:
        """Keep the panes, forget the rounds (their ledger rows stay)."""
        with self._lock:
            self.stop()
            self.matches, self.votes, self.show_now = [], {}, False

    @property
    def running(self) -> bool:
        return bool(self.matches) and self.matches[-1].running

    @property
    def hidden(self) -> bool:
        """Blind, and the current question not voted on yet: from before it is asked."""
        return self.blind and not (self.matches and self.matches[-1].match_id in self.votes)

    def view(self) -> BoardView:
        with self._lock:
            panes, matches, hidden = list(self.panes), list(self.matches), self.hidden
            masker = self._masker = (self._masker or self.mask()) if hidden else None
        running = bool(matches) and matches[-1].running
        conceal = hidden and running and not self.show_now
        letters = {pane.key: LETTERS[index] for index, pane in enumerate(panes)}
        shown = tuple(
            PaneView(
                pane.key,
                LETTERS[index],
                None if hidden else pane.spec,
                "" if hidden else self._name(pane),
                tuple(
                    shown_round(match, pane.key, masker, conceal and match is matches[-1], letters) for match in matches
                ),
                conceal,
            )
            for index, pane in enumerate(panes)
        )
        winner = self.votes.get(matches[-1].match_id) if matches else None
        answered = sum(1 for pane in shown if pane.last and pane.last.status == "ok")
        return BoardView(
            self.board_id,
            shown,
            running,
            self.fair,
            self.blind,
            self.synced,
            hidden,
            len(matches),
            bool(matches) and not running and winner is None and answered >= 1,
            winner,
            self._verdict(matches[-1] if matches else None, panes, hidden),
        )

    def _name(self, pane: Pane) -> str:
        pane.name = pane.name or self.name_of(pane.spec)
        return pane.name

    async def views(self, per_second: float = 30) -> AsyncIterator[BoardView]:
        """Every change of any pane, merged; ends after the view in which nothing runs any more."""
        last: BoardView | None = None
        while True:
            now = self.view()
            if now != last:
                last = now
                yield now
            if not now.running:
                return
            await asyncio.sleep(1 / per_second)

    def _verdict(self, match: Match | None, panes: list[Pane], hidden: bool) -> Verdict:
        if match is None:
            return verdict(self.fair, {})
        letters = {pane.key: LETTERS[index] for index, pane in enumerate(panes)}
        lots = {key: lot for key, lot in tuple(match.lots.items()) if key in letters}
        views = {letters[key]: lot.view for key, lot in sorted(lots.items(), key=lambda item: letters[item[0]])}
        again = [letters[key] for key, lot in lots.items() if lot.retried]
        return verdict(match.fair, views, again, 0 if hidden else match.most_on_one_server())

    def _history(self, key: str, before: Match | None = None) -> tuple[Message, ...]:
        told: list[Message] = []
        for match in self.matches:
            if match is before:
                break
            lot = match.lots.get(key)
            if lot is not None and lot.view.text:
                told += [match.question, Message.of("assistant", lot.view.text)]
        return tuple(told)

    def _current(self) -> Match:
        if not self.matches:
            raise InvalidError("Ask a question first.")
        return self.matches[-1]
