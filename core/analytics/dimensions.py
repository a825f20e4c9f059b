"""The questions' nouns: by what calls can be grouped and filtered, as SQL from a fixed list (never from a caller)."""

from dataclasses import dataclass

from core.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Dimension:
    """`sql` yields text, "" for none. `field` is the Filters field that picks one value."""

    name: str
    label: str
    plural: str
    sql: str
    field: str
    columns: tuple[str, ...]
    table: str = "calls"
    """What stands in FROM; for list columns a call has one row under each of its values."""


def _versioned(column: str) -> str:
    return (
        f"CASE WHEN {column}_id IS NULL THEN '' WHEN {column}_version IS NULL THEN {column}_id "
        f"ELSE {column}_id || '@' || {column}_version END"
    )


TAGS = "CASE WHEN len(tags) > 0 THEN tags ELSE [''] END"
"""A call's values of the dimension tag."""
_TAGGED = f"(SELECT *, unnest({TAGS}) AS tag FROM calls)"
_ALL = (
    Dimension("model", "Model", "models", "served_model", "models", ("served_model",)),
    Dimension("provider", "Provider", "providers", "provider", "providers", ("provider",)),
    Dimension("team", "Team", "teams", "coalesce(team_id, '')", "teams", ("team_id",)),
    Dimension("user", "User", "users", "coalesce(user_id, '')", "users", ("user_id",)),
    Dimension("assistant", "Assistant", "assistants", "coalesce(assistant_id, '')", "assistants", ("assistant_id",)),
    Dimension(
        "assistant version", "Assistant version", "assistant versions", _versioned("assistant"), "assistants",
        ("assistant_id", "assistant_version"),
    ),
    Dimension("prompt", "Prompt", "prompts", "coalesce(prompt_id, '')", "prompts", ("prompt_id",)),
    Dimension(
        "prompt version", "Prompt version", "prompt versions", _versioned("prompt"), "prompts",
        ("prompt_id", "prompt_version"),
    ),
    Dimension("tag", "Tag", "tags", "tag", "tags", ("tags",), _TAGGED),
    Dimension("door", "Door", "doors", "door", "doors", ("door",)),
    Dimension("status", "Status", "statuses", "status", "statuses", ("status",)),
    Dimension("error", "Kind of error", "kinds of error", "coalesce(error_kind, '')", "errors", ("error_kind",)),
    Dimension("cache", "Cache", "cache states", "cache_state", "caches", ("cache_state",)),
)  # fmt: skip
FAILURE = Dimension(
    "failure", "Failure", "failures", "coalesce(error_kind, status)", "errors", ("error_kind", "status")
)
"""How a failed call is named: by its kind of error, or as interrupted when its process died."""
DIMENSIONS = {dimension.name: dimension for dimension in _ALL}
FILTERED = {dimension.field: dimension for dimension in reversed(_ALL)}


def dimension(name: str) -> Dimension:
    """Raises InvalidError for a name that is not on the list."""
    try:
        return DIMENSIONS[name]
    except KeyError:
        raise InvalidError(f"“{name[:60]}” is nothing calls can be grouped by.") from None
