"""What a turn is likely to use, cost and take, before it is sent."""

from dataclasses import dataclass
from decimal import Decimal

from core.events import Usage
from core.llm.history import ENOUGH, History
from core.llm.models import ModelInfo
from core.llm.pricebook import PriceBook
from core.llm.prices import Price, cost_of
from core.llm.tokens import count_messages
from core.messages import TurnRequest

UNKNOWN_LONGEST = 32_768
"""Tokens that an answer is taken to have at most when nothing says how long it may be."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens, US dollars, seconds; None is unknown. `exact`: the model's own tokenizer counted the input."""

    input_tokens: int | None = None
    exact: bool = False
    output_p50: int | None = None
    output_p90: int | None = None
    cost_p50: Decimal | None = None
    cost_p90: Decimal | None = None
    cost_most: Decimal | None = None
    """If the answer becomes as long as it may: by `max_tokens`, else by what the model writes at most."""
    seconds_p50: float | None = None
    seconds_p90: float | None = None
    context_window: int | None = None
    context_share: float | None = None
    samples: int = 0
    """How many past calls of this model stand behind the quantiles; 0 when `p90` is only an upper bound."""


class Estimator:
    def __init__(self, history: History, prices: PriceBook) -> None:
        self._history, self._prices = history, prices

    def of(self, request: TurnRequest, model: ModelInfo, *, exactly: bool = False) -> Estimate:
        """`exactly` may load a tokenizer (0.3 s once) and count long texts; without it this is cheap."""
        counted = count_messages(model.id, request.messages, request.tools, exactly=exactly)
        past = self._history.of(model.id, request.context.assistant_id)
        longest = request.parameters.max_tokens or model.max_output
        known = past.answered >= ENOUGH
        p50 = _bounded(past.output_p50, longest) if known else None
        p90 = _bounded(past.output_p90, longest) if known else longest
        price = self._prices.price(model.id)
        window = model.context_window
        most = longest or (max(0, window - counted.tokens) if window else UNKNOWN_LONGEST)
        return Estimate(
            counted.tokens,
            counted.exact,
            p50,
            p90,
            _money(price, counted.tokens, p50, past.seconds_p50),
            _money(price, counted.tokens, p90, past.seconds_p90),
            _money(price, counted.tokens, most, past.seconds_p90),
            past.seconds_p50 if known else None,
            past.seconds_p90 if known else None,
            window,
            counted.tokens / window if window else None,
            past.answered if known else 0,
        )


def _bounded(tokens: float | None, longest: int | None) -> int | None:
    if tokens is None:
        return None
    return round(tokens) if longest is None else min(round(tokens), longest)


def _money(price: Price | None, input_tokens: int, output: int | None, seconds: float | None) -> Decimal | None:
    if output is None:
        return None
    usage = Usage(uncached_input=input_tokens, visible_output=output, source="estimated")
    return cost_of(usage, price, seconds).total
