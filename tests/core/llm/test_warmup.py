"""LiteLLM's import and first call: over before anybody's question is sent."""

import threading
from concurrent.futures import wait

from core.llm.demo.wire import register
from core.llm.engine import Engine
from core.llm.warmup import Warmup


def test_nobody_is_told_to_begin_while_the_first_call_holds_the_loop():
    register()  # the import is over; only the call is left
    engine, warmup, held = Engine(), Warmup(), threading.Event()
    engine.start()
    try:
        engine.soon(held.wait, 30)
        warmup.start(engine, after_s=0.0)
        assert not wait([warmup.ready], 0.5).done
        held.set()
        assert warmup.ready.result(30) is None
    finally:
        held.set()
        engine.stop()
