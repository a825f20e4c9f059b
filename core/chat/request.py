"""From a conversation and a person's wishes to the request that a model is sent."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from core.errors import UnsupportedError
from core.events import Notice
from core.llm.choice import Choice
from core.llm.estimate import Estimate
from core.llm.models import ModelInfo
from core.llm.turn import Turn
from core.messages import Context, ImagePart, Message, TextPart, Tool, TurnRequest
from core.workspace.assistants import Assistant
from core.workspace.conversations import Conversation
from core.workspace.history import as_messages, attached_parts, fitting, without_tools
from core.workspace.ids import new_id
from core.workspace.message_tree import NewMessage
from core.workspace.workspace import Workspace

ANSWER_TOKENS = 1024


class AI(Protocol):
    """What a chat needs of core/llm's AIService."""

    def start(self, request: TurnRequest) -> Turn: ...
    def running(self, conversation_id: str) -> Turn | None: ...
    def default_model(self) -> str: ...
    def model(self, model_id: str) -> ModelInfo: ...
    def models(self, refresh: bool = False) -> tuple[ModelInfo, ...]: ...
    def estimate(self, request: TurnRequest) -> Estimate: ...
    def select_model(self, **wishes: Any) -> Choice: ...


class ToolBox(Protocol):
    def named(self, names: Sequence[str]) -> tuple[Tool, ...]: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a question is to be answered. `assistant_id` None: the conversation's own, "": none; `model` None: as set."""

    assistant_id: str | None = None
    model: str | None = None
    user_id: str = "local"
    door: str = "chat"
    assistant_version: int | None = None
    """None: the newest."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`notices`: what a person should know of how the request was made, such as messages left out."""

    request: TurnRequest
    notices: tuple[Notice, ...] = ()


class Requests:
    def __init__(self, ai: AI, workspace: Workspace, tools: ToolBox) -> None:
        self._ai = ai
        self._workspace = workspace
        self._tools = tools

    def said(self, conversation: Conversation | None, leaf_id: str | None, user_id: str) -> tuple[Message, ...]:
        """The branch that ends in `leaf_id`, as messages."""
        if conversation is None or leaf_id is None:
            return ()
        path = self._workspace.conversations.path(conversation.id, leaf_id, user_id=user_id)
        return as_messages(self._workspace.files, path)

    def question(self, question: NewMessage) -> Message:
        parts = attached_parts(self._workspace.files, question.attachments)
        return Message("user", (*parts, TextPart(question.text)))

    def prepare(self, conversation: Conversation | None, said: tuple[Message, ...], wishes: Wishes) -> Prepared:
        """Raises PlatformError: no such assistant or model, or one that cannot read what is attached."""
        assistant = self._assistant(conversation, wishes)
        request = self._with_assistant(TurnRequest("", said), assistant, wishes)
        context = replace(
            request.context,
            door=wishes.door,
            user_id=wishes.user_id,
            conversation_id=conversation.id if conversation else None,
        )
        model, notices = self._model(conversation, assistant, wishes, said)
        if not request.tools:
            request = replace(request, messages=without_tools(request.messages))
        request = replace(request, model=model, context=context, turn_id=new_id())
        self._check_pictures(request)
        request, left_out = self._fit(request)
        return Prepared(request, (*notices, *left_out))

    def _assistant(self, conversation: Conversation | None, wishes: Wishes) -> Assistant | None:
        own = conversation.assistant_id if conversation else None
        id = own if wishes.assistant_id is None else wishes.assistant_id
        version = wishes.assistant_version
        return self._workspace.assistants.get(id, version, user_id=wishes.user_id) if id else None

    def _with_assistant(self, request: TurnRequest, assistant: Assistant | None, wishes: Wishes) -> TurnRequest:
        if assistant is None:
            return request
        context = Context(assistant_id=assistant.id, assistant_version=assistant.version)
        instructions = assistant.system_prompt
        if assistant.prompt_id:
            store, version = self._workspace.prompts, assistant.prompt_version
            if version is None:
                prompt = store.production(assistant.prompt_id, user_id=wishes.user_id)
            else:
                prompt = store.get(assistant.prompt_id, version, user_id=wishes.user_id)
            instructions = "\n\n".join(text for text in (instructions, prompt.render({})) if text.strip())
            context = replace(context, prompt_id=prompt.id, prompt_version=prompt.version)
        system = (Message.of("system", instructions),) if instructions.strip() else ()
        return replace(
            request,
            messages=system + request.messages,
            parameters=assistant.parameters,
            tools=self._tools.named(assistant.tools),
            fallbacks=assistant.fallbacks,
            cache=assistant.cache,
            context=context,
        )

    def _model(
        self,
        conversation: Conversation | None,
        assistant: Assistant | None,
        wishes: Wishes,
        said: tuple[Message, ...],
    ) -> tuple[str, tuple[Notice, ...]]:
        """The model, and why it is this one where nobody named it."""
        if wishes.model:
            return wishes.model, ()
        if assistant is not None and assistant.choose is not None:
            needs = {"images"} if _has_picture(said) else set()
            needs |= {"tools"} if assistant.tools else set()
            choice = self._ai.select_model(**asdict(assistant.choose), needs=frozenset(needs))
            return choice.model, (Notice("choice", " ".join(choice.reasons)),)
        set_one = assistant.model if assistant else (conversation.model if conversation else "")
        return set_one or self._ai.default_model(), ()

    def _check_pictures(self, request: TurnRequest) -> None:
        if not _has_picture(request.messages) or "images" in self._ai.model(request.model).supports:
            return
        able = [model.id for model in self._ai.models() if model.available and "images" in model.supports]
        others = (
            f"choose one that can: {', '.join(able[:5])}" if able else "no configured model can; remove the picture"
        )
        raise UnsupportedError(f"{request.model} cannot read pictures; {others}.")

    def _fit(self, request: TurnRequest) -> tuple[TurnRequest, tuple[Notice, ...]]:
        """Leave out the oldest messages when all of them would not fit the model's context, and say so."""
        estimate = self._ai.estimate(request)
        if not estimate.input_tokens or not estimate.context_window:
            return request, ()
        room = estimate.context_window - min(
            request.parameters.max_tokens or ANSWER_TOKENS, estimate.context_window // 4
        )
        if estimate.input_tokens <= room:
            return request, ()
        kept = fitting(request.messages, room / estimate.input_tokens)
        left_out = len(request.messages) - len(kept)
        if not left_out:
            return request, ()
        messages = "message was" if left_out == 1 else f"{left_out} messages were"
        text = f"The oldest {messages} left out: the conversation is longer than the context of {request.model}."
        return replace(request, messages=kept), (Notice("truncated", text),)


def _has_picture(messages: Sequence[Message]) -> bool:
    return any(isinstance(part, ImagePart) for message in messages for part in message.parts)
