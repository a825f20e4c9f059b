"""Builds the Gradio app for app.py to mount."""

from fastapi import FastAPI

from core.platform import Platform


def build(platform: Platform) -> FastAPI:
    return FastAPI()
