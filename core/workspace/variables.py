"""The typed variables of a prompt, which become a form, and the check of what was filled in."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from core.errors import InvalidError
from core.workspace.plain_text import clean, one_line

Kind = Literal["text", "long text", "number", "choice", "date", "yes/no", "file"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = {"text": 2_000, "long text": 500_000, "file": 1_000_000}


@dataclass(frozen=True, slots=True)
class Variable:
    """`default` is text as a person would type it; a file's value is the text that was read from it."""

    name: str
    kind: Kind = "text"
    label: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True

    @property
    def shown(self) -> str:
        """What a person reads: the form and every sentence about it call it the same."""
        return self.label or self.name.replace("_", " ").capitalize()


def check_variables(variables: Sequence[Variable]) -> None:
    """Raises InvalidError."""
    if len(variables) > 50:
        raise InvalidError("A prompt may have at most 50 variables.")
    for variable in variables:
        shown = one_line(variable.name, 40)
        if not variable.name.isidentifier() or len(variable.name) > 60 or variable.name.startswith("_"):
            raise InvalidError(f"{shown!r} is not a variable's name; use letters, digits and underscores.")
        if variable.kind not in KINDS:
            raise InvalidError(f"The variable {shown} must be one of: {', '.join(KINDS)}.")
        if variable.kind == "choice" and not variable.choices:
            raise InvalidError(f"The variable {shown} is a choice; list what can be chosen.")
        if variable.default:
            read_value(variable, variable.default)
    if len({variable.name for variable in variables}) != len(variables):
        raise InvalidError("Two variables have the same name.")


def read_values(
    variables: Sequence[Variable], values: Mapping[str, Any], used: Collection[str] | None = None
) -> dict[str, Any]:
    """Every variable with its typed value; defaults fill what is missing, and nobody has to fill in what is not
    `used` (None: all are). Raises InvalidError."""
    unknown = set(values) - {variable.name for variable in variables}
    if unknown:
        raise InvalidError(f"This prompt has no variable {one_line(sorted(unknown)[0], 60)!r}.")
    filled = {}
    for variable in variables:
        value = values.get(variable.name)
        if value is None or value == "":
            value = variable.default
        wanted = variable.required and variable.kind != "yes/no" and (used is None or variable.name in used)
        if value == "" and wanted:
            raise InvalidError(f"Fill in {variable.shown}.")
        filled[variable.name] = read_value(variable, value)
    return filled


def read_value(variable: Variable, value: Any) -> Any:
    """One value by its kind. Raises InvalidError."""
    shown = variable.shown
    if variable.kind == "yes/no":
        word = str(value).strip().lower()
        if word not in ("true", "yes", "1", "false", "no", "0", ""):
            raise InvalidError(f"{shown} is yes or no.")
        return word in ("true", "yes", "1")
    if value == "":
        return ""
    if variable.kind == "number":
        return _number(shown, value)
    if variable.kind == "date":
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value).strip()[:32])
        except ValueError:
            raise InvalidError(f"{shown} is a date such as 2026-11-22.") from None
    text = clean(str(value))
    if variable.kind == "choice":
        if text not in variable.choices:
            raise InvalidError(f"{shown} is one of: {', '.join(variable.choices)}.")
        return text
    if len(text) > LONGEST[variable.kind]:
        raise InvalidError(f"{shown} may have at most {LONGEST[variable.kind]:,} characters.")
    return text


def _number(shown: str, value: Any) -> int | float:
    try:
        number = float(str(value).strip()[:60])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidError(f"{shown} is a number.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
