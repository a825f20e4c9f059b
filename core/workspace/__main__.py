"""For operators: `python -m core.workspace backup | restore`, for conversations, settings and attached files."""

import argparse
import sys
from pathlib import Path

from core.errors import PlatformError
from core.settings import load_settings
from core.workspace.copies import bring_back, copy_out
from core.workspace.file_copies import bring_files_back, copy_files_out


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.workspace", description="Look after what people made.")
    parser.add_argument(
        "command", choices=("backup", "restore"),
        help="backup: copy database and attached files now, also while the server runs; "
        "restore: put the newest sound copies in place",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, help="the data folder (else DATA_DIR)")
    given = parser.parse_args(argv)
    try:
        settings = load_settings()
        elsewhere = settings.database_url is not None and given.data is None
        folder = given.data or settings.data_dir
        path, backups = folder / "workspace.db", folder / "backups"
        if given.command == "backup":
            made = None if elsewhere else copy_out(path, backups)  # first: what it names is on the disk by then
            files = copy_files_out(folder / "files", backups)
            told = [f"Copied to {made}."] if made else []
            told += [f"Attached files copied: {files.files:,}."] if files.files else []
            print(" ".join(told) or "There is nothing new to back up.")
        else:
            told = [] if elsewhere else [f"Made again from {bring_back(path, backups)}."]
            files = bring_files_back(folder / "files", backups)
            print(" ".join([*told, f"Attached files put back: {files.files:,}."]))
        if files.damaged:
            print(f"Damaged, and left as they are: {', '.join(files.damaged)}.", file=sys.stderr)
        if elsewhere:
            print("DATABASE_URL names another database; use that one's own tools, such as pg_dump.", file=sys.stderr)
        return 2 if elsewhere or files.damaged else 0
    except PlatformError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
