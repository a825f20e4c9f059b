"""The guard's sentences: what stopped or changed a call, and when it may go on."""

from datetime import datetime
from decimal import Decimal
from math import ceil

from core.guard.account import Plan
from core.guard.periods import WORDS


def dollars(amount: Decimal) -> str:
    """To the cent; below a dollar to four digits, and as many more as it takes to say two that are not zero."""
    return f"${amount:,.2f}" if abs(amount) >= 1 or amount == 0 else f"${amount:.{max(4, 1 - amount.adjusted())}f}"


def _named(plan: Plan) -> str:
    return plan.name if plan.name.startswith("Budget ") else f"Budget “{plan.name}”"


def over_budget(plan: Plan, spent: Decimal, reserved: Decimal, frees_at: datetime | None) -> str:
    under_way = f", and {dollars(reserved)} is reserved for calls under way" if reserved > 0 else ""
    again = f" There is room again on {frees_at:%d %b %Y at %H:%M} UTC" if frees_at else " Raise it on the Budgets page"
    return (
        f"{_named(plan)} is spent: {dollars(spent)} of {dollars(plan.limit_usd)} "
        f"{WORDS.get(plan.period, '')}{under_way}, so no call was made.{again}, or ask whoever set it."
    )


def warning(plan: Plan, spent: Decimal, cheaper: str | None) -> str:
    instead = f", so {cheaper} answers instead" if cheaper else ""
    return f"{_named(plan)}: {dollars(spent)} of {dollars(plan.limit_usd)} spent {WORDS.get(plan.period, '')}{instead}."


def wait_sentence(key: str, what: str, most: int, wait_s: float) -> str:
    whose = f"for {key}" if key else "for calls without a user"
    return (
        f"The limit of {most:,} {what} a minute {whose} is reached; try again in {max(1, ceil(wait_s))} "
        f"second{'s' if ceil(wait_s) > 1 else ''}."
    )
