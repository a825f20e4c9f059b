"""Composition root: opens the parts and hands out one Platform object, the same under server, test and script."""

import atexit
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from core.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Platform:
    settings: Settings


@contextmanager
def open_platform(settings: Settings | None = None) -> Iterator[Platform]:
    """Opens every part in the order of the arrows and closes them in the opposite order. Raises PlatformError."""
    settings = settings or load_settings()
    with ExitStack():
        yield Platform(settings)


class Shared:
    """The one platform of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stack = ExitStack()
        self.platform: Platform | None = None

    def get(self) -> Platform:
        with self.lock:
            if self.platform is None:
                self.platform = self.stack.enter_context(open_platform())
                atexit.register(self.close)
            return self.platform

    def close(self) -> None:
        with self.lock:
            self.platform = None
            self.stack.close()


_shared = Shared()


def shared_platform() -> Platform:
    """Opened at first use, closed at exit or by `close_shared_platform`."""
    return _shared.get()


def close_shared_platform() -> None:
    _shared.close()
