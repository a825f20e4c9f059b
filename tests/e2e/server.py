"""The product as a real process: `python app.py` on a free port, to be asked to stop, killed and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """`home` is the working folder (so that no .env of the developer is read) and holds data/ and server.log."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> str:
        return (self.home / "server.log").read_text("utf-8", "replace")

    def launch(self) -> subprocess.Popen[bytes]:
        self.home.mkdir(parents=True, exist_ok=True)
        clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        with (self.home / "server.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, ROOT / "app.py"],
                cwd=self.home,
                env=clean | {"PORT": str(self.port), "DATA_DIR": str(self.data)} | self.variables,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def start(self, patience_s: float = 60) -> "Server":
        self.process = self.launch()
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log}")
            try:
                self.health()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the server did not answer:\n{self.log}")

    def health(self) -> dict:
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
            return json.load(answer)

    def stop(self, patience_s: float = 60, by: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to stop and returns its exit code; fails when it does not stop."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop within {patience_s} s:\n{self.log}") from None

    def threads(self) -> str:
        """Where each of its threads stands."""
        assert self.process is not None
        if self.process.poll() is not None:
            return f"the server ended with {self.process.returncode}"
        known = len(self.log)
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(1)
        return self.log[known:]

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def restart(self) -> "Server":
        self.stop()
        return self.start()
