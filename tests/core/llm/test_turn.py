"""A turn watched by many at once, from threads and loops: nobody misses the end, nobody is woken too often."""

import asyncio
import threading
import time

import pytest

from core.errors import PlatformError
from core.events import Ended, Notice, ReasoningDelta, TextDelta, ToolEnded, ToolStarted
from core.llm.engine import Engine
from core.llm.turn import Turn, joined
from core.messages import Message, TurnRequest

END = Ended("ok", None)


def turn_of(text="Hi"):
    ignore = lambda *_: None  # noqa: E731
    return Turn("t", TurnRequest("demo/swift", (Message.of("user", text),)), cancel=ignore, approve=ignore)


def write(turn, pieces, pause_s=0.0):
    for at in range(pieces):
        turn.text(f"{at} ")
        if pause_s:
            time.sleep(pause_s)
    turn.end(END)


def test_fifty_watchers_in_threads_all_see_the_end():
    turn, seen = turn_of(), []
    watchers = [threading.Thread(target=lambda: seen.append(list(turn.watch())[-1])) for _ in range(50)]
    for watcher in watchers:
        watcher.start()
    write(turn, 5_000)
    for watcher in watchers:
        watcher.join(10)
    assert len(seen) == 50
    assert {view.text for view in seen} == {turn.view.text}
    assert turn.view.text.split()[-1] == "4999"


def test_a_watcher_is_not_woken_more_often_than_it_asked():
    turn = turn_of()
    writer = threading.Thread(target=write, args=(turn, 300, 0.001))
    writer.start()
    began = time.monotonic()
    views = list(turn.watch(per_second=20))
    assert len(views) <= (time.monotonic() - began) * 20 + 3
    assert views[-1].status == "ok"


async def test_watchers_on_a_loop_and_events_agree():
    turn = turn_of()

    async def last_view():
        return [view async for view in turn.views()][-1]

    async def all_events():
        return [event async for event in turn.events()]

    tasks = [asyncio.create_task(last_view()), asyncio.create_task(all_events()), asyncio.create_task(turn.finished())]
    threading.Thread(target=write, args=(turn, 2_000)).start()
    view, events, ended = await asyncio.wait_for(asyncio.gather(*tasks), 10)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == view.text
    assert events[-1] is ended is END


async def test_a_watcher_that_left_disturbs_nobody():
    turn = turn_of()
    views = turn.views()
    await anext(views)
    await views.aclose()
    task = asyncio.create_task(turn.finished())
    await asyncio.sleep(0)
    task.cancel()
    write(turn, 10)
    assert (await turn.finished()).status == "ok"


def test_a_watcher_whose_loop_is_closed_disturbs_nobody():
    turn = turn_of()

    async def glance():
        task = asyncio.ensure_future(turn.finished())
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(glance())
    write(turn, 10)
    assert turn.done


def test_late_watchers_get_everything():
    turn = turn_of()
    write(turn, 3)
    assert [view.text for view in turn.watch()] == ["0 1 2 "]
    assert turn.wait().text == "0 1 2 "


def test_steps_and_notices_are_gathered():
    turn = turn_of()
    turn.emit(ReasoningDelta("hm "))
    turn.emit(ReasoningDelta("yes"))
    turn.emit(ToolStarted("1", "clock", "{}", needs_approval=True))
    assert turn.view.steps[0].needs_approval
    turn.emit(ToolStarted("1", "clock", "{}"))
    turn.emit(ToolEnded("1", "clock", "noon", 0.1))
    turn.emit(Notice("retry", "again"))
    view = turn.view
    assert view.reasoning == "hm yes"
    assert [(step.id, step.result, step.needs_approval) for step in view.steps] == [("1", "noon", False)]
    assert view.notices == (Notice("retry", "again"),)


def test_neighbouring_text_is_one_event():
    assert list(joined(["a", "b", Notice("x", "y"), "c"])) == [TextDelta("ab"), Notice("x", "y"), TextDelta("c")]


def test_an_engine_starts_runs_and_stops():
    engine = Engine("test-engine")
    with pytest.raises(PlatformError):
        engine.submit(asyncio.sleep(0))
    engine.start()
    engine.start()

    async def name():
        return threading.current_thread().name

    assert engine.submit(name()).result(5) == "test-engine"
    never = engine.submit(asyncio.sleep(3600))
    engine.stop()
    assert never.cancelled() or never.exception() is not None
    engine.stop()
    engine.soon(print, "nobody hears this")
