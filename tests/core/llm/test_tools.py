"""Rounds of tools: side by side, asked for leave, capped, and never broken by what a model or a tool does."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import pytest

from core.errors import InvalidError
from core.llm.toolbox import LARGEST_ARGUMENTS
from core.messages import Message, TurnRequest
from tests.core.llm.provider_table import Weather


@dataclass
class Slow(Weather):
    seen: list = field(default_factory=list)

    async def call(self, arguments):
        self.seen.append(time.monotonic())
        await asyncio.sleep(0.3)
        return "done"


@dataclass
class Failing(Weather):
    error: Exception = field(default_factory=lambda: InvalidError("The city is unknown."))

    async def call(self, arguments):
        raise self.error


def ask(model, *tools, **more):
    return TurnRequest(f"openai/{model}", (Message.of("user", more.pop("text", "Weather?")),), tools=tools, **more)


def test_several_run_side_by_side_and_are_answered_in_order(make, journal, upstream):
    tool = Slow()
    view = make().start(ask("tools-parallel", tool)).wait(30)
    assert len(tool.seen) == 2
    assert tool.seen[1] - tool.seen[0] < 0.25
    results = [said for said in upstream.chats()[1].body["messages"] if said["role"] == "tool"]
    assert [said["tool_call_id"] for said in results] == [step.id for step in view.steps]
    assert [row.tool_calls for row in journal.calls] == [2, 0]
    assert view.receipt.total_s > sum(row.total_s for row in journal.calls), "with the tools between the calls"
    assert [row.tools_offered for row in journal.calls] == [1, 1]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InvalidError("The city is unknown."), "The city is unknown."),
        (KeyError("secret"), "The tool failed (KeyError)."),
    ],
)
def test_a_failing_tool_is_a_result(make, upstream, error, told):
    view = make().start(ask("tools", Failing(error=error))).wait(30)
    assert view.status == "ok"
    assert view.steps[0].error == told
    assert f"Error: {told}" in str(upstream.chats()[1].body)


def test_an_unknown_tool_is_a_result(make):
    view = make().start(ask("tools", Weather(name="other"), Weather(), text="weather")).wait(30)
    assert view.status == "ok"


@pytest.mark.parametrize("arguments", ["{not json}", '{"a": "' + "x" * LARGEST_ARGUMENTS + '"}'])
def test_arguments_that_cannot_be_used_are_a_result(make, arguments):
    view = make().start(ask("tools", Weather(), text=f"weather {arguments}")).wait(30)
    assert view.status == "ok"
    assert view.steps[0].error
    assert len(view.steps[0].arguments) <= LARGEST_ARGUMENTS


def test_an_endless_wish_for_tools_is_capped(make, upstream):
    view = make().start(ask("tools-endless", Weather(), max_tool_rounds=3)).wait(30)
    assert view.status == "ok"
    assert len(upstream.chats()) == 4
    assert len(view.steps) == 3
    assert "limit" in [notice.kind for notice in view.notices]


def test_without_rounds_the_calls_are_handed_back(make):
    answer = make().chat_completion("Weather?", model="openai/tools", tools=(Weather(),), max_tool_rounds=0)
    assert [call.name for call in answer.tool_calls] == ["weather"]
    assert json.loads(answer.tool_calls[0].arguments)
    assert answer.steps == ()


async def allow(call):
    return True


async def refuse(call):
    return False


async def wait_for_ever(call):
    await asyncio.sleep(3600)


@pytest.mark.parametrize(("approve", "ran"), [(allow, True), (refuse, False), (None, False)])
def test_a_tool_that_changes_something_asks_first(make, approve, ran):
    view = make().start(ask("tools", Weather(side_effects=True), approve=approve)).wait(30)
    assert (view.steps[0].error is None) == ran
    assert view.status == "ok"


def test_the_page_may_answer_instead(make):
    turn = make().start(ask("tools", Weather(side_effects=True), approve=wait_for_ever))
    for view in turn.watch():
        if view.steps and view.steps[0].needs_approval:
            turn.approve(view.steps[0].id, True)
    assert view.steps[0].result.startswith("sunny")
    assert view.status == "ok"


def test_stop_during_a_tool(make, journal):
    turn = make().start(ask("tools", Slow()))
    for view in turn.watch():
        if view.steps:
            turn.cancel()
    assert view.status == "cancelled"
    assert [row.status for row in journal.calls] == ["ok"]
