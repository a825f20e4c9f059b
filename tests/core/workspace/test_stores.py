"""Datasets, budgets, users, named documents, files and the gallery."""

import dataclasses
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConflictError, InvalidError, NotFoundError
from core.workspace.assistants import AssistantDraft
from core.workspace.budgets import Budget
from core.workspace.case_files import NewCase, read_cases
from core.workspace.ids import now
from core.workspace.message_tree import NewMessage
from core.workspace.purge import UNDO_FOR, purge
from core.workspace.schema import messages
from core.workspace.workspace import Workspace


def test_cases_from_form_csv_and_json_lines(workspace):
    store = workspace.datasets
    dataset = store.create("Refunds")
    store.add(dataset.id, [NewCase(variables={"question": "Why?"}, expected="Because", turn_id="t1")])
    assert store.add_file(dataset.id, "a.csv", b'question,expected,note\n"One, two",Three,\nFour,,why\n') == 2
    assert (
        store.add_file(dataset.id, "a.jsonl", b'{"question": 5}\n\n{"variables": {"q": "x"}, "expected": "y"}\n') == 2
    )
    rows = store.cases(dataset.id)
    assert [(dict(case.variables), case.expected) for case in rows] == [
        ({"question": "Why?"}, "Because"),
        ({"question": "One, two"}, "Three"),
        ({"question": "Four"}, None),
        ({"question": 5}, None),
        ({"q": "x"}, "y"),
    ]
    assert store.get(dataset.id).case_count == 5
    store.change_case(rows[0].id, {"question": "How?"}, None)
    store.remove_case(rows[1].id)
    assert [case.variables["question"] for case in store.cases(dataset.id, limit=2)] == ["How?", "Four"]
    assert store.undo(store.delete(dataset.id)).name == "Refunds"
    with pytest.raises(NotFoundError):
        store.cases(dataset.id, user_id="ann")
    with pytest.raises(NotFoundError):
        store.remove_case(rows[0].id, user_id="ann")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,a\n1,2",
        b"a,b\n1",
        b'a\n"open',
        b"\xff\xfe",
        b"[1]\n",
        b'{"a": [1]}',
        b'{"a": 1, "a": 2}',
        b"{" * 10_000,
    ],
)
def test_a_file_that_holds_no_cases_adds_nothing(workspace, data):
    dataset = workspace.datasets.create("x")
    with pytest.raises(InvalidError):
        workspace.datasets.add_file(dataset.id, "x.jsonl" if data.startswith(b"[") else "x.csv", data)
    assert workspace.datasets.get(dataset.id).case_count == 0


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.jsonl"]))
def test_any_bytes_are_cases_or_a_sentence(data, name):
    try:
        list(read_cases(name, data))
    except InvalidError as refused:
        message = str(refused)
        assert message.endswith(".")


def test_budgets(workspace):
    store = workspace.budgets
    made = store.save(Budget(name="Team", scope="team", subject="growth", limit_usd=Decimal("12.50")))
    assert store.get(made.id).limit_usd == Decimal("12.50")
    store.save(dataclasses.replace(made, active=False))
    assert store.list(active_only=True) == []
    assert [budget.name for budget in store.list()] == ["Team"]
    for wrong in (
        {"limit_usd": Decimal("NaN")},
        {"limit_usd": Decimal(-1)},
        {"scope": "planet"},
        {"subject": ""},
        {"period": "hour"},
        {"warn_at": 3.0},
        {"action": "degrade"},
    ):
        with pytest.raises(InvalidError):
            store.save(dataclasses.replace(made, **wrong))
    store.delete(made.id)
    with pytest.raises(NotFoundError):
        store.save(made)


def test_an_assistants_own_budget_is_in_force(workspace):
    made = workspace.assistants.save(AssistantDraft(name="Dear", budget_usd=Decimal(5)), user_id="ann")
    (budget,) = workspace.budgets_in_force()
    assert (budget.scope, budget.subject, budget.limit_usd, budget.period) == ("assistant", made.id, 5, "month")
    workspace.assistants.archive(made.id, user_id="ann")
    assert workspace.budgets_in_force() == []


