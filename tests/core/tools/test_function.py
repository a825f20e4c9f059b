"""Functions as tools: schemas from signatures, arguments checked, failures as sentences."""

from datetime import date
from typing import Literal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidError, PlatformError
from core.tools.function import FunctionTool, changes_something


def stock(article: str, where: Literal["north", "south"] = "north", on: date | None = None) -> dict[str, str]:
    """Tell what is in stock.

    Args:
        article: its number
        where: the warehouse
    """
    return {"article": article, "where": where, "on": str(on)}


@changes_something
async def order(count: int) -> str:
    """Order items."""
    return f"{count} ordered"


def broken() -> str:
    """Always fails."""
    raise RuntimeError("a secret")


def test_the_schema_says_what_signature_and_docstring_say():
    tool = FunctionTool(stock)
    assert (tool.name, tool.description, tool.side_effects) == ("stock", "Tell what is in stock.", False)
    jsonschema.Draft202012Validator.check_schema(tool.parameters)
    assert tool.parameters["required"] == ["article"]
    assert tool.parameters["properties"]["article"] == {"type": "string", "description": "its number"}
    assert tool.parameters["properties"]["where"]["enum"] == ["north", "south"]
    assert tool.parameters["additionalProperties"] is False


async def test_it_runs_with_checked_arguments():
    tool = FunctionTool(stock)
    answer = await tool.call('{"article": "A-1", "on": "2026-11-22"}')
    assert answer == '{"article": "A-1", "where": "north", "on": "2026-11-22"}'
    asking = FunctionTool(order)
    assert asking.side_effects
    assert await asking.call('{"count": 3}') == "3 ordered"


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "nonsense",
        "[]",
        "null",
        '{"article": 3}',
        '{"article": "x", "where": "west"}',
        '{"article": "x", "y": 1}',
        "[" * 100_000,
        '{"article": "' + "x" * 1_000_000 + '"}',
        '{"article": "x", "on": "never"}',
    ],
)
async def test_wrong_arguments_are_one_sentence(arguments):
    with pytest.raises(InvalidError) as refused:
        await FunctionTool(stock).call(arguments)
    assert len(str(refused.value)) < 300
    assert "pydantic" not in str(refused.value)


async def test_a_failing_function_tells_nothing_of_its_insides():
    with pytest.raises(InvalidError, match=r"^broken failed: RuntimeError\.$"):
        await FunctionTool(broken).call("{}")


def test_a_function_without_types_or_docstring_is_no_tool():
    def untyped(x):
        """Does something."""

    def silent(x: int) -> int:
        return x

    def Shouting(x: int) -> int:  # noqa: N802
        """Does something."""

    for function in (untyped, silent, Shouting):
        with pytest.raises(InvalidError):
            FunctionTool(function)


@given(st.text(max_size=60))
async def test_any_arguments_end_in_text_or_a_sentence(arguments):
    try:
        assert isinstance(await FunctionTool(stock).call(arguments), str)
    except PlatformError as refused:
        message = str(refused)
        assert message
