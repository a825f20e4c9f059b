"""The Gradio door: side-by-side comparison."""
