"""Who asked, from where, on whose behalf: a request's context as columns of a call's row, for all who write one."""

from dataclasses import fields
from operator import attrgetter
from typing import Any

from core.messages import Context

_NAMES = tuple(field.name for field in fields(Context))
_values = attrgetter(*_NAMES)


def attribution(context: Context) -> dict[str, Any]:
    """Its fields have the columns' names."""
    return dict(zip(_NAMES, _values(context), strict=True))
