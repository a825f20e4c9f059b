"""The house keeps its shape: arrows point down, outside things have one owner each, no cycles, honest names."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "charts", "pages", "playground", "bench")
LEAVES = ("core.errors", "core.settings", "core.messages", "core.events", "core.json_schema")

# room -> what of ours it may import besides itself and the leaves; the longest matching prefix counts
ARROWS: dict[str, tuple[str, ...]] = {
    "core.errors": (),
    "core.settings": (),
    "core.messages": (),
    "core.events": (),
    "core.json_schema": (),
    "core.ledger": (),
    "core.workspace": (),
    "core.analytics": ("core.ledger",),
    "core.guard": ("core.ledger",),
    "core.tools": ("core.ledger",),
    "core.llm": ("core.ledger",),
    "core.compare": ("core.llm", "core.workspace", "core.ledger", "core.tools"),
    "core.chat": ("core.llm", "core.workspace", "core.tools", "core.guard", "core.ledger"),
    "core.platform": ("core",),
    "charts": (),
    "pages": ("core", "charts"),
    "playground": ("core", "charts"),
    "doors": (),
    "sessions": (),
    "app": ("core.platform", "doors", "sessions", "playground.mount"),
    "bench": ("core", "charts", "pages", "playground"),
}
# what stays behind a room's door even for those who may enter
PRIVATE = {
    "pages": ("core.llm.wire", "core.llm.demo", "core.ledger.journal", "core.ledger.loader", "core.ledger.schema"),
    "playground": ("core.llm.wire", "core.llm.demo", "core.ledger.journal", "core.ledger.loader", "core.ledger.schema"),
}
OWNERS: dict[str, tuple[str, ...]] = {
    "litellm": ("core.llm",),
    "duckdb": ("core.ledger",),
    "sqlalchemy": ("core.workspace",),
    "alembic": ("core.workspace",),
    "jsonschema": ("core.json_schema",),
    "streamlit": ("pages", "app", "sessions"),
    "gradio": ("playground",),
    "plotly": ("charts",),
}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


@cache
def modules() -> dict[str, Path]:
    paths = [ROOT / "app.py", ROOT / "doors.py", ROOT / "sessions.py"]
    for room in ROOMS:
        paths += sorted((ROOT / room).rglob("*.py"))
    return {dotted(path): path for path in paths if path.is_file()}


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text("utf-8"))


# All of it now, before any test has started a thread: in Python 3.11 two threads that parse at once can meet a
# SystemError ("AST constructor recursion depth mismatch").
for _module in modules():
    parsed(_module)


def imported(module: str) -> Iterator[tuple[str, int]]:
    """Every name imported anywhere in the module, absolute and as deep as a module of ours goes, with its line."""
    path = modules()[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                deeper = f"{source}.{alias.name}"
                yield (deeper if deeper in modules() else source), node.lineno


def within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def room_of(module: str) -> str:
    return max((room for room in ARROWS if within(module, (room,))), key=len, default="")


def test_every_module_belongs_to_a_room() -> None:
    homeless = [name for name in modules() if not room_of(name) and name != "core"]
    assert not homeless, f"name their room in ARROWS: {homeless}"


def test_arrows_point_down() -> None:
    ours = (*ROOMS, "app", "doors", "sessions")
    broken = []
    for module in modules():
        room = room_of(module)
        allowed = (*ARROWS.get(room, ()), *LEAVES, room)
        hidden = PRIVATE.get(room, ())
        broken += [
            f"{module}:{line} imports {name}"
            for name, line in imported(module)
            if within(name, ours) and name != "core" and (not within(name, allowed) or within(name, hidden))
        ]
    assert not broken, "\n".join(broken)


def test_outside_things_have_one_owner_each() -> None:
    strangers = [
        f"{module}:{line} imports {name}, which belongs to {OWNERS[name.split('.')[0]]}"
        for module in modules()
        if not within(module, ("bench",))
        for name, line in imported(module)
        if name.split(".")[0] in OWNERS and not within(module, OWNERS[name.split(".")[0]])
    ]
    assert not strangers, "\n".join(strangers)


def test_no_cycles() -> None:
    edges = {name: {other for other, _ in imported(name) if other in modules() and other != name} for name in modules()}
    state: dict[str, str] = {}

    def walk(name: str, trail: list[str]) -> None:
        state[name] = "open"
        for other in sorted(edges[name]):
            if state.get(other) == "open":
                pytest.fail("cycle: " + " -> ".join([*trail[trail.index(other) :], other]))
            if other not in state:
                walk(other, [*trail, other])
        state[name] = "done"

    for name in sorted(edges):
        if name not in state:
            walk(name, [name])


def test_names_say_what_is_inside() -> None:
    vague = [str(path.relative_to(ROOT)) for path in modules().values() if path.stem in NAMELESS]
    assert not vague


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name in modules() if not ast.get_docstring(parsed(name))]
    assert not silent, f"a docstring of one to three lines is missing: {silent}"


def test_files_and_functions_stay_small() -> None:
    large = []
    for name, path in modules().items():
        lines = len(path.read_text("utf-8").splitlines())
        if lines > 340:
            large.append(f"{name}: {lines} lines; which second noun has moved in?")
        for node in ast.walk(parsed(name)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 70:
                    large.append(f"{name}.{node.name}: {length} lines")
    assert not large, "\n".join(large)


def test_readme_tree_uses_the_words_of_the_docstrings() -> None:
    readme = ROOT / "README.md"
    rows = re.findall(r"^([\w/]+(?:\.py|/)) {2,}(\S.*)$", readme.read_text("utf-8"), re.MULTILINE)
    told = dict(rows)
    for where, phrase in told.items():
        source = ROOT / where / "__init__.py" if where.endswith("/") else ROOT / where
        if source.is_file():
            doc = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
            assert " ".join(doc.split()).rstrip(".") == phrase.rstrip("."), where
    rooms = {f"{name.replace('.', '/')}/" for name, path in modules().items() if path.name == "__init__.py"}
    missing = {room for room in rooms if room.count("/") <= 2} - set(told)
    assert not missing, f"the README tree leaves out {sorted(missing)}"
