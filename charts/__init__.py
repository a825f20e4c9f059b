"""DataFrame in, Plotly figure out; used by both doors; no Streamlit, no Gradio, no SQL."""
