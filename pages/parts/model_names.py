"""What models are called in lists: their label, with the provider's name where two share a label."""

from collections import Counter
from collections.abc import Iterable

from core.errors import PlatformError
from core.llm.models import ModelInfo
from core.platform import Platform


def names(models: Iterable[ModelInfo]) -> dict[str, str]:
    """Id -> name, in the order given."""
    listed = list(models)
    count = Counter(info.label for info in listed)
    return {info.id: info.label if count[info.label] == 1 else f"{info.label} · {info.provider}" for info in listed}


def askable(platform: Platform, *kept: str) -> dict[str, str]:
    """What can be asked now, by name; ids that are in use stay even when they cannot be asked."""
    known = names(info for info in platform.ai.models() if info.available and "embeddings" not in info.supports)
    return known | {id: f"{id} (not available now)" for id in kept if id and id not in known}


def place_of_default(platform: Platform, ids: Iterable[str]) -> int:
    """Where the model stands that is asked when nobody chose one; the first when it is not among them."""
    try:
        return list(ids).index(platform.ai.default_model())
    except (PlatformError, ValueError):
        return 0


def can_read_images(platform: Platform) -> tuple[str, ...]:
    return tuple(info.id for info in platform.ai.models() if info.available and "images" in info.supports)
