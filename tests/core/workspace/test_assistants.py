"""Assistants: versions that never change, restore, duplicate, archive, ownership."""

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConflictError, InvalidError, NotFoundError
from core.workspace.assistant_content import CONTENT, Choose
from core.workspace.assistants import AssistantDraft


def test_every_save_is_a_new_version_and_old_ones_stay(workspace):
    first = workspace.assistants.save(AssistantDraft(name="Writer", system_prompt="Be brief."), "first")
    second = workspace.assistants.save(dataclasses.replace(first.draft(), system_prompt="Be long."), "longer")
    assert (first.version, second.version) == (1, 2)
    assert workspace.assistants.get(first.id).system_prompt == "Be long."
    assert workspace.assistants.get(first.id, 1) == first
    assert [version.note for version in workspace.assistants.versions(first.id)] == ["longer", "first"]
    restored = workspace.assistants.restore(first.id, 1)
    assert (restored.version, restored.system_prompt) == (3, "Be brief.")


def test_a_save_over_somebody_elses_save_is_refused(workspace):
    first = workspace.assistants.save(AssistantDraft(name="Writer"))
    workspace.assistants.save(first.draft())
    with pytest.raises(ConflictError, match="Version 2"):
        workspace.assistants.save(first.draft())


def test_only_the_owner_changes_and_only_shared_ones_are_seen(workspace):
    mine = workspace.assistants.save(AssistantDraft(name="Mine"), user_id="ann")
    with pytest.raises(NotFoundError):
        workspace.assistants.get(mine.id, user_id="bob")
    shared = workspace.assistants.save(dataclasses.replace(mine.draft(), shared=True), user_id="ann")
    assert workspace.assistants.get(mine.id, user_id="bob") == shared
    with pytest.raises(NotFoundError):
        workspace.assistants.save(shared.draft(), user_id="bob")
    with pytest.raises(NotFoundError):
        workspace.assistants.archive(mine.id, user_id="bob")


def test_archived_ones_leave_the_list_and_come_back(workspace):
    made = workspace.assistants.save(AssistantDraft(name="Old"))
    workspace.assistants.archive(made.id)
    assert made.id not in {one.id for one in workspace.assistants.list()}
    assert made.id in {one.id for one in workspace.assistants.list(include_archived=True)}
    workspace.assistants.unarchive(made.id)
    copy = workspace.assistants.duplicate(made.id)
    assert copy.name == "Old (copy)"
    assert {made.id, copy.id} <= {one.id for one in workspace.assistants.list()}


FULL = AssistantDraft(
    name="Full",
    description="All of it: yes\nand more",
    model="demo/sage",
    temperature=0.3,
    max_tokens=500,
    system_prompt="Line one\n\n  indented: {{ x }}\n# not a comment\n'quoted' \"twice\" no\n",
    tools=("calculator",),
    fallbacks=(),
    choose=Choose("high", cost_sensitive=True),
    response_schema={"type": "object", "properties": {"n": {"type": "integer"}}},
    cache="exact",
    starters=("Begin: here", "yes"),
    budget_usd=Decimal("1.25"),
)


def content(assistant):
    return {name: getattr(assistant, name) for name in CONTENT if name != "shared"}


def test_out_and_in_again(workspace):
    made = workspace.assistants.save(FULL)
    text = workspace.assistants.export(made.id)
    assert text.startswith("plainsight: assistant\nformat: 1\nname: Full\n")
    back = workspace.assistants.import_(text)
    assert back.id != made.id
    assert content(back) == content(made)


names = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        AssistantDraft,
        name=names.map(lambda name: f"N{name}"),
        description=names,
        system_prompt=names,
        temperature=st.none() | st.integers(0, 200).map(lambda percent: percent / 100),
        max_tokens=st.none() | st.integers(1, 10**6),
        starters=st.lists(names, max_size=3).map(tuple),
        budget_usd=st.none() | st.decimals(0, 1000, places=4),
    )
)
def test_any_assistant_survives_the_round_trip(workspace, draft):
    made = workspace.assistants.save(draft)
    assert content(workspace.assistants.import_(workspace.assistants.export(made.id))) == content(made)


@pytest.mark.parametrize(
    "line",
    [
        "run: rm",
        "temperature: hot",
        "temperature: true",
        "temperature: 5",
        "temperature: .inf",
        "max_tokens: 0",
        "max_tokens: 99999999999999999999",
        "max_tokens: 1.5",
        "tools: calculator",
        "tools: [1]",
        "choose: {complexity: extreme}",
        "choose: {x: 1}",
        "choose: {cost_sensitive: 'yes'}",
        "response_schema: {type: 5}",
        "response_schema: []",
        "budget_usd: -1",
        "budget_usd: lots",
        "budget_usd: NaN",
        "cache: forever",
        "prompt_version: 3",
        "shared: 1",
        "name: again",
        "system_prompt: !!python/name:os.system",
    ],
)
def test_a_file_that_is_no_assistant(workspace, line):
    before = len(workspace.assistants.list())
    with pytest.raises(InvalidError) as refused:
        workspace.assistants.import_(f"plainsight: assistant\nformat: 1\nname: x\n{line}\n")
    assert "\n" not in str(refused.value)
    assert len(workspace.assistants.list()) == before


def test_what_differs_between_two_versions(workspace):
    first = workspace.assistants.save(FULL)
    workspace.assistants.save(dataclasses.replace(first.draft(), temperature=0.9, tools=()))
    assert workspace.assistants.compare(first.id, 1, 2) == {"temperature": (0.3, 0.9), "tools": (("calculator",), ())}
