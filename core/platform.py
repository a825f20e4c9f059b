"""Composition root: opens the parts and hands out one Platform object, the same under server, test and script."""

import atexit
import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from core.analytics.analytics import Analytics
from core.analytics.watch import Watch
from core.chat import AI, Chat
from core.compare.compare import Compare
from core.guard.guard import Guard
from core.ledger.ledger import Ledger
from core.llm.service import AIService
from core.settings import Settings, load_settings
from core.tools.tools import Tools
from core.workspace.copies import copy_out
from core.workspace.file_copies import copy_files_out
from core.workspace.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Platform:
    """Every part, open. Each may be used from any thread."""

    settings: Settings
    ledger: Ledger
    ai: AIService
    workspace: Workspace
    tools: Tools
    chat: Chat
    analytics: Analytics
    compare: Compare
    guard: Guard


@contextmanager
def open_platform(settings: Settings | None = None, *, warm_after_s: float = 0.0) -> Iterator[Platform]:
    """Opens every part in the order of the arrows and closes them in the opposite order. Raises PlatformError.

    `warm_after_s`: see AIService.open.
    """
    settings = settings or load_settings()
    folder = settings.data_dir
    with ExitStack() as opened:
        ledger = Ledger.open(folder, payloads=settings.payloads, retention_days=settings.retention_days)
        opened.callback(ledger.close)
        database = settings.database_url.get_secret_value() if settings.database_url else folder
        workspace = Workspace.open(database, folder / "files")
        opened.callback(workspace.close)
        ledger.back_up_along(lambda: _back_up(folder, database=settings.database_url is None))
        limits = workspace.documents("rate_limit")
        guard = Guard(
            ledger,
            workspace.budgets_in_force,
            lambda: [document.body for document in limits.list()],
        )
        workspace.assistants.budgets_changed = guard.reload
        ai = AIService(settings, ledger, guard=guard).open(warm_after_s=warm_after_s)
        opened.callback(ai.close)
        analytics = Analytics(ledger, folder / "exports")
        rules = workspace.documents("alarm")
        watch = Watch(
            analytics.reader,
            lambda: [(document.name, document.body) for document in rules.list()],
            webhook=settings.alarm_webhook,
            digests=settings.digest_folder,
            digest_webhook=settings.digest_webhook,
        ).start()
        opened.callback(watch.close)
        tools = Tools.open(settings, usage=lambda days: _usage(analytics, days))
        chat = Chat(cast(AI, ai), workspace, tools, ledger)
        opened.callback(chat.close)
        compare = Compare(ai, ledger, workspace, tools)
        opened.callback(compare.close)
        yield Platform(settings, ledger, ai, workspace, tools, chat, analytics, compare, guard)


def _back_up(folder: Path, *, database: bool) -> None:
    """The database before the files, so that every file which the copy names is on the disk by then."""
    if database:
        copy_out(folder / "workspace.db", folder / "backups")
    damaged = copy_files_out(folder / "files", folder / "backups").damaged
    if damaged:
        log.warning("attached files are damaged and were not backed up: %s", ", ".join(damaged))


def _usage(analytics: Analytics, days: int) -> str:
    since = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)
    return analytics.get_usage_report(start=since).markdown()


FIRST_PAGE_S = 6.0
"""Whoever starts the server opens a page next: no import shares the processor with its first drawing, or so long."""


class Shared:
    """The one platform of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stack = ExitStack()
        self.platform: Platform | None = None
        self.page_drawn = threading.Event()

    def get(self) -> Platform:
        with self.lock:
            if self.platform is None:
                self.platform = self.stack.enter_context(open_platform(warm_after_s=2 * FIRST_PAGE_S))
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


def first_page_drawn() -> None:
    """Whoever waits in `wait_for_first_page` may use the processor now."""
    _shared.page_drawn.set()


def wait_for_first_page() -> None:
    """Returns when the server has drawn its first page, or after a while."""
    _shared.page_drawn.wait(FIRST_PAGE_S)


def close_shared_platform() -> None:
    _shared.close()
