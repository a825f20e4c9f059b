"""The price book: which prices hold for which model from when on, and who says so; lines in use are in the ledger."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from threading import Lock

import orjson

from core.errors import InvalidError, LedgerError, QueryError
from core.events import Usage
from core.ledger.facts import PriceLine
from core.ledger.ids import uuid7
from core.llm import modelmap
from core.llm.demo.cast import actor
from core.llm.prices import PER_HOUR, Price
from core.llm.record import Ledger, now

log = logging.getLogger(__name__)
OWN = "own price"
LOCAL = Price("local", "local, free", dict.fromkeys([*Usage.__slots__[:-1]], Decimal(0)))
EPOCH = datetime(1970, 1, 1)
SELECT = "select price_id, model, effective_from, source, prices, version from prices order by effective_from, seq"


class PriceBook:
    """`local`: names of providers whose models cost nothing unless somebody says otherwise."""

    def __init__(self, ledger: Ledger, local: frozenset[str]) -> None:
        self._ledger, self._local = ledger, local
        self._lock = Lock()
        self._own: list[PriceLine] = []
        self._written: set[str] = set()
        self._known: dict[tuple[str, str], Price | None] = {}

    def read(self) -> None:
        """Take up the lines that earlier runs left. A ledger that cannot be read just now costs only own prices."""
        try:
            rows = self._ledger.rows(SELECT)
        except QueryError as error:
            log.warning("the price book could not be read: %s", error)
            return
        with self._lock:
            for price_id, model, since, source, prices, version in rows:
                self._written.add(price_id)
                if source == OWN:
                    self._own.append(PriceLine(
                        price_id=price_id, model=model, effective_from=since, source=source,
                        prices=orjson.loads(prices), version=version,
                    ))  # fmt: skip
            self._known.clear()

    def current(self, model: str) -> PriceLine | None:
        """The line that would price a call of this model now; None is unpriced."""
        price = self.price(model)
        if price is None:
            return None
        own = self._own_line(model, now())
        return own or PriceLine(
            price_id=price.version, model=model, effective_from=EPOCH, source=price.source, prices=price.flat,
            version=price.version,
        )  # fmt: skip

    def price(self, model: str, at: datetime | None = None, tier: str = "") -> Price | None:
        """Own prices first (exact before pattern, newest first), then made-up ones, local ones, LiteLLM's map.

        `tier`: a class of service that is not the usual one; None when the map has no prices of its own for it.
        """
        own = self._own_line(model, at or now()) if self._own else None
        if own is not None:
            return Price.from_flat(own.price_id, OWN, own.prices)
        if (model, tier) not in self._known:
            self._known[model, tier] = self._given(model, tier)
        return self._known[model, tier]

    def _given(self, model: str, tier: str) -> Price | None:
        provider, _, name = model.partition("/")
        played = actor(name) if provider == "demo" else None
        if played is not None:
            return Price(f"simulated: {name}", "simulated price", played.prices)
        if provider == "demo":
            return None
        return LOCAL if provider in self._local else modelmap.price(provider, name, tier)

    def _own_line(self, model: str, at: datetime) -> PriceLine | None:
        fitting = [line for line in self._own if line.effective_from <= at and fits(line.model, model)]
        return max(fitting, key=lambda line: (len(line.model.rstrip("*")), line.effective_from), default=None)

    def used(self, model: str, price: Price) -> None:
        """Put a line into the ledger the first time it prices a call, so that the row's `price_version` leads to it."""
        if price.version in self._written:
            return
        self._written.add(price.version)
        line = PriceLine(
            price_id=price.version, model=model, effective_from=EPOCH, source=price.source, prices=price.flat,
            version=price.version,
        )  # fmt: skip
        try:
            self._ledger.submit(line)
        except LedgerError as error:
            self._written.discard(price.version)
            log.warning("a price line could not be written: %s", error)

    def set_price(
        self, model: str, prices: Mapping[str, Decimal | str], effective_from: datetime | None = None
    ) -> PriceLine:
        """An own price from `effective_from` (UTC; now when None) on. `model` may end in *.

        `prices`: bucket -> US dollars per token, or {"hour": US dollars per hour of the machine}.
        """
        line = PriceLine(
            price_id=uuid7(), model=model.strip(), effective_from=effective_from or now(), source=OWN,
            prices=checked(prices), version=f"own {now():%Y-%m-%d}",
        )  # fmt: skip
        if not line.model.strip("*"):
            raise InvalidError("Name the model that the price is for, such as openai/gpt-4o or vllm/*.")
        self._ledger.submit(line).result(10)
        with self._lock:
            self._written.add(line.price_id)
            self._own = [*self._own, line]
        return line


def fits(pattern: str, model: str) -> bool:
    return model.startswith(pattern[:-1]) if pattern.endswith("*") else model == pattern


def checked(prices: Mapping[str, Decimal | str]) -> dict[str, str]:
    """Raises InvalidError for a bucket or a figure that cannot be a price."""
    known: Iterable[str] = (*Usage.__slots__[:-1], PER_HOUR)
    found: dict[str, str] = {}
    for name, value in prices.items():
        bucket, above, threshold = name.partition("_above_")
        if bucket not in known or (above and not threshold.isdigit()):
            raise InvalidError(f"{name!r} is no kind of token; known are {', '.join(known)}.")
        try:
            money = Decimal(str(value))
        except InvalidOperation:
            raise InvalidError(f"{str(value)[:40]!r} is not a price.") from None
        if not money.is_finite() or not 0 <= money <= (1000 if bucket == PER_HOUR else 1):
            raise InvalidError(
                f"{money} US dollars is not a believable price per {'hour' if bucket == PER_HOUR else 'token'}."
            )
        found[name] = format(money, "f")
    if not found:
        raise InvalidError("Give at least one price.")
    for bucket, same in modelmap.SAME_AS.items():
        if same in found:
            found.setdefault(bucket, found[same])
    return found
