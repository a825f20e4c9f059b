"""What the chat page calls: ask, ask again, edit, continue, rate; and the rows that outlive the page."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol

from core.chat.answer_rows import answer_row, outcome_of
from core.chat.request import AI, Prepared, Requests, ToolBox, Wishes
from core.chat.waiting import Queue, Waiting
from core.errors import InvalidError, PlatformError
from core.events import TurnView
from core.ledger.facts import Fact, Feedback
from core.ledger.words import CallPayload
from core.llm.turn import Turn
from core.messages import Message, TextPart, ToolCall, TurnRequest
from core.workspace.answers import Outcome
from core.workspace.attachments import Attachment
from core.workspace.conversations import Conversation
from core.workspace.history import keep_attachment
from core.workspace.ids import new_id, now
from core.workspace.message_tree import NewMessage
from core.workspace.workspace import Workspace

CONTINUE = "Continue exactly where you stopped."
REGENERATED = "regenerated"
"""The tag of answers that were asked for again."""
APPROVAL_S = 600.0


class Log(Protocol):
    """What a chat needs of the ledger."""

    def submit(self, fact: Fact) -> "Future[int]": ...
    def payloads_of(self, turn_id: str) -> list[CallPayload]: ...
    def settle(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """`turn` is running; watch it, or leave: the answer's row is completed either way."""

    conversation_id: str
    user_message_id: str
    answer_message_id: str
    turn: Turn


class Chat:
    def __init__(self, ai: AI, workspace: Workspace, tools: ToolBox, ledger: Log) -> None:
        self._ai = ai
        self._workspace = workspace
        self._requests = Requests(ai, workspace, tools)
        self._ledger = ledger
        self.queue = Queue(workspace, self._ask_waiting)
        self.recover()

    def close(self) -> None:
        self.queue.close()

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
        said = self._requests.said(conversation, answer.parent_id, user_id)
        prepared = self._requests.prepare(conversation, said, wishes)
        # Who asks again does not want the answer that the cache holds; the tag says what the second answer cost.
        context = replace(prepared.request.context, tags=(*prepared.request.context.tags, REGENERATED))
        prepared = replace(prepared, request=replace(prepared.request, cache="off", context=context))
        (answer_id,) = self._workspace.conversations.add(
            conversation.id, answer_row(prepared), parent_id=answer.parent_id, user_id=user_id
        )
        return Asked(conversation.id, answer.parent_id, answer_id, self._start(prepared, answer_id))

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

    def running(self, conversation_id: str) -> Turn | None:
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
        said = self._requests.said(conversation, self._parent(conversation, None), user_id)
        return self._requests.prepare(conversation, (*said, question), Wishes(assistant_id, model, user_id)).request

    def request_behind(self, answer_message_id: str, *, user_id: str = "local") -> TurnRequest:
        """The request that a stored answer was given to, made again. Raises PlatformError when it cannot be."""
        answer = self._workspace.conversations.message(answer_message_id, user_id=user_id)
        if answer.parent_id is None:
            raise InvalidError("This message answers no question.")
        conversation = self._workspace.conversations.get(answer.conversation_id, user_id=user_id)
        said = self._requests.said(conversation, answer.parent_id, user_id)
        wishes = Wishes(answer.assistant_id or "", answer.model, user_id, "chat", answer.assistant_version)
        return self._requests.prepare(conversation, said, wishes).request

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
        """End the answers that a dead process left running, with what the log kept of them. Run at start-up."""
        left = self._workspace.answers.still_running()
        if left:
            self._ledger.settle()
        for answer in left:
            outcome = Outcome(
                status="interrupted",
                text=self._logged_text(answer.turn_id) or answer.text,
                notices=answer.notices,
                error="The platform stopped while this was being answered; ask again.",
                error_kind="interrupted",
            )
            self._workspace.answers.complete(answer.id, outcome)
        return len(left)

    def _logged_text(self, turn_id: str | None) -> str:
        payloads = self._ledger.payloads_of(turn_id) if turn_id else []
        texts = [str((payload.response or {}).get("text") or "") for payload in payloads]
        return "\n\n".join(text for text in texts if text)

    def _ask(
        self,
        conversation: Conversation | None,
        parent_id: str | None,
        question: NewMessage,
        wishes: Wishes,
        waited_as: str | None = None,
    ) -> Asked:
        said = self._requests.said(conversation, parent_id, wishes.user_id)
        prepared = self._requests.prepare(conversation, (*said, self._requests.question(question)), wishes)
        if conversation is None:
            conversation = self._workspace.conversations.create(
                first_message=question.text or question.attachments[0].name,
                assistant_id=wishes.assistant_id or None,
                model=wishes.model or "",
                user_id=wishes.user_id,
            )
            context = replace(prepared.request.context, conversation_id=conversation.id)
            prepared = replace(prepared, request=replace(prepared.request, context=context))
        rows = (question, answer_row(prepared))
        question_id, answer_id = self._workspace.conversations.add(
            conversation.id, *rows, parent_id=parent_id, waited_as=waited_as, user_id=wishes.user_id
        )
        return Asked(conversation.id, question_id, answer_id, self._start(prepared, answer_id))

    def _start(self, prepared: Prepared, answer_id: str) -> Turn:
        context = prepared.request.context

        def end(view: TurnView) -> None:
            self._workspace.answers.complete(answer_id, outcome_of(view, prepared.notices))
            if context.conversation_id:
                self.queue.send_next(context.conversation_id, user_id=context.user_id or "local")

        try:
            return self._ai.start(replace(prepared.request, on_end=end, approve=_page_decides))
        except PlatformError as error:
            kind = str(getattr(error, "kind", "refused"))
            self._workspace.answers.complete(answer_id, Outcome(status="refused", error=str(error), error_kind=kind))
            raise

    def _ask_waiting(self, waiting: Waiting) -> None:
        wishes = Wishes(waiting.assistant_id, waiting.model, waiting.user_id, waiting.door)
        conversation = self._conversation(waiting.conversation_id, waiting.user_id)
        question = NewMessage(role="user", text=waiting.text, attachments=waiting.attachments)
        self._ask(conversation, self._parent(conversation, None), question, wishes, waited_as=waiting.id)

    def _conversation(self, id: str | None, user_id: str) -> Conversation | None:
        return self._workspace.conversations.get(id, user_id=user_id) if id else None

    def _parent(self, conversation: Conversation | None, parent_id: str | None) -> str | None:
        if parent_id is None:
            return conversation.leaf_id if conversation else None
        return parent_id or None


async def _page_decides(call: ToolCall) -> bool:
    """A tool with side effects waits for Turn.approve; who never answers has said no."""
    await asyncio.sleep(APPROVAL_S)
    return False
