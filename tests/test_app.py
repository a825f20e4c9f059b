"""The process as it is put together, before anybody has come to a door."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STILL = """
import sys
import app
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path
before = list(sys.path)
with modified_sys_path(str(app.HERE / "pages" / "navigation.py")):
    assert sys.path == before
assert sys.path == before
"""


def test_no_run_of_a_page_moves_the_import_path(tmp_path: Path) -> None:
    """A thread that imports meanwhile would step over a folder, and miss a package that is installed."""
    told = subprocess.run(
        [sys.executable, "-c", STILL], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr


PAGE = """
import streamlit as st

@st.fragment
def part():
    st.write("part")

st.session_state.runs = st.session_state.get("runs", 0) + 1
st.write(f"top of {st.session_state.runs}")
part()
st.write(f"end of {st.session_state.runs}")
"""
HEARD = """
import asyncio, sys, time
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
        return [message.delta.new_element.markdown.body for message in self.received]

    def finished(self):
        return [message for message in self.received if message.HasField("script_finished")]


def run(fragment=""):
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    return message


async def until(true):
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise SystemExit("it did not come true")


async def main():
    browser = Browser()
    runtime = Runtime(RuntimeConfig(sys.argv[1], MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/up")))
    await runtime.start()
    id = runtime.connect_session(browser, {})
    runtime.handle_backmsg(id, run())
    await until(browser.finished)
    fragment = next(message.delta.fragment_id for message in browser.received if message.delta.fragment_id)
    session = runtime._session_mgr.get_session_info(id).session
    await until(lambda: session._scriptrunner is None)
    runtime.handle_backmsg(id, run())
    session._scriptrunner._script_thread.join()  # it has said all, and nothing of it was passed on
    runtime.handle_backmsg(id, run(fragment))
    await until(lambda: len(browser.finished()) == 3)
    assert "top of 2" in browser.texts() and "end of 2" in browser.texts(), browser.texts()
    await until(lambda: session._scriptrunner is None and session.ended is None)
    runtime.stop()
    await runtime.stopped


asyncio.run(main())
"""


def test_a_run_that_has_ended_is_heard_out_before_a_part_of_the_page_runs(tmp_path: Path) -> None:
    """Under load a refused question vanished with its words: the fragment that saw the box emptied ran too soon."""
    (tmp_path / "page.py").write_text(PAGE, "utf-8")
    told = subprocess.run(
        [sys.executable, "-c", HEARD, tmp_path / "page.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
