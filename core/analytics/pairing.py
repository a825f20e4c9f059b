"""Which comparisons a mark of “on the same questions” stands for, small enough for a URL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from core.analytics.filters import Filters
from core.analytics.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Pairing:
    """Comparisons in which `key` (a model or a provider, as `by` says) and another one had a value of this metric.

    `models` and `providers`: those that took part at all, all when empty.
    """

    by: str
    of_metric: str
    key: str
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()

    def within(self, filters: Filters) -> Filters:
        """Filters that pick exactly the calls of these comparisons."""
        among = [f"models:{each}" for each in filters.models] + [f"providers:{each}" for each in filters.providers]
        return filters.but(paired=(self.by, self.of_metric, self.key, *among), models=(), providers=())

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self | None:
        """From a filter's texts; None when they make no sense, since a URL is untrusted."""
        if len(texts) < 3 or texts[0] not in ("model", "provider") or texts[1] not in METRICS:
            return None
        split = [text.partition(":") for text in texts[3:]]
        models, providers = (
            tuple(value for kind, _, value in split if kind == name) for name in ("models", "providers")
        )
        return cls(texts[0], texts[1], texts[2], models, providers)

    def among(self, filters: Filters) -> Filters:
        return filters.but(models=self.models, providers=self.providers, paired=(), behind=())
