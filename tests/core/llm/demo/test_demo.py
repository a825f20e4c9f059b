"""The simulated models: pleasant, honest about being simulated, different from each other, and safe on any input."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.llm.demo import hands, shelf
from core.llm.demo.brain import reply
from core.llm.demo.cast import CAST, actor
from core.llm.demo.scene import Scene, read_scene
from core.llm.demo.sums import solve
from core.messages import DocumentPart, ImagePart, Message, Parameters, TextPart, TurnRequest
from tests.core.llm.provider_table import PIXEL, Weather

TOOL = {
    "type": "function",
    "function": {
        "name": "calculator",
        "description": "Works out a sum.",
        "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]},
    },
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def say(name, text, **more):
    return reply(actor(name), Scene(text, **more))


def ask(service, model, text, parts=(), **more):
    return service.start(TurnRequest(model, (Message("user", (TextPart(text), *parts)),), **more)).wait(20)


def test_they_say_that_they_are_simulated():
    for one in CAST:
        assert "(simulated)" in one.info.label
        assert one.info.simulated
        assert "simulated" in say(one.name, "Hello").text
        assert "simulated" in say(one.name, "Why did Rome fall?").text


def test_they_differ():
    answers = {one.name: say(one.name, "Why did Rome fall?") for one in CAST if not one.fault}
    assert len({said.text for said in answers.values()}) >= 3
    assert len(answers["scholar"].text) > 2 * len(answers["swift"].text)
    assert answers["scholar"].reasoning
    assert not answers["swift"].reasoning
    assert "could be wrong" in answers["critic"].text
    assert len({one.prices["visible_output"] for one in CAST if not one.fault}) == 4


def test_they_do_sums_and_call_for_tools():
    assert "**391**" in say("swift", "What is 17 * 23?").text
    call = say("swift", "What is 17 * 23?", tools=(TOOL,)).tool_calls[0]
    assert (call.name, call.arguments) == ("calculator", '{"expression": "17 * 23"}')
    assert len(say("swift", "What is 2+2 and what is 3*7?", tools=(TOOL,)).tool_calls) == 2
    assert say("swift", "Weather in Paris please", tools=(WEATHER,)).tool_calls[0].arguments == '{"city": "Paris"}'
    assert say("swift", "Tell me a story", tools=(TOOL, WEATHER)).tool_calls == ()
    assert "sunny" in say("swift", "Weather in Paris", tools=(WEATHER,), results=(("weather", "sunny"),)).text


def test_they_know_this_platform_from_its_own_pages():
    assert shelf.passages()
    said = say("scholar", "How do I connect Ollama?")
    assert "Ollama" in said.text
    assert ".md" in said.text


@pytest.mark.parametrize("name", ["swift", "scholar"])
@pytest.mark.parametrize(
    "question",
    [
        "What can I do on this platform?",
        "How do budgets work?",
        "How do I connect Ollama?",
        "What is a receipt?",
        "How do I read a receipt?",
        "How do branches work?",
    ],
)
def test_a_question_of_the_guide_gets_its_section(name, question):
    said = say(name, question).text
    assert said.startswith(f"From `docs/guide.md`, **{question}**:")
    assert len(said) > 200
    assert said.count("```") % 2 == 0


def test_one_shared_word_is_no_answer():
    assert shelf.find("Explain prompt caching to a gardener in five rhymes.") == ()


def test_they_see_what_is_attached(service):
    paper = DocumentPart("notes.txt", "text/plain", "Plainsight keeps receipts. " * 20, "1" * 64)
    view = ask(service, "demo/frugal", "What is this?", (ImagePart("image/png", PIXEL, "0" * 64, "dot.png"), paper))
    assert "1 × 1 pixels" in view.text
    assert "notes.txt" in view.text
    assert "60 words" in view.text


def test_they_keep_to_limits(service):
    view = ask(service, "demo/scholar", "Why did Rome fall?", parameters=Parameters(max_tokens=20))
    assert view.receipt.finish_reason == "length"
    assert len(view.text) <= 80
    view = ask(service, "demo/frugal", "Write some code in Python", parameters=Parameters(stop=("import",)))
    assert "import" not in view.text


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [("busy", "rate_limit", 2), ("down", "provider_error", 2), ("key", "authentication", 1), ("cut", "truncated", 1)],
)
def test_they_fail_when_told_to(service, journal, name, kind, rows):
    view = ask(service, f"demo/faulty-{name}", "Why did Rome fall?", retries=1)
    assert view.error_kind == kind
    assert len(journal.calls) == rows
    assert bool(view.text) == (name == "cut")


def test_a_flaky_one_answers_when_asked_again(service):
    assert ask(service, "demo/faulty-flaky", "Hi", retries=2).status == "ok"


def test_a_silent_one_ends_at_the_deadline(make):
    view = ask(make(first_token_timeout=0.5), "demo/faulty-silent", "Hi", retries=0)
    assert view.error_kind == "timeout"


def test_with_tools_through_the_service(service):
    view = ask(service, "demo/swift", "Weather in Paris?", tools=(Weather(),))
    assert view.steps[0].arguments == '{"city": "Paris"}'
    assert "sunny" in view.text


@pytest.mark.parametrize(
    "hostile", ["9**9**9**9", "__import__('os')", "1/0", "(" * 5_000, "1e400*10", "'a'*9", "2**0.5**-9"]
)
def test_sums_that_are_none(hostile):
    assert solve(hostile) is None or len(solve(hostile)) < 40


@pytest.mark.parametrize("char", ["1+", "(", "- ", "https://", '<document name="', "in A", "\"'", "1,.", "\u202e", "#"])
def test_hostile_questions_are_quick(char):
    text = (char * 50_000)[:50_000]
    began = time.perf_counter()
    scene = read_scene([{"role": "user", "content": text}], {"tools": [TOOL, WEATHER]})
    hands.reach(scene)
    reply(actor("scholar"), scene)
    assert time.perf_counter() - began < 2


messages = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "system", "tool"])})
    .flatmap(lambda made: st.builds(lambda text: {**made, "content": text}, st.one_of(st.text(), st.none()))),
    max_size=5,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages, st.sampled_from(CAST))
def test_any_conversation_has_an_answer(said, one):
    answered = reply(one, read_scene(said, {"tools": [TOOL]}))
    assert answered.text or answered.tool_calls
