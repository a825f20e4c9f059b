"""Prompts: templates that can only fill in, typed variables, versions, production, import and export."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConflictError, InvalidError, NotFoundError
from core.workspace.assistants import AssistantDraft
from core.workspace.prompts import PromptDraft
from core.workspace.templates import render_template, template_variables
from core.workspace.variables import Variable, check_variables, read_value, read_values

LETTER = PromptDraft(
    name="Letter",
    text=(
        "Dear {{ name|title }},\n{% if urgent %}URGENT: {% endif %}"
        "{{ count + 1 }} × {{ article }} by {{ day }} ({{ urgent }})."
    ),
    variables=(
        Variable("name"),
        Variable("urgent", "yes/no"),
        Variable("count", "number", default="2"),
        Variable("article", "choice", choices=("pen", "ink")),
        Variable("day", "date"),
    ),
)


def test_a_form_fills_a_template(workspace):
    prompt = workspace.prompts.save(LETTER)
    values = {"name": "ann lee", "urgent": "yes", "article": "pen", "day": "2026-11-22"}
    assert prompt.render(values) == "Dear Ann Lee,\nURGENT: 3 × pen by 2026-11-22 (yes)."
    for wrong in (
        {"article": "glue"},
        {"day": "soon"},
        {"count": "many"},
        {"count": "nan"},
        {"name": ""},
        {"nobody": "x"},
        {"urgent": "perhaps"},
    ):
        with pytest.raises(InvalidError):
            prompt.render({**values, **wrong})


def test_variables_that_are_not_described_become_text(workspace):
    prompt = workspace.prompts.save(PromptDraft(name="P", text="{{ b }} {{ a }} {{ b }}"))
    assert [variable.name for variable in prompt.variables] == ["b", "a"]


def test_versions_production_rollback_and_diff(workspace):
    store = workspace.prompts
    first = store.save(PromptDraft(name="P", text="one\ntwo"), "begun")
    second = store.save(dataclasses.replace(first.draft(), text="one\nthree"), "better")
    assert store.production(first.id).version == 2
    store.pin_production(first.id, 2)
    third = store.save(dataclasses.replace(second.draft(), text="x"))
    assert (store.production(first.id).version, store.get(first.id).version) == (2, 3)
    assert third.production_version == 2
    assert store.render(first.id, {}) == "one\nthree"
    assert store.diff(first.id, 1, 2) == ["  one", "- two", "+ three"]
    assert store.rollback(first.id).version == 1
    with pytest.raises(InvalidError):
        store.rollback(first.id)
    assert store.restore(first.id, 1).text == "one\ntwo"
    with pytest.raises(ConflictError):
        store.save(first.draft())
    with pytest.raises(NotFoundError):
        store.pin_production(first.id, 99)
    with pytest.raises(NotFoundError):
        store.get(first.id, user_id="ann")
    assert [version.note for version in store.versions(first.id)][-2:] == ["better", "begun"]


def test_nobody_fills_in_what_the_template_no_longer_uses(workspace):
    first = workspace.prompts.save(PromptDraft(name="P", text="{{ a }} {{ b }}"))
    second = workspace.prompts.save(dataclasses.replace(first.draft(), text="{{ b }}"))
    assert [variable.name for variable in second.variables] == ["a", "b"]
    assert [variable.name for variable in second.asked] == ["b"]
    assert second.render({"b": "x"}) == "x"
    assert second.render({"a": "still taken", "b": "x"}) == "x"
    with pytest.raises(InvalidError, match=r"Fill in B\."):
        second.render({})


def test_where_it_is_used(workspace):
    prompt = workspace.prompts.save(PromptDraft(name="P", text="x"))
    used = workspace.assistants.save(AssistantDraft(name="User", prompt_id=prompt.id))
    assert [assistant.id for assistant in workspace.prompts.where_used(prompt.id)] == [used.id]


def test_out_and_in_again(workspace):
    prompt = workspace.prompts.save(dataclasses.replace(LETTER, description="Says: {{ hello }}\nline"))
    back = workspace.prompts.import_(workspace.prompts.export(prompt.id))
    assert (back.name, back.description, back.text, back.variables) == (
        prompt.name,
        prompt.description,
        prompt.text,
        prompt.variables,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name: x",
        "plainsight: assistant\nformat: 1\nname: x",
        "plainsight: prompt\nformat: 1\nname: x\nrun: y",
        "plainsight: prompt\nformat: 1\ntext: x",
        "plainsight: prompt\nformat: 1\nname: x\nvariables: 5",
        "plainsight: prompt\nformat: 1\nname: x\nvariables: [{name: a, kind: code}]",
        "plainsight: prompt\nformat: 1\nname: x\nvariables: [{name: a, choices: 3}]",
        "plainsight: prompt\nformat: 1\nname: x\ntext: '{{ a.b }}'",
    ],
)
def test_a_file_that_is_no_prompt(workspace, text):
    with pytest.raises(InvalidError):
        workspace.prompts.import_(text)
    assert workspace.prompts.list() == []


HOSTILE = (
    "{{ ''.__class__ }}",
    "{{ x.y }}",
    "{{ x['y'] }}",
    "{{ x() }}",
    "{{ self }}{{ self._TemplateReference__context }}",
    "{% for a in x %}{% endfor %}",
    "{% for a in range(999999999) %}{% endfor %}",
    "{% set a = 'x' %}",
    "{% macro m() %}{% endmacro %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% block b %}{% endblock %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{{ x|attr('y') }}",
    "{{ x|map(attribute='y')|list }}",
    "{{ 'x'|center(1000000000) }}",
    "{{ 'x' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 1 // 0 }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ x is divisibleby 3 }}",
    "{{ " + "(" * 2000 + "x" + ")" * 2000 + " }}",
    "{{ " + "not " * 5000 + "x }}",
    "{% if x %}" * 300 + "{% endif %}" * 300,
    "{{" * 25_000,
    "{%" * 25_000,
    "{{ x",
    "{{ x|nothing }}",
    "x" * 200_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_template_can_only_fill_in(text):
    with pytest.raises(InvalidError) as refused:
        render_template(text, {"x": "y"})
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_output_is_bounded():
    with pytest.raises(InvalidError, match="too long"):
        render_template("{{ x }}" * 5_000, {"x": "y" * 100_000})
    with pytest.raises(InvalidError):
        render_template("{{ 1 / zero }}", {"zero": 0})
    with pytest.raises(InvalidError, match="undefined"):
        render_template("{{ missing }}", {})


def test_values_are_never_templates():
    assert render_template("{{ x }}", {"x": "{{ y }} {% if %}"}) == "{{ y }} {% if %}"


@given(st.text(max_size=60))
def test_any_template_renders_or_says_why(text):
    try:
        render_template(text, dict.fromkeys(template_variables(text), "v"))
    except InvalidError as refused:
        message = str(refused)
        assert message


@given(st.text(max_size=200))
def test_any_value_comes_out_as_it_went_in(value):
    assert render_template("[{{ x }}]", {"x": value}) == f"[{value}]"


def test_variables_are_checked():
    for wrong in (
        [Variable("1a")],
        [Variable("a b")],
        [Variable("_a")],
        [Variable("a", "code")],
        [Variable("a", "choice")],
        [Variable("a", "number", default="x")],
        [Variable("a"), Variable("a")],
        [Variable(f"v{number}") for number in range(51)],
    ):
        with pytest.raises(InvalidError):
            check_variables(wrong)
    assert read_value(Variable("d", "date"), "2026-02-28") == date(2026, 2, 28)
    assert read_value(Variable("n", "number"), "2.50") == 2.5
    assert read_values([Variable("a", required=False), Variable("b", default="x")], {}) == {"a": "", "b": "x"}
