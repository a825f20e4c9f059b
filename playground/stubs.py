"""What Gradio's import does for people at a terminal, left undone. For each component it parses the source twice and
renders a type stub for editors beside its own sources: half the time its import takes. And it loads its command line
with forms and colours: 6 MB."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

WRITER, COMMAND_LINE = "gradio.component_meta", "gradio.cli"


class Unwritten(MetaPathFinder):
    """Finds the module that writes them, once, and takes its writing away as soon as it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != WRITER:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            loaded = spec.loader.exec_module

            def loaded_without(module: ModuleType) -> None:
                loaded(module)
                if hasattr(module, "create_or_modify_pyi"):
                    module.create_or_modify_pyi = _nothing  # type: ignore[attr-defined]

            spec.loader.exec_module = loaded_without  # type: ignore[method-assign]
        return spec


def _nothing(*_: Any) -> None: ...


if WRITER not in sys.modules:
    sys.meta_path.insert(0, Unwritten())
if COMMAND_LINE not in sys.modules:
    sys.modules[COMMAND_LINE] = ModuleType(COMMAND_LINE)
    sys.modules[COMMAND_LINE].deploy = None  # type: ignore[attr-defined]  # all that Gradio takes from it
