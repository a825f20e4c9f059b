"""The watch: every few minutes it looks for alarms, says each once (log, ledger, webhook), and writes the digest."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.analytics.alarms import Alarm, Rule, odd, standing
from core.analytics.digest import as_html, as_markdown, digest, week_name, write_digest
from core.analytics.reader import Reader
from core.analytics.webhook import PATIENCE_S, post
from core.errors import InvalidError, PlatformError
from core.ledger.facts import Audit
from core.ledger.ids import uuid7

log = logging.getLogger(__name__)
FIRST_S, EVERY_S = 60.0, 600.0


class Watch:
    """One daemon thread. `rules` gives (name, body) pairs as people saved them."""

    def __init__(
        self,
        reader: Reader,
        rules: Callable[[], Sequence[tuple[str, Mapping[str, Any]]]],
        *,
        webhook: str | None = None,
        digests: Path | None = None,
        digest_webhook: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None),
    ) -> None:
        self.reader, self.rules, self.clock = reader, rules, clock
        self.webhook, self.digests, self.digest_webhook = webhook, digests, digest_webhook
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> "Watch":
        self._thread.start()
        return self

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S + 5)

    def look(self) -> list[Alarm]:
        """Looks once; returns what was new and has been delivered."""
        now = self.clock()
        known = {
            key for (key,) in self.reader.log.rows("SELECT subject FROM audit WHERE action = 'alarm'", max_rows=10**6)
        }
        alarms = [*standing(self.reader, self._readable(), now), *odd(self.reader, now)]
        fresh = [alarm for alarm in alarms if alarm.key not in known]
        for alarm in fresh:
            self._deliver(alarm)
        self._digest(now)
        return fresh

    def _readable(self) -> list[Rule]:
        found = []
        for name, body in self.rules():
            try:
                found.append(Rule.of(name, body))
            except InvalidError as error:
                log.warning("an alarm cannot be read: %s", error)
        return found

    def _deliver(self, alarm: Alarm) -> None:
        log.warning("alarm: %s", alarm.sentence)
        body = {"text": alarm.sentence, "at": f"{alarm.at.isoformat()}Z", "key": alarm.key, "calls": alarm.calls}
        told = post(self.webhook, body) if self.webhook else None
        detail = {"sentence": alarm.sentence, "query": alarm.filters.query(), "webhook": told}
        self.reader.log.submit(
            Audit(audit_id=uuid7(), at=alarm.at, user_id=None, action="alarm", subject=alarm.key, detail=detail)
        )

    def _digest(self, now: datetime) -> None:
        """Last week's, to the folder and the webhook that are set, once each."""
        if self.digests is not None:
            write_digest(self.reader, self.digests, now)
        if self.digest_webhook is None:
            return
        key = f"digest:{week_name(now)}"
        if self.reader.log.rows("SELECT 1 FROM audit WHERE action = 'digest' AND subject = ? LIMIT 1", [key]):
            return
        title, sections = digest(self.reader, now)
        markdown, page = as_markdown(title, sections), as_html(title, sections)
        told = post(self.digest_webhook, {"text": markdown, "html": page, "title": title, "key": key})
        if told.startswith("HTTP 2"):
            detail = {"title": title, "webhook": told}
            self.reader.log.submit(
                Audit(audit_id=uuid7(), at=now, user_id=None, action="digest", subject=key, detail=detail)
            )

    def _run(self) -> None:
        wait = FIRST_S
        while not self._stop.wait(wait):
            wait = EVERY_S
            try:
                self.look()
            except (PlatformError, OSError) as error:
                log.warning("the watch could not look: %s", error)
