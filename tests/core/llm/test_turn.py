"""A turn watched by many at once, from threads and loops: nobody misses the end, nobody is woken too often."""

import asyncio
import threading
import time
from concurrent.futures import Future

import pytest

from core.errors import PlatformError
from core.events import Ended, Notice, ReasoningDelta, TextDelta, ToolEnded, ToolStarted
from core.llm.bells import REST_S, ThreadBell
from core.llm.engine import Engine
from core.llm.turn import Turn, joined
from core.messages import Message, TurnRequest

END = Ended("ok", None)


@pytest.fixture(scope="module")
def engine():
    running = Engine("test-turns")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def turn(engine):
    ignore = lambda *_: None  # noqa: E731
    request = TurnRequest("demo/swift", (Message.of("user", "Hi"),))
    return Turn("t", request, engine.belfry, cancel=ignore, approve=ignore)


@pytest.fixture
def write(engine):
    def write(turn, pieces, pause_s=0.0):
        async def say():
            for at in range(pieces):
                turn.text(f"{at} ")
                if pause_s:
                    await asyncio.sleep(pause_s)
            turn.end(END)

        engine.submit(say()).result(20)

    return write


def test_fifty_watchers_in_threads_all_see_the_end(turn, write):
    seen = []
    watchers = [threading.Thread(target=lambda: seen.append(list(turn.watch())[-1])) for _ in range(50)]
    for watcher in watchers:
        watcher.start()
    write(turn, 5_000)
    for watcher in watchers:
        watcher.join(10)
    assert len(seen) == 50
    assert {view.text for view in seen} == {turn.view.text}
    assert turn.view.text.split()[-1] == "4999"


def test_a_watcher_is_not_woken_more_often_than_it_asked(turn, write):
    writer = threading.Thread(target=write, args=(turn, 300, 0.001))
    writer.start()
    began = time.monotonic()
    views = list(turn.watch(per_second=20))
    assert len(views) <= (time.monotonic() - began) * 20 + 3
    assert views[-1].status == "ok"


async def test_watchers_on_a_loop_and_events_agree(turn, write):
    async def last_view():
        return [view async for view in turn.views()][-1]

    async def all_events():
        return [event async for event in turn.events()]

    tasks = [asyncio.create_task(last_view()), asyncio.create_task(all_events()), asyncio.create_task(turn.finished())]
    threading.Thread(target=write, args=(turn, 2_000)).start()
    view, events, ended = await asyncio.wait_for(asyncio.gather(*tasks), 10)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == view.text
    assert events[-1] is ended is END


async def test_a_watcher_that_left_disturbs_nobody(turn, write):
    views = turn.views()
    await anext(views)
    await views.aclose()
    task = asyncio.create_task(turn.finished())
    await asyncio.sleep(0)
    task.cancel()
    write(turn, 10)
    assert (await turn.finished()).status == "ok"


def test_a_watcher_whose_loop_is_closed_disturbs_nobody(turn, write):
    async def glance():
        task = asyncio.ensure_future(turn.finished())
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(glance())
    write(turn, 10)
    assert turn.done


class CountedLoop(asyncio.SelectorEventLoop):
    """Counts how often another thread wakes it."""

    woken = 0

    def call_soon_threadsafe(self, callback, *arguments, context=None):
        self.woken += 1
        return super().call_soon_threadsafe(callback, *arguments, context=context)


def test_many_streams_wake_their_watchers_together(engine):
    """Twenty watchers on one loop, 200 pieces of text each: the loop is woken by the clock, not by the pieces."""
    ignore = lambda *_: None  # noqa: E731
    request = TurnRequest("demo/swift", (Message.of("user", "Hi"),))
    turns = [Turn(str(at), request, engine.belfry, cancel=ignore, approve=ignore) for at in range(20)]
    loop = CountedLoop()

    async def read(turn):
        return "".join([event.text async for event in turn.events() if isinstance(event, TextDelta)])

    async def say():
        began = time.monotonic()
        for at in range(200):
            for turn in turns:
                turn.text(f"{at} ")
            await asyncio.sleep(0.001)
        for turn in turns:
            turn.end(END)
        return time.monotonic() - began

    async def all_of_it():
        readers = [asyncio.create_task(read(turn)) for turn in turns]
        await asyncio.sleep(0)
        said = asyncio.get_running_loop().run_in_executor(None, engine.submit(say()).result)
        return await asyncio.gather(*readers), await said

    try:
        texts, seconds = loop.run_until_complete(all_of_it())
    finally:
        loop.close()
    assert set(texts) == {"".join(f"{at} " for at in range(200))}
    assert loop.woken <= seconds / REST_S + 10


def test_the_first_piece_of_an_answer_waits_for_nobodys_rest(engine, turn):
    ignore = lambda *_: None  # noqa: E731
    other = Turn("other", turn.request, engine.belfry, cancel=ignore, approve=ignore)
    bell = ThreadBell()

    async def say():
        bell.listen(other._bells)
        other.text("others have just been woken")
        await asyncio.sleep(0)
        assert bell.sleep(0)
        bell.listen(turn._bells)
        turn.text("first")
        await asyncio.sleep(0)
        return bell.sleep(0)

    assert engine.submit(say()).result(10)


def test_the_first_words_of_many_turns_do_not_put_each_other_off(engine):
    """Each asks that its watcher be woken with all that the step brings; with one in every step, none would ever be."""
    ignore = lambda *_: None  # noqa: E731
    request = TurnRequest("demo/swift", (Message.of("user", "Hi"),))
    turns = [Turn(str(n), request, engine.belfry, cancel=ignore, approve=ignore) for n in range(20)]
    bell = ThreadBell()
    bell.listen(turns[0]._bells)
    woken, done = [], threading.Event()

    def step(number):
        if number == len(turns):
            done.set()
            return
        engine.loop.call_soon(step, number + 1)
        ThreadBell().listen(turns[number]._bells)
        turns[number].text("first")
        woken.append(bell.sleep(0))

    engine.soon(step, 0)
    assert done.wait(30)
    assert woken.index(True) <= 3


def test_many_posts_wake_the_engine_once(engine):
    heard, gate, done = [], threading.Event(), threading.Event()
    engine.soon(gate.wait, 10)
    engine.soon(int, "a post that fails disturbs nobody")
    for at in range(100):
        engine.soon(heard.append, at)
    engine.soon(done.set)
    gate.set()
    assert done.wait(30)
    assert heard == list(range(100))


async def test_waiting_for_another_threads_future(engine):
    """Its failure is for whoever asks; one that stops waiting leaves it as it is."""
    failed, later = Future(), Future()
    waiting = engine.submit(engine.done(failed))
    failed.set_exception(OSError("full"))
    assert await asyncio.wrap_future(waiting) is None
    given_up = engine.submit(engine.done(later))
    given_up.cancel()
    later.set_result(1)
    assert later.result() == 1


def test_late_watchers_get_everything(turn, write):
    write(turn, 3)
    assert [view.text for view in turn.watch()] == ["0 1 2 "]
    assert turn.wait().text == "0 1 2 "


def test_steps_and_notices_are_gathered(turn):
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
