"""One question in a conversation: its row and its answer's exist before a model is asked, and outlive the page."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from core.errors import InvalidError, PlatformError
from core.events import TurnView
from core.ledger.facts import Fact, Feedback
from core.messages import Context, Message, TextPart, Tool, TurnRequest
from core.workspace.answers import Outcome
from core.workspace.assistants import Assistant
from core.workspace.attachments import Attachment
from core.workspace.conversations import Conversation
from core.workspace.history import as_messages, attached_parts, keep_attachment
from core.workspace.ids import new_id, now
from core.workspace.message_tree import NewMessage
from core.workspace.receipts import receipt_to_json
from core.workspace.workspace import Workspace

CONTINUE = "Continue exactly where you stopped."


class AI(Protocol):
    """What a chat needs of core/llm's AIService."""

    def start(self, request: TurnRequest) -> Any: ...
    def running(self, conversation_id: str) -> Any: ...
    def default_model(self) -> str: ...
    def select_model(self, **wishes: Any) -> Any: ...


class ToolBox(Protocol):
    def named(self, names: Sequence[str]) -> tuple[Tool, ...]: ...


class FactSink(Protocol):
    def submit(self, fact: Fact) -> Any: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """`turn` is the running core.llm Turn; watch it, or leave: the answer's row is completed either way."""

    conversation_id: str
    user_message_id: str
    answer_message_id: str
    turn: Any


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a question is to be answered. `assistant_id` None: the conversation's own, "": none; `model` None: as set."""

    assistant_id: str | None = None
    model: str | None = None
    user_id: str = "local"
    door: str = "chat"


