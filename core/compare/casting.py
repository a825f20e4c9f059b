"""Turns a pane's choice into a request: model, assistant version, prompt version, tools and parameters."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.compare.panes import PaneSpec
from core.compare.seams import Asks
from core.messages import Context, ImagePart, Message, Parameters, TextPart, TurnRequest

QUESTION = ("question", "input", "text")
"""A prompt with one of these variables is a template for the question; any other is a system prompt."""

NEWEST = 10
"""So many versions of each prompt and assistant can be picked; a link may name any."""


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
        request = TurnRequest(spec.model, messages, spec.parameters)
        system = spec.system_prompt
        if spec.assistant_id:
            assistant = self.workspace.assistants.get(spec.assistant_id, spec.assistant_version)
            system = system or self._instructions(assistant, spec)
            request = self._as_assistant(request, assistant)
        if spec.prompt_id:
            prompt = self._prompt(spec.prompt_id, spec.prompt_version)
            context = replace(request.context, prompt_id=prompt.id, prompt_version=prompt.version)
            place = next((one.name for one in prompt.variables if one.name in QUESTION), None)
            if values is not None and prompt.variables:
                messages = (*messages[:-1], Message.of("user", prompt.render(_known(prompt, values))))
            elif place is None:
                system = prompt.render({})
            else:
                messages = (*messages[:-1], _filled(prompt, place, messages[-1]))
            request = replace(request, context=context)
        opening = (Message.of("system", system),) if system.strip() else ()
        return replace(request, model=request.model or self.ai.default_model(), messages=opening + messages)

    def _as_assistant(self, request: TurnRequest, assistant: Any) -> TurnRequest:
        """What the assistant brings along wherever the pane does not say otherwise."""
        chosen = request.model or assistant.model
        if not request.model and assistant.choose is not None:
            needs = {"tools"} if assistant.tools else set()
            if any(isinstance(part, ImagePart) for message in request.messages for part in message.parts):
                needs.add("images")
            chosen = str(self.ai.select_model(**asdict(assistant.choose), needs=frozenset(needs)).model)
        return replace(
            request,
            model=chosen,
            parameters=_laid_over(assistant.parameters, request.parameters),
            tools=self.tools.named(assistant.tools),
            fallbacks=assistant.fallbacks,
            cache=assistant.cache,
            context=Context(assistant_id=assistant.id, assistant_version=assistant.version),
        )

    def _instructions(self, assistant: Any, spec: PaneSpec) -> str:
        """Its own words and those of its prompt, unless the pane has a prompt of its own."""
        own = str(assistant.system_prompt)
        if not assistant.prompt_id or spec.prompt_id:
            return own
        said = self._prompt(assistant.prompt_id, assistant.prompt_version).render({})
        return "\n\n".join(text for text in (own, said) if text.strip())

    def _prompt(self, id: str, version: int | None) -> Any:
        """This version, or the one in production."""
        return self.workspace.prompts.get(id, version) if version else self.workspace.prompts.production(id)

    def prompt_choices(self) -> list[tuple[str, str]]:
        """(label, "id@version") for a picker, the newest versions first."""
        return [
            (f"{one.name} v{one.version}{' · production' if one.in_production else ''}", f"{one.id}@{one.version}")
            for found in self.workspace.prompts.list()
            for one in self._versions(self.workspace.prompts, found)
        ]

    def assistant_choices(self) -> list[tuple[str, str]]:
        """(label, "assistant:id@version") for a picker, the newest versions first."""
        return [
            (f"Assistant: {one.name} v{one.version}", f"assistant:{one.id}@{one.version}")
            for found in self.workspace.assistants.list()
            for one in self._versions(self.workspace.assistants, found)
        ]

    @staticmethod
    def _versions(store: Any, newest: Any) -> list[Any]:
        return list(store.versions(newest.id))[:NEWEST] if newest.version > 1 else [newest]

    def prompt_name(self, prompt: str) -> str:
        """Of "id@version", as a key holds it."""
        id, _, version = prompt.rpartition("@")
        known = {found.id: found.name for found in self.workspace.prompts.list(include_archived=True)}
        return f"{known.get(id, 'Missing prompt')} v{version}" if version != "0" else known.get(id, "Missing prompt")

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
