"""How the ledger is: in numbers for /healthz, in plain words for a person."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["ok", "degraded", "refusing"]


@dataclass(frozen=True, slots=True)
class Health:
    """`queued`: accepted, not yet on disk. `in_memory`: kept there because the disk fails. `lost`: gone for good.

    `rows`: calls in the tables; None while they cannot be read.
    """

    path: Path
    rows: int | None
    queued: int
    lost: int
    in_memory: int
    state: State
    messages: tuple[str, ...] = ()
