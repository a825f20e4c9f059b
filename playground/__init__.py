"""The Gradio door: side-by-side comparison."""

from playground import stubs as stubs  # before anything here imports Gradio
