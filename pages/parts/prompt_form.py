"""A prompt's template, and the form that its variables become."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import streamlit as st

from core.errors import InvalidError, PlatformError
from core.workspace.attachments import LARGEST, read_attachment
from core.workspace.prompts import PromptDraft
from core.workspace.templates import template_variables
from core.workspace.variables import Variable, check_variables, read_value
from pages.parts.markup import label
from pages.parts.variable_grid import draw_grid


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
    variables = draw_grid(template_variables(text or ""), draft.variables, f"{key}-variables")
    shared = st.toggle("Share with everyone on this installation", draft.shared, key=f"{key}-shared")
    return PromptDraft(
        id=draft.id,
        base_version=draft.base_version,
        name=name or "",
        description=description or "",
        text=text or "",
        variables=variables,
        shared=shared,
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
    words = label(variable.shown, 60) + ("" if variable.required or variable.kind == "yes/no" else " (optional)")
    if variable.kind == "long text":
        return st.text_area(words, variable.default, key=key, height=110)
    if variable.kind == "number":
        number = st.number_input(words, value=_number(variable.default), step=1.0, format="%g", key=key)
        return None if number is None else read_value(variable, number)
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
    file = st.file_uploader(words, key=key, max_upload_size=LARGEST // 2**20)
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
    return draft.render(values)
