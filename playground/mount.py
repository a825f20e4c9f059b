"""Builds the Gradio app for app.py to mount."""

import gradio as gr
from fastapi import FastAPI

from core.platform import Platform
from playground.screen import screen
from playground.style import HEAD, style
from playground.theme import theme

LARGEST_FILE = "25mb"
LOOK_S = 0.01
"""How often Gradio looks whether a page asks something. Its own thousand looks a second cost an idle process 6% of a
core; one every 10 ms is felt by nobody."""


def build(platform: Platform) -> FastAPI:
    """An app of its own, at its own root; whoever mounts it enters its lifespan."""
    blocks = screen(platform)
    blocks.queue(default_concurrency_limit=None, max_size=200)
    blocks._queue.sleep_when_free = LOOK_S
    return gr.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        blocks,
        path="/",
        allowed_paths=[],
        footer_links=["api"],
        run_history=False,
        enable_monitoring=False,
        show_error=True,
        max_file_size=LARGEST_FILE,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
        css=style(),
        head=HEAD,
    )
