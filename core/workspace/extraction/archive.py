"""Office files are ZIP archives: their directory is checked before anything in them is unpacked."""

import io
import zipfile

from core.workspace.extraction.refusal import Refusal

MOST_ENTRIES = 5_000
MOST_BYTES = 48 * 1024 * 1024
STEEPEST = 150
STEEP_FROM = 1024 * 1024


def check_archive(data: bytes) -> None:
    """What the directory declares is what `zipfile` reads at most, so that a lie does not help. Raises Refusal."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Refusal("is damaged; save it again and retry.") from None
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Refusal("unpacks to more than a document may; attach a smaller part of it.")
    for entry in entries:
        if entry.file_size > STEEP_FROM and entry.file_size > STEEPEST * max(1, entry.compress_size):
            raise Refusal("is packed in a way that only a harmful file would be.")
