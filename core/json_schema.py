"""JSON schemas: checked before use, values held against them, nothing they refer to fetched from elsewhere."""

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidError

_LONGEST_COMPLAINT = 300


def check_schema(schema: object, what: str = "The JSON schema") -> None:
    """Raises InvalidError, with `what` as its subject, when no value can be held against this schema."""
    from jsonschema import Draft202012Validator, SchemaError  # slow and large to import; few questions have a schema

    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        where = "/".join(str(step) for step in getattr(error, "absolute_path", ()))
        reason = " ".join(str(getattr(error, "message", "nested too deeply"))[:200].split())
        raise InvalidError(f"{what} is not valid{f' at {where}' if where else ''}: {reason}.") from None


def misfit(value: object, schema: Mapping[str, Any] | bool) -> str:
    """What is wrong with the value, in a few words; empty when it fits the schema."""
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    # An empty registry: by default jsonschema would fetch what a `$ref` names, from any host.
    validator = Draft202012Validator(schema if isinstance(schema, bool) else dict(schema), registry=Registry())
    try:
        error = next(iter(validator.iter_errors(value)), None)
    except (Unresolvable, RecursionError):
        return "the schema refers to something that is not in it"
    if error is None:
        return ""
    where = "/".join(str(step) for step in error.absolute_path)
    return f"{'at ' + where + ': ' if where else ''}{error.message}"[:_LONGEST_COMPLAINT].rstrip(".")
