"""A process killed in the middle of answers: what had ended is whole, the rest is interrupted, nothing is doubled."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from core.platform import open_platform

ROOT = Path(__file__).resolve().parents[3]
ASK = """
import sys, time
from pathlib import Path
from core.platform import open_platform
from core.settings import load_settings
with open_platform(load_settings(_env_file=None, data_dir=Path(sys.argv[1]))) as platform:
    first = platform.chat.ask(None, "Say hello")
    assert first.turn.wait(60).status == "ok"
    print(first.conversation_id, first.answer_message_id, flush=True)
    asked = [platform.chat.ask(first.conversation_id, f"Tell me a long story, part {n}") for n in range(6)]
    while not all(one.turn.view.text for one in asked[:3]):
        time.sleep(0.01)
    print("streaming", flush=True)
    time.sleep(60)
"""


def test_a_kill_in_the_middle_of_answers(settings):
    command = [sys.executable, "-c", ASK, str(settings.data_dir)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    conversation_id, finished_id = child.stdout.readline().split()
    assert child.stdout.readline() == "streaming\n"
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    with open_platform(settings) as platform:
        finished = platform.workspace.conversations.message(finished_id)
        assert finished.status == "ok"
        assert finished.receipt is not None
        path = platform.workspace.conversations.path(conversation_id)
        answers = [message for message in path if message.role == "assistant"]
        assert {message.status for message in answers[1:]} <= {"ok", "interrupted"}
        assert any(message.status == "interrupted" for message in answers)
        assert len({message.turn_id for message in answers}) == len(answers)
        assert platform.workspace.answers.still_running() == []
        again = platform.chat.ask(conversation_id, "Say hello")
        assert again.turn.wait(60).status == "ok"
