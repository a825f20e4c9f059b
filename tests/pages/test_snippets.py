"""What is copied as code asks what was asked, word for word."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from core.errors import InvalidError
from core.messages import Message
from core.platform import Platform, open_platform
from core.settings import load_settings
from core.workspace.assistants import AssistantDraft
from core.workspace.attachments import read_attachment
from pages.parts.curl import curl
from pages.parts.snippets import python
from tests.upstreams.server import Upstream

ROOT = Path(__file__).resolve().parent.parent.parent


def logged(platform: Platform) -> tuple[list, list]:
    """What was asked how, and the request as it is kept, of the newest call."""
    platform.ledger.settle()
    columns = "call_id, requested_model, temperature, max_tokens, parameters, stream"
    (call_id, *asked), *_ = platform.ledger.rows(f"select {columns} from calls order by seq desc limit 1")
    return asked, platform.ledger.payload(call_id).request


def run(script: str, folder: Path, **variables: str) -> tuple[list, list]:
    """Runs it as a person would, in an empty data folder; what it left in the log there."""
    (folder / "script.py").write_text(script, "utf-8")
    elsewhere = folder / "elsewhere"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATA_DIR": str(elsewhere), **variables}
    done = subprocess.run(
        [sys.executable, folder / "script.py"], cwd=folder, env=environment, timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with open_platform(load_settings(_env_file=None, data_dir=elsewhere)) as other:
        return logged(other)


def test_the_python_script_makes_the_same_logged_request(platform: Platform, tmp_path: Path) -> None:
    draft = AssistantDraft(
        name="Exact", system_prompt="Be 'exact' & {brief}.", temperature=0.1, max_tokens=99, tools=("calculator",)
    )
    assistant = platform.workspace.assistants.save(draft)
    first = platform.chat.ask(None, "What is 6 * 7?", assistant_id=assistant.id, model="demo/swift")
    first.turn.wait(30)
    asked = platform.chat.ask(first.conversation_id, 'What is "2"?\n\\n é {x}', model="demo/swift")
    asked.turn.wait(30)
    platform.workspace.assistants.save(replace(assistant.draft(), system_prompt="Changed since."))
    expected = logged(platform)
    assert [message["role"] for message in expected[1]] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert run(python(platform, platform.chat.request_behind(asked.answer_message_id)), tmp_path) == expected


PICTURE = io.BytesIO()
Image.new("RGB", (8, 8), "red").save(PICTURE, "PNG")


def test_python_and_curl_ask_a_provider_what_the_chat_asked_it(tmp_path: Path) -> None:
    with Upstream(models=("gpt-4o",)) as upstream:
        variables = {"OPENAI_BASE_URL": upstream.v1, "OPENAI_API_KEY": "sk-loopback"}
        settings = load_settings(
            _env_file=None, data_dir=tmp_path / "data", openai_base_url=upstream.v1, openai_api_key="sk-loopback"
        )
        with open_platform(settings) as platform:
            files = [read_attachment("dot.png", PICTURE.getvalue()), read_attachment("notes.md", b'# It\'s "noted"')]
            asked = platform.chat.ask(None, "What's this?", attachments=files, model="openai/gpt-4o")
            assert asked.turn.wait(30).status == "ok"
            expected = logged(platform)
            request = platform.chat.request_behind(asked.answer_message_id)
            script, command = python(platform, request), curl(platform, request)
        assert "sk-loopback" not in script + command
        assert run(script, tmp_path, **variables) == expected
        done = subprocess.run(
            ["bash", "-c", command], env={**os.environ, **variables}, capture_output=True, text=True, timeout=30
        )
        assert "choices" in json.loads(done.stdout)
        original, by_python, by_curl = (one.body for one in upstream.chats())
        assert by_python == original
        assert by_curl == {name: value for name, value in original.items() if not name.startswith("stream")}


def test_curl_tells_claude_also_what_tools_said(tmp_path: Path) -> None:
    with Upstream(models=("claude-sonnet-4-5",)) as upstream:
        key = {"ANTHROPIC_API_KEY": "sk-loopback"}
        settings = load_settings(
            _env_file=None, data_dir=tmp_path / "data", anthropic_base_url=upstream.url, anthropic_api_key="sk-loopback"
        )
        with open_platform(settings) as platform:
            draft = AssistantDraft(name="Sums", system_prompt="Be exact.", max_tokens=99, tools=("calculator",))
            assistant = platform.workspace.assistants.save(draft)
            first = platform.chat.ask(None, "What is 6 * 7?", assistant_id=assistant.id, model="demo/swift")
            first.turn.wait(30)
            files = [read_attachment("dot.png", PICTURE.getvalue()), read_attachment("a<b>.md", b"# Noted")]
            asked = platform.chat.ask(
                first.conversation_id, "Sure?", attachments=files, model="anthropic/claude-sonnet-4-5"
            )
            assert asked.turn.wait(30).status == "ok"
            command = curl(platform, platform.chat.request_behind(asked.answer_message_id))
        done = subprocess.run(
            ["bash", "-c", command], env={**os.environ, **key}, capture_output=True, text=True, timeout=30
        )
        assert json.loads(done.stdout)["type"] == "message"
        original, by_curl = (_blocks(one.body) for one in upstream.chats())
        assert "tool_result" in str(original)
        assert by_curl == original


def _blocks(body: dict) -> dict:
    """Anthropic takes a text as one block of text, and knows tools by default as `custom`."""
    said = [{**one, "content": _as_blocks(one["content"])} for one in body["messages"]]
    tools = [{name: value for name, value in tool.items() if name != "type"} for tool in body["tools"]]
    rest = {name: body[name] for name in ("model", "max_tokens")}
    return rest | {"messages": said, "tools": tools, "system": _as_blocks(body["system"])}


def _as_blocks(content: str | list) -> list:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


@pytest.mark.parametrize(
    ("model", "header"), [("openai/gpt-x", "$OPENAI_API_KEY"), ("anthropic/claude-x", "$ANTHROPIC_API_KEY")]
)
def test_the_curl_command_carries_the_question_and_no_key(platform: Platform, model: str, header: str) -> None:
    platform.ai.set_key("openai", "sk-canary-1")
    platform.ai.set_key("anthropic", "sk-canary-2")
    request = replace(platform.chat.request_for(None, "It's me"), model=model)
    command = curl(platform, request)
    assert "canary" not in command
    assert header in command
    last = 'f() { printf %s "${@: -1}"; }; ' + command.replace("curl ", "f ", 1)
    body = subprocess.run(["bash", "-c", last], capture_output=True, text=True, check=True).stdout
    assert json.loads(body)["messages"] == [{"role": "user", "content": "It's me"}]


def test_curl_says_why_it_cannot(platform: Platform) -> None:
    request = platform.chat.request_for(None, "Hello", model="demo/swift")
    with pytest.raises(InvalidError, match="take the Python script"):
        curl(platform, request)
    long = (Message.of("user", "x" * 200_000),)
    with pytest.raises(InvalidError, match="too long for a command line"):
        curl(platform, replace(request, model="openai/gpt-x", messages=long))
