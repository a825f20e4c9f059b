"""What each variable of a prompt is: its kind, its label, its choices, its default; one row each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import streamlit as st

from core.workspace.variables import KINDS, Kind, Variable

COLUMNS = {
    "name": "Variable",
    "kind": st.column_config.SelectboxColumn("Kind", options=list(KINDS), required=True),
    "label": st.column_config.TextColumn("Shown as", max_chars=80),
    "choices": st.column_config.TextColumn("Choices", help="For a choice: a; b; c"),
    "default": st.column_config.TextColumn("Default"),
    "required": st.column_config.CheckboxColumn("Must be filled"),
}


@dataclass(slots=True)
class Said:
    """What a person said of the variables of one form, for as long as the form stands: the grid begins anew whenever
    the template names others, and what was said of one that went is there when it comes back."""

    used: tuple[str, ...] | None = None
    listed: tuple[Variable, ...] = ()
    known: dict[str, Variable] = field(default_factory=dict)

    def follow(self, used: tuple[str, ...], saved: Sequence[Variable]) -> None:
        if used == self.used:
            return
        known = {variable.name: variable for variable in saved} | self.known
        spare = tuple(variable for variable in saved if variable.name not in used)
        self.used, self.listed = used, tuple(known.get(name, Variable(name)) for name in used) + spare


def draw_grid(used: tuple[str, ...], saved: Sequence[Variable], key: str) -> tuple[Variable, ...]:
    """The variables `used` by the template as it stands, then those of `saved` that it no longer uses."""
    said: Said = st.session_state.setdefault(f"{key}-said", Said())
    said.follow(used, saved)
    if not said.listed:
        return ()
    st.caption("Variables, found in the template. Their kind decides which field they become.")
    rows = st.data_editor(
        [_row(variable, variable.name in used) for variable in said.listed],
        hide_index=True,
        width="stretch",
        disabled=["name"],
        key=f"{key}-{'-'.join(used)}",
        column_config=COLUMNS,
    )
    now = tuple(_variable(variable, row) for variable, row in zip(said.listed, rows, strict=True))
    said.known |= {variable.name: variable for variable in now}
    return now


def _row(variable: Variable, used: bool) -> dict[str, Any]:
    return {
        "name": variable.name + ("" if used else " (not used)"),
        "kind": variable.kind,
        "label": variable.label,
        "choices": "; ".join(variable.choices),
        "default": variable.default,
        "required": variable.required,
    }


def _variable(old: Variable, row: Mapping[str, Any]) -> Variable:
    return Variable(
        old.name,
        cast(Kind, row["kind"] or "text"),
        str(row["label"] or ""),
        str(row["default"] or ""),
        tuple(choice.strip() for choice in str(row["choices"] or "").split(";") if choice.strip()),
        bool(row["required"]),
    )
