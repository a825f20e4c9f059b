"""The loopback upstream in a process of its own, so that its CPU is nobody's but its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.ledger.ledger import Ledger
from core.llm.service import AIService
from core.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
KEY = "sk-bench-no-secret"


@contextmanager
def upstream() -> Iterator[str]:
    """Yields its URL, without /v1."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.upstreams", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextmanager
def service(url: str, folder: Path, *, direct: bool) -> Iterator[tuple[AIService, Ledger]]:
    """The service with its ledger on, asking the upstream as OpenAI."""
    settings = load_settings(
        _env_file=None,
        data_dir=folder,
        openai_base_url=f"{url}/v1",
        openai_api_key=KEY,
        direct_wire=direct,
        timeout=300.0,
        max_retries=0,
    )
    ledger = Ledger.open(folder)
    ai = AIService(settings, ledger).open()
    try:
        yield ai, ledger
    finally:
        ai.close()
        ledger.close()
