"""What a turn is likely to use, cost and take, before it is sent."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens, US dollars, seconds; None is unknown. `exact`: the model's own tokenizer counted the input."""

    input_tokens: int | None = None
    exact: bool = False
    output_p50: int | None = None
    output_p90: int | None = None
    cost_p50: Decimal | None = None
    cost_p90: Decimal | None = None
    seconds_p50: float | None = None
    seconds_p90: float | None = None
    context_window: int | None = None
    context_share: float | None = None
    samples: int = 0
    """How many past calls of this model stand behind the quantiles; 0 when they are upper bounds."""
