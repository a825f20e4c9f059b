"""What is copied as code asks what was asked, word for word."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from core.platform import Platform, open_platform
from core.settings import load_settings
from core.workspace.assistants import AssistantDraft
from pages.parts import snippets

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_python_script_makes_the_same_logged_request(platform: Platform, tmp_path: Path) -> None:
    draft = AssistantDraft(name="Exact", system_prompt="Be 'exact' & brief.", temperature=0.1, max_tokens=99)
    assistant = platform.workspace.assistants.save(draft)
    asked = platform.chat.ask(None, 'What is "2 + 3"?\n\\n é', assistant_id=assistant.id, model="demo/swift")
    asked.turn.wait(30)
    platform.ledger.settle()
    ((call_id,),) = platform.ledger.rows("select call_id from calls where turn_id = $turn", {"turn": asked.turn.id})
    answer = platform.workspace.conversations.message(asked.answer_message_id)
    script = tmp_path / "script.py"
    script.write_text(snippets.python(snippets.request_of(platform, answer)), "utf-8")
    elsewhere = tmp_path / "elsewhere"
    subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATA_DIR": str(elsewhere)},
        check=True,
        timeout=60,
        capture_output=True,
    )
    logged = "select call_id, requested_model, temperature, max_tokens from calls"
    with open_platform(load_settings(_env_file=None, data_dir=elsewhere)) as other:
        ((again, *parameters),) = other.ledger.rows(logged)
        ((_, *expected),) = platform.ledger.rows(logged)
        assert parameters == expected
        assert other.ledger.payload(again).request == platform.ledger.payload(call_id).request


def test_the_curl_command_carries_the_question_and_no_key(platform: Platform) -> None:
    platform.ai.set_key("openai", "sk-canary-1")
    platform.ai.set_key("anthropic", "sk-canary-2")
    asked = platform.chat.ask(None, "It's me", model="demo/swift")
    asked.turn.wait(30)
    answer = platform.workspace.conversations.message(asked.answer_message_id)
    request = snippets.request_of(platform, answer)
    for model, header in (("openai/gpt-x", "$OPENAI_API_KEY"), ("anthropic/claude-x", "$ANTHROPIC_API_KEY")):
        command = snippets.curl(platform, replace(request, model=model))
        assert "canary" not in command
        assert header in command
        body = subprocess.run(
            [
                "bash",
                "-c",
                command.replace("curl ", "printf '%s' ", 1).replace(
                    "printf '%s' ", 'f() { printf %s "${@: -1}"; }; f ', 1
                ),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert json.loads(body)["messages"] == [{"role": "user", "content": "It's me"}]
