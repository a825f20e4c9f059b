"""What a sample is: how many calls, over which days, from which models; and the dice it is thrown with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

WORDED_CALLS = 400
MODELS = """(values
  (0, 'openai/gpt-5-mini', 'openai', 0.27, 2.5e-7, 2e-6, 0.48, 95.0, 260, 0.012, true),
  (1, 'anthropic/claude-sonnet-4-5', 'anthropic', 0.19, 3e-6, 1.5e-5, 0.95, 62.0, 420, 0.011, true),
  (2, 'demo/quick', 'demo', 0.14, 1e-7, 4e-7, 0.22, 120.0, 180, 0.004, false),
  (3, 'openai/gpt-5', 'openai', 0.11, 1.25e-6, 1e-5, 1.6, 48.0, 520, 0.014, true),
  (4, 'anthropic/claude-haiku-4-5', 'anthropic', 0.10, 1e-6, 5e-6, 0.42, 140.0, 240, 0.009, true),
  (5, 'demo/clever', 'demo', 0.08, 2e-6, 8e-6, 0.8, 55.0, 380, 0.006, false),
  (6, 'ollama/llama3.1:8b', 'ollama', 0.06, 0.0, 0.0, 0.7, 28.0, 230, 0.02, false),
  (7, 'vllm/qwen2.5-72b', 'vllm', 0.05, null, null, 0.55, 38.0, 310, 0.018, false)
) models(m, model, provider, share, price_in, price_out, first_s, pace, words, failing, caches)"""


@dataclass(frozen=True, slots=True)
class Sample:
    """`until`: the newest moment of the history; `first`: the number its first row takes."""

    calls: int
    days: int
    seed: int
    until: datetime
    first: int

    def u(self, row: str, salt: int) -> str:
        """SQL: a number in (0, 1) that depends on `row`, `salt` and the seed only."""
        return f"(({self.noise(row, salt)} >> 11)::double * 1.1102230246251565e-16 + 1e-17)"

    def noise(self, row: str, salt: int) -> str:
        """SQL: 64 random-looking bits, likewise."""
        return f"hash(({row}) * 128 + {salt + self.seed % 1_000_000 * 1_000_000_007})"

    def z(self, row: str, salt: int) -> str:
        """SQL: a standard normal number, likewise."""
        return f"(sqrt(-2 * ln({self.u(row, salt)})) * cos(2 * pi() * {self.u(row, salt + 1)}))"


def describe(content: dict[str, Any], last: int, span: int) -> Sample:
    """The sample that a journal line asks for; `last` and `span` are the numbers that line takes."""
    return Sample(
        calls=span,
        days=int(content["days"]),
        seed=int(content["seed"]),
        until=datetime.fromisoformat(content["until"]),
        first=last - span + 1,
    )
