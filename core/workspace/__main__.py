"""For operators: `python -m core.workspace backup | restore`, for conversations and settings kept in SQLite."""

import argparse
import sys
from pathlib import Path

from core.errors import PlatformError
from core.settings import load_settings
from core.workspace.copies import bring_back, copy_out


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.workspace", description="Look after what people made.")
    parser.add_argument(
        "command", choices=("backup", "restore"),
        help="backup: copy the database now, also while the server runs; restore: put the newest sound copy in place",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, help="the data folder (else DATA_DIR)")
    given = parser.parse_args(argv)
    try:
        settings = load_settings()
        if settings.database_url is not None and given.data is None:
            print("DATABASE_URL names another database; use that one's own tools, such as pg_dump.", file=sys.stderr)
            return 2
        folder = given.data or settings.data_dir
        path, backups = folder / "workspace.db", folder / "backups"
        if given.command == "backup":
            made = copy_out(path, backups)
            print(f"Copied to {made}." if made else "There is nothing new to back up.")
        else:
            print(f"Made again from {bring_back(path, backups)}.")
    except PlatformError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
