"""Why a file is not read, as the rest of a sentence that begins with its name; and how much text is kept."""

LONGEST_TEXT = 1_000_000


class Refusal(Exception):
    pass


def bounded(text: str) -> tuple[bytes, str]:
    """The text that is kept, in UTF-8, and a note when that is not all of it."""
    note = f"Only the first {LONGEST_TEXT:,} characters were read." if len(text) > LONGEST_TEXT else ""
    return text[:LONGEST_TEXT].encode("utf-8", "replace"), note
