"""Turns a pane's choice into a request: model, assistant version, prompt version, tools and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from core.compare.panes import PaneSpec
from core.compare.seams import Asks
from core.messages import Context, Message, Parameters, TextPart, TurnRequest

QUESTION = ("question", "input", "text")
"""A prompt with one of these variables is a template for the question; any other is a system prompt."""


@dataclass(frozen=True)
class Casting:
    """Reads the workspace at the moment of asking; a version that was named stays the version that is used."""

    ai: Asks
    workspace: Any
    tools: Any

    def request(
        self, spec: PaneSpec, messages: tuple[Message, ...], values: Mapping[str, Any] | None = None
    ) -> TurnRequest:
        """`values` fill a prompt's variables: with them the prompt is the question itself.

        Raises NotFoundError when the assistant or the prompt is gone.
        """
        system, parameters, tools = spec.system_prompt, spec.parameters, ()
        model, context, fallbacks = spec.model, Context(), None
        if spec.assistant_id:
            assistant = self.workspace.assistants.get(spec.assistant_id, spec.assistant_version)
            system = system or assistant.system_prompt
            model = model or assistant.model
            tools = self.tools.named(assistant.tools)
            own = Parameters(
                temperature=assistant.temperature,
                max_tokens=assistant.max_tokens,
                response_schema=assistant.response_schema,
            )
            parameters = _laid_over(own, parameters)
            fallbacks = tuple(assistant.fallbacks) or None
            context = replace(context, assistant_id=assistant.id, assistant_version=assistant.version)
        if spec.prompt_id:
            prompt = self.workspace.prompts.get(spec.prompt_id, spec.prompt_version)
            context = replace(context, prompt_id=prompt.id, prompt_version=prompt.version)
            place = next((one.name for one in prompt.variables if one.name in QUESTION), None)
            if values is not None and prompt.variables:
                messages = (*messages[:-1], Message.of("user", prompt.render(_known(prompt, values))))
            elif place is None:
                system = prompt.render({})
            else:
                messages = (*messages[:-1], _filled(prompt, place, messages[-1]))
        opening = (Message.of("system", system),) if system else ()
        return TurnRequest(
            model or self.ai.default_model(),
            opening + messages,
            parameters,
            tools=tools,
            fallbacks=fallbacks,
            context=context,
        )

    def prompt_choices(self) -> list[tuple[str, str]]:
        """(label, "id@version") for a picker; version 0 is the one in production."""
        return [
            (f"{found.name} v{found.version}", f"{found.id}@{found.version}") for found in self.workspace.prompts.list()
        ]

    def name(self, spec: PaneSpec) -> str:
        """What a person reads above the pane."""
        if spec.assistant_id:
            known = {found.id: found.name for found in self.workspace.assistants.list(include_archived=True)}
            version = f" v{spec.assistant_version}" if spec.assistant_version else ""
            return f"{known.get(spec.assistant_id, 'Missing assistant')}{version}"
        return next((model.label for model in self.ai.models() if model.id == spec.model), spec.model)


def _laid_over(under: Parameters, over: Parameters) -> Parameters:
    """`over` counts wherever it says something."""
    said = {item.name: getattr(over, item.name) for item in fields(over) if getattr(over, item.name) not in (None, ())}
    return replace(under, **said)


def _known(prompt: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: values[one.name] for one in prompt.variables if one.name in values}


def _filled(prompt: Any, place: str, question: Message) -> Message:
    attached = tuple(part for part in question.parts if not isinstance(part, TextPart))
    return replace(question, parts=(TextPart(prompt.render({place: question.text})), *attached))
