"""The guard at the door: budgets reserve money before a call and settle it after, rate limits count the minute."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from core.errors import BudgetError, InvalidError, LimitError, RefusedError
from core.events import Notice
from core.guard import periods
from core.guard.account import ZERO, Account, Plan
from core.guard.history import Log, spent_since
from core.guard.limits import RateLimit, Window
from core.guard.refusal import refused_call
from core.guard.words import over_budget, wait_sentence, warning
from core.ledger.facts import BudgetDecision
from core.ledger.ids import uuid7
from core.messages import TurnRequest


class Estimate(Protocol):
    """What is foretold of a call; None is unknown."""

    @property
    def input_tokens(self) -> int | None: ...
    @property
    def output_p50(self) -> int | None: ...
    @property
    def output_p90(self) -> int | None: ...
    @property
    def cost_p50(self) -> Decimal | None: ...
    @property
    def cost_p90(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Admission:
    """Leave to run. `model`: a cheaper one to ask instead, or None. The rest is the guard's own."""

    notices: tuple[Notice, ...] = ()
    model: str | None = None
    reserved: Decimal = ZERO
    accounts: tuple[Account, ...] = field(default=(), repr=False)
    counted: tuple[tuple[Window, list[float]], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a budget stands now. `frees_at`: naive UTC, when there is room again; None when time alone makes none."""

    plan: Plan
    spent: Decimal
    reserved: Decimal
    frees_at: datetime | None
    began: datetime | None

    @property
    def share(self) -> float:
        return float((self.spent + self.reserved) / self.plan.limit_usd) if self.plan.limit_usd else 1.0


class Guard:
    """Memory only while calls run; the ledger is read when it opens and when somebody changes a budget."""

    def __init__(
        self,
        ledger: Log,
        plans: Callable[[], Sequence[Plan]],
        limits: Callable[[], Sequence[Mapping[str, Any]]] = tuple,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger, self._plans, self._bodies = ledger, plans, limits
        self._clock, self._monotonic = clock, monotonic
        self._lock = threading.Lock()
        self._accounts: list[Account] = []
        self._limits: list[RateLimit] = []
        self._windows: dict[tuple[RateLimit, str, str], Window] = {}
        self.reload()

    def reload(self) -> None:
        """Take up budgets and limits as they are now, with what their windows have already spent."""
        self._ledger.settle()
        now = self._clock()
        fresh = []
        for plan in self._plans():
            account = Account(plan)
            account.load(spent_since(self._ledger, plan, periods.start(plan.period, now)))
            fresh.append(account)
        limits = []
        for body in self._bodies():
            try:
                limits.append(RateLimit.of(body))
            except InvalidError:
                continue  # a limit that cannot be read limits nothing; the Budgets page shows it as broken
        with self._lock:
            before = {account.plan.id: account for account in self._accounts}
            for account in fresh:
                if known := before.get(account.plan.id):
                    account.reserved, account.warned_for = known.reserved, known.warned_for
                    known.slots, known.total = account.slots, account.total
                    known.plan = account.plan
            self._accounts = [before.get(account.plan.id, account) for account in fresh]
            self._limits = limits
            self._windows = {key: window for key, window in self._windows.items() if key[0] in limits}

    def admit(self, request: TurnRequest, estimate: Estimate) -> Admission:
        """Raises LimitError, then BudgetError: one sentence, nothing stays reserved, and a row says so."""
        try:
            return self._admit(request, estimate)
        except RefusedError as refusal:
            self._ledger.submit(refused_call(request, refusal, self._clock()))
            raise

    def _admit(self, request: TurnRequest, estimate: Estimate) -> Admission:
        with self._lock:
            now = self._clock()
            counted = self._within_limits(request, estimate)
            accounts = tuple(account for account in self._accounts if matches(account.plan, request))
            notices: list[Notice] = []
            cheaper: str | None = None
            for account in accounts:
                notice, model = self._judge(account, request, estimate, now)
                notices += notice
                cheaper = cheaper or model
            reserved = ZERO if cheaper else most(request, estimate) or ZERO
            for account in accounts:
                account.reserved += reserved
            entries = [(what, window, window.add(amount, self._monotonic())) for what, window, amount in counted]
        tokens = tuple((window, entry) for what, window, entry in entries if what == "tokens")
        return Admission(tuple(notices), cheaper, reserved, accounts, tokens)

    def settle(self, admission: object, cost: Decimal | None, tokens: int | None) -> None:
        """Money that nobody can price counts as what was reserved for it: unknown is not free."""
        if not isinstance(admission, Admission):
            return
        with self._lock:
            now = self._clock()
            spent = cost if cost is not None else admission.reserved if tokens else ZERO
            for account in admission.accounts:
                account.reserved -= admission.reserved
                account.spend(spent, now)
            for window, entry in admission.counted:
                window.correct(entry, float(tokens or 0), self._monotonic())

    def standings(self) -> list[Standing]:
        with self._lock:
            now = self._clock()
            return [
                Standing(
                    plan=account.plan,
                    spent=account.spent(now),
                    reserved=account.reserved,
                    frees_at=account.frees_at(now),
                    began=periods.start(account.plan.period, now),
                )
                for account in self._accounts
            ]

    def _within_limits(self, request: TurnRequest, estimate: Estimate) -> list[tuple[str, Window, float]]:
        now, found = self._monotonic(), []
        needed = float((estimate.input_tokens or 0) + (request.parameters.max_tokens or estimate.output_p90 or 0))
        for limit in self._limits:
            key = limit.applies(request.model, request.context)
            if key is None:
                continue
            for what, allowed, amount in (("requests", limit.requests, 1.0), ("tokens", limit.tokens, needed)):
                if allowed is None:
                    continue
                window = self._windows.setdefault((limit, key, what), Window())
                wait = window.wait(amount, allowed, now)
                if wait > 0:
                    raise LimitError(wait_sentence(key, what, allowed, wait), wait_s=wait)
                found.append((what, window, amount))
        return found

    def _judge(
        self, account: Account, request: TurnRequest, estimate: Estimate, now: datetime
    ) -> tuple[list[Notice], str | None]:
        plan = account.plan
        if account.full(now) and estimate.cost_p90 != 0:
            if plan.action == "refuse":
                self._decide(account, request, estimate, now, "refused")
                raise BudgetError(over_budget(plan, account.spent(now), account.reserved, account.frees_at(now)))
            cheaper = plan.degrade_to if plan.action == "degrade" and plan.degrade_to != request.model else None
            self._decide(account, request, estimate, now, "degraded" if cheaper else "warned")
            return [Notice("limit", warning(plan, account.spent(now), cheaper))], cheaper
        notices = []
        if estimate.cost_p90 is None:
            notices.append(
                Notice("limit", f"No price is known for {request.model}: budget “{plan.name}” cannot count this call.")
            )
        began = periods.start(plan.period, now) if plan.period not in periods.ROLLING else now.replace(hour=0, minute=0)
        if account.warns(now):
            notices.append(Notice("limit", warning(plan, account.spent(now), None)))
            if account.warned_for is None or (began is not None and account.warned_for < began):
                account.warned_for = now
                self._decide(account, request, estimate, now, "warned")
        return notices, None

    def _decide(self, account: Account, request: TurnRequest, estimate: Estimate, now: datetime, decision: str) -> None:
        self._ledger.submit(
            BudgetDecision(
                decision_id=uuid7(),
                at=now,
                budget_id=account.plan.id,
                turn_id=request.turn_id or None,
                decision=decision,
                reserved=estimate.cost_p90,
                spent=account.spent(now),
                limit_usd=account.plan.limit_usd,
            )
        )


def most(request: TurnRequest, estimate: Estimate) -> Decimal | None:
    """The most that a call is expected to cost: its 90th percentile, stretched to the output limit if that is set."""
    high, low, limit = estimate.cost_p90, estimate.cost_p50, request.parameters.max_tokens
    if high is None or low is None or limit is None or not estimate.output_p90 or not estimate.output_p50:
        return high
    more = limit - estimate.output_p90
    if more <= 0 or estimate.output_p90 <= estimate.output_p50:
        return high
    return high + (high - low) / (estimate.output_p90 - estimate.output_p50) * more


def matches(plan: Plan, request: TurnRequest) -> bool:
    context = request.context
    return {
        "everyone": True,
        "user": context.user_id == plan.subject,
        "team": context.team_id == plan.subject,
        "assistant": context.assistant_id == plan.subject,
        "model": request.model == plan.subject,
        "provider": request.model.partition("/")[0] == plan.subject,
        "tag": plan.subject in context.tags,
    }.get(plan.scope, False)
