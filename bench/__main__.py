"""`python -m bench NAME [--json]` runs bench/NAME.py; without a name, every benchmark in turn."""

import importlib
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def main(argv: list[str]) -> None:
    named = argv[:1] if argv and not argv[0].startswith("-") else []
    if named and named[0] not in NAMES:
        sys.exit(f"There is no benchmark {named[0]!r}; there are {', '.join(NAMES)}.")
    for name in named or NAMES:
        if not named:
            print(f"== {name}", file=sys.stderr, flush=True)
        importlib.import_module(f"bench.{name}").main(argv[len(named) :])


if __name__ == "__main__":
    main(sys.argv[1:])
