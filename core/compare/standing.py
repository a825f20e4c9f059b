"""The live ranking strip: who leads by first token, time, speed, tokens and money, as far as it is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.compare.board_view import PaneView
from core.events import TurnView

_CHARACTERS_PER_TOKEN = 4
_SOONEST_S = 0.5
"""Before that a speed is noise."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`share`: length of the bar, 0 to 1 of the largest value; None when the value is not known. `live`: still moving;
    tokens and speed are then counted from the text so far, four characters to a token."""

    key: str
    letter: str
    name: str
    value: float | Decimal | int | None
    share: float | None
    live: bool = False


@dataclass(frozen=True, slots=True)
class Race:
    """One figure for all panes, best first, unknown last. `unit` names the formatter."""

    title: str
    unit: str
    bars: tuple[Bar, ...]


def races(panes: Sequence[PaneView]) -> tuple[Race, ...]:
    """Nothing while names are hidden: speed and price would give them away."""
    asked = [pane for pane in panes if pane.last is not None and not pane.hidden]
    if not asked:
        return ()
    return (
        _race("First token", "seconds", asked, {pane.key: _first_token(pane) for pane in asked}),
        _race("Total time", "seconds", asked, {pane.key: _total(pane) for pane in asked}),
        _race("Speed", "rate", asked, {pane.key: _speed(pane) for pane in asked}, more_is_better=True),
        _race("Output tokens", "tokens", asked, {pane.key: _output(pane) for pane in asked}),
        _race("Money", "money", asked, {pane.key: _money(pane) for pane in asked}),
    )


def _race(
    title: str,
    unit: str,
    panes: Sequence[PaneView],
    values: dict[str, float | Decimal | int | None],
    more_is_better: bool = False,
) -> Race:
    known = [float(value) for value in values.values() if value is not None]
    top = max(known, default=0.0) or 1.0

    def place(pane: PaneView) -> tuple[bool, float]:
        value = values[pane.key]
        return value is None, 0.0 if value is None else (-float(value) if more_is_better else float(value))

    bars = []
    for pane in sorted(panes, key=place):
        value = values[pane.key]
        running = pane.last is not None and pane.last.status == "running"
        share = None if value is None else float(value) / top
        bars.append(Bar(pane.spec.key if pane.spec else "", pane.letter, pane.name, value, share, running))
    return Race(title, unit, tuple(bars))


def _first_token(pane: PaneView) -> float | None:
    view = pane.last
    if view is None:
        return None
    return view.receipt.ttft_s if view.receipt is not None else _since_sent(view, view.first_s)


def _total(pane: PaneView) -> float | None:
    view = pane.last
    if view is None or view.status not in ("ok", "running"):
        return None  # a failure is not fast
    return view.receipt.total_s if view.receipt else (_since_sent(view, view.seconds) or None)


def _since_sent(view: TurnView, moment: float | None) -> float | None:
    """What the platform itself makes a turn wait, before its first call leaves, is nobody's time."""
    return None if moment is None or view.sent_s is None else max(0.0, moment - view.sent_s)


def _speed(pane: PaneView) -> float | None:
    view = pane.last
    if view is None or view.receipt is not None:
        return view.receipt.tokens_per_s if view and view.receipt else None
    so_far, since = _so_far(view), view.seconds - (view.first_s or 0.0)
    return so_far / since if so_far and since >= _SOONEST_S else None


def _output(pane: PaneView) -> int | None:
    view = pane.last
    if view is None or view.receipt is not None:
        return view.receipt.usage.output_tokens if view and view.receipt else None
    return _so_far(view)


def _so_far(view: TurnView) -> int | None:
    written = len(view.text) + len(view.reasoning)
    return -(-written // _CHARACTERS_PER_TOKEN) or None


def _money(pane: PaneView) -> Decimal | None:
    return pane.last.receipt.cost if pane.last and pane.last.receipt else None
