"""A PostgreSQL of one's own for comparison: a temporary cluster with the obvious indexes, gone when it closes."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType

import psycopg

from core.ledger.ledger import Ledger

BIN = Path("/usr/lib/postgresql/15/bin")
COLUMNS = {
    "seq": "bigint", "call_id": "text", "turn_id": "text", "started_at": "timestamp", "origin": "text", "door": "text",
    "user_id": "text", "team_id": "text", "assistant_id": "text", "assistant_version": "int", "attempt": "int",
    "hop": "int", "retry": "int", "served_model": "text", "provider": "text", "status": "text", "error_kind": "text",
    "input_tokens": "bigint", "output_tokens": "bigint", "cost_total": "numeric(18,9)", "cache_state": "text",
    "ttft_s": "float8", "total_s": "float8",
}  # fmt: skip
CHUNK = 100_000


def available() -> bool:
    return (BIN / "initdb").is_file() and (os.geteuid() != 0 or shutil.which("runuser") is not None)


class Postgres:
    """Listens on a socket in its own folder only; owned by the user postgres when we are root, as it refuses root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def __enter__(self) -> "Postgres":
        self.folder.mkdir(parents=True)
        for parent in (self.folder, *list(self.folder.parents)[:2]):
            parent.chmod(0o755)
        if self.prefix:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "bench", "--no-sync")
        options = f"-c shared_buffers=1GB -c work_mem=256MB -c fsync=off -c listen_addresses= -k {self.folder}"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-o", options, "-l", f"{self.folder}/log", "start")
        self.connection = psycopg.connect(host=str(self.folder), user="bench", dbname="postgres", autocommit=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def fill(self, ledger: Ledger) -> None:
        kinds = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        self.connection.execute(f"CREATE UNLOGGED TABLE calls ({kinds})")
        ((first, last),) = ledger.rows("SELECT min(seq), max(seq) FROM calls")
        with self.connection.cursor() as cursor, cursor.copy("COPY calls FROM STDIN") as copy:
            for low in range(first, last + 1, CHUNK):
                for row in ledger.rows(
                    f"SELECT {', '.join(COLUMNS)} FROM calls WHERE seq >= ? AND seq < ?", [low, low + CHUNK],
                    timeout_s=60, max_rows=CHUNK,
                ):  # fmt: skip
                    copy.write_row(row)
        for index in ("started_at", "served_model, started_at", "user_id, started_at", "status, started_at"):
            self.connection.execute(f"CREATE INDEX ON calls ({index})")
        self.connection.execute("VACUUM ANALYZE calls")

    def times(self, sql: str, repeats: int) -> list[float]:
        self.connection.execute(sql).fetchall()
        found = []
        for _ in range(repeats):
            start = time.perf_counter()
            self.connection.execute(sql).fetchall()
            found.append((time.perf_counter() - start) * 1000)
        return found

    def _run(self, command: str, *arguments: str) -> None:
        subprocess.run(
            [*self.prefix, str(BIN / command), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/tmp"
        )
