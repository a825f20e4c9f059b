"""Embeddings are calls like any other: admitted, booked, recorded."""

from decimal import Decimal

import pytest

from core.errors import BudgetError, LimitError, ModelError
from core.guard.guard import Guard
from core.messages import Context
from core.workspace.budgets import Budget

MODEL = "openai/text-embedding-3-small"
ALICE = Context(user_id="alice")
ANN = Context(user_id="ann")


def guarded(make, journal, user="alice", limit="1", limits=()):
    budget = Budget(id="b", name="Theirs", limit_usd=Decimal(limit), scope="user", subject=user, period="total")
    guard = Guard(journal.ledger, lambda: [budget], lambda: limits)
    return make(guard=guard), guard


def test_an_embedding_is_booked_and_its_reservation_let_go(make, journal):
    service, guard = guarded(make, journal)
    before = guard.standings()[0].spent
    service.embed(["one", "two"], MODEL, ALICE)
    standing = guard.standings()[0]
    assert standing.spent - before == journal.calls[-1].cost_total > 0
    assert standing.reserved == 0


def test_a_spent_budget_refuses_an_embedding(make, journal, upstream):
    service, _ = guarded(make, journal, "ann", limit="0.000000001")
    service.embed(["one"], MODEL, ANN)
    upstream.reset()
    with pytest.raises(BudgetError):
        service.embed(["two"], MODEL, ANN)
    assert not [one for one in upstream.requests if one.path.endswith("/embeddings")]
    service.embed(["two"], MODEL, Context(user_id="bob"))


def test_a_rate_limit_counts_embeddings(make, journal):
    service, _ = guarded(make, journal, limits=[{"scope": "model", "subject": MODEL, "requests": 1}])
    service.embed(["one"], MODEL)
    with pytest.raises(LimitError):
        service.embed(["two"], MODEL)


def test_an_embedding_that_fails_costs_nothing(make, journal):
    service, guard = guarded(make, journal)
    before = guard.standings()[0].spent
    with pytest.raises(ModelError):
        service.embed(["one"], "openai/embed-401", ALICE)
    assert (guard.standings()[0].spent, guard.standings()[0].reserved) == (before, 0)
    assert journal.calls[-1].status == "error"
