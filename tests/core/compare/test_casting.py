"""An assistant in a pane is asked as it is in the chat: its words, prompt, tools, limits and choice of model."""

from core.compare.panes import PaneSpec
from core.messages import Message, Parameters
from core.platform import Platform
from core.workspace.assistant_content import Choose
from core.workspace.assistants import AssistantDraft
from core.workspace.prompts import PromptDraft

ASKED = (Message.of("user", "hello"),)


def test_an_assistant_brings_all_that_it_brings_to_the_chat(platform: Platform) -> None:
    prompt = platform.workspace.prompts.save(PromptDraft(name="Tone", text="Be kind."))
    made = platform.workspace.assistants.save(
        AssistantDraft(
            name="Kind", model="demo/frugal", system_prompt="You help.", prompt_id=prompt.id, temperature=0.3,
            max_tokens=50, tools=("date_and_time",), fallbacks=("demo/swift",), cache="exact",
        )
    )  # fmt: skip
    spec = PaneSpec(
        assistant_id=made.id, assistant_version=made.version, parameters=Parameters(temperature=0.9, seed=4)
    )
    request = platform.compare.casting.request(spec, ASKED)
    assert (request.model, request.fallbacks, request.cache) == ("demo/frugal", ("demo/swift",), "exact")
    assert [message.text for message in request.messages] == ["You help.\n\nBe kind.", "hello"]
    assert (request.parameters.temperature, request.parameters.max_tokens, request.parameters.seed) == (0.9, 50, 4)
    assert [tool.name for tool in request.tools] == ["date_and_time"]
    assert request.context.assistant_version == made.version


def test_an_assistant_that_chooses_its_model_and_names_no_fallbacks(platform: Platform) -> None:
    made = platform.workspace.assistants.save(AssistantDraft(name="Any", choose=Choose(cost_sensitive=True)))
    request = platform.compare.casting.request(PaneSpec(assistant_id=made.id), ASKED)
    assert request.model == platform.ai.select_model(cost_sensitive=True).model
    assert request.fallbacks is None


def test_a_pane_s_own_words_and_prompt_come_before_the_assistant_s(platform: Platform) -> None:
    prompt = platform.workspace.prompts.save(PromptDraft(name="Question", text="In one word: {{question}}"))
    made = platform.workspace.assistants.save(AssistantDraft(name="Wordy", system_prompt="You explain."))
    spec = PaneSpec(assistant_id=made.id, system_prompt="Be brief.", prompt_id=prompt.id, prompt_version=1)
    said = platform.compare.casting.request(spec, ASKED).messages
    assert [message.text for message in said] == ["Be brief.", "In one word: hello"]


def test_every_version_can_be_picked(platform: Platform) -> None:
    """So that two versions of one prompt, or of one assistant, can stand side by side."""
    prompts, assistants = platform.workspace.prompts, platform.workspace.assistants
    first = prompts.save(PromptDraft(name="Tone", text="Be kind."))
    prompts.save(PromptDraft(name="Tone", text="Be brief.", id=first.id))
    prompts.pin_production(first.id, 1)
    one = assistants.save(AssistantDraft(name="Kind"))
    assistants.save(AssistantDraft(name="Kind", description="kinder", id=one.id))
    casting = platform.compare.casting
    assert casting.prompt_choices() == [("Tone v2", f"{first.id}@2"), ("Tone v1 · production", f"{first.id}@1")]
    assert ("Assistant: Kind v1", f"assistant:{one.id}@1") in casting.assistant_choices()
    assert ("Assistant: Kind v2", f"assistant:{one.id}@2") in casting.assistant_choices()
