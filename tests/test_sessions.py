"""What a page's session does not lose, with Streamlit's own runtime and a browser that only writes down."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = """
import streamlit as st

def count():
    st.session_state.pressed = st.session_state.get("pressed", 0) + 1

@st.fragment
def part():
    st.write("part")
    st.button("inside", on_click=count)

st.session_state.runs = st.session_state.get("runs", 0) + 1
st.write(f"top of {st.session_state.runs}")
part()
st.button("beside", on_click=count)
st.text_input("words", on_change=count)
st.write(f"end of {st.session_state.runs}, {st.session_state.get('pressed', 0)} pressed")
"""
SCENES = """
import asyncio, sys
import app
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager


class Browser:
    def __init__(self):
        self.received = []

    def write_forward_msg(self, message):
        self.received.append(message)

    def texts(self):
        bodies = [message.delta.new_element.markdown.body for message in self.received]
        return [body for body in bodies if body]

    def finished(self):
        return [message for message in self.received if message.HasField("script_finished")]

    def id(self, kind, label):
        elements = [getattr(message.delta.new_element, kind) for message in self.received]
        return next(element.id for element in elements if element.label == label)


def run(fragment="", auto=False, pressed=None, words=None):
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    message.rerun_script.is_auto_rerun = auto
    if pressed:
        message.rerun_script.widget_states.widgets.add(id=browser.id("button", pressed), trigger_value=True)
    if words is not None:
        message.rerun_script.widget_states.widgets.add(id=browser.id("text_input", "words"), string_value=words)
    return message


async def until(true):
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise SystemExit("it did not come true")


async def main():
    global browser
    runtime = Runtime(RuntimeConfig(sys.argv[1], MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/up")))
    await runtime.start()
    for play in (heard_out, click_beside, words_beside, click_inside, timer_first, file_asked_for):
        browser = Browser()
        id = runtime.connect_session(browser, {})
        session = runtime._session_mgr.get_session_info(id).session

        async def say(*asked):
            runs = len(browser.finished()) + 1
            runtime.handle_backmsg(id, run(*asked))
            await until(lambda: len(browser.finished()) == runs and session._scriptrunner is None)
            return browser.texts()

        await say()
        fragment = next(message.delta.fragment_id for message in browser.received if message.delta.fragment_id)
        await play(runtime, id, session, fragment, say)
    runtime.stop()
    await runtime.stopped


async def heard_out(runtime, id, session, fragment, say):
    # A run that has ended is heard out before a part of the page runs
    runtime.handle_backmsg(id, run())
    session._scriptrunner._script_thread.join()  # it has said all, and nothing of it was passed on
    runtime.handle_backmsg(id, run(fragment))
    await until(lambda: len(browser.finished()) == 3)
    assert "top of 2" in browser.texts() and "end of 2, 0 pressed" in browser.texts(), browser.texts()
    await until(lambda: session._scriptrunner is None and session.ended is None)


async def click_beside(runtime, id, session, fragment, say):
    # A click sent together with a part's news draws the page
    told = await say(fragment, False, "beside")
    assert told[-1] == "end of 2, 1 pressed", told


async def words_beside(runtime, id, session, fragment, say):
    # So do words that have changed, and not those that have not
    await say(fragment, False, None, "")
    told = await say(fragment, False, None, "")
    assert "end of 2, 0 pressed" not in told, told
    told = await say(fragment, False, None, "changed")
    assert told[-1] == "end of 2, 1 pressed", told
    await say(fragment, True, None, "changed again")  # a timer's message knows it first, and draws its part only
    told = await say(fragment, False, None, "changed again")
    assert told[-1] == "end of 3, 2 pressed", told


async def click_inside(runtime, id, session, fragment, say):
    # A click within the part draws the part only
    told = await say(fragment, False, "inside")
    assert told[-2:] == ["end of 1, 0 pressed", "part"], told
    told = await say()
    assert told[-1] == "end of 2, 1 pressed", told


async def timer_first(runtime, id, session, fragment, say):
    # A click that a timer's message takes along acts once
    await say(fragment, True, "beside")
    told = await say("", False, "beside")
    assert told[-1] == "end of 2, 1 pressed", told


async def file_asked_for(runtime, id, session, fragment, say):
    # What the browser has asked for is answered, although a run begins
    runtime.handle_backmsg(id, run())
    session._scriptrunner._script_thread.join()
    asked = BackMsg()
    asked.file_urls_request.request_id = "1"
    asked.file_urls_request.file_names.append("report.md")
    runtime.handle_backmsg(id, asked)
    await until(lambda: len(browser.finished()) == 2)
    assert any(message.HasField("file_urls_response") for message in browser.received)


asyncio.run(main())
"""


def test_nothing_of_what_is_said_gets_lost(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(PAGE, "utf-8")
    told = subprocess.run(
        [sys.executable, "-c", SCENES, tmp_path / "page.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
