"""`python -m tests.upstreams --port 0`: the same server on its own; prints its URL on the first line."""

import argparse
import signal
import threading

from tests.upstreams.server import Upstream


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with Upstream(port=parser.parse_args().port) as upstream:
        print(upstream.url, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
