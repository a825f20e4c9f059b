"""Answers that must fit a schema: the provider's own way, or asked for, checked and repaired once."""

import json
import time

import pytest

from core.llm.structured import complaint_of, unfenced
from core.messages import Message, Parameters, TurnRequest
from tests.core.llm.provider_table import SCHEMA


def ask(model, schema=None, **more):
    return TurnRequest(
        model, (Message.of("user", "Name a city."),), Parameters(response_schema=schema or SCHEMA), **more
    )


@pytest.fixture
def blunt(make, upstream):
    """A service whose Ollama has models without schemas."""
    upstream.models, upstream.capabilities = ("echo", "json-bad"), ()
    service = make(idle_timeout=26.0)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:  # a busy machine may list too late, and what is not known is not denied
        listed = {model.id: model.supports for model in service.models(refresh=True)}
        if "json_schema" not in listed.get("ollama/json-bad", ("json_schema",)):
            break
    return service


def test_the_providers_own_way_is_checked(make, upstream):
    view = make().start(ask("openai/json-bad")).wait(30)
    assert view.status == "ok"
    assert view.notices[0].kind == "schema"
    assert len(upstream.chats()) == 1


def test_elsewhere_it_is_asked_for_and_repaired_once(blunt, upstream, journal):
    view = blunt.start(ask("ollama/json-bad")).wait(30)
    first, second = [request.body["messages"] for request in upstream.chats()]
    assert "JSON schema" in first[0]["content"]
    assert "does not fit" in second[-1]["content"]
    assert "response_format" not in upstream.chats()[0].body
    assert [notice.kind for notice in view.notices] == ["schema", "schema"]
    assert len(journal.calls) == 2


def test_nothing_is_shown_before_it_was_checked(blunt):
    turn = blunt.start(ask("ollama/json-bad"))
    assert len({view.text for view in turn.watch()}) <= 2


def test_a_schema_that_is_none_is_refused(make, upstream):
    view = make().start(ask("openai/echo", {"type": "nonsense"})).wait(30)
    assert view.status == "error"
    assert "schema" in view.error
    assert upstream.chats() == []


def test_what_fits():
    assert complaint_of('{"city": "Paris"}', SCHEMA) == ""
    assert "city" in complaint_of("{}", SCHEMA)
    assert complaint_of("Paris", SCHEMA) == "it is not JSON"
    assert complaint_of("[" * 100_000, SCHEMA) == "it is not JSON"
    assert "refers" in complaint_of("{}", {"$ref": "https://elsewhere.example/schema"})
    assert unfenced('```json\n{"a": 1}\n```') == '{"a": 1}'


@pytest.mark.parametrize("model", ["demo/swift", "demo/scholar"])
def test_the_simulated_models_follow_schemas(make, model):
    schema = {
        "type": "object",
        "properties": {
            "verdict": {"enum": ["good", "bad"]},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
            "reasons": {"type": "array", "items": {"type": "string"}, "minItems": 2},
            "when": {"type": "string", "format": "date"},
        },
        "required": ["verdict", "score", "reasons", "when"],
    }
    view = make().start(ask(model, schema)).wait(30)
    assert complaint_of(view.text, schema) == ""
    assert json.loads(view.text)["score"] >= 1