def test_users(workspace):
    assert workspace.users.get("local").role == "administrator"
    workspace.users.save("ann", "Ann", team="growth")
    workspace.users.save("ann", "Ann Lee", team="sales")
    assert (workspace.users.get("ann").name, workspace.users.get("ann").team) == ("Ann Lee", "sales")
    for id, role in (("", "member"), ("a\nb", "member"), ("bob", "king")):
        with pytest.raises(InvalidError):
            workspace.users.save(id, "x", role=role)
    with pytest.raises(NotFoundError):
        workspace.users.get("nobody")


def test_named_documents(workspace):
    store = workspace.comparisons
    made = store.save("Cheap or good", {"panes": ["demo/swift", "demo/sage"], "n": 3, "odd": "\x00\ud800"})
    assert (made.revision, made.body["odd"]) == (1, "\ufffd\ufffd")
    again = store.save("Cheap or good", {"panes": []}, id=made.id, base_revision=1)
    assert again.revision == 2
    with pytest.raises(ConflictError):
        store.save("x", {}, id=made.id, base_revision=1)
    with pytest.raises(NotFoundError):
        workspace.experiments.get(made.id)
    with pytest.raises(NotFoundError):
        store.get(made.id, user_id="ann")
    assert store.undo(store.delete(made.id)).id == made.id
    for wrong in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises(InvalidError):
            store.save("x", wrong)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), st.dictionaries(st.text(max_size=5), plain, max_size=4))
def test_any_plain_body_can_be_kept(workspace, name, body):
    made = workspace.views.save(name, body)
    assert workspace.views.get(made.id).body.keys() == made.body.keys()


def test_files_are_kept_once_and_checked(workspace, tmp_path):
    one = workspace.files.put(b"hello", "../../x")
    assert workspace.files.put(b"hello", "CON").sha256 == one.sha256
    assert workspace.files.read(one.sha256) == b"hello"
    for wrong in ("../x", "0" * 64, "", "A" * 64, "/etc/passwd"):
        with pytest.raises(NotFoundError):
            workspace.files.read(wrong)
    (path,) = [path for path in tmp_path.rglob(one.sha256) if path.is_file()]
    path.write_bytes(b"hullo")
    with pytest.raises(NotFoundError, match="damaged"):
        workspace.files.read(one.sha256)


def test_the_gallery_is_there_once(tmp_path):
    first = Workspace.open(tmp_path)
    names = {assistant.name for assistant in first.assistants.list()}
    assert names == {"Writer", "Code reviewer", "Data analyst", "Support reply", "Meeting summariser"}
    gone = first.assistants.list()[0]
    first.assistants.archive(gone.id)
    first.close()
    second = Workspace.open(tmp_path)
    assert len(second.assistants.list()) == 4
    second.close()


def test_what_was_deleted_goes_for_good_after_a_month(workspace):
    store = workspace.conversations
    kept, gone = store.create("kept"), store.create("gone")
    store.add(gone.id, NewMessage(role="user", text="a needle"), NewMessage(role="assistant", text="an answer"))
    dataset = workspace.datasets.create("old")
    workspace.datasets.add(dataset.id, [NewCase(variables={"a": "b"})])
    store.delete(gone.id)
    workspace.datasets.delete(dataset.id)
    assert purge(workspace.database, now() - UNDO_FOR) == 0
    assert store.undo(gone.id).title == "gone"
    store.delete(gone.id)
    assert purge(workspace.database, now()) == 2
    with pytest.raises(NotFoundError):
        store.undo(gone.id)
    with workspace.database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar() == 0
    assert [conversation.id for conversation in store.list()] == [kept.id]
    assert store.search("needle") == []
