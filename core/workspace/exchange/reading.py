"""An export file, bare or inside the ZIP that other products send, as the conversations it holds."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from core.errors import InvalidError
from core.workspace.exchange import archive, foreign
from core.workspace.exchange.imported import ImportedConversation
from core.workspace.files import Files
from core.workspace.untrusted import read_json

LARGEST = 200 * 1024 * 1024
MOST_CONVERSATIONS = 20_000
WHAT = "export file"


def read_export(data: bytes, files: Files) -> Sequence[ImportedConversation]:
    """Raises InvalidError, one sentence."""
    if len(data) > LARGEST:
        raise InvalidError(f"An export file may have at most {LARGEST // 2**20} MB.")
    found = read_json(_unzipped(data) if data.startswith(b"PK\x03\x04") else data, WHAT)
    items = found if isinstance(found, list) else [found]
    if len(items) > MOST_CONVERSATIONS:
        raise InvalidError(f"An export file may hold at most {MOST_CONVERSATIONS:,} conversations.")
    if not items:
        raise InvalidError("There is no conversation in this file.")
    return [_conversation(item, files) for item in items]


def _conversation(item: Any, files: Files) -> ImportedConversation:
    if not isinstance(item, dict):
        raise InvalidError("This file holds something that is not a conversation.")
    if "plainsight" in item:
        return archive.from_json(item, files)
    return foreign.reader_for(item)(item)


def _unzipped(data: bytes) -> bytes:
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
        entry = next(entry for entry in packed.infolist() if PurePosixPath(entry.filename).name == "conversations.json")
        if entry.file_size > LARGEST or entry.file_size > 200 * max(1, entry.compress_size):
            raise InvalidError("The conversations in this ZIP unpack to more than an export file may hold.")
        return packed.read(entry)
    except StopIteration:
        raise InvalidError("There is no conversations.json in this ZIP.") from None
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
        raise InvalidError("This ZIP is damaged or locked; export it again.") from None
