"""What is known about a model and about a provider: the entries of the catalogue."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """`id` is "provider/model". Prices are US dollars per token, None when unknown. `supports` is a subset of
    tools, images, documents, json_schema, reasoning, embeddings. `reason` says why it is not available."""

    id: str
    provider: str
    label: str
    context_window: int | None = None
    max_output: int | None = None
    supports: frozenset[str] = frozenset()
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    local: bool = False
    available: bool = True
    reason: str = ""
    simulated: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """`variable` is the setting that configures it. `masked_key` shows at most the key's last four characters."""

    name: str
    label: str
    configured: bool
    masked_key: str
    base_url: str | None
    local: bool
    variable: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a check of a provider found: one sentence with what to do, and what was tried."""

    provider: str
    ok: bool
    sentence: str
    details: tuple[str, ...] = ()
