"""The set of tools: what ships, what an administrator adds, and how clock and units answer."""

import json

import pytest

from core.errors import InvalidError
from core.settings import load_settings
from core.tools.tools import Tools


@pytest.fixture
def tools(tmp_path):
    return Tools.open(load_settings(_env_file=None, data_dir=tmp_path), usage=lambda days: f"{days} days of nothing")


async def call(tools, name, **arguments):
    (tool,) = tools.named([name])
    return await tool.call(json.dumps(arguments))


def test_what_ships(tools):
    names = {tool.name for tool in tools.all()}
    assert names == {
        "calculator",
        "date_and_time",
        "days_between",
        "add_to_date",
        "convert_units",
        "platform_usage",
    }
    assert not any(tool.side_effects for tool in tools.all())
    assert tools.named(["calculator", "gone"]) == (tools.all()[0],)


async def test_dates(tools):
    assert json.loads(await call(tools, "days_between", start="2026-11-22", end="2026-12-24"))["days"] == 32
    found = await call(tools, "add_to_date", start="2024-01-31", months=1)
    assert json.loads(found) == {"date": "2024-02-29", "weekday": "Thursday"}
    assert json.loads(await call(tools, "date_and_time", time_zone="Asia/Tokyo"))["utc_offset"] == "+0900"
    for zone in ("../../etc/passwd", "Nowhere/Town", "\x00", "x" * 10_000):
        with pytest.raises(InvalidError):
            await call(tools, "date_and_time", time_zone=zone)
    for wrong in ({"years": 10**9}, {"days": 10**12}, {"months": -(10**12)}):
        with pytest.raises(InvalidError):
            await call(tools, "add_to_date", start="2024-01-31", **wrong)


@pytest.mark.parametrize(
    ("value", "one", "other", "answer"),
    [
        (72, "degF", "degC", "22.22222222 degC"),
        (72, "km/h", "m/s", "20 m/s"),
        (1, "GiB", "GB", "1.073741824 GB"),
        (26.2, "mile", "km", "42.1648128 km"),
        (3, "m^2", "cm**2", "30000 cm**2"),
    ],
)
async def test_units(tools, value, one, other, answer):
    assert await call(tools, "convert_units", value=value, from_unit=one, to_unit=other) == answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("m", "kg"),
        ("nonsense", "m"),
        ("m**99999999", "m"),
        ("__import__('os')", "m"),
        ("m" * 50_000, "m"),
        ("m/" * 9, "m"),
    ],
)
async def test_strange_units_are_one_sentence(tools, one, other):
    with pytest.raises(InvalidError):
        await call(tools, "convert_units", value=1, from_unit=one, to_unit=other)


async def test_the_platform_answers_about_itself(tools):
    assert await call(tools, "platform_usage", days=30) == "30 days of nothing"
    with pytest.raises(InvalidError):
        await call(tools, "platform_usage", days=10_000)


async def test_ones_own_tool_is_one_file(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "stock.py").write_text('def stock(article: str) -> int:\n    """Count items."""\n    return 12\n')
    (folder / "broken.py").write_text("def oops(:")
    (folder / "vague.py").write_text("def vague(x):\n    return x\n\ndef _hidden(): ...\n")
    tools = Tools.open(load_settings(_env_file=None, data_dir=tmp_path))
    assert await call(tools, "stock", article="A-1") == "12"
    assert len(tools.problems) == 2
    assert tools.problems[0].startswith("broken.py could not be loaded: SyntaxError")
