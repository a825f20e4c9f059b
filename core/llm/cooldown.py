"""Deployments that failed repeatedly rest for a while; then one call is let through to see whether they are back."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from core.errors import ModelError

FAILURES = 3
REST_S = 15.0
LONGEST_REST_S = 240.0


@dataclass(slots=True)
class _State:
    failures: int = 0
    rests: int = 0
    until: float = 0.0
    probing: bool = False


class Cooldowns:
    """Used on the engine loop only. A deployment is named by provider, model and address."""

    def __init__(
        self, clock: Callable[[], float] = monotonic, told: Callable[[str, float], None] | None = None
    ) -> None:
        """`clock`: seconds, as time.monotonic. `told`: hears which deployment begins to rest, and for how long."""
        self._clock, self._told = clock, told
        self._states: dict[str, _State] = {}

    def closed(self, deployment: str) -> bool:
        """True when calls may go there. After a rest the first asker is the probe; others wait for its outcome."""
        state = self._states.get(deployment)
        if state is None or state.until == 0.0:
            return True
        if self._clock() < state.until or state.probing:
            return False
        state.probing = True
        return True

    def resting(self) -> set[str]:
        """Names of the deployments that rest now."""
        return set(self.left())

    def left(self) -> dict[str, float]:
        """Seconds until each resting deployment may be asked again."""
        now = self._clock()
        return {name: state.until - now for name, state in list(self._states.items()) if state.until > now}

    def succeeded(self, deployment: str) -> None:
        self._states.pop(deployment, None)

    def failed(self, deployment: str) -> None:
        state = self._states.setdefault(deployment, _State())
        state.failures += 1
        if state.probing or state.failures >= FAILURES:
            rest = min(LONGEST_REST_S, REST_S * 2**state.rests)
            state.until = self._clock() + rest
            state.rests += 1
            state.failures, state.probing = 0, False
            if self._told is not None:
                self._told(deployment, rest)

    def note(self, deployment: str, error: ModelError) -> None:
        """Only what may pass counts against a deployment: a wrong key or request says nothing about its health."""
        if error.retryable:
            self.failed(deployment)
        else:
            self.let_go(deployment)

    def let_go(self, deployment: str) -> None:
        """A probe that ended without a verdict (stopped by a person) leaves the door open for the next."""
        state = self._states.get(deployment)
        if state is not None:
            state.probing = False
