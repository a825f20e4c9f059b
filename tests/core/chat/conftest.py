"""A chat whose model answers when and how a test says, on a real workspace."""

import io
from types import SimpleNamespace

import pytest
from PIL import Image

from core.chat import Chat
from core.events import TurnView
from core.llm.estimate import Estimate
from core.llm.models import ModelInfo
from core.tools.tools import Tools
from core.workspace.attachments import read_attachment
from core.workspace.workspace import Workspace


class Answering:
    """Speaks AIService's interface; a test decides when and how a turn ends."""

    def __init__(self):
        self.requests = []
        self.refusal = None
        self.window = 100_000
        self.known = (
            ModelInfo("demo/swift", "demo", "Swift"),
            ModelInfo("demo/sage", "demo", "Sage", supports=frozenset({"images"})),
        )

    def start(self, request):
        if self.refusal:
            raise self.refusal
        self.requests.append(request)
        return SimpleNamespace(id=request.turn_id)

    def end(self, text, status="ok", **rest):
        request = self.requests[-1]
        request.on_end(TurnView(request.turn_id, status, request.model, text=text, **rest))

    def running(self, conversation_id):
        return None

    def default_model(self):
        return "demo/swift"

    def models(self, refresh=False):
        return self.known

    def model(self, model_id):
        return next(model for model in self.known if model.id == model_id)

    def estimate(self, request):
        length = sum(len(message.text) for message in request.messages)
        return Estimate(input_tokens=length, context_window=self.window)


class Facts:
    def __init__(self):
        self.facts = []

        self.payloads = {}

    def submit(self, fact):
        self.facts.append(fact)

    def settle(self):
        pass

    def payloads_of(self, turn_id):
        return self.payloads.get(turn_id, [])


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.open(tmp_path)
    yield workspace
    workspace.close()


@pytest.fixture
def ai():
    return Answering()


@pytest.fixture
def facts():
    return Facts()


@pytest.fixture
def chat(ai, workspace, facts):
    return Chat(ai, workspace, Tools(), facts)


@pytest.fixture
def png():
    """A small red picture."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return read_attachment("red.png", out.getvalue())