class Chat:
    def __init__(self, ai: AI, workspace: Workspace, tools: ToolBox, ledger: FactSink) -> None:
        self._ai = ai
        self._workspace = workspace
        self._tools = tools
        self._ledger = ledger
        self.recover()

    def ask(
        self,
        conversation_id: str | None,
        text: str,
        *,
        attachments: Sequence[Attachment] = (),
        assistant_id: str | None = None,
        model: str | None = None,
        parent_id: str | None = None,
        user_id: str = "local",
        door: str = "chat",
    ) -> Asked:
        """Ask below `parent_id` (None: the end of the shown branch; "": as a first message). Returns at once.

        `conversation_id` None makes a conversation. `assistant_id` None keeps the conversation's own, "" is none.
        Raises PlatformError before anything is written when the request cannot be made.
        """
        if not text.strip() and not attachments:
            raise InvalidError("Write a question first.")
        wishes = Wishes(assistant_id, model, user_id, door)
        conversation = self._conversation(conversation_id, user_id)
        parent = self._parent(conversation, parent_id)
        refs = tuple(keep_attachment(self._workspace.files, attachment) for attachment in attachments)
        return self._ask(conversation, parent, NewMessage(role="user", text=text, attachments=refs), wishes)

    def regenerate(
        self,
        answer_message_id: str,
        *,
        model: str | None = None,
        assistant_id: str | None = None,
        user_id: str = "local",
    ) -> Asked:
        """Another answer beside the old one, from the same or another model or assistant."""
        answer = self._workspace.conversations.message(answer_message_id, user_id=user_id)
        if answer.role != "assistant" or answer.parent_id is None:
            raise InvalidError("Only an answer can be made again.")
        if assistant_id is None and model is None:
            assistant_id, model = answer.assistant_id or "", answer.model
        conversation = self._workspace.conversations.get(answer.conversation_id, user_id=user_id)
        wishes = Wishes(assistant_id, model, user_id)
        said = self._said(conversation, answer.parent_id, user_id)
        request = self._request(conversation, said, wishes)
        (answer_id,) = self._workspace.conversations.add(
            conversation.id, _answer_row(request), parent_id=answer.parent_id, user_id=user_id
        )
        return Asked(conversation.id, answer.parent_id, answer_id, self._start(request, answer_id))

    def edit(
        self,
        user_message_id: str,
        text: str,
        *,
        model: str | None = None,
        assistant_id: str | None = None,
        user_id: str = "local",
    ) -> Asked:
        """Ask again with other words, on a branch beside the old question; its attachments come along."""
        old = self._workspace.conversations.message(user_message_id, user_id=user_id)
        if old.role != "user":
            raise InvalidError("Only a question can be edited.")
        conversation = self._workspace.conversations.get(old.conversation_id, user_id=user_id)
        question = NewMessage(role="user", text=text, attachments=old.attachments)
        return self._ask(conversation, old.parent_id, question, Wishes(assistant_id, model, user_id))

    def continue_(self, answer_message_id: str, *, model: str | None = None, user_id: str = "local") -> Asked:
        """Ask for the rest of an answer that was cut short."""
        answer = self._workspace.conversations.message(answer_message_id, user_id=user_id)
        return self.ask(answer.conversation_id, CONTINUE, model=model, parent_id=answer.id, user_id=user_id)

    def running(self, conversation_id: str) -> Any:
        """The Turn that is being answered there, or None."""
        return self._ai.running(conversation_id)

    def request_for(
        self,
        conversation_id: str | None,
        text: str,
        *,
        attachments: Sequence[Attachment] = (),
        assistant_id: str | None = None,
        model: str | None = None,
        user_id: str = "local",
    ) -> TurnRequest:
        """The request that `ask` would send, for the estimate beside Send; nothing is written."""
        conversation = self._conversation(conversation_id, user_id)
        parts = tuple(attachment.part for attachment in attachments)
        question = Message("user", (*parts, TextPart(text)))
        said = self._said(conversation, self._parent(conversation, None), user_id)
        return self._request(conversation, (*said, question), Wishes(assistant_id, model, user_id))

    def feedback(self, turn_id: str, value: int, note: str = "", *, user_id: str = "local") -> None:
        """Thumbs: 1, -1, or 0 to take it back. The newest counts. Raises InvalidError, NotFoundError."""
        if value not in (-1, 0, 1):
            raise InvalidError("Feedback is 1, -1 or 0.")
        self._workspace.answers.of_turn(turn_id, user_id=user_id)
        fact = Feedback(
            feedback_id=new_id(), turn_id=turn_id, at=now(), user_id=user_id, value=value, note=note[:2000] or None
        )
        self._ledger.submit(fact)

    def recover(self) -> int:
        """End the answers that a dead process left running; returns how many. Run once, at start-up."""
        left = self._workspace.answers.still_running()
        for answer in left:
            outcome = Outcome(
                status="interrupted",
                text=answer.text,
                notices=answer.notices,
                error="The platform stopped while this was being answered; ask again.",
                error_kind="interrupted",
            )
            self._workspace.answers.complete(answer.id, outcome)
        return len(left)

    def _ask(
        self, conversation: Conversation | None, parent_id: str | None, question: NewMessage, wishes: Wishes
    ) -> Asked:
        said = self._said(conversation, parent_id, wishes.user_id)
        asked = Message("user", (*attached_parts(self._workspace.files, question.attachments), TextPart(question.text)))
        request = self._request(conversation, (*said, asked), wishes)
        if conversation is None:
            conversation = self._workspace.conversations.create(
                first_message=question.text or question.attachments[0].name,
                assistant_id=wishes.assistant_id or None,
                model=wishes.model or "",
                user_id=wishes.user_id,
            )
            request = replace(request, context=replace(request.context, conversation_id=conversation.id))
        question_id, answer_id = self._workspace.conversations.add(
            conversation.id, question, _answer_row(request), parent_id=parent_id, user_id=wishes.user_id
        )
        return Asked(conversation.id, question_id, answer_id, self._start(request, answer_id))

    def _start(self, request: TurnRequest, answer_id: str) -> Any:
        def end(view: TurnView) -> None:
            self._workspace.answers.complete(answer_id, _outcome(view))

        try:
            return self._ai.start(replace(request, on_end=end))
        except PlatformError as error:
            kind = str(getattr(error, "kind", "refused"))
            self._workspace.answers.complete(answer_id, Outcome(status="refused", error=str(error), error_kind=kind))
            raise

    def _request(self, conversation: Conversation | None, said: tuple[Message, ...], wishes: Wishes) -> TurnRequest:
        assistant = self._assistant(conversation, wishes)
        context = Context(
            door=wishes.door, user_id=wishes.user_id, conversation_id=conversation.id if conversation else None
        )
        set_model = wishes.model or (assistant.model if assistant else conversation.model if conversation else "")
        if assistant is None:
            return TurnRequest(set_model or self._ai.default_model(), said, context=context, turn_id=new_id())
        if assistant.choose and not wishes.model:
            set_model = self._ai.select_model(**asdict(assistant.choose)).model
        system = (Message.of("system", assistant.system_prompt),) if assistant.system_prompt.strip() else ()
        return TurnRequest(
            set_model or self._ai.default_model(),
            system + said,
            parameters=assistant.parameters,
            tools=self._tools.named(assistant.tools),
            fallbacks=assistant.fallbacks,
            cache=assistant.cache,
            context=replace(context, assistant_id=assistant.id, assistant_version=assistant.version),
            turn_id=new_id(),
        )

    def _assistant(self, conversation: Conversation | None, wishes: Wishes) -> Assistant | None:
        own = conversation.assistant_id if conversation else None
        id = own if wishes.assistant_id is None else wishes.assistant_id
        return self._workspace.assistants.get(id, user_id=wishes.user_id) if id else None

    def _conversation(self, id: str | None, user_id: str) -> Conversation | None:
        return self._workspace.conversations.get(id, user_id=user_id) if id else None

    def _parent(self, conversation: Conversation | None, parent_id: str | None) -> str | None:
        if parent_id is None:
            return conversation.leaf_id if conversation else None
        return parent_id or None

    def _said(self, conversation: Conversation | None, leaf_id: str | None, user_id: str) -> tuple[Message, ...]:
        if conversation is None or leaf_id is None:
            return ()
        path = self._workspace.conversations.path(conversation.id, leaf_id, user_id=user_id)
        return as_messages(self._workspace.files, path)


def _answer_row(request: TurnRequest) -> NewMessage:
    return NewMessage(
        role="assistant",
        status="running",
        turn_id=request.turn_id,
        model=request.model,
        assistant_id=request.context.assistant_id,
        assistant_version=request.context.assistant_version,
    )


def _outcome(view: TurnView) -> Outcome:
    return Outcome(
        status=view.status,
        text=view.text,
        reasoning=view.reasoning,
        steps=view.steps,
        notices=view.notices,
        receipt_json=receipt_to_json(view.receipt),
        error=view.error,
        error_kind=view.error_kind,
    )
