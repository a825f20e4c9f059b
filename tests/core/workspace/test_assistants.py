"""Assistants: versions that never change, restore, duplicate, archive, ownership."""

import dataclasses

import pytest

from core.errors import ConflictError, NotFoundError
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
