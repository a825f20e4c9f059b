"""Conversations: the list, the tree of messages, branches, paging, undo, ownership."""

import pytest

from core.errors import NotFoundError
from core.workspace.message_tree import NewMessage
from core.workspace.workspace import Workspace


def question(text):
    return NewMessage(role="user", text=text)


def answer(text):
    return NewMessage(role="assistant", text=text)


def test_a_conversation_is_there_after_a_restart(tmp_path):
    first = Workspace.open(tmp_path)
    conversation = first.conversations.create(first_message="# What is a *turn*?\nSay it briefly.")
    first.conversations.add(conversation.id, question("What?"), answer("That."))
    first.close()
    second = Workspace.open(tmp_path)
    try:
        assert second.conversations.get(conversation.id).title == "What is a *turn*?"
        assert [message.text for message in second.conversations.path(conversation.id)] == ["What?", "That."]
    finally:
        second.close()


def test_branches_are_siblings_and_can_be_walked(workspace):
    store = workspace.conversations
    conversation = store.create()
    asked, old = store.add(conversation.id, question("Q"), answer("A1"))
    (new,) = store.add(conversation.id, answer("A2"), parent_id=asked)
    store.add(conversation.id, question("more"), answer("of A2"), parent_id=new)
    shown = store.path(conversation.id)
    assert [message.text for message in shown] == ["Q", "A2", "more", "of A2"]
    assert shown[1].siblings == (old, new)
    assert (shown[1].sibling_index, shown[1].sibling_count) == (2, 2)
    store.set_leaf(conversation.id, old)
    assert [message.text for message in store.path(conversation.id)] == ["Q", "A1"]
    store.set_leaf(conversation.id, new)
    assert [message.text for message in store.path(conversation.id)] == ["Q", "A2", "more", "of A2"]


def test_long_paths_come_in_pages(workspace):
    store = workspace.conversations
    conversation = store.create()
    store.add(conversation.id, *(question(str(number)) for number in range(25)))
    newest = store.path(conversation.id, limit=10)
    assert [message.text for message in newest] == [str(number) for number in range(15, 25)]
    older = store.path(conversation.id, limit=10, before=newest[0].id)
    assert [message.text for message in older] == [str(number) for number in range(5, 15)]
    first = store.path(conversation.id, limit=10, before=older[0].id)
    assert [message.text for message in first] == [str(number) for number in range(5)]
    assert store.path(conversation.id, limit=10, before=first[0].id) == []


def test_deleted_is_gone_until_undone(workspace):
    store = workspace.conversations
    conversation = store.create("Plans")
    token = store.delete(conversation.id)
    assert store.list() == []
    with pytest.raises(NotFoundError):
        store.get(conversation.id)
    assert store.undo(token).title == "Plans"


def test_folders_and_pins(workspace):
    store = workspace.conversations
    one, two = store.create("one", folder="Work"), store.create("two")
    store.pin(two.id)
    assert store.folders() == ["Work"]
    assert [found.id for found in store.list(folder="Work")] == [one.id]
    assert [found.id for found in store.list(folder="")] == [two.id]
    assert [found.id for found in store.list(pinned=True)] == [two.id]
    store.move(one.id, None)
    store.rename(one.id, "uno\x00\u202e")
    assert store.folders() == []
    assert store.get(one.id).title == "uno\ufffd"


def test_other_peoples_ids_do_not_exist(workspace):
    store = workspace.conversations
    conversation = store.create(user_id="ann")
    (message,) = store.add(conversation.id, question("secret"), user_id="ann")
    attempts = [
        lambda: store.get(conversation.id, user_id="bob"),
        lambda: store.path(conversation.id, user_id="bob"),
        lambda: store.message(message, user_id="bob"),
        lambda: store.add(conversation.id, question("x"), user_id="bob"),
        lambda: store.set_leaf(conversation.id, message, user_id="bob"),
        lambda: store.rename(conversation.id, "x", user_id="bob"),
        lambda: store.delete(conversation.id, user_id="bob"),
        lambda: store.undo(conversation.id, user_id="bob"),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    assert store.list(user_id="bob") == []


def test_a_fork_is_a_copy_of_one_branch(workspace):
    store = workspace.conversations
    conversation = store.create("Plans", folder="Work")
    asked, old = store.add(conversation.id, question("Q"), answer("A1"))
    store.add(conversation.id, answer("A2"), parent_id=asked)
    fork = store.fork(conversation.id, old)
    assert (fork.title, fork.folder, fork.forked_from) == ("Plans (fork)", "Work", conversation.id)
    assert [message.text for message in store.path(fork.id)] == ["Q", "A1"]
    store.add(fork.id, question("more"), parent_id=fork.leaf_id)
    assert [message.text for message in store.path(conversation.id)] == ["Q", "A2"]
    empty = store.create()
    assert store.path(store.fork(empty.id, None).id) == []
    with pytest.raises(NotFoundError):
        store.fork(empty.id, old)
