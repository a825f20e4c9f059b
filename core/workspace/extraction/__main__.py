"""The child's side: takes a file on standard input, limits itself, and writes one line of JSON and the result."""

import json
import sys
from typing import NoReturn

from core.workspace.extraction.refusal import Refusal

MEMORY = 512 * 1024 * 1024
CPU_S = 0.6
CPU_S_PER_MB = 10.0
CPU_S_MOST = 25.0


def main() -> NoReturn:
    kind = sys.argv[1]
    for module in ("numpy", "pandas"):
        sys.modules[module] = None  # type: ignore[assignment]  # openpyxl would load them for nothing
    if kind == "picture":
        from core.workspace.extraction.pictures import read
    elif kind == "pdf":
        from core.workspace.extraction.pdf import read
    elif kind == "docx":
        from core.workspace.extraction.docx import read
    else:
        from core.workspace.extraction.xlsx import read
    data = sys.stdin.buffer.read()
    _limit(len(data))
    try:
        result, media_type, note = read(data)
        _answer(result, media_type=media_type, note=note)
    except Refusal as refusal:
        _answer(b"", error=str(refusal))
    except (MemoryError, RecursionError):
        _answer(b"", error="needs more memory to read than a file may; attach a smaller part of it.")
    except Exception:  # noqa: BLE001  a parser met by hostile bytes raises anything; none of it is worth showing
        _answer(b"", error="is damaged or not what its content claims; save it again and retry.")


def _limit(size: int) -> None:
    """Memory and processor time from here on; small files get little of it."""
    try:
        import resource
        import signal
    except ImportError:  # Windows: the parent's time-out is what is left
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    seconds = min(CPU_S_MOST, CPU_S + CPU_S_PER_MB * size / 2**20)
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _answer(body: bytes, *, media_type: str = "", note: str = "", error: str = "") -> NoReturn:
    head = json.dumps({"media_type": media_type, "note": note, "error": error})
    sys.stdout.buffer.write(head.encode() + b"\n" + body)
    sys.stdout.flush()
    sys.exit(0)


main()
