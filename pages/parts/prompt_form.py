"""A prompt's template and its typed variables, and the form that the variables become."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import streamlit as st

from core.errors import InvalidError, PlatformError
from core.workspace.attachments import read_attachment
from core.workspace.prompts import PromptDraft
from core.workspace.templates import render_template, template_variables
from core.workspace.variables import KINDS, Kind, Variable, check_variables, read_values
from pages.parts.markup import label


def draw_fields(draft: PromptDraft, key: str) -> PromptDraft:
    """The draft as it stands in the fields. Raises PlatformError for a template that cannot be read."""
    name = st.text_input("Name", draft.name, max_chars=80, key=f"{key}-name", placeholder="Meeting summary")
    description = st.text_input("What it is for", draft.description, max_chars=300, key=f"{key}-description")
    text = st.text_area(
        "Template",
        draft.text,
        height=240,
        key=f"{key}-text",
        placeholder="Summarise the meeting below for {{ audience }} in {{ sentences }} sentences.\n\n{{ notes }}",
        help="{{ variable }}, {% if … %} and a few filters such as upper, trim, round",
    )
    used = template_variables(text or "")
    known = {variable.name: variable for variable in draft.variables}
    listed = [known.get(name, Variable(name)) for name in used] + [
        variable for variable in draft.variables if variable.name not in used
    ]
    variables = _variables(listed, used, f"{key}-variables-{'-'.join(used)}") if listed else ()
    shared = st.toggle("Share with everyone on this installation", draft.shared, key=f"{key}-shared")
    return PromptDraft(
        id=draft.id,
        base_version=draft.base_version,
        name=name or "",
        description=description or "",
        text=text or "",
        variables=tuple(variables),
        shared=shared,
    )


def _variables(listed: Sequence[Variable], used: Sequence[str], key: str) -> tuple[Variable, ...]:
    """What each {{ variable }} is, one row each."""
    st.caption("Variables, found in the template. Their kind decides which field they become.")
    rows = st.data_editor(
        [
            {
                "name": variable.name + ("" if variable.name in used else " (not used)"),
                "kind": variable.kind,
                "label": variable.label,
                "choices": "; ".join(variable.choices),
                "default": variable.default,
                "required": variable.required,
            }
            for variable in listed
        ],
        hide_index=True,
        width="stretch",
        disabled=["name"],
        key=key,
        column_config={
            "name": "Variable",
            "kind": st.column_config.SelectboxColumn("Kind", options=list(KINDS), required=True),
            "label": st.column_config.TextColumn("Shown as", max_chars=80),
            "choices": st.column_config.TextColumn("Choices", help="For a choice: a; b; c"),
            "default": st.column_config.TextColumn("Default"),
            "required": st.column_config.CheckboxColumn("Must be filled"),
        },
    )
    return tuple(_variable(variable, row) for variable, row in zip(listed, rows, strict=True))


def _variable(old: Variable, row: Mapping[str, Any]) -> Variable:
    return Variable(
        old.name,
        cast(Kind, row["kind"] or "text"),
        str(row["label"] or ""),
        str(row["default"] or ""),
        tuple(choice.strip() for choice in str(row["choices"] or "").split(";") if choice.strip()),
        bool(row["required"]),
    )


def draw_values(variables: Sequence[Variable], key: str) -> dict[str, Any]:
    """The form that the variables become; empty fields are left out, so that defaults count."""
    values: dict[str, Any] = {}
    for variable in variables:
        value = _field(variable, f"{key}-{variable.name}-{variable.kind}")
        if value not in (None, ""):
            values[variable.name] = value
    return values


def _field(variable: Variable, key: str) -> Any:
    words = label(variable.label or variable.name.replace("_", " ").capitalize(), 60) + (
        " \\*" if variable.required else ""
    )
    if variable.kind == "long text":
        return st.text_area(words, variable.default, key=key, height=110)
    if variable.kind == "number":
        return st.number_input(words, value=_number(variable.default), key=key)
    if variable.kind == "choice":
        choices = list(variable.choices)
        at = choices.index(variable.default) if variable.default in choices else None
        return st.selectbox(words, choices, index=at, key=key)
    if variable.kind == "date":
        chosen = st.date_input(words, value=_date(variable.default), key=key)
        return chosen.isoformat() if isinstance(chosen, date) else None
    if variable.kind == "yes/no":
        return "yes" if st.toggle(words, variable.default.lower() in ("yes", "true", "1"), key=key) else "no"
    if variable.kind == "file":
        return _file(words, key)
    return st.text_input(words, variable.default, key=key)


def _file(words: str, key: str) -> str | None:
    file = st.file_uploader(words, key=key)
    if file is None:
        return None
    try:
        part = read_attachment(file.name, file.getvalue()).part
    except PlatformError as error:
        st.caption(f":material/block: {label(str(error), 200)}")
        return None
    text = getattr(part, "text", None)
    if text is None:
        st.caption(":material/block: A prompt takes the text of a document; this is an image.")
    return cast("str | None", text)


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def render(draft: PromptDraft, values: Mapping[str, Any]) -> str:
    """The draft filled in, by the registry's own rules. Raises InvalidError."""
    check_variables(draft.variables)
    if not draft.text.strip():
        raise InvalidError("Write the template first.")
    return render_template(draft.text, read_values(draft.variables, values))
