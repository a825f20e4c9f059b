"""The guard at the door: budgets reserve money before each call and book it after, rate limits count the minute."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.errors import BudgetError, InvalidError, LimitError, RefusedError
from core.events import Notice
from core.guard import periods
from core.guard.account import ZERO, Account, Plan
from core.guard.admission import Admission, Estimate, matches, most
from core.guard.history import Log, spent_since
from core.guard.limits import RateLimit, Window
from core.guard.refusal import refused_call
from core.guard.words import over_budget, wait_sentence, warning
from core.ledger.facts import BudgetDecision
from core.ledger.ids import uuid7
from core.messages import TurnRequest


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
            entries = [(what, window, window.add(amount, self._monotonic())) for what, window, amount in counted]
            tokens = tuple((window, entry) for what, window, entry in entries if what == "tokens")
            admission = Admission(tuple(notices), cheaper, ZERO, accounts, tokens, asked=request.model)
            self._reserve(admission, ZERO if cheaper else most(estimate))
            return admission

    def go_on(
        self,
        admission: object,
        request: TurnRequest,
        estimate: Estimate,
        *,
        attempt: int,
        cost: Decimal | None,
        tokens: int | None,
    ) -> tuple[Notice, ...]:
        """Books what the turn's last calls came to and reserves for the next, which may go to another model.

        Raises BudgetError when a budget that stops has no room left; a turn under way is degraded no further.
        """
        if not isinstance(admission, Admission):
            return ()
        try:
            with self._lock:
                now = self._clock()
                self._book(admission, cost, tokens, now)
                before, notices = {id(account) for account in admission.accounts}, list[Notice]()
                admission.accounts = tuple(each for each in self._accounts if matches(each.plan, request))
                for account in admission.accounts:
                    if id(account) not in before:
                        notices += self._judge(account, request, estimate, now)[0]
                    elif account.plan.action == "refuse":
                        self._judge(account, request, estimate, now)
                self._reserve(admission, most(estimate))
                return tuple(notices)
        except RefusedError as refusal:
            self._ledger.submit(refused_call(request, refusal, self._clock(), asked=admission.asked, attempt=attempt))
            raise

    def settle(self, admission: object, cost: Decimal | None, tokens: int | None) -> None:
        """`cost` and `tokens` are those since the last word, if the turn called more than once."""
        if not isinstance(admission, Admission):
            return
        with self._lock:
            self._book(admission, cost, tokens, self._clock())
            for window, entry in admission.counted:
                window.correct(entry, float(admission.tokens), self._monotonic())

    def _reserve(self, admission: Admission, amount: Decimal) -> None:
        admission.reserved = amount
        for account in admission.accounts:
            account.reserved += amount

    def _book(self, admission: Admission, cost: Decimal | None, tokens: int | None, now: datetime) -> None:
        """Money that nobody can price counts as what was reserved for it: unknown is not free."""
        spent = cost if cost is not None else admission.reserved if tokens else ZERO
        for account in admission.accounts:
            account.reserved -= admission.reserved
            account.spend(spent, now)
        admission.reserved = ZERO
        admission.tokens += tokens or 0

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
                reserved=most(estimate),
                spent=account.spent(now),
                limit_usd=account.plan.limit_usd,
            )
        )
