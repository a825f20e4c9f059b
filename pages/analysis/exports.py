"""Export of the filtered calls in the background, with progress."""

from core.analytics.filters import Filters
from core.platform import Platform


def export_button(platform: Platform, filters: Filters) -> None:
    return
