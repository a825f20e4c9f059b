"""Answers that must fit a JSON schema: the provider's own way where there is one, else asked for, checked, repaired."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.events import ReasoningDelta
from core.json_schema import check_schema, misfit
from core.llm.answer import Answer
from core.llm.models import ModelInfo
from core.llm.persistence import Persistence
from core.llm.run import Ask, Run
from core.llm.wire.seam import Deployment
from core.messages import Message

Schema = Mapping[str, Any]


class Structured:
    def __init__(self, persistence: Persistence) -> None:
        self._persistence = persistence

    async def answer(self, run: Run, ask: Ask, model: ModelInfo, deployment: Deployment) -> Answer:
        """Without a schema, simply the answer. With one, an answer that does not fit is kept, and said not to fit.

        Raises InvalidError when the schema itself cannot be used.
        """
        schema = ask.parameters.response_schema
        if schema is None:
            return await self._shown(run, ask, model, deployment)
        check_schema(dict(schema), "The response schema")
        if "json_schema" in model.supports:
            answer = await self._shown(run, ask, model, deployment)
            complaint = "" if answer.tool_calls else complaint_of(answer.text, schema)
            if complaint:
                run.notice("schema", f"The answer does not fit the schema: {complaint}.")
            return answer
        return await self._asked_for(run, ask, model, deployment, schema)

    async def _shown(self, run: Run, ask: Ask, model: ModelInfo, deployment: Deployment) -> Answer:
        """What was held back is shown once it is whole."""
        answer = await self._persistence.answer(run, ask, model, deployment)
        if ask.quiet and answer.reasonings:
            run.turn.emit(ReasoningDelta(answer.reasoning))
        if ask.quiet and answer.texts:
            run.turn.text(answer.text)
        return answer

    async def _asked_for(self, run: Run, ask: Ask, model: ModelInfo, deployment: Deployment, schema: Schema) -> Answer:
        """The text is held back until it has been checked."""
        parameters = replace(ask.parameters, response_schema=None)
        asked = replace(ask, messages=(_instruction(schema), *ask.messages), parameters=parameters, quiet=True)
        answer = await self._persistence.answer(run, asked, model, deployment)
        complaint = "" if answer.tool_calls else complaint_of(unfenced(answer.text), schema)
        if complaint:
            run.notice("schema", f"The first answer did not fit the schema ({complaint}); asked once more.")
            repair = Message.of("user", f"That does not fit the schema: {complaint}. Answer again with the JSON alone.")
            again = replace(asked, messages=(*asked.messages, answer.message(), repair))
            answer = await self._persistence.answer(run, again, model, deployment)
            complaint = complaint_of(unfenced(answer.text), schema)
        else:
            run.notice(
                "schema", f"{model.id} has no schemas of its own; it was asked for JSON, and the answer was checked."
            )
        if complaint:
            run.notice("schema", f"The answer does not fit the schema: {complaint}.")
        run.turn.text(answer.text if complaint or answer.tool_calls else unfenced(answer.text))
        return answer


def complaint_of(text: str, schema: Schema) -> str:
    """What is wrong with `text`, in a few words; empty when it is JSON that fits."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "it is not JSON"
    return misfit(value, schema)


def unfenced(text: str) -> str:
    """Without the code fence that models put around JSON."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped:
        return stripped.partition("\n")[2].removesuffix("```").strip()
    return stripped


def _instruction(schema: Schema) -> Message:
    spelled = json.dumps(schema, ensure_ascii=False)
    return Message.of(
        "system", f"Answer with one JSON value that fits this JSON schema, and with nothing else:\n{spelled}"
    )
