"""The door's few pieces of own markup: every value is escaped to entities, and no answer text ever comes here."""

import html
from collections.abc import Sequence
from decimal import Decimal

from charts import look
from core.compare.board_view import BoardView, PaneView
from core.compare.fair import Verdict
from core.compare.standing import Race
from core.events import Receipt, TurnView

_ENTITIES = {ord(sign): f"&#{ord(sign)};" for sign in "{}$`\\"}
_LONGEST = 600
_WORTH_TELLING_S = 0.5
_ENDED = {"cancelled": "stopped", "interrupted": "interrupted"}


def escaped(text: object) -> str:
    """Plain text as entities, also for the signs that the HTML component's own template language knows."""
    return html.escape(str(text)[:_LONGEST], quote=True).translate(_ENTITIES)


def pane_head(pane: PaneView) -> str:
    """The letter in the model's colour; the picker beside it says the name, unless that is hidden."""
    if pane.spec is None:
        return f'<div class="pane-head"><span class="letter">{pane.letter}</span><b>Hidden until the vote</b></div>'
    colour = look.color_of(pane.spec.key)
    return (
        f'<div class="pane-head" style="--hue:{colour}">'
        f'<span class="letter" title="{escaped(pane.spec.key)}">{pane.letter}</span></div>'
    )


def receipt(pane: PaneView) -> str:
    """The line under a pane: what it took, or why there is no answer."""
    shown = pane.rounds[-1] if pane.rounds else None
    if shown is None:
        return ""
    if shown.view is None:
        return _note(shown.note)
    view = shown.view
    flag = '<span class="chip warn">named itself (masked)</span>' if shown.named_itself else ""
    if pane.hidden:
        told = {"running": "Answering…", "ok": "Answered."}.get(view.status, "No answer.")
        return f'<div class="receipt"><span>{told}</span>{flag}</div>'
    if view.status == "running":
        return _note(shown.note) if shown.note else _running(view)
    trouble = f'<div class="trouble" role="alert">{escaped(view.error)}</div>' if view.error else ""
    ended = _ENDED.get(view.status, "")
    return trouble + (_receipt(view.receipt, ended) if view.receipt else _note(ended))


def _note(text: str) -> str:
    return f'<div class="receipt"><span>{escaped(text)}</span></div>' if text else ""


def _running(view: TurnView) -> str:
    notice = f'<span class="chip">{escaped(view.notices[-1].text)}</span>' if view.notices else ""
    if view.sent_s is None and view.seconds >= 1:
        return _note("The platform is getting ready; this wait is in no figure.")
    seconds = max(0.0, view.seconds - (view.sent_s or 0.0))
    return f'<div class="receipt"><span class="live">{look.seconds(seconds)}</span>{notice}</div>'


def _receipt(paid: Receipt, ended: str = "") -> str:
    figures = [
        ("First token", look.seconds(paid.ttft_s)),
        ("Total", look.seconds(paid.total_s)),
        ("Speed", look.rate(paid.tokens_per_s)),
        ("Tokens", f"{look.tokens(paid.usage.input_tokens)} in · {look.tokens(paid.usage.output_tokens)} out"),
        ("Cost", look.money(paid.cost)),
    ]
    cells = "".join(
        f"<div><dt>{name}</dt><dd>{escaped(value)}</dd></div>"
        for name, value in figures
        if value not in (look.NOT_MEASURED, f"{look.UNKNOWN} in · {look.UNKNOWN} out")
    )
    chips = [ended] if ended else []
    if paid.served_model and paid.served_model != paid.requested_model:
        chips.append(f"answered by {paid.served_model}")
    if len(paid.attempts) > 1:
        chips.append(f"{len(paid.attempts)} calls")
    if paid.cache_state in ("exact", "semantic"):
        chips.append(f"{paid.cache_state} cache hit")
    if paid.usage.source == "estimated":
        chips.append("tokens estimated")
    if paid.price_source:
        chips.append(paid.price_source)
    if paid.finish_reason not in (None, "stop", "end_turn"):
        chips.append(f"ended by {paid.finish_reason}")
    if paid.queue_s is not None and paid.queue_s >= _WORTH_TELLING_S:
        chips.append(f"sent after {look.seconds(paid.queue_s)}")
    if not paid.logged:
        chips.append("not yet on disk")
    line = "".join(f'<span class="chip">{escaped(chip)}</span>' for chip in chips)
    return f'<div class="receipt"><dl>{cells}</dl><div class="chips">{line}</div></div>'


def strip(races: Sequence[Race]) -> str:
    cards = []
    for race in races:
        rows = "".join(
            f'<li style="--hue:{look.color_of(bar.key)};--share:{(bar.share or 0) * 100:.1f}%">'
            f'<span class="letter" title="{escaped(bar.name)}">{bar.letter}</span>'
            f'<span class="rod"><i></i></span><span class="value{" live" if bar.live else ""}">'
            f"{escaped(_figure(race.unit, bar.value, bar.live))}</span></li>"
            for bar in race.bars
        )
        cards.append(f"<section><h4>{race.title}</h4><ol>{rows}</ol></section>")
    return f'<div class="strip">{"".join(cards)}</div>' if cards else ""


def _figure(unit: str, value: float | Decimal | int | None, live: bool = False) -> str:
    if live and value is not None and unit in ("rate", "tokens"):
        return f"≈ {_figure(unit, value)}"
    if unit == "money":
        return look.money(value) if value is not None else look.UNKNOWN
    if value is None:
        return look.UNKNOWN
    if unit == "seconds":
        return look.seconds(float(value))
    return f"{float(value):,.0f}/s" if unit == "rate" else look.tokens(int(value))


def badge(board: BoardView) -> str:
    told: Verdict = board.verdict
    kind, word = {
        None: ("waiting", "Fair mode" if board.fair else "Fair mode off"),
        True: ("good", "Comparable"),
        False: ("warn", "Not comparable"),
    }[told.comparable]
    reasons = " ".join(told.reasons)
    detail = f"<span>{escaped(reasons)}</span>" if told.comparable is not None else ""
    return f'<div class="badge {kind}" title="{escaped(reasons)}"><b>{word}</b>{detail}</div>'


def header() -> str:
    return (
        '<header class="door"><a class="home" href="/" title="Back to the assistant">'
        '<img src="/assets/mark.svg" alt="" width="26" height="26">'
        f"<b>{look.PRODUCT}</b></a><span>Playground</span>"
        '<nav><a href="/">Chat</a><a href="/assistants">Assistants</a><a href="/overview">Overview</a>'
        '<a href="/calls">Calls</a></nav></header>'
    )
