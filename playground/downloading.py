"""Files to take along: made at the click, and saved by the browser as soon as they are there."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import PlatformError
from playground.desk import sentence

# a DownloadButton alone saves at the second click only, and then what was made at the first
SAVE = """(file) => {
  if (!file) return [];
  const link = document.createElement('a');
  link.href = file.url; link.download = file.orig_name || '';
  document.body.append(link); link.click(); link.remove();
  return [];
}"""
Make = Callable[[str, str, str], tuple[str, bytes]]
"""Format, what is chosen and the address of this installation, to a file's name and content."""


def export_buttons(formats: Any) -> tuple[list[Any], Any]:
    """The buttons, and where the file stands between its making and its saving."""
    buttons = [gr.Button(f"Export {kind}", size="sm", visible=False, min_width=0, scale=0) for kind in formats]
    return buttons, gr.File(visible="hidden", show_label=False)


def attach(formats: Any, buttons: list[Any], made: Any, chosen: Any, make: Make) -> None:
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}

    def writing(kind: str) -> Callable[..., str | None]:
        def written(request: gr.Request, of: str | None) -> str | None:
            if not of:
                return None
            try:
                name, data = make(kind, of, here(request))
            except PlatformError as error:
                raise sentence(error) from None
            path = Path(tempfile.mkdtemp(prefix="export-")) / name
            path.write_bytes(data)
            return str(path)

        return written

    for kind, button in zip(formats, buttons, strict=True):
        button.click(writing(kind), chosen, made, **quiet).success(None, made, None, js=SAVE, api_visibility="private")


def here(request: gr.Request) -> str:
    """The address by which the browser knows this installation; behind a proxy only the browser knows it."""
    said = str(request.headers.get("origin") or "")
    return said if said.startswith(("http://", "https://")) else f"http://{request.headers.get('host', '')}"
