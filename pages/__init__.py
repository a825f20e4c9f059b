"""The Streamlit door; one file per page; navigation.py lists the pages."""
