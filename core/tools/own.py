"""An administrator's own tools: the public functions of each Python file in one folder; see docs/tools.md."""

import importlib.util
import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from core.errors import InvalidError
from core.tools.function import FunctionTool

log = logging.getLogger(__name__)


def own_tools(folder: Path) -> tuple[list[FunctionTool], list[str]]:
    """The tools, and one sentence for each file or function that could not be used. Runs the files' code."""
    found: list[FunctionTool] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else ():
        try:
            module = _load(path)
        except Exception as error:  # noqa: BLE001  the file is somebody's own code and may fail in any way
            problems.append(f"{path.name} could not be loaded: {type(error).__name__}: {str(error)[:200]}")
            continue
        for function in _public(module):
            try:
                found.append(FunctionTool(function, source=path.name))
            except InvalidError as error:
                problems.append(f"{path.name}: {error}")
    for problem in problems:
        log.warning("own tool left out: %s", problem)
    return found, problems


def _load(path: Path) -> ModuleType:
    name = f"own_tools_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _public(module: ModuleType) -> Iterator[Callable[..., Any]]:
    for name, value in vars(module).items():
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_"):
            yield value
